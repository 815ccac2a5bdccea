"""The database's time, kept between two looks at it."""

import time
from datetime import UTC, datetime, timedelta
from typing import Any

from database.queries import load

SQL = load(__package__)


class Clock:
    """All processes have the same time by it, and none of it jumps when a machine's own clock is set."""

    def __init__(self) -> None:
        self._seen, self._seen_at = datetime.now(UTC), time.monotonic()

    def now(self) -> datetime:
        return self._seen + timedelta(seconds=time.monotonic() - self._seen_at)

    def local(self, moment: datetime) -> datetime:
        """What this machine's own clock says at that moment."""
        return datetime.now(UTC) + (moment - self.now())

    async def look(self, pool: Any) -> None:
        self._seen, self._seen_at = await pool.fetchval(SQL["current_time"]), time.monotonic()
