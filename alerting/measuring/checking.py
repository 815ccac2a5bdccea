"""Whether a rule can be measured: by its fields alone, and by measuring it once."""

from dataclasses import dataclass
from datetime import UTC, datetime

from alerting.measuring.asked import Asked, Unmeasurable
from alerting.measuring.fitting import misfits
from alerting.measuring.measuring import measured
from alerting.measuring.metric_types import CUSTOM_SQL, METRIC_TYPES
from alerting.measuring.sources import Sources
from alerting.rules import Rule


@dataclass(frozen=True)
class Mistake:
    """What is wrong with a field, for people; of a search or SQL also where (0-based), and what could stand there."""

    field: str
    message: str
    position: int | None = None
    expected: tuple[str, ...] = ()


async def trial(rule: Rule, sources: Sources) -> list[Mistake]:
    """What goes wrong when the rule is measured once, which takes up to ten seconds."""
    try:
        await measured(Asked(rule, datetime.now(UTC), explained=False), sources)
    except Unmeasurable as error:
        return [_mistake(error, rule)]
    return []


def mistakes(rule: Rule, now: datetime) -> list[Mistake]:
    """What the fields themselves say."""
    metric_type = METRIC_TYPES.get(rule.metric_type)
    if metric_type is None:
        return [Mistake("metric_type", f"must be one of {', '.join(METRIC_TYPES)}")]
    found = [*misfits(rule, metric_type), *metric_type.unreadable(Asked(rule, now))]
    return [_mistake(error, rule) for error in found]


def _mistake(error: Unmeasurable, rule: Rule) -> Mistake:
    field = error.field or (CUSTOM_SQL if rule.metric_type == CUSTOM_SQL else "metric_type")
    return Mistake(field, str(error).removeprefix(f"{field}: "), error.position, error.expected)
