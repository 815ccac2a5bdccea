"""Rules for tests of measuring, and what a measurement says in short."""

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from alerting.measurements import Failed, Measured
from alerting.measuring.measuring import measure
from alerting.measuring.sources import open_sources
from alerting.rules import Condition, Rule

Value = float | None
Values = dict[tuple[str, ...], Value]


def rule(metric_type: str, *, minutes: int = 5, threshold: float = 0, condition: str = "gt", **fields: Any) -> Rule:
    return Rule(
        id=uuid4(),
        name="Measured",
        metric_type=metric_type,
        condition=Condition(condition),
        threshold=threshold,
        window=timedelta(minutes=minutes),
        **fields,
    )


async def measured(dsn: str, given: Rule, now: datetime, sql_dsn: str | None = None) -> Measured:
    """The measurement; fails the test where there is none."""
    found = await outcome(dsn, given, now, sql_dsn)
    assert isinstance(found, Measured), found
    return found


async def outcome(dsn: str, given: Rule, now: datetime, sql_dsn: str | None = None) -> Measured | Failed:
    async with open_sources(dsn, sql_dsn) as sources:
        return await measure(given, sources, now)


async def failure(dsn: str, given: Rule, now: datetime, sql_dsn: str | None = None) -> str:
    """Why it cannot be measured; fails the test where it can."""
    found = await outcome(dsn, given, now, sql_dsn)
    assert isinstance(found, Failed), found
    return found.error


def by_labels(found: Measured) -> Values:
    """Values by the values of the labels, in the order of the labels' names."""
    return {tuple(value for _, value in sample.labels): sample.value for sample in found.samples}
