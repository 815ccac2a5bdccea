"""What people are told: items, frozen when the decision is made, that a sender renders for its channel."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from enum import Enum
from typing import Any
from uuid import UUID


class Told(Enum):
    """What an item says of an alert."""

    FIRING = "firing"
    REMINDER = "reminder"
    ESCALATION = "escalation"
    RESOLVED = "resolved"


@dataclass(frozen=True)
class Item:
    """One alert in a notice, and all that a message about it may say; times in UTC.

    In notices of other kinds than `alert` it is a rule: told says whether it is failing or late, or no more,
    triggered_at since when, message why; instance_id is None.
    message: as alert_instances.message. labels: as Rule.alert_labels. links: names (`rule`, `logs`, `trace`, `runbook`)
    to addresses, whole where OTELGRES_PUBLIC_URL is set, else paths. rows: a few of what was counted.
    """

    told: Told
    instance_id: UUID | None
    rule_id: UUID
    rule_name: str
    severity: str
    metric_type: str
    condition: str
    threshold: float
    window_minutes: int
    value: float | None
    message: str
    triggered_at: datetime
    fingerprint: str = ""
    description: str | None = None
    resolved_at: datetime | None = None
    acknowledged_by: str | None = None
    labels: Mapping[str, str] = field(default_factory=dict)
    annotations: Mapping[str, str] = field(default_factory=dict)
    links: Mapping[str, str] = field(default_factory=dict)
    rows: tuple[Mapping[str, Any], ...] = ()

    def as_json(self) -> dict[str, Any]:
        """What alert_notices.items holds of it."""
        return {name: _plain(value) for name, value in asdict(self).items()}


def item_of(stored: Mapping[str, Any]) -> Item:
    """From what `as_json` made."""
    instance_id, resolved_at = stored["instance_id"], stored["resolved_at"]
    return Item(
        **{
            **stored,
            "told": Told(stored["told"]),
            "instance_id": None if instance_id is None else UUID(instance_id),
            "rule_id": UUID(stored["rule_id"]),
            "triggered_at": datetime.fromisoformat(stored["triggered_at"]),
            "resolved_at": None if resolved_at is None else datetime.fromisoformat(resolved_at),
            "rows": tuple(stored["rows"]),
        }
    )


def _plain(value: Any) -> Any:
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value) if isinstance(value, UUID) else value
