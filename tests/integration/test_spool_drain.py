"""From the spool into a real database: once each, whatever is wrong with one, and nobody waits behind it."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import asyncpg
import pytest
from opentelemetry.exporter.postgres.batch import Signal
from opentelemetry.exporter.postgres.faults import Unavailable
from opentelemetry.exporter.postgres.requests import Decoder, Outcome, Request, make_request
from opentelemetry.exporter.postgres.writer import Writer
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest

from receiver import spool_drain
from receiver.delivery import Delivery
from receiver.disk_guard import DiskGuard
from receiver.ingest_report import IngestReport
from receiver.spool import Room, Spool
from receiver.spool_drain import Drain
from receiver.spool_rows import Entry
from receiver.spool_slots import Slots
from receiver.telemetry import Telemetry
from server.metering import Metering
from tests import payloads, rows
from tests.conftest import execute

DECODER = Decoder()
LOGS = "SELECT count(*)::int FROM enterprise.structured_logs"
SPOOLS = "SELECT count(*)::int FROM enterprise.spools"
FREE = DiskGuard(Path("/"), 0, "")


def logs(count: int, **more: object) -> Request:
    return request(payloads.records(count, **more))  # type: ignore[arg-type]


def request(message: ExportLogsServiceRequest) -> Request:
    return make_request(DECODER, Signal.LOGS, message.SerializeToString())


def entry(request: Request) -> Entry:
    return Entry(request.digest, request.signal, request.received_ns, (), request.body)


class Receiver:
    """What a receiver process has between its fronts and the database."""

    def __init__(self, dsn: str, directory: Path, thread: ThreadPoolExecutor) -> None:
        self.writer = Writer(dsn, DECODER, patience=20.0)
        self.slots = Slots(directory)
        room = Room(directory, 1 << 30, FREE)
        self.spool = self._spool_at(thread, room)(self.slots.claim())
        self.telemetry = Telemetry(Metering().meter, IngestReport(lambda: datetime.now(UTC)))
        self.drain = Drain(
            self.spool,
            self.slots,
            self._spool_at(thread, room),
            self.writer,
            FREE,
            self.telemetry.refused_from_spool,
        )
        self.delivery = Delivery(self.writer, self.spool, FREE)

    def _spool_at(self, thread: ThreadPoolExecutor, room: Room) -> Callable[[int], Spool]:
        return lambda number: Spool(self.slots.path(number), thread, room)

    async def until_empty(self, seconds: float = 20) -> None:
        await until(lambda: not self.spool.rows, seconds)


async def until(condition: Callable[[], bool], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        await asyncio.sleep(0.01)


@pytest.fixture
def receiver(
    database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[[], AbstractAsyncContextManager[Receiver]]:
    monkeypatch.setattr(spool_drain, "PROBE_SECONDS", 0.1)

    @asynccontextmanager
    async def running() -> AsyncIterator[Receiver]:
        with ThreadPoolExecutor(1) as thread:
            receiver = Receiver(database, tmp_path, thread)
            await receiver.spool.open()
            await receiver.writer.start()
            try:
                yield receiver
            finally:
                await receiver.writer.close()
                await receiver.drain.close()
                await receiver.spool.close()

    return running


Running = Callable[[], AbstractAsyncContextManager[Receiver]]


async def test_what_was_committed_before_it_was_spooled_is_not_stored_again(database: str, receiver: Running) -> None:
    async with receiver() as here:
        known, new = logs(5), logs(3)
        assert await here.writer.write(known) == Outcome()
        for each in (known, new):
            await here.spool.add(entry(each))
        here.drain.start()
        await here.until_empty()
    assert await rows.value(database, LOGS) == 8


async def test_spools_are_reported_while_they_hold_requests_and_forgotten_at_the_end(
    database: str, receiver: Running
) -> None:
    async with receiver() as here:
        await here.spool.add(entry(logs(1)))
        async with holding(database, "LOCK TABLE enterprise.ingest_batches"):
            here.drain.start()
            await rows.until(database, f"{SPOOLS} WHERE oldest_received_at > now() - interval '1 minute'", 1)
        await rows.until(database, f"{SPOOLS} WHERE oldest_received_at IS NULL", 1)
    assert await rows.value(database, SPOOLS) == 0


@asynccontextmanager
async def holding(dsn: str, statement: str) -> AsyncIterator[None]:
    """A transaction that keeps the locks of a statement until its end."""
    connection = await asyncpg.connect(dsn)
    try:
        async with connection.transaction():
            await connection.execute(statement)
            yield
    finally:
        await connection.close()


async def test_an_item_that_postgresql_refuses_costs_itself_alone_and_is_reported(
    database: str, receiver: Running
) -> None:
    await execute(
        database, "ALTER TABLE enterprise.structured_logs ADD CONSTRAINT no_two CHECK (message <> 'record 2')"
    )
    async with receiver() as here:
        for each in (logs(2), logs(5), logs(2)):
            await here.spool.add(entry(each))
        here.drain.start()
        await here.until_empty()
    assert await rows.value(database, LOGS) == 8
    ((place, line),) = here.telemetry.report.take()
    assert (place.kind, place.signal, place.transport, place.service, line.items) == (
        "refused",
        "logs",
        "spool",
        "shop",
        1,
    )
    assert "check constraint" in place.reason
    assert "no_two" in line.sample["answer"]


POISON = """
CREATE FUNCTION poisoned() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.service_name = 'poison' THEN
        RAISE EXCEPTION 'unexpected' USING ERRCODE = 'internal_error';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER poisoned BEFORE INSERT ON enterprise.{leaf} FOR EACH ROW EXECUTE FUNCTION poisoned();
