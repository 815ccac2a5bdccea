"""Answers given before."""

import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Generic, TypeVar

from opentelemetry import trace

from examples.rag_app.bm25 import words

tracer = trace.get_tracer(__name__)

Value = TypeVar("Value")


class AnswerCache(Generic[Value]):
    """Bounded by count and age; case and punctuation of a question do not matter.

    Each look-up is a span cache_lookup with the attribute cache.hit.
    """

    def __init__(
        self, max_entries: int = 200, max_age: float = 30.0, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._max_entries = max_entries
        self._max_age = max_age
        self._clock = clock
        self._entries: OrderedDict[str, tuple[float, Value]] = OrderedDict()

    def get(self, question: str) -> Value | None:
        with tracer.start_as_current_span("cache_lookup", attributes={"cache.name": "answers"}) as span:
            stored, value = self._entries.get(_key(question), (float("-inf"), None))
            hit = value is not None and self._clock() - stored < self._max_age
            span.set_attribute("cache.hit", hit)
            return value if hit else None

    def put(self, question: str, value: Value) -> None:
        key = _key(question)
        self._entries[key] = (self._clock(), value)
        self._entries.move_to_end(key)
        if len(self._entries) > self._max_entries:
            self._entries.popitem(last=False)


def _key(question: str) -> str:
    return " ".join(words(question))
