"""Lets go of what the engine wrote long ago."""

import asyncio
import logging
from datetime import timedelta

from alerting.engine.clock import Clock
from alerting.engine.leadership import Leadership
from database.queries import load

SQL = load(__package__)
EVERY_SECONDS = 600.0
ROWS_AT_ONCE = 5000
INSTANCES_KEPT = timedelta(days=400)
_log = logging.getLogger(__name__)


class Retention:
    """History and notices go with the retention; resolved alerts and the audit are kept for over a year."""

    def __init__(self, leadership: Leadership, clock: Clock, retention_days: int) -> None:
        self._leadership = leadership
        self._clock = clock
        self._kept = timedelta(days=retention_days)

    async def keep(self) -> None:
        """Until cancelled."""
        while True:
            await asyncio.sleep(EVERY_SECONDS)
            if self._leadership.held:
                try:
                    await self.run_once()
                except Exception as error:  # noqa: BLE001 the next round goes on
                    _log.warning("what is old of alerts was not deleted: %s", error)

    async def run_once(self) -> dict[str, int]:
        """Rows deleted, by the query that did it."""
        now = self._clock.now()
        deleted = {}
        for query, kept in (
            ("delete_old_history", self._kept),
            ("delete_old_notices", self._kept),
            ("delete_old_instances", INSTANCES_KEPT),
            ("delete_old_audit", INSTANCES_KEPT),
        ):
            deleted[query] = await self._delete(SQL[query], now - kept)
        return deleted

    async def _delete(self, query: str, before: object) -> int:
        total = 0
        while True:
            async with self._leadership.transaction() as connection:
                deleted: int = await connection.fetchval(query, before, ROWS_AT_ONCE)
            total += deleted
            if deleted < ROWS_AT_ONCE:
                return total
