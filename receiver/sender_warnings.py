"""What senders are told although everything was stored: what a person can fix on their side."""

import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from opentelemetry.exporter.postgres.batch import Batch, Signal
from opentelemetry.exporter.postgres.redaction import REASONS
from opentelemetry.exporter.postgres.requests import Request

SILENT_SECONDS = 60.0
"""The Collector and Go log each warning: a sender hears the same one once in that time."""
MAX_REMEMBERED = 10_000
MAX_REASONS = 5
_OURS = frozenset(REASONS.values())
"""What we change because we were told to is nothing that a sender could fix."""
_OUTDATED_FIELD = b"\xc2\x3e"
"""The tag of field 1000, where OTLP kept its spans and records until 2022."""


class SenderWarnings:
    """The warnings of requests. retention_days: older items are deleted soon, at the next round of maintenance."""

    def __init__(self, retention_days: Mapping[Signal, int], clock: Callable[[], float] = time.monotonic) -> None:
        self._retention_us = {signal: days * 86_400_000_000 for signal, days in retention_days.items()}
        self._clock = clock
        self._told: dict[tuple[str, str], float] = {}

    def of(self, request: Request) -> str | None:
        """What to tell the sender of a stored request, if anything; at most once in SILENT_SECONDS."""
        found = [(kind, text) for kind, text in self._found(request) if self._is_news(request.sender, kind)]
        return "; ".join(text for _, text in found[:MAX_REASONS]) or None

    def _found(self, request: Request) -> list[tuple[str, str]]:
        batch = request.batch
        found = [
            (reason, f"{reason} ({count} times)") for reason, count in batch.altered.items() if reason not in _OURS
        ]
        if batch.times and min(batch.times) < request.received_ns // 1000 - self._retention_us[request.signal]:
            found.append(("old", _told_of_age(batch)))
        if not batch.items and _OUTDATED_FIELD in request.body:
            found.append(("outdated", "nothing was stored: the items are in fields that OTLP removed in 2022"))
        return found

    def _is_news(self, sender: str, kind: str) -> bool:
        now = self._clock()
        if now - self._told.get((sender, kind), -SILENT_SECONDS) < SILENT_SECONDS:
            return False
        if len(self._told) >= MAX_REMEMBERED:
            self._told.clear()
        self._told[sender, kind] = now
        return True


def _told_of_age(batch: Batch) -> str:
    oldest = datetime.fromtimestamp(min(batch.times) // 1_000_000, UTC)
    return f"items are older than the retention and will be deleted soon; the oldest is of {oldest:%Y-%m-%dT%H:%M:%SZ}"
