"""Whether PostgreSQL takes data, as the transactions of a process find it."""

import logging
import time
from collections.abc import Callable

from opentelemetry.exporter.postgres.faults import advice_on, reason_of

STALLED_AFTER = 2.0
"""Seconds without an end of any transaction, while some are under way; more for large ones."""
SLOWEST_BYTES_A_SECOND = 16 << 20
OWN_STANDSTILL = 1.0
"""Seconds between two calls of check() after which it was this process that stood still."""
SAME_AGAIN_AFTER = 60.0
"""Seconds until the same reason is told again, should it come and go."""
_log = logging.getLogger(__name__)


class Availability:
    """Lost by a failure, or when the transactions under way hang; back with the next commit. Told once per change.

    A connection that breaks does not count until it cannot be replaced, or the next one breaks too.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.on_lost: Callable[[], None] | None = None
        self._clock = clock
        self._lost_at: float | None = None
        self._failures = 0
        self._under_way = 0
        self._moved_at = 0.0
        self._checked_at = 0.0
        self._stalled_after = STALLED_AFTER
        self._told: tuple[str, float] = ("", float("-inf"))

    def __bool__(self) -> bool:
        return self._lost_at is None

    def began(self, size: int) -> None:
        """A transaction of so many bytes, or the connection for it, was begun. MUST be followed by ended()."""
        stalled_after = STALLED_AFTER + size / SLOWEST_BYTES_A_SECOND
        if not self._under_way:
            self._moved_at = self._clock()
            self._stalled_after = stalled_after
        self._under_way += 1
        self._stalled_after = max(self._stalled_after, stalled_after)

    def ended(self) -> None:
        self._under_way -= 1
        self._moved_at = self._clock()

    def committed(self) -> None:
        """A transaction of any connection was committed."""
        self._failures = 0
        self._moved_at = self._clock()
        if self._lost_at is not None:
            _log.warning("the database takes data again, after %.1f s", self._clock() - self._lost_at)
            self._lost_at = None

    def failed(self, error: BaseException, *, conclusive: bool) -> None:
        """A transaction failed. conclusive: so will the next one, for all that is known."""
        self._failures += 1
        if conclusive or self._failures > 1:
            advice = advice_on(error)
            self._lose(f"{reason_of(error)}; {advice}" if advice else reason_of(error))

    def check(self) -> None:
        """Finds out whether the transactions under way hang. To be called several times a second."""
        now = self._clock()
        if now - self._checked_at > OWN_STANDSTILL:
            self._moved_at = now
        self._checked_at = now
        if self._under_way and now - self._moved_at > self._stalled_after:
            self._lose(f"no transaction has ended for {now - self._moved_at:.1f} s")

    def _lose(self, reason: str) -> None:
        if self._lost_at is not None:
            return
        now = self._clock()
        self._lost_at = now
        if self._told[0] != reason or now - self._told[1] > SAME_AGAIN_AFTER:
            self._told = reason, now
            _log.error("the database does not take data: %s", reason)
        if self.on_lost is not None:
            self.on_lost()