"""


async def test_a_request_that_cannot_be_written_is_put_off_and_holds_up_no_other(
    database: str, receiver: Running, caplog: pytest.LogCaptureFixture
) -> None:
    """Later it is tried again."""
    leaf = f"structured_logs_p{datetime.now(UTC):%Y%m%d}"
    await execute(database, POISON.format(leaf=leaf))
    async with receiver() as here:
        poison = logs(1, service="poison")
        for each in (logs(2), poison, logs(3)):
            await here.spool.add(entry(each))
        here.drain.start()
        await rows.until(database, LOGS, 5)
        await until(lambda: "is put off" in caplog.text)
        await rows.until(database, f"{SPOOLS} WHERE oldest_received_at IS NULL", 1)
        assert here.spool.rows == 1
        assert here.writer.availability
        await execute(database, f"DROP TRIGGER poisoned ON enterprise.{leaf}")
        await here.spool.put_off(poison.digest, 0)
        await here.until_empty()
    assert await rows.value(database, LOGS) == 6


async def test_a_body_that_no_longer_decodes_holds_up_no_other(
    database: str, receiver: Running, caplog: pytest.LogCaptureFixture
) -> None:
    async with receiver() as here:
        broken = Entry(b"x" * 16, Signal.LOGS, time.time_ns(), (), b"\x0a\xff")
        for each in (entry(logs(2)), broken, entry(logs(3))):
            await here.spool.add(each)
        here.drain.start()
        await rows.until(database, LOGS, 5)
        await until(lambda: "is put off" in caplog.text)
        assert here.spool.rows == 1


async def test_new_requests_do_not_wait_behind_the_backlog(database: str, receiver: Running) -> None:
    async with receiver() as here:
        backlog = [entry(logs(2000)) for _ in range(150)]
        await asyncio.gather(*(here.spool.add(each) for each in backlog))
        await here.delivery.write(logs(1))
        here.drain.start()
        await until(lambda: here.spool.rows < len(backlog))
        slowest = 0.0
        written = 0
        while here.spool.rows:
            began = time.monotonic()
            await here.delivery.write(logs(1))
            if here.spool.rows:
                slowest = max(slowest, time.monotonic() - began)
                written += 1
        assert written >= 3
        assert slowest < 1.5
    assert await rows.value(database, LOGS) == 150 * 2000 + written + 2


async def test_a_spool_left_behind_is_adopted_and_cleared_away(
    database: str, receiver: Running, tmp_path: Path
) -> None:
    with ThreadPoolExecutor(1) as thread:
        gone = Receiver(database, tmp_path, thread)
        await gone.spool.add(entry(logs(4)))
        await gone.spool.close()
        await execute(database, f"INSERT INTO enterprise.spools VALUES ('{gone.spool.name}', now(), now())")
        async with receiver() as here:
            assert here.slots.adopt() == []
            gone.slots.release(1)
            here.drain.start()
            await rows.until(database, LOGS, 4)
            await until(lambda: not gone.spool.path.exists())
            await rows.until(database, f"{SPOOLS} WHERE oldest_received_at IS NULL", 1)
            assert Slots(tmp_path).claim() == 1


async def test_a_request_that_waits_for_a_hanging_database_goes_into_the_spool(
    database: str, receiver: Running
) -> None:
    """It may have been committed all the same; it is stored once."""
    async with receiver() as here:
        await here.delivery.write(logs(1))
        async with holding(database, "LOCK TABLE enterprise.writers, enterprise.spools, enterprise.ingest_batches"):
            began = time.monotonic()
            assert await here.delivery.write(logs(5)) == Outcome(spooled=True)
            assert time.monotonic() - began < 4
            assert await here.delivery.write(logs(6)) == Outcome(spooled=True)
            assert here.spool.rows == 2
        here.drain.start()
        await here.until_empty()
        assert here.writer.availability
        assert await here.delivery.write(logs(7)) == Outcome()
    assert await rows.value(database, LOGS) == 19


async def test_what_a_person_must_change_is_told_once_and_nothing_is_lost(
    database: str, receiver: Running, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(spool_drain, "SETUP_SECONDS", 0.1)
    async with receiver() as here:
        await here.delivery.write(logs(1))
        await execute(database, "ALTER TABLE enterprise.spools RENAME TO missing")
        await execute(database, "ALTER TABLE enterprise.ingest_batches RENAME TO missing_too")
        here.drain.start()
        for _ in range(5):
            assert await here.delivery.write(logs(2)) == Outcome(spooled=True)
        assert caplog.text.count("run `otelgres migrate`") == 1
        await execute(database, "ALTER TABLE enterprise.missing RENAME TO spools")
        await execute(database, "ALTER TABLE enterprise.missing_too RENAME TO ingest_batches")
        await here.until_empty()
    assert await rows.value(database, LOGS) == 11


async def test_without_room_on_the_databases_disk_nothing_is_taken(database: str, tmp_path: Path) -> None:
    writer = Writer(database, DECODER)
    delivery = Delivery(writer, None, DiskGuard(tmp_path, 1 << 60, "requests are put off"))
    with pytest.raises(Unavailable, match="disk is almost full"):
        await delivery.write(logs(1))


async def test_refused_items_of_json_count_again_when_the_request_is_written(
    database: str, receiver: Running, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.ERROR)
    async with receiver() as here:
        each = logs(3)
        lost = tuple(f"item {number}: no number" for number in range(7))
        await here.spool.add(Entry(each.digest, each.signal, each.received_ns, lost, each.body))
        here.drain.start()
        await here.until_empty()
    found = (await rows.fetch(database, "SELECT items, rejected, message FROM enterprise.ingest_batches"))[0]
    assert (found["items"], found["rejected"]) == (10, 7)
    assert found["message"].startswith("item 0: no number; item 1: no number")
    assert caplog.text == ""
