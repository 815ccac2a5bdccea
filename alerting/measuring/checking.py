"""Whether a rule can be measured: by its fields alone, and by measuring it once."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from alerting.measuring.asked import Asked, Unmeasurable
from alerting.measuring.measuring import measured
from alerting.measuring.metric_types import CUSTOM_SQL, METRIC_TYPES, MetricType
from alerting.measuring.samples import MOST_LABELS
from alerting.measuring.sources import Sources
from alerting.rules import Rule

NAMES = (*METRIC_TYPES, CUSTOM_SQL)
"""What metric_type may be."""
NARROWING = ("query", "of_query", "group_by")
"""Fields that change what a rule is about, so that one without effect is a mistake."""


@dataclass(frozen=True)
class Mistake:
    """What is wrong with a field, for people; of a search or SQL also where (0-based), and what could stand there."""

    field: str
    message: str
    position: int | None = None
    expected: tuple[str, ...] = ()


async def check(rule: Rule, sources: Sources) -> list[Mistake]:
    """Why the rule cannot be measured, nothing where it can: by its fields, then by `trial`."""
    return mistakes(rule, datetime.now(UTC)) or await trial(rule, sources)


async def trial(rule: Rule, sources: Sources) -> list[Mistake]:
    """What goes wrong when the rule is measured once, which takes up to ten seconds."""
    try:
        await measured(Asked(rule, datetime.now(UTC), explained=False), sources)
    except Unmeasurable as error:
        return [_mistake(error, rule)]
    return []


def mistakes(rule: Rule, now: datetime) -> list[Mistake]:
    """What the fields themselves say."""
    if rule.metric_type == CUSTOM_SQL:
        missing = [] if (rule.custom_sql or "").strip() else [Mistake("custom_sql", "is needed for custom_sql")]
        return [*missing, *_without_effect(rule, frozenset())]
    metric_type = METRIC_TYPES.get(rule.metric_type)
    if metric_type is None:
        return [Mistake("metric_type", f"must be one of {', '.join(NAMES)}")]
    return [
        *_without_effect(rule, metric_type.fields),
        *_of_aggregation(rule, metric_type),
        *_of_groups(rule, metric_type),
        *(_mistake(error, rule) for error in metric_type.unreadable(Asked(rule, now))),
    ]


def _without_effect(rule: Rule, fields: frozenset[str]) -> Iterator[Mistake]:
    for name in NARROWING:
        if getattr(rule, name) and name not in fields:
            yield Mistake(name, f"has no meaning for {rule.metric_type}")


def _of_aggregation(rule: Rule, metric_type: MetricType) -> Iterator[Mistake]:
    known = metric_type.aggregations
    if known and rule.aggregation is not None and rule.aggregation not in known:
        yield Mistake("aggregation", f"must be one of {', '.join(known)} for {rule.metric_type}")
    if "of_query" in metric_type.fields and rule.aggregation == "ratio" and rule.of_query is None:
        yield Mistake("of_query", "is needed for a ratio")
    if "metric_name" in metric_type.fields and not rule.metric_name:
        yield Mistake("metric_name", f"is needed for {rule.metric_type}")


def _of_groups(rule: Rule, metric_type: MetricType) -> Iterator[Mistake]:
    if len(rule.group_by) > MOST_LABELS:
        yield Mistake("group_by", f"must have at most {MOST_LABELS} fields")
    known = metric_type.group_by
    if known is not None and (unknown := [name for name in rule.group_by if name not in known]):
        yield Mistake("group_by", f"{', '.join(unknown)}: {rule.metric_type} is grouped by {', '.join(known)}")


def _mistake(error: Unmeasurable, rule: Rule) -> Mistake:
    field = error.field or (CUSTOM_SQL if rule.metric_type == CUSTOM_SQL else "metric_type")
    return Mistake(field, str(error).removeprefix(f"{field}: "), error.position, error.expected)
