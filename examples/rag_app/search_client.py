"""The chat's side of retrieval."""

import json
import logging

import httpx
from opentelemetry import trace

from examples.rag_app.documents import CORPUS_NAME, Chunk, SearchRequest, SearchResponse

_TOP_K = 4

logger = logging.getLogger(__name__)
tracer = trace.get_tracer(__name__)


class SearchError(RuntimeError):
    """The retrieval service did not answer, or not with chunks."""


class SearchClient:
    """Asks the retrieval service; http MUST have its address as base_url."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self._http = http

    async def retrieve(self, question: str) -> list[Chunk]:
        """The chunks that fit the question, best first. Raises SearchError."""
        attributes: dict[str, str | int] = {
            "query_length": len(question),
            "gen_ai.operation.name": "retrieval",
            "gen_ai.data_source.id": CORPUS_NAME,
            "gen_ai.request.top_k": _TOP_K,
        }
        with tracer.start_as_current_span("rag_retrieve", attributes=attributes) as span:
            request = SearchRequest(query=question, top_k=_TOP_K)
            try:
                response = await self._http.post("/search", json=request.model_dump())
                response.raise_for_status()
            except httpx.HTTPError as error:
                raise SearchError(f"retrieval failed: {error}") from error
            chunks = SearchResponse.model_validate_json(response.content).chunks
            documents = [{"id": chunk.id, "score": chunk.score} for chunk in chunks]
            span.set_attributes({"chunks": len(chunks), "gen_ai.retrieval.documents": json.dumps(documents)})
            logger.info("retrieved %d chunks", len(chunks), extra={"chunks": len(chunks)})
            return chunks
