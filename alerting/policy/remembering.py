"""What policy remembers of a label set: alert_states.told."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True)
class Sent:
    """To a channel: in which group, and when it last was a firing or a reminder."""

    group_key: str
    at: datetime


@dataclass(frozen=True)
class Remembered:
    """last: of all notices of firing and reminders of the label set; the rest is of one instance.

    since: from when on people could know of it. to: channels that were told. is_held: whether a firing waits for the
    cooldown's end. silenced, inhibited: by what it is at the moment.
    """

    last: datetime | None = None
    instance: str = ""
    since: datetime | None = None
    to: Mapping[str, Sent] = field(default_factory=dict)
    escalated: tuple[str, ...] = ()
    silenced: tuple[str, ...] = ()
    inhibited: tuple[str, ...] = ()
    is_held: bool = False

    def as_json(self) -> dict[str, Any]:
        """Without what says nothing, so that nothing remembered is an empty object."""
        values = {
            "last": self.last and self.last.isoformat(),
            "instance": self.instance,
            "since": self.since and self.since.isoformat(),
            "to": {channel: {"group": sent.group_key, "at": sent.at.isoformat()} for channel, sent in self.to.items()},
            "escalated": list(self.escalated),
            "silenced": list(self.silenced),
            "inhibited": list(self.inhibited),
            "held": self.is_held,
        }
        return {name: value for name, value in values.items() if value}


def remembered_of(told: Mapping[str, Any], now: datetime) -> Remembered:
    """From what `as_json` made. Times that a clock set back has put into the future are now: nothing waits for them."""

    def time(text: str) -> datetime:
        return min(datetime.fromisoformat(text), now)

    return Remembered(
        last=time(told["last"]) if "last" in told else None,
        instance=told.get("instance", ""),
        since=time(told["since"]) if "since" in told else None,
        to={channel: Sent(sent["group"], time(sent["at"])) for channel, sent in told.get("to", {}).items()},
        escalated=tuple(told.get("escalated", ())),
        silenced=tuple(told.get("silenced", ())),
        inhibited=tuple(told.get("inhibited", ())),
        is_held=told.get("held", False),
    )
