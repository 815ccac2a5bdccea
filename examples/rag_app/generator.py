"""A stub in the place of a language model, with the telemetry of a real one."""

import asyncio
import logging
import random
import re
import time
from collections.abc import Sequence

from opentelemetry import metrics, trace
from opentelemetry.trace import SpanKind

from examples.rag_app.documents import Chunk
from examples.rag_app.settings import Settings

MODEL = "stub-1"
PROVIDER = "stub"
_ATTEMPTS = 2
# Invented prices in US dollars a token, so that cost has something to show.
_INPUT_PRICE, _OUTPUT_PRICE = 0.5e-6, 1.5e-6
_TOKEN = re.compile(r"\w+|[^\w\s]")
_COMMON = {
    "gen_ai.operation.name": "chat",
    "gen_ai.provider.name": PROVIDER,
    "gen_ai.request.model": MODEL,
    "gen_ai.response.model": MODEL,
}

logger = logging.getLogger(__name__)
tracer = trace.get_tracer(__name__)
_meter = metrics.get_meter(__name__)
_duration = _meter.create_histogram("gen_ai.client.operation.duration", unit="s")
_tokens = _meter.create_histogram("gen_ai.client.token.usage", unit="{token}")


class GeneratorError(RuntimeError):
    """An attempt to generate an answer failed."""


class StubGenerator:
    """Quotes the best chunk and says that it is a stub. Sometimes slow, sometimes failing, as set."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._dice = random.Random()

    async def generate(self, question: str, chunks: Sequence[Chunk]) -> str:
        """An answer. A failed attempt is repeated once; raises GeneratorError when that fails too."""
        for attempt in range(1, _ATTEMPTS):
            try:
                return await self._attempt(question, chunks)
            except GeneratorError as error:
                logger.warning("attempt %d of %d failed: %s", attempt, _ATTEMPTS, error)
        return await self._attempt(question, chunks)

    async def _attempt(self, question: str, chunks: Sequence[Chunk]) -> str:
        started = time.perf_counter()
        with tracer.start_as_current_span("llm_generate", kind=SpanKind.CLIENT, attributes=_COMMON) as span:
            if self._dice.random() < self._settings.failure_rate:
                span.set_attribute("error.type", GeneratorError.__name__)
                raise GeneratorError("the stub model is overloaded (as configured)")
            text = _answer(chunks)
            input_tokens = _count(question) + sum(_count(chunk.text) for chunk in chunks)
            output_tokens = _count(text)
            await asyncio.sleep(self._seconds(output_tokens))
            span.set_attributes(
                {
                    "gen_ai.usage.input_tokens": input_tokens,
                    "gen_ai.usage.output_tokens": output_tokens,
                    "gen_ai.response.finish_reasons": ["stop"],
                    "operation.cost": input_tokens * _INPUT_PRICE + output_tokens * _OUTPUT_PRICE,
                }
            )
            _tokens.record(input_tokens, {**_COMMON, "gen_ai.token.type": "input"})
            _tokens.record(output_tokens, {**_COMMON, "gen_ai.token.type": "output"})
            _duration.record(time.perf_counter() - started, _COMMON)
            logger.info("generated %d tokens from %d", output_tokens, input_tokens)
            return text

    def _seconds(self, output_tokens: int) -> float:
        slow = self._settings.slow_seconds if self._dice.random() < self._settings.slow_rate else 0.0
        return output_tokens * self._settings.seconds_per_token + slow


def _answer(chunks: Sequence[Chunk]) -> str:
    if not chunks:
        return "This answer comes from a stub, not from a language model. The corpus has nothing on that."
    best = chunks[0]
    return f"This answer comes from a stub, not from a language model. On {best.title.lower()}: {best.text}"


def _count(text: str) -> int:
    return len(_TOKEN.findall(text))
