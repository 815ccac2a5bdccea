"""What the engine knows of a label set between two evaluations, and what evaluation says about it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Any

from alerting.labels import Labels


class Phase(Enum):
    """pending: the condition holds, not long enough. recovering: it holds no more, not long enough."""

    INACTIVE = "inactive"
    PENDING = "pending"
    FIRING = "firing"
    RECOVERING = "recovering"

    @property
    def is_open(self) -> bool:
        """Whether an instance is open."""
        return self in (Phase.FIRING, Phase.RECOVERING)


@dataclass(frozen=True)
class State:
    """A row of enterprise.alert_states as evaluation sees it.

    since: when the phase began. evaluated_at: the last evaluation. value: the last that was measured. memory: JSON that
    evaluation alone reads and writes.
    """

    labels: Labels
    phase: Phase
    since: datetime
    evaluated_at: datetime
    value: float | None = None
    memory: Mapping[str, Any] = field(default_factory=dict)


class Change(Enum):
    """What may happen to a label set. The values are those of alert_history.event."""

    PENDING = "pending"
    FIRING = "firing"
    RECOVERING = "recovering"
    STILL_FIRING = "still_firing"
    """From recovering back to firing: the same instance."""
    RESOLVED = "resolved"
    INACTIVE = "inactive"
    """From pending, without ever having fired."""
    NO_DATA = "no_data"
    DATA_AGAIN = "data_again"
    FLAPPING = "flapping"
    STEADY = "steady"


@dataclass(frozen=True)
class Event:
    """A change, and why: condition, no_data, error, gone (of a group that is no more), and the like."""

    change: Change
    reason: str = "condition"
    detail: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Decision:
    """What an evaluation decided for one label set. before: None where it was not known.

    In `events`, FIRING opens an instance and RESOLVED closes it: they MUST take turns. A state that says no more than
    that nothing is known MAY be forgotten: `forget`.
    """

    before: State | None
    after: State
    events: tuple[Event, ...] = ()
    context: Mapping[str, Any] = field(default_factory=dict)
    forget: bool = False
