"""Instances: episodes in which a rule fired for a label set."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from alerting.labels import Labels, labels_of
from alerting.rules import Rule
from alerting.states import Phase, State


@dataclass(frozen=True)
class Instance:
    """A row of enterprise.alert_instances."""

    id: UUID
    fingerprint: str
    labels: Labels
    triggered_at: datetime
    value: float | None
    message: str
    context: Mapping[str, Any] = field(default_factory=dict)
    acknowledged_by: str | None = None
    acknowledged: bool = False
    resolved_at: datetime | None = None
    resolved_because: str | None = None
    resolved_by: str | None = None

    def resolved(self, at: datetime, because: str, by: str | None = None) -> "Instance":
        return replace(self, resolved_at=at, resolved_because=because, resolved_by=by)

    def as_state(self, now: datetime) -> State:
        """What a state would say of it that nobody has kept."""
        return State(self.labels, Phase.FIRING, self.triggered_at, now, self.value)


def instance_of(row: Mapping[str, Any]) -> Instance:
    """From a row; what plain SQL may have left out is empty."""
    return Instance(
        id=row["id"],
        fingerprint=row["fingerprint"],
        labels=labels_of(row["labels"]),
        triggered_at=row["triggered_at"],
        value=row["metric_value"],
        message=row["message"] or "",
        context=row["context"] or {},
        acknowledged_by=row["acknowledged_by"],
        acknowledged=row["status"] == "acknowledged",
        resolved_at=(row["resolved_at"] or row["triggered_at"]) if row["status"] == "resolved" else None,
    )


def message_of(rule: Rule, labels: Labels, value: float | None) -> str:
    """`<rule name>: <metric_type> is <value> (threshold: <threshold>)`, then the labels that tell the alert apart."""
    said = "no data" if value is None else short(value)
    message = f"{rule.name}: {rule.metric_type} is {said} (threshold: {short(rule.threshold)})"
    return message + (f" for {', '.join(f'{name}={value}' for name, value in labels)}" if labels else "")


def short(value: float) -> str:
    """A number for people: whole ones without a point, others with four decimals or, below one, four digits."""
    if value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    text = f"{value:.4f}" if 1 <= abs(value) < 1e15 else f"{value:.4g}"
    return text.rstrip("0").rstrip(".") if "." in text and "e" not in text else text
