"""What a rule is to the engine: a row of enterprise.alert_rules, read once and frozen."""

import math
import operator
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from math import isnan
from typing import Any
from uuid import UUID

from alerting.labels import Labels, labels_of


class Condition(Enum):
    """How a value is compared with the threshold."""

    GT = "gt"
    LT = "lt"
    GTE = "gte"
    LTE = "lte"
    EQ = "eq"
    NEQ = "neq"

    def holds(self, value: float, threshold: float) -> bool:
        met: bool = getattr(operator, _OPERATORS[self])(value, threshold)
        return met


_OPERATORS = {
    Condition.GT: "gt",
    Condition.LT: "lt",
    Condition.GTE: "ge",
    Condition.LTE: "le",
    Condition.EQ: "eq",
    Condition.NEQ: "ne",
}


class Absence(Enum):
    """What stands in for a decision where none can be made."""

    KEEP = "keep"
    OK = "ok"
    ALERT = "alert"


@dataclass(frozen=True)
class Rule:
    """A rule as it was when it was read; what its columns mean is said in the migrations.

    window: what a measurement looks back on. interval: between evaluations. own_labels: the rule's, which all of its
    alerts have beside those that tell them apart.
    """

    id: UUID
    name: str
    metric_type: str
    condition: Condition
    threshold: float
    description: str | None = None
    window: timedelta = timedelta(minutes=5)
    interval: timedelta = timedelta(seconds=60)
    custom_sql: str | None = None
    severity: str = "warning"
    channels: tuple[str, ...] = ("slack",)
    cooldown: timedelta = timedelta(minutes=15)
    query: str | None = None
    of_query: str | None = None
    metric_name: str | None = None
    aggregation: str | None = None
    group_by: tuple[str, ...] = ()
    pending_for: timedelta = timedelta(0)
    keep_firing_for: timedelta = timedelta(0)
    windows_needed: int = 1
    windows_seen: int = 1
    on_no_data: Absence = Absence.KEEP
    on_error: Absence = Absence.KEEP
    failures_before_notice: int = 5
    reminder: timedelta | None = None
    own_labels: Labels = ()
    annotations: Labels = ()
    version: int = 1

    def is_met(self, value: float | None) -> bool:
        """Whether a value meets the condition, which none at all and NaN do not."""
        return value is not None and not isnan(value) and self.condition.holds(value, self.threshold)

    def alert_labels(self, labels: Labels) -> dict[str, str]:
        """All labels of an alert, as policies match them: Prometheus's names for the rule's name and severity."""
        return dict(self.own_labels) | dict(labels) | {"alertname": self.name, "severity": self.severity}


def rule_of(row: Mapping[str, Any]) -> Rule:
    """From a row of enterprise.alert_rules, whose jsonb values are Python objects. ValueError for what is no rule."""
    given = {name: value for name, value in row.items() if value is not None}
    if not math.isfinite(given["threshold"]):
        raise ValueError(f"its threshold is {given['threshold']}")
    channels = given.get("notification_channels", ["slack"])
    if not isinstance(channels, list) or not all(isinstance(channel, str) for channel in channels):
        raise ValueError("its notification_channels are no list of names")
    seconds = timedelta(seconds=1)
    reminder = given.get("reminder_minutes")
    return Rule(
        id=given["id"],
        name=given["name"],
        metric_type=given["metric_type"],
        condition=Condition(given["condition"]),
        threshold=given["threshold"],
        description=given.get("description"),
        window=given.get("window_minutes", 5) * 60 * seconds,
        interval=given.get("evaluation_interval_seconds", 60) * seconds,
        custom_sql=given.get("custom_sql"),
        severity=given.get("severity", "warning"),
        channels=tuple(channels),
        cooldown=given.get("cooldown_minutes", 15) * 60 * seconds,
        query=given.get("query"),
        of_query=given.get("of_query"),
        metric_name=given.get("metric_name"),
        aggregation=given.get("aggregation"),
        group_by=tuple(given["group_by"]),
        pending_for=given["for_seconds"] * seconds,
        keep_firing_for=given["keep_firing_for_seconds"] * seconds,
        windows_needed=given["windows_needed"],
        windows_seen=given["windows_seen"],
        on_no_data=Absence(given["on_no_data"]),
        on_error=Absence(given["on_error"]),
        failures_before_notice=given["failures_before_notice"],
        reminder=None if reminder is None else reminder * 60 * seconds,
        own_labels=labels_of(given["labels"]),
        annotations=labels_of(given["annotations"]),
        version=given["version"],
    )
