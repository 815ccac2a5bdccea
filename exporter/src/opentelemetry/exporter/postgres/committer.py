"""One connection that commits groups of requests."""

import asyncio
import logging
import time
from collections.abc import Sequence
from contextlib import suppress

import asyncpg
from opentelemetry.exporter.postgres.announcer import Announcer
from opentelemetry.exporter.postgres.batch import Batch
from opentelemetry.exporter.postgres.faults import Fault, Unavailable, fault_of, reason_of
from opentelemetry.exporter.postgres.leaves import Leaves
from opentelemetry.exporter.postgres.requests import Decoder, Outcome, Request
from opentelemetry.exporter.postgres.series_limit import SeriesLimit
from opentelemetry.exporter.postgres.sql_text import sql
from opentelemetry.exporter.postgres.transaction import (
    Connection,
    Known,
    Position,
    change_outcome,
    open_ledger,
    write_batches,
)

_REGISTER_WRITER = sql("register_writer")
_SESSION = {
    "application_name": "otelgres writer",
    "jit": "off",
    "statement_timeout": "15s",
    "lock_timeout": "3s",
    "idle_in_transaction_session_timeout": "15s",
    "timezone": "UTC",
}
_FAILURES = (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError)
MAX_ATTEMPTS = 3
RETRY_AFTER = (0.05, 0.2, 0.5, 1.0)
"""Seconds between attempts while the database is away."""
LEAVES_LAST = 60.0
"""Seconds: a partition detached by hand keeps its name and takes rows until it is looked up again."""
_log = logging.getLogger(__name__)


