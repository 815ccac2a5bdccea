"""Which process evaluates: the one that holds the lease."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from typing import Any

from alerting.engine.clock import Clock
from database.error_line import error_line
from database.lease import Lease

NAME = "alerts"
LASTS = timedelta(seconds=6)
RENEWED_EVERY_SECONDS = 2.0
RENEWAL_SECONDS = 3.0
MOST_RECORDINGS = 3
_log = logging.getLogger(__name__)


class Leadership:
    """Renews the lease, or tries to get it, as long as `keep` runs.

    changed: set whenever this process begins or ceases to lead; others MAY set it to have the rules looked at.
    """

    def __init__(self, pool: Any, holder: str, clock: Clock) -> None:
        self._pool = pool
        self._lease = Lease(pool, NAME, holder, LASTS)
        self._clock = clock
        self._renewing = asyncio.Lock()
        self._recordings = asyncio.Semaphore(MOST_RECORDINGS)
        self._away = False
        self.changed = asyncio.Event()

    @property
    def held(self) -> bool:
        return self._lease.held

    async def keep(self) -> None:
        """Until cancelled."""
        while True:
            await self._renew()
            await asyncio.sleep(RENEWED_EVERY_SECONDS)

    async def release(self) -> None:
        await self._lease.release()

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Any]:
        """A connection in a transaction that commits under the lease only; LeaseLost otherwise."""
        async with self._recordings:
            # Shared locks on the lease's row, one following the other, would keep its renewal waiting.
            async with self._renewing:
                pass
            async with self._lease.transaction() as connection:
                yield connection

    async def _renew(self) -> None:
        led = self._lease.held
        try:
            async with self._renewing, asyncio.timeout(RENEWAL_SECONDS):
                await self._lease.acquire()
                await self._clock.look(self._pool)
        except Exception as error:  # noqa: BLE001 the database is away: the next round tries again
            if not self._away:
                _log.error("alerts are not evaluated here, the database cannot be reached: %s", error_line(error))
            self._away = True
        else:
            if self._away:
                _log.warning("the database is back, and alerts with it")
            self._away = False
            if self._lease.held and not led:
                _log.info("alerts are evaluated here")
            elif led and not self._lease.held:
                _log.warning("alerts are evaluated elsewhere now")
        if led != self._lease.held:
            self.changed.set()


async def hand_over(leadership: Leadership, seconds: float) -> None:
    """Lets another process lead at once, if the database can be reached."""
    with suppress(Exception):
        async with asyncio.timeout(seconds):
            await leadership.release()
