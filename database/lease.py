"""One leader for scheduled work, by a row of enterprise.leases."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

from database import queries

SQL = queries.load(__package__)


class LeaseLost(Exception):
    """Somebody else leads now, or nobody: nothing was changed."""


class Lease:
    """Leadership under a name, for one holder. The database's clock decides.

    A transaction from `transaction()` never commits after another holder has taken over: it locks the row,
    and taking over updates it. FOR SHARE is enough for that and lets the leader's own jobs run side by side.
    """

    def __init__(self, pool: Any, name: str, holder: str, lasts: timedelta) -> None:
        self._pool = pool
        self._name = name
        self._holder = holder
        self._lasts = lasts
        self._epoch: int | None = None

    @property
    def held(self) -> bool:
        """True from a successful `acquire` until a failed one, a release or a lost transaction."""
        return self._epoch is not None

    async def acquire(self) -> bool:
        """Takes the lease when it is free or expired, renews it when it is ours; False when another has it."""
        try:
            self._epoch = await self._pool.fetchval(SQL["acquire_lease"], self._name, self._holder, self._lasts)
        except BaseException:
            self._epoch = None
            raise
        return self.held

    async def release(self) -> None:
        """Lets another take over at once. Harmless when the lease is not ours."""
        self._epoch = None
        await self._pool.execute(SQL["release_lease"], self._name, self._holder)

    async def confirm(self, connection: Any) -> None:
        """Locks the lease until the connection's transaction ends. Raises LeaseLost when it is not ours."""
        if not await connection.fetchval(SQL["confirm_lease"], self._name, self._holder, self._epoch):
            self._epoch = None
            raise LeaseLost(f"{self._holder} does not hold the lease {self._name}")

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Any]:
        """A connection in a transaction that commits under this lease only."""
        async with self._pool.acquire() as connection, connection.transaction():
            await self.confirm(connection)
            yield connection

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[Any]:
        """A connection for statements that run in no transaction; the lease is checked once, before them."""
        async with self._pool.acquire() as connection:
            async with connection.transaction():
                await self.confirm(connection)
            yield connection
