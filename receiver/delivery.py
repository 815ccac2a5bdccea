"""Where requests go: into the database, and onto the disk while that is away."""

import logging

from opentelemetry.exporter.postgres.faults import Away, Unavailable
from opentelemetry.exporter.postgres.requests import Outcome, Request
from opentelemetry.exporter.postgres.writer import Writer

from receiver.disk_guard import DiskGuard
from receiver.spool import Spool
from receiver.spool_file import SpoolUnavailable
from receiver.spool_rows import Entry

_log = logging.getLogger(__name__)


class Delivery:
    """The writer's front: write() returns only after the request is committed, or safe in the spool.

    A database that is merely busy is waited for. Once it is away what comes goes into the spool at once, and so does
    what waited for it; that MAY have been committed, which the ledger finds when it is written again.
    """

    def __init__(self, writer: Writer, spool: Spool | None, guard: DiskGuard) -> None:
        self._writer = writer
        self._spool = spool
        self._guard = guard
        self._waiting: set[Request] = set()
        self._spooling = True
        writer.availability.on_lost = self._lost

    async def write(self, request: Request) -> Outcome:
        """Raises Unavailable where the sender should try again."""
        if not self._guard.has_room:
            raise Unavailable("the database's disk is almost full")
        if self._spool is None:
            return await self._writer.write(request)
        if self._writer.availability:
            self._waiting.add(request)
            try:
                return await self._writer.write(request)
            except Away:
                pass
            finally:
                self._waiting.discard(request)
        if await self._spooled(self._spool, request):
            return Outcome(request.batch.rejected, request.batch.message, spooled=True)
        return await self._writer.write(request.again())

    async def _spooled(self, spool: Spool, request: Request) -> bool:
        entry = Entry(request.digest, request.signal, request.received_ns, request.refusals, request.body)
        try:
            await spool.add(entry)
        except SpoolUnavailable as error:
            if self._spooling:
                _log.error("requests are not spooled, their senders must try again: %s", error)
            self._spooling = False
            return False
        if not self._spooling:
            _log.warning("requests are spooled again")
        self._spooling = True
        return True

    def _lost(self) -> None:
        if self._spool is not None:
            _log.warning("until it is back requests go into the spool %s", self._spool.path)
        for request in self._waiting:
            request.refuse(Away("the database is away"))
