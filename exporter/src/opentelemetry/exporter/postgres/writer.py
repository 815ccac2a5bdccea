"""Group commit: while a transaction runs requests queue; the next one takes them all."""

import asyncio
import logging
import time
from contextlib import suppress
from dataclasses import replace

from opentelemetry.exporter.postgres.announcer import Announcer
from opentelemetry.exporter.postgres.availability import Availability
from opentelemetry.exporter.postgres.committer import Committer, Inspect
from opentelemetry.exporter.postgres.fair_queue import FairQueue
from opentelemetry.exporter.postgres.faults import Unavailable
from opentelemetry.exporter.postgres.observation import WriterObserver
from opentelemetry.exporter.postgres.requests import Decoder, Outcome, Request
from opentelemetry.exporter.postgres.series_limit import SeriesLimit

WATCH_SECONDS = 0.25
SPARE_AFTER = 0.5
"""Seconds that the first connection's transaction may take before a spare one begins its own beside it."""
_log = logging.getLogger(__name__)


class Writer:
    """Writes requests in groups, one transaction after the other over one connection: two at a time would each be half
    as large, and cost more. A spare connection steps in where a transaction takes unusually long.

    write() returns only after the transaction that holds the request is committed. Requests that wait are bounded by
    bytes, and every sender among them has its turn; one that is not served within `patience` seconds (None: its
    caller's own) is refused with Unavailable and MAY still be stored, which its retry finds in the ledger; a retry
    that comes before waits for the same transaction.
    `availability` says whether the database takes data. inspect: what Committer does with it.
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
        patience: float | None = 4.0,
        observer: WriterObserver | None = None,
        inspect: Inspect | None = None,
    ) -> None:
        self._dsn = dsn
        self._decoder = decoder
        self._error_from_status = error_from_status
        self._observer = observer
        self._inspect = inspect
        self._max_queued_bytes = max_queued_bytes
        self._max_group_bytes = max_group_bytes
        self._patience = patience
        self._queue: FairQueue[Request] = FairQueue()
        self._queued_bytes = 0
        self._held: dict[bytes, Request] = {}
        self._arrived = asyncio.Event()
        self._first_busy_since: float | None = None
        self._closing = asyncio.Event()
        self._announcer = Announcer(dsn)
        self._series_limit = SeriesLimit(max_series_per_service)
        self._tasks: list[asyncio.Task[None]] = []
        self._watch: asyncio.Task[None] | None = None
        self.availability = Availability()
        self._committers = [self._committer(self.availability) for _ in range(connections)]

    def _committer(self, availability: Availability | None) -> Committer:
        return Committer(
            self._dsn,
            self._decoder,
            self._announcer,
            self._error_from_status,
            self._series_limit,
            availability,
            self._observer,
            self._inspect,
        )

    def committer_apart(self) -> Committer:
        """A further connection that writes as this writer does, for work beside its queue: its failures say nothing
        about the database."""
        return self._committer(None)

    @property
    def is_idle(self) -> bool:
        """Whether no request waits for a transaction."""
        return not self._queue

    @property
    def queued_requests(self) -> int:
        return len(self._queue)

    async def start(self) -> None:
        """Starts writing. A database that is away is waited for in the background."""
        self._announcer.start()
        first, *spares = self._committers
        self._tasks = [asyncio.create_task(self._run(first)), *(asyncio.create_task(self._stand_by(c)) for c in spares)]
        self._watch = asyncio.create_task(self._check())

    async def close(self) -> None:
        """Writes what has been accepted, then disconnects. MUST be called after the last write()."""
        self._closing.set()
        self._arrived.set()
        await asyncio.gather(*self._tasks)
        if self._watch is not None:
            self._watch.cancel()
        await self._announcer.close()

    async def write(self, request: Request) -> Outcome:
        """Stores one request. Returns only after its COMMIT; raises Unavailable where the sender should try again."""
        if self._closing.is_set():
            raise Unavailable("shutting down")
        held = self._held.get(request.digest)
        if held is None or held.done.done():
            self._enqueue(request)
            return await self._outcome(request)
        return replace(await self._outcome(held), repeated=True)

    def _enqueue(self, request: Request) -> None:
        size = len(request.body)
        if self._queued_bytes + size > self._max_queued_bytes and self._queue:
            raise Unavailable("too much is waiting for the database")
        self._held[request.digest] = request
        request.held = True
        self._queue.append(request.sender, request)
        self._queued_bytes += size
        self._arrived.set()

    async def _outcome(self, request: Request) -> Outcome:
        if self._patience is None:
            return await request.outcome()
        try:
            async with asyncio.timeout(self._patience):
                return await request.outcome()
        except TimeoutError:
            raise Unavailable("the database did not take the data in time") from None

    async def _run(self, committer: Committer) -> None:
        """The first connection: one group after the other."""
        while True:
            await self._arrived.wait()
            group = self._next_group()
            if group:
                self._first_busy_since = time.monotonic()
                await self._write(committer, group)
                self._first_busy_since = None
            elif self._closing.is_set():
                break
            else:
                self._arrived.clear()
        await committer.disconnect()

    async def _stand_by(self, committer: Committer) -> None:
        """A spare connection: a group each time that the first one is found to take long."""
        while not self._closing.is_set():
            await self._arrived.wait()
            since = self._first_busy_since
            pause = SPARE_AFTER if since is None else since + SPARE_AFTER - time.monotonic()
            if pause > 0:
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._closing.wait(), pause)
            elif group := self._next_group():
                await self._write(committer, group)
            elif not self._closing.is_set():
                self._arrived.clear()
        await committer.disconnect()

    async def _write(self, committer: Committer, group: list[Request]) -> None:
        try:
            await committer.store(group)
        except Exception:  # noqa: BLE001 - a committer that ends would leave all requests after these unanswered
            _log.exception("a group of %d requests was given up", len(group))
        for request in group:
            self._let_go(request)

    def _let_go(self, request: Request) -> None:
        """Ends what a request waits for, if it still does."""
        if self._held.get(request.digest) is request:
            del self._held[request.digest]
        request.refuse(Unavailable("internal error"))

    def _next_group(self) -> list[Request]:
        group: list[Request] = []
        size = 0
        while self._queue and size < self._max_group_bytes:
            request = self._queue.popleft()
            self._queued_bytes -= len(request.body)
            if request.wanted:
                group.append(request)
                size += len(request.body)
            else:
                self._let_go(request)
        return group

    async def _check(self) -> None:
        while True:
            await asyncio.sleep(WATCH_SECONDS)
            self.availability.check()
            if not self.availability:
                for committer in self._committers:
                    committer.abandon_unwanted()
