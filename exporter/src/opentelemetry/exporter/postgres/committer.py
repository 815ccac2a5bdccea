"""One connection that commits groups of requests."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass

import asyncpg
from opentelemetry.exporter.postgres.announcer import Announcer
from opentelemetry.exporter.postgres.availability import Availability
from opentelemetry.exporter.postgres.batch import Batch
from opentelemetry.exporter.postgres.connecting import Connection, connect
from opentelemetry.exporter.postgres.faults import FAILURES, Fault, Unavailable, advice_on, fault_of, reason_of
from opentelemetry.exporter.postgres.leaves import Leaves
from opentelemetry.exporter.postgres.observation import Unobserved, WriterObserver
from opentelemetry.exporter.postgres.position import Known, Position
from opentelemetry.exporter.postgres.requests import Decoder, Outcome, Request
from opentelemetry.exporter.postgres.series_limit import SeriesLimit
from opentelemetry.exporter.postgres.sql_text import sql
from opentelemetry.exporter.postgres.transaction import change_outcome, open_ledger, write_batches

_REGISTER_WRITER = sql("register_writer")
_SESSION = {
    "application_name": "otelgres writer",
    "jit": "off",
    "statement_timeout": "60s",
    "lock_timeout": "3s",
    "idle_in_transaction_session_timeout": "15s",
    "timezone": "UTC",
}
COMMAND_SECONDS = 60.0
MAX_ATTEMPTS = 3
RETRY_AFTER = (0.05, 0.2, 0.5, 1.0)
"""Seconds between attempts while the database is away."""
RETRY_AFTER_SETUP = 5.0
"""Seconds, while a person has to change something."""
LEAVES_LAST = 60.0
"""Seconds: a partition detached by hand keeps its name and takes rows until it is looked up again."""
CONNECTION_RESTS = 3600.0
"""Seconds without a commit, after which a connection is made anew: maintenance forgets writers that are long gone."""
STEP_SECONDS, LONGEST_STEP_SECONDS = 6.0, 48.0
"""For each step of a transaction, beside its bytes. A step that takes longer counts as hanging; the next may take
twice as long, so that a database that is merely slow is not cut off for ever."""
SLOWEST_BYTES_A_SECOND = 2 << 20
TRANSACTION_SECONDS = 240.0
"""The ledger relies on it: two transactions with the same digest do not lie five minutes apart."""
Inspect = Callable[[Connection], Awaitable[None]]
_log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Course:
    """What the attempts at one group have shown so far."""

    failures: int = 0
    stale: int = 0
    one_by_one: bool = False


class Committer:
    """Writes groups of requests over a connection of its own, which is a writer in the order of commits.

    inspect sees each connection before it writes, and again with the partitions; it MAY raise one of FAILURES.
    availability learns what becomes of the transactions; None where they say nothing about the database. `fault` is
    what the last failure was.
    """

    def __init__(
        self,
        dsn: str,
        decoder: Decoder,
        announcer: Announcer,
        error_from_status: int,
        series_limit: SeriesLimit,
        availability: Availability | None = None,
        observer: WriterObserver | None = None,
        inspect: Inspect | None = None,
    ) -> None:
        self._dsn = dsn
        self._series_limit = series_limit
        self._decoder = decoder
        self._announcer = announcer
        self._error_from_status = error_from_status
        self._availability = availability
        self._observer = observer or Unobserved()
        self._inspect = inspect
        self.fault = Fault.UNKNOWN
        self._connection: Connection | None = None
        self._wrote_at = 0.0
        self._step_seconds = STEP_SECONDS
        self._group: Sequence[Request] = ()
        self._number = 0
        self._batch = 0
        self._leaves = Leaves()
        self._known = Known()

    async def _connected(self) -> Connection:
        if self._connection is not None and not self._connection.is_closed():
            return self._connection
        connection = await connect(self._dsn, _SESSION, COMMAND_SECONDS)
        try:
            await self._look_around(connection)
            async with self._step():
                self._number = await connection.fetchval(_REGISTER_WRITER)
        except BaseException:
            connection.terminate()
            raise
        self._known = Known()
        self._connection = connection
        self._wrote_at = time.monotonic()
        return connection

    async def _look_around(self, connection: Connection) -> None:
        async with self._step():
            if self._inspect is not None:
                await self._inspect(connection)
            await self._leaves.refresh(connection)

    async def disconnect(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            try:
                await connection.close(timeout=2)
            except Exception as error:  # noqa: BLE001 - nothing is left to be lost on it
                _log.debug("a connection did not end in order: %s", reason_of(error))

    def abandon_unwanted(self) -> None:
        """Ends a transaction for which nobody waits any more, in a database that may hang."""
        if self._group and not any(request.wanted for request in self._group):
            self.abandon()

    def abandon(self) -> None:
        """Ends the connection at once, whatever it does."""
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(Exception):
                connection.terminate()

    def _step(self, size: int = 0) -> asyncio.Timeout:
        return asyncio.timeout(self._step_seconds + size / SLOWEST_BYTES_A_SECOND)

    async def execute(self, query: str, *arguments: object) -> None:
        """One statement by itself, committed. Raises one of FAILURES."""
        try:
            connection = await self._connected()
            async with self._step():
                await connection.execute(query, *arguments)
        except BaseException:
            self.abandon()
            raise

    async def store(self, group: Sequence[Request], *, patient: bool = True) -> Exception | None:
        """Commits the group and answers it; tries for as long as a sender waits.

        Unless patient it ends with the first failure that trying again at once does not mend, and returns it. A commit
        whose answer was lost is found in the ledger by the next attempt.
        """
        course = _Course()
        while any(request.wanted for request in group):
            error = await self._attempt(group, course)
            if error is None:
                break
            pause = await self._settle(error, course)
            if pause and not patient:
                return error
            if not isinstance(error, FAILURES):
                _refuse(group, error)
                return error
            await _rest(group, pause)
        return None

    async def _attempt(self, group: Sequence[Request], course: _Course) -> Exception | None:
        """One transaction. Its failure, if any, is told to whom it concerns, and returned."""
        connected = False
        self._group = group
        if self._availability is not None:
            self._availability.began(sum(len(request.body) for request in group))
        try:
            if time.monotonic() - self._wrote_at > CONNECTION_RESTS:
                await self.disconnect()
            connection = await self._connected()
            connected = True
            if course.stale or self._leaves.age > LEAVES_LAST:
                await self._look_around(connection)
            async with asyncio.timeout(TRANSACTION_SECONDS):
                await self._transaction(connection, group, course.one_by_one)
        except Exception as error:  # noqa: BLE001 - a defect must not stop the requests behind it
            self._judge(error, course, connected)
            return error
        except BaseException:
            self.abandon()
            raise
        finally:
            self._group = ()
            if self._availability is not None:
                self._availability.ended()
        self._wrote_at = time.monotonic()
        self._step_seconds = STEP_SECONDS
        if self._availability is not None:
            self._availability.committed()
        return None

    def _judge(self, error: Exception, course: _Course, connected: bool) -> None:
        course.failures += 1
        if not isinstance(error, FAILURES):
            self.fault = Fault.UNKNOWN
            return
        fault = fault_of(error, connected=connected)
        course.stale = course.stale + 1 if fault is Fault.STALE else 0
        if course.stale >= MAX_ATTEMPTS and advice_on(error):
            # The names were looked up each time: what is missing is more than a partition.
            fault = Fault.SETUP
        course.one_by_one = course.one_by_one or fault is Fault.DATA
        self.fault = fault
        if connected and isinstance(error, TimeoutError):
            self._step_seconds = min(2 * self._step_seconds, LONGEST_STEP_SECONDS)
        self._observer.failed(fault)
        if self._availability is not None and fault in (Fault.DOWN, Fault.SETUP, Fault.UNKNOWN):
            self._availability.failed(error, conclusive=not connected or fault is Fault.SETUP)

    async def _settle(self, error: Exception, course: _Course) -> float:
        """Ends the failed transaction, and the connection where it is of no more use. Seconds until the next try."""
        kept = await self._rolled_back(error)
        mends = self.fault in (Fault.DATA, Fault.STALE, Fault.AGAIN)
        if kept and mends and course.failures <= MAX_ATTEMPTS:
            return 0.0
        self.abandon()
        if self.fault is Fault.SETUP:
            return RETRY_AFTER_SETUP
        return RETRY_AFTER[min(course.failures, len(RETRY_AFTER)) - 1]

    async def _rolled_back(self, error: Exception) -> bool:
        """Ends the failed transaction. False if the connection is gone with it."""
        if self._connection is None or self._connection.is_closed() or not isinstance(error, asyncpg.PostgresError):
            return False
        try:
            async with self._step():
                await self._connection.execute("ROLLBACK")
        except Exception:  # noqa: BLE001 - the error that led here is the one to tell
            return False
        return True

    async def _transaction(self, connection: Connection, group: Sequence[Request], one_by_one: bool) -> None:
        began = time.perf_counter()
        size = sum(len(request.body) for request in group)
        position = self._position()
        async with self._step(size):
            await connection.execute("BEGIN")
            outcomes = await open_ledger(connection, position, group)
        repeated = len(outcomes)
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
            batches = await self._admitted(connection, position, list(new.values()), outcomes)
            async with self._step(size):
                added = await write_batches(connection, position, batches)
        async with self._step():
            # PostgreSQL answers the COMMIT of a failed transaction with ROLLBACK, and no error.
            if await connection.execute("COMMIT") != "COMMIT":
                raise asyncpg.InterfaceError("the transaction was rolled back")
        self._known.ids.update(added)
        self._announce(batches)
        for request in group:
            if not request.done.done():
                outcome = outcomes.get(request.digest)
                request.done.set_result(outcome or Outcome(request.batch.rejected, request.batch.message))
        self._observer.committed(time.perf_counter() - began, len(group), repeated, batches)

    def _position(self) -> Position:
        """The place of the next commit: near the clock in µs, and rising whatever the clock does."""
        self._batch = max(self._batch + 1, time.time_ns() // 1000)
        return Position(self._number, self._batch, self._leaves, self._error_from_status, self._known)

    async def _admitted(
        self, connection: Connection, position: Position, requests: Sequence[Request], outcomes: dict[bytes, Outcome]
    ) -> list[Batch]:
        """What is to be stored of the requests. Adds the outcomes of those that lose points to the limit of series."""
        async with self._step():
            batches = await self._series_limit.admit(connection, position, [request.batch for request in requests])
            for request, batch in zip(requests, batches, strict=True):
                if batch is not request.batch:
                    outcomes[request.digest] = Outcome(batch.rejected, batch.message)
                    await change_outcome(connection, request.digest, outcomes[request.digest])
        return batches

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
            async with self._step():
                (admitted,) = await self._series_limit.admit(connection, position, [batch])
            await connection.execute("SAVEPOINT part")
            try:
                async with self._step(len(request.body)):
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


async def _rest(group: Sequence[Request], seconds: float) -> None:
    """For so long; no longer once nobody waits for the group, since others may wait behind it."""
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            for request in group:
                await request.left.wait()


def _refuse(group: Sequence[Request], error: Exception) -> None:
    _log.error("%d requests refused", len(group), exc_info=error)
    for request in group:
        request.refuse(Unavailable(f"{type(error).__name__} in the writer"))
