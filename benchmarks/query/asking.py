"""Asks questions of a running API and times the answers."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import median, quantiles

import httpx

from benchmarks.query.drawing import Drawing
from benchmarks.query.questions import Question

WARM_UPS = 3
TIMES = 40


@dataclass(frozen=True)
class Answered:
    """Milliseconds of a question's answers, warm, and of one on a server that had just started, if measured."""

    name: str
    mark_ms: float | None
    warm_ms: Sequence[float]
    cold_ms: float | None = None

    @property
    def middle(self) -> float:
        return median(self.warm_ms)

    @property
    def p95(self) -> float:
        return quantiles(self.warm_ms, n=20)[-1]


def ask(client: httpx.Client, question: Question, drawing: Drawing) -> float:
    """Milliseconds of one answer. Raises for any that is not 200."""
    url = question.url(drawing)
    began = time.perf_counter()
    answer = client.get(url)
    passed = 1000 * (time.perf_counter() - began)
    if answer.status_code != 200:
        raise RuntimeError(f"{url}: {answer.status_code} {answer.text[:500]}")
    return passed


def warm(client: httpx.Client, questions: Sequence[Question], drawing: Drawing) -> Iterator[Answered]:
    """Each question many times, after a few that do not count."""
    for question in questions:
        for _ in range(WARM_UPS):
            ask(client, question, drawing)
        yield Answered(question.name, question.mark_ms, [ask(client, question, drawing) for _ in range(TIMES)])
