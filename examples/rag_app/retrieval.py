"""The second process: search over the corpus behind HTTP. `python -m examples.rag_app.retrieval`"""

import asyncio
import logging
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvicorn
from fastapi import FastAPI
from opentelemetry import trace

from examples.rag_app import telemetry
from examples.rag_app.bm25 import BM25Index
from examples.rag_app.caller import tell_caller
from examples.rag_app.documents import SearchRequest, SearchResponse, load_corpus
from examples.rag_app.settings import Settings
from examples.rag_app.telemetry import Telemetry

# Run as a program this module is called __main__, which would say nothing as the name of a logger.
_NAME = f"{__package__}.retrieval"
logger = logging.getLogger(_NAME)
tracer = trace.get_tracer(_NAME)


def create_app(settings: Settings, exporting: Telemetry) -> FastAPI:
    index = BM25Index(load_corpus())
    dice = random.Random()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        yield
        await asyncio.to_thread(exporting.stop)

    app = FastAPI(title="Retrieval", lifespan=lifespan)

    @app.get("/health")
    async def health() -> dict[str, str]:
        return {"status": "ok"}

    @app.post("/search")
    async def search(request: SearchRequest) -> SearchResponse:
        with tracer.start_as_current_span("bm25_search", attributes={"top_k": request.top_k}) as span:
            if dice.random() < settings.slow_rate:
                logger.warning("search is slow: the index is being merged")
                await asyncio.sleep(settings.slow_seconds)
            chunks = index.search(request.query, request.top_k)
            span.set_attribute("chunks", len(chunks))
            if chunks:
                span.set_attribute("top_score", chunks[0].score)
        logger.info("search found %d chunks", len(chunks), extra={"chunks": len(chunks)})
        return SearchResponse(chunks=chunks)

    telemetry.instrument(app)
    return app


def main() -> None:
    settings = Settings()
    exporting = telemetry.start("rag-retrieval", log_hook=tell_caller)
    uvicorn.run(
        create_app(settings, exporting),
        host=settings.host,
        port=settings.retrieval_port,
        log_config=None,
        log_level="warning",
    )


if __name__ == "__main__":
    main()
