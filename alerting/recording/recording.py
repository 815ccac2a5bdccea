"""An evaluation as one transaction: what was decided, what becomes of it, and whom to tell."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from alerting.deciding.evaluation import evaluate
from alerting.links import Links
from alerting.measurements import Failed, Measured, Measurement, Sample
from alerting.recording.book import Book
from alerting.recording.failing import tell_of_failing
from alerting.recording.outbox import Outbox
from alerting.recording.telling import tell_people
from alerting.rules import Condition, Rule
from database.queries import load

SQL = load(__package__)
MILLISECOND = timedelta(milliseconds=1)
LONGEST_ERROR = 2000


@dataclass(frozen=True)
class Run:
    """How an evaluation went. lag: how late it began; missed: evaluations that fell out before it."""

    duration: timedelta = timedelta(0)
    lag: timedelta = timedelta(0)
    missed: int = 0


@dataclass(frozen=True)
class Recorded:
    """What an evaluation changed, in numbers."""

    opened: int = 0
    resolved: int = 0
    notices: int = 0


async def record(
    connection: Any, rule: Rule, measurement: Measurement, now: datetime, run: Run, links: Links
) -> Recorded | None:
    """None, and nothing changed, when the rule is not any more what was measured.

    The connection MUST be in a transaction under the lease of the engine.
    """
    locked = await connection.fetchrow(SQL["lock_rule"], rule.id)
    if locked is None or not locked["enabled"] or locked["version"] != rule.version:
        return None
    book, outbox = Book(rule, now), Outbox(now)
    await book.read(connection)
    for decision in evaluate(rule, measurement, book.states, now):
        book.apply(decision)
    await tell_people(connection, book, outbox, links)
    failure_told_at = tell_of_failing(rule, locked, measurement, now, book.journal, outbox, links)
    await book.write(connection)
    await outbox.write(connection)
    await keep_run(connection, rule, measurement, now, run, failure_told_at=failure_told_at, fired=book.fired)
    pages = list(book)
    return Recorded(sum(page.opened for page in pages), sum(len(page.closed) for page in pages), len(outbox))


async def keep_run(
    connection: Any,
    rule: Rule,
    measurement: Measurement,
    now: datetime,
    run: Run,
    *,
    failure_told_at: datetime | None,
    fired: bool = False,
) -> None:
    """What the rule's row says of its last evaluation."""
    await connection.execute(
        SQL["keep_run"],
        rule.id,
        now,
        now if fired else None,
        _leading(rule, measurement),
        " ".join(measurement.error.split())[:LONGEST_ERROR] if isinstance(measurement, Failed) else None,
        failure_told_at,
        run.duration / MILLISECOND,
        run.lag / MILLISECOND,
        run.missed,
    )


def _leading(rule: Rule, measurement: Measurement) -> float | None:
    """Of several label sets, the value that is farthest towards the condition."""
    samples: Sequence[Sample] = measurement.samples if isinstance(measurement, Measured) else ()
    values = [sample.value for sample in samples if sample.value is not None and not math.isnan(sample.value)]
    lowest = rule.condition in (Condition.LT, Condition.LTE)
    return (min if lowest else max)(values, default=None)
