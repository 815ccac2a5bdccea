"""From a question to an answer."""

import logging

from opentelemetry import trace
from pydantic import BaseModel

from examples.rag_app.cache import AnswerCache
from examples.rag_app.generator import StubGenerator
from examples.rag_app.search_client import SearchClient

logger = logging.getLogger(__name__)
tracer = trace.get_tracer(__name__)


class Answer(BaseModel):
    """The text, the ids of the documents it stands on, and whether it was given before."""

    answer: str
    sources: list[str]
    cached: bool = False


class Chat:
    """The same for HTTP and WebSocket."""

    def __init__(self, search: SearchClient, generator: StubGenerator) -> None:
        self._search = search
        self._generator = generator
        self._cache: AnswerCache[Answer] = AnswerCache()

    async def ask(self, question: str) -> Answer:
        """Raises SearchError or GeneratorError."""
        with tracer.start_as_current_span("message_handler", attributes={"message_length": len(question)}):
            if known := self._cache.get(question):
                logger.info("answered from the cache")
                return known.model_copy(update={"cached": True})
            chunks = await self._search.retrieve(question)
            text = await self._generator.generate(question, chunks)
            answer = Answer(answer=text, sources=[chunk.id for chunk in chunks])
            self._cache.put(question, answer)
            logger.info("answered from %d chunks", len(chunks))
            return answer