class Committer:
    """Writes groups of requests over a connection of its own, which is a writer in the order of commits."""

    def __init__(
        self, dsn: str, decoder: Decoder, announcer: Announcer, error_from_status: int, series_limit: SeriesLimit
    ) -> None:
        self._dsn = dsn
        self._series_limit = series_limit
        self._decoder = decoder
        self._announcer = announcer
        self._error_from_status = error_from_status
        self._connection: Connection | None = None
        self._away = False
        self._number = 0
        self._batch = 0
        self._leaves = Leaves()
        self._known = Known()

    async def _connected(self) -> Connection:
        if self._connection is not None and not self._connection.is_closed():
            return self._connection
        connection = await asyncpg.connect(self._dsn, timeout=5, command_timeout=20, server_settings=_SESSION)
        try:
            self._number = await connection.fetchval(_REGISTER_WRITER)
            await self._leaves.refresh(connection)
        except BaseException:
            connection.terminate()
            raise
        self._known = Known()
        self._connection = connection
        return connection

    async def disconnect(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(*_FAILURES):
                await connection.close(timeout=2)

    def _position(self) -> Position:
        """The place of the next commit: near the clock in µs, and rising whatever the clock does."""
        self._batch = max(self._batch + 1, time.time_ns() // 1000)
        return Position(self._number, self._batch, self._leaves, self._error_from_status, self._known)

    async def store(self, group: Sequence[Request]) -> None:
        """Commits the group and answers it; tries for as long as a sender waits.

        A commit whose answer was lost is found in the ledger by the next attempt.
        """
        one_by_one = stale = False
        failures = 0
        while any(not request.done.done() for request in group):
            try:
                connection = await self._connected()
                if stale or self._leaves.age > LEAVES_LAST:
                    await self._leaves.refresh(connection)
                await self._transaction(connection, group, one_by_one)
                self._report(None)
            except _FAILURES as error:
                fault = fault_of(error)
                failures += 1
                if not await self._rolled_back(error) or fault is Fault.DOWN or failures > MAX_ATTEMPTS:
                    self._report(error)
                    await self.disconnect()
                    await asyncio.sleep(RETRY_AFTER[min(failures, len(RETRY_AFTER)) - 1])
                stale = fault is Fault.STALE
                one_by_one = one_by_one or fault is Fault.DATA
            except Exception as error:  # noqa: BLE001 - a defect must not stop the requests behind it
                _log.exception("%d requests refused", len(group))
                await self.disconnect()
                for request in group:
                    if not request.done.done():
                        request.done.set_exception(Unavailable(f"{type(error).__name__} in the writer"))

    async def _rolled_back(self, error: BaseException) -> bool:
        """Ends the failed transaction. False if the connection is gone with it."""
        if self._connection is None or self._connection.is_closed():
            return False
        if not isinstance(error, asyncpg.PostgresError):
            self._connection.terminate()
            return False
        try:
            await self._connection.execute("ROLLBACK")
        except _FAILURES:
            return False
        return True

    def _report(self, error: BaseException | None) -> None:
        """One line when the database goes away and one when it is back."""
        if error is not None and not self._away:
            _log.warning("the database does not take data: %s", reason_of(error))
        elif error is None and self._away:
            _log.warning("the database takes data again")
        self._away = error is not None

    async def _transaction(self, connection: Connection, group: Sequence[Request], one_by_one: bool) -> None:
        position = self._position()
        await connection.execute("BEGIN")
        outcomes = await open_ledger(connection, position, group)
        new: dict[bytes, Request] = {}
        for request in group:
            if request.digest not in outcomes:
                new.setdefault(request.digest, request)
        batches: list[Batch] = []
        added: list[int] = []
        if one_by_one:
            for digest, request in new.items():
                written, outcomes[digest] = await self._bisect(connection, position, request)
                batches += written
        else:
            batches = await self._series_limit.admit(connection, position, [each.batch for each in new.values()])
            for request, batch in zip(new.values(), batches, strict=True):
                if batch is not request.batch:
                    outcomes[request.digest] = Outcome(batch.rejected, batch.message)
                    await change_outcome(connection, request.digest, outcomes[request.digest])
            added = await write_batches(connection, position, batches)
        await connection.execute("COMMIT")
        self._known.ids.update(added)
        self._announce(batches)
        for request in group:
            if not request.done.done():
                outcome = outcomes.get(request.digest)
                request.done.set_result(outcome or Outcome(request.batch.rejected, request.batch.message))

    async def _bisect(
        self, connection: Connection, position: Position, request: Request
    ) -> tuple[list[Batch], Outcome]:
        """Stores a request of which PostgreSQL may refuse some items; those are halved out and rejected alone."""
        whole = request.batch
        written: list[Batch] = []
        refusals = Batch(whole.signal)
        refusals.rejected, refusals.reasons = whole.rejected, list(whole.reasons)
        ranges = [(0, whole.items)]
        while ranges:
            first, last = ranges.pop()
            batch = self._decoder.decode(request.signal, request.body, request.received_ns, first, last)
            if not batch.rows:
                continue
            (admitted,) = await self._series_limit.admit(connection, position, [batch])
            await connection.execute("SAVEPOINT part")
            try:
                await write_batches(connection, position, [admitted])
            except asyncpg.PostgresError as error:
                if fault_of(error) is not Fault.DATA:
                    raise
                await connection.execute("ROLLBACK TO part")
                if last - first == 1:
                    refusals.reject(f"item {first}: {reason_of(error)}")
                else:
                    middle = (first + last) // 2
                    ranges += [(middle, last), (first, middle)]
            else:
                await connection.execute("RELEASE part")
                written.append(admitted)
                if admitted is not batch:
                    refusals.reject(admitted.reasons[0], admitted.rejected - batch.rejected)
        outcome = Outcome(refusals.rejected, refusals.message)
        if outcome.rejected != whole.rejected:
            await change_outcome(connection, request.digest, outcome)
        return written, outcome

    def _announce(self, batches: Sequence[Batch]) -> None:
        for batch in batches:
            if batch.newest_log is not None:
                self._announcer.announce(batch.newest_log, len(batch.rows))
