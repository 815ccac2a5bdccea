"""What did not go smoothly, minute by minute: refused, deferred, altered and repeated items with their reasons."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Kind = Literal["refused", "deferred", "altered", "repeated"]
"""refused: never stored. deferred: not stored now, the sender was told to try again."""

MAX_LINES = 2_000
MAX_REASONS_A_MINUTE = 200
MAX_REASON = 200
MAX_SERVICE = 255
OTHER = "other reasons"

_VALUES = re.compile(r"\"[^\"]*\"|'[^']*'|(?<!SQLSTATE )\b(?=\w*\d)\w+\b")


@dataclass(frozen=True, slots=True)
class Place:
    """What one line of the report is about. signal and service MAY be empty."""

    minute: datetime
    signal: str
    transport: str
    service: str
    kind: Kind
    reason: str


@dataclass(slots=True)
class Line:
    """requests and items in that minute. sample: the newest case, JSON of 2 kB at most."""

    requests: int
    items: int
    sample: Mapping[str, str]
    first_seen: datetime
    last_seen: datetime

    def add(self, later: "Line") -> None:
        self.requests += later.requests
        self.items += later.items
        self.sample = later.sample
        self.first_seen = min(self.first_seen, later.first_seen)
        self.last_seen = max(self.last_seen, later.last_seen)


class IngestReport:
    """Adds up until somebody takes the lines away to store them.

    It is bounded: while nobody takes them the oldest lines go, and `dropped` counts them; reasons beyond
    MAX_REASONS_A_MINUTE are reported together. `now` gives the time in UTC.
    """

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._lines: dict[Place, Line] = {}
        self._minute: datetime | None = None
        self._reasons: set[tuple[str, str]] = set()
        self.dropped = 0

    def add(
        self,
        kind: Kind,
        reason: str,
        *,
        signal: str,
        transport: str,
        service: str,
        items: int,
        sample: Mapping[str, str],
    ) -> None:
        """Counts one case. `reason` MUST hold no values (see without_values), `sample` MUST be small."""
        now = self._now()
        minute = now.replace(second=0, microsecond=0)
        reason, service = self._bounded(minute, _storable(reason[:MAX_REASON]), _storable(service[:MAX_SERVICE]))
        place = Place(minute, signal, transport, service, kind, reason)
        shown = {key: _storable(text) for key, text in sample.items()}
        self._merge([(place, Line(1, items, shown, now, now))])

    def take(self) -> list[tuple[Place, Line]]:
        """All lines, oldest first; the report is empty afterwards."""
        lines, self._lines = list(self._lines.items()), {}
        return lines

    def give_back(self, lines: Iterable[tuple[Place, Line]]) -> None:
        """Lines that could not be stored."""
        newer, self._lines = self._lines, dict(lines)
        self._merge(newer.items())

    def _merge(self, lines: Iterable[tuple[Place, Line]]) -> None:
        for place, line in lines:
            known = self._lines.get(place)
            if known is None:
                self._lines[place] = line
            else:
                known.add(line)
        while len(self._lines) > MAX_LINES:
            del self._lines[next(iter(self._lines))]
            self.dropped += 1

    def _bounded(self, minute: datetime, reason: str, service: str) -> tuple[str, str]:
        if minute != self._minute:
            self._minute = minute
            self._reasons.clear()
        case = (reason, service)
        if case not in self._reasons and len(self._reasons) >= MAX_REASONS_A_MINUTE:
            return OTHER, ""
        self._reasons.add(case)
        return case


def _storable(text: str) -> str:
    """PostgreSQL's jsonb and text hold neither U+0000 nor lone surrogates."""
    return text.encode(errors="replace").decode().replace("\0", "\ufffd")


def without_values(reason: str) -> str:
    """The reason as a kind: quoted texts and words that hold a digit become an ellipsis; an SQLSTATE stays."""
    return _VALUES.sub("…", reason)
