"""What came of an attempt to tell a channel."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any


@dataclass(frozen=True)
class Outcome:
    """told: somebody was told, perhaps not all. again: another attempt may tell those who were not.

    error: why somebody was not told, for people, without secrets. wait: how long the channel asked to be left alone.
    done: parts that no further attempt MUST tell again (recipients, events). detail: what else is to be kept, as JSON.
    """

    told: bool
    error: str | None = None
    again: bool = False
    wait: timedelta | None = None
    done: tuple[str, ...] = ()
    detail: Mapping[str, Any] = field(default_factory=dict)

    @property
    def permanent(self) -> bool:
        return not self.told and not self.again


def told(**detail: Any) -> Outcome:
    """All were told."""
    return Outcome(told=True, detail=detail)


def refused(error: str, **detail: Any) -> Outcome:
    """Nobody was told, and another attempt would not change that."""
    return Outcome(told=False, error=error, detail=detail)


def failed(error: str, wait: timedelta | None = None, **detail: Any) -> Outcome:
    """Nobody was told; another attempt may succeed."""
    return Outcome(told=False, error=error, again=True, wait=wait, detail=detail)
