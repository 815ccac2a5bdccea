"""Whether the fields of a rule fit its metric type, apart from what its searches say."""

from collections.abc import Iterator

from alerting.measuring.asked import Unmeasurable
from alerting.measuring.metric_types import MetricType
from alerting.measuring.samples import MOST_LABELS
from alerting.rules import Rule

NARROWING = ("query", "of_query", "group_by")
"""Fields that change what a rule is about, so that one without effect is a mistake."""


def misfits(rule: Rule, metric_type: MetricType) -> Iterator[Unmeasurable]:
    """A rule of which there are any cannot be measured."""
    for name in NARROWING:
        if getattr(rule, name) and name not in metric_type.fields:
            yield _misfit(name, f"has no meaning for {rule.metric_type}")
    known = metric_type.aggregations
    if known and rule.aggregation is not None and rule.aggregation not in known:
        yield _misfit("aggregation", f"must be one of {', '.join(known)} for {rule.metric_type}")
    if "of_query" in metric_type.fields and rule.aggregation == "ratio" and rule.of_query is None:
        yield _misfit("of_query", "is needed for a ratio")
    if "metric_name" in metric_type.fields and not rule.metric_name:
        yield _misfit("metric_name", f"is needed for {rule.metric_type}")
    yield from _of_groups(rule, metric_type)


def _of_groups(rule: Rule, metric_type: MetricType) -> Iterator[Unmeasurable]:
    if len(rule.group_by) > MOST_LABELS:
        yield _misfit("group_by", f"must have at most {MOST_LABELS} fields")
    known = metric_type.group_by
    if known is not None and (unknown := [name for name in rule.group_by if name not in known]):
        yield _misfit("group_by", f"{', '.join(unknown)}: {rule.metric_type} is grouped by {', '.join(known)}")


def _misfit(field: str, message: str) -> Unmeasurable:
    return Unmeasurable(f"{field}: {message}", field)
