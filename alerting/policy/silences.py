"""Silences: nobody is told of what they match, from a time to a time."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from alerting.policy.matching import Matcher, all_match, matchers_of


@dataclass(frozen=True)
class Silence:
    """In force from starts_at until before ends_at. ValueError for one that would match everything."""

    id: UUID
    matchers: tuple[Matcher, ...]
    starts_at: datetime
    ends_at: datetime

    def __post_init__(self) -> None:
        if all(matcher.matches_empty for matcher in self.matchers):
            raise ValueError("a silence needs a matcher that does not match an empty label")

    def mutes(self, labels: Mapping[str, str], now: datetime) -> bool:
        return self.starts_at <= now < self.ends_at and all_match(self.matchers, labels)


def silence_of(row: Mapping[str, Any]) -> Silence:
    """From a row of enterprise.alert_silences. ValueError for what is none."""
    return Silence(row["id"], matchers_of(row["matchers"]), row["starts_at"], row["ends_at"])
