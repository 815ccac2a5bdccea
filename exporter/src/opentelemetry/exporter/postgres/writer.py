"""Group commit: while transactions run requests queue; the next one takes them all."""

import asyncio
from collections import deque

from opentelemetry.exporter.postgres.announcer import Announcer
from opentelemetry.exporter.postgres.committer import Committer
from opentelemetry.exporter.postgres.faults import Unavailable
from opentelemetry.exporter.postgres.requests import Decoder, Outcome, Request
from opentelemetry.exporter.postgres.series_limit import SeriesLimit


class Writer:
    """Writes requests in groups over a few connections: while PostgreSQL works for one, the next group is sent.

    write() returns only after the transaction that holds the request is committed. Requests that wait are bounded by
    bytes; one that is not served in time is refused with Unavailable and MAY still be stored, which its retry finds
    in the ledger.
    """

    def __init__(
        self,
        dsn: str,
        decoder: Decoder,
        *,
        error_from_status: int = 400,
        max_series_per_service: int = 100_000,
        connections: int = 2,
        max_queued_bytes: int = 256 << 20,
        max_group_bytes: int = 4 << 20,
        patience: float = 4.0,
    ) -> None:
        self._max_queued_bytes = max_queued_bytes
        self._max_group_bytes = max_group_bytes
        self._patience = patience
        self._queue: deque[Request] = deque()
        self._queued_bytes = 0
        self._arrived = asyncio.Event()
        self._closing = False
        self._announcer = Announcer(dsn)
        series_limit = SeriesLimit(max_series_per_service)
        self._committers = [
            Committer(dsn, decoder, self._announcer, error_from_status, series_limit) for _ in range(connections)
        ]
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Starts writing. A database that is away is waited for in the background."""
        self._announcer.start()
        self._tasks = [asyncio.create_task(self._run(committer)) for committer in self._committers]

    async def close(self) -> None:
        """Writes what has been accepted, then disconnects. MUST be called after the last write()."""
        self._closing = True
        self._arrived.set()
        await asyncio.gather(*self._tasks)
        await self._announcer.close()

    async def write(self, request: Request) -> Outcome:
        """Stores one request. Returns only after its COMMIT; raises Unavailable where the sender should try again."""
        if self._closing:
            raise Unavailable("shutting down")
        size = len(request.body)
        if self._queued_bytes + size > self._max_queued_bytes and self._queue:
            raise Unavailable("too much is waiting for the database")
        self._queue.append(request)
        self._queued_bytes += size
        self._arrived.set()
        try:
            async with asyncio.timeout(self._patience):
                return await request.done
        except TimeoutError:
            raise Unavailable("the database did not take the data in time") from None

    async def _run(self, committer: Committer) -> None:
        while True:
            await self._arrived.wait()
            group = self._next_group()
            if group:
                await committer.store(group)
            elif self._closing:
                break
            else:
                self._arrived.clear()
        await committer.disconnect()

    def _next_group(self) -> list[Request]:
        group: list[Request] = []
        size = 0
        while self._queue and size < self._max_group_bytes:
            request = self._queue.popleft()
            self._queued_bytes -= len(request.body)
            if not request.done.done():
                group.append(request)
                size += len(request.body)
        return group
