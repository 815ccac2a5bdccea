"""The writer itself on a real database: partitions that go, connections that break, writers that meet."""

import asyncio
import json
import os
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from itertools import product
from typing import Any
from urllib.parse import urlsplit

import asyncpg
import pytest
from opentelemetry.exporter.postgres.batch import Signal
from opentelemetry.exporter.postgres.faults import Unavailable
from opentelemetry.exporter.postgres.requests import Decoder, Outcome, Request, make_request
from opentelemetry.exporter.postgres.sql_text import sql
from opentelemetry.exporter.postgres.writer import Writer
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from tests import payloads, rows
from tests.conftest import execute, with_database
from tests.cutting_proxy import CuttingProxy, connect, through

DECODER = Decoder()
COUNT = {
    "spans": "SELECT count(*) FROM enterprise.trace_spans",
    "logs": "SELECT count(*) FROM enterprise.structured_logs",
    "counted": "SELECT coalesce(sum(span_count), 0)::int FROM enterprise.traces",
    "deltas": "SELECT coalesce(sum(s), 0)::int FROM enterprise.operation_deltas, unnest(spans) AS s",
}


@asynccontextmanager
async def writing(dsn: str, **more: Any) -> AsyncIterator[Writer]:
    writer = Writer(dsn, DECODER, **more)
    await writer.start()
    try:
        yield writer
    finally:
        await writer.close()


def request(message: ExportTraceServiceRequest | ExportLogsServiceRequest) -> Request:
    signal = Signal.TRACES if isinstance(message, ExportTraceServiceRequest) else Signal.LOGS
    return make_request(DECODER, signal, message.SerializeToString())


def spans(count: int, **more: Any) -> Request:
    return request(payloads.spans(count, **more))


async def counts(dsn: str) -> dict[str, int]:
    return {name: await rows.value(dsn, query) for name, query in COUNT.items()}


def leaf_of_today() -> str:
    return f"trace_spans_p{datetime.now(UTC):%Y%m%d}"


@asynccontextmanager
async def holding(dsn: str, statement: str) -> AsyncIterator[asyncpg.Connection]:
    """A transaction that keeps the locks of a statement until its end."""
    connection = await asyncpg.connect(dsn)
    try:
        async with connection.transaction():
            await connection.execute(statement)
            yield connection
    finally:
        await connection.close()


async def until(condition: Callable[[], Awaitable[bool]], seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while not await condition():
        assert time.monotonic() < deadline
        await asyncio.sleep(0.01)


WAITING = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"

CONNECTED = """
SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND application_name = 'otelgres writer'
"""
KILL_WAITING = """
SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
WHERE datname = current_database() AND wait_event_type = 'Lock'
"""


@pytest.mark.parametrize("renamed", [True, False], ids=["renamed", "attached"])
async def test_rows_land_properly_though_the_partitions_changed(database: str, renamed: bool) -> None:
    """The writer's map is stale: its leaf was let go of, as retention does, and maybe made anew by maintenance."""
    leaf = leaf_of_today()
    lower = f"{datetime.now(UTC):%Y-%m-%d} 00:00:00+00"
    async with writing(database) as writer:
        await writer.write(spans(2))
        await execute(
            database,
            f"BEGIN; ALTER TABLE enterprise.trace_spans DETACH PARTITION enterprise.{leaf};"
            f"ALTER TABLE enterprise.{leaf} RENAME TO {leaf}_dropped; COMMIT",
        )
        home = "trace_spans_default"
        if not renamed:
            # A map without today's partition: rows go to DEFAULT until PostgreSQL refuses them there.
            await writer.write(spans(1))
            await execute(database, "TRUNCATE enterprise.trace_spans_default")
            await execute(
                database,
                f"CREATE TABLE enterprise.{leaf} PARTITION OF enterprise.trace_spans "
                f"FOR VALUES FROM ('{lower}') TO (timestamptz '{lower}' + interval '1 day')",
            )
            home = leaf
        assert await writer.write(spans(5)) == Outcome()
    assert await rows.value(database, f"SELECT count(*) FROM enterprise.{home}") == 5
    assert await rows.value(database, COUNT["spans"]) == 5
    assert await rows.value(database, f"SELECT count(*) FROM enterprise.{leaf}_dropped") == 2


async def test_a_connection_killed_midway_neither_loses_nor_doubles(database: str) -> None:
    """The writer is stopped at each stage of its transaction by a lock, and killed there."""
    stages = ("ingest_batches", "traces", "trace_spans", "operation_deltas")
    async with writing(database) as writer:
        await writer.write(spans(1))
        for table in stages:
            async with holding(database, f"LOCK TABLE enterprise.{table} IN ACCESS EXCLUSIVE MODE") as lock:
                written = asyncio.create_task(writer.write(spans(20)))
                await until(lambda lock=lock: is_waiting(lock))  # type: ignore[misc]
                assert await lock.fetchval(KILL_WAITING) == 1
            assert await written == Outcome()
    stored = 1 + 20 * len(stages)
    assert await counts(database) == {"spans": stored, "counted": stored, "deltas": stored, "logs": 0}


async def is_waiting(connection: asyncpg.Connection) -> bool:
    # Within a transaction PostgreSQL goes on showing what pg_stat_activity said first.
    await connection.execute("SELECT pg_stat_clear_snapshot()")
    waiting: int = await connection.fetchval(WAITING)
    return waiting > 0


async def test_a_commit_whose_answer_was_lost_is_found_by_the_retry(database: str) -> None:
    async with writing(database) as writer, writing(database) as other:
        message = payloads.spans(7, bad=(3,))
        first = await writer.write(request(message))
        again = await other.write(request(message))
    assert (first.rejected, again.rejected, again.message, again.repeated) == (1, 1, first.message, True)
    assert (await counts(database))["spans"] == 6


async def test_writers_that_meet_on_the_same_traces_do_not_deadlock(database: str) -> None:
    """Four writers, fifty traces, each in another order; every span is counted."""
    traces, writers, turns = 50, 4, 6
    ids = [os.urandom(16) for _ in range(traces)]

    def message(turn: int) -> ExportTraceServiceRequest:
        whole = payloads.spans(traces)
        found = whole.resource_spans[0].scope_spans[0].spans
        for index, span in enumerate(found):
            span.trace_id = ids[(index * 7 + turn * 11) % traces]
            span.span_id, span.parent_span_id = os.urandom(8), b"\x01" * 8
        return whole

    async with AsyncExitStack() as stack:
        each = [await stack.enter_async_context(writing(database)) for _ in range(writers)]
        outcomes = await asyncio.gather(
            *(
                writer.write(request(message(turn * writers + number)))
                for turn in range(turns)
                for number, writer in enumerate(each)
            )
        )
    assert set(outcomes) == {Outcome()}
    found = await rows.fetch(database, "SELECT span_count, count(*) AS traces FROM enterprise.traces GROUP BY 1")
    assert found == [{"span_count": turns * writers, "traces": traces}]
    deadlocks = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
    assert await rows.value(database, deadlocks) == 0


async def test_a_full_queue_refuses_and_what_waits_is_still_stored(database: str) -> None:
    small = len(spans(1).body)
    async with writing(database, connections=1, max_queued_bytes=small * 3, max_group_bytes=1) as writer:
        await writer.write(spans(1))
        async with holding(database, "LOCK TABLE enterprise.traces") as lock:
            waiting = [asyncio.create_task(writer.write(spans(1)))]
            await until(lambda: is_waiting(lock))
            waiting += [asyncio.create_task(writer.write(spans(1))) for _ in range(2)]
            await asyncio.sleep(0)
            with pytest.raises(Unavailable, match="too much is waiting"):
                await writer.write(spans(9))
        assert await asyncio.gather(*waiting) == [Outcome()] * 3
    assert (await counts(database))["spans"] == 4


async def test_a_database_that_takes_too_long_is_told_to_the_sender(database: str) -> None:
    """The request may be stored all the same; its retry is then answered from the ledger."""
    message = payloads.spans(3)
    async with writing(database, patience=0.3) as writer:
        async with holding(database, "LOCK TABLE enterprise.traces"):
            with pytest.raises(Unavailable, match="in time"):
                await writer.write(request(message))
        await until(lambda: accepted(writer, message))
    assert (await counts(database))["spans"] == 3


async def accepted(writer: Writer, message: ExportTraceServiceRequest) -> bool:
    try:
        await writer.write(request(message))
    except Unavailable:
        return False
    return True


async def test_a_retry_waits_for_the_transaction_of_its_first_attempt_and_leaves_the_spare_to_others(
    database: str,
) -> None:
    message = payloads.spans(3)
    async with writing(database) as writer:
        async with holding(database, "LOCK TABLE enterprise.traces") as lock:
            first = asyncio.create_task(writer.write(request(message)))
            await until(lambda: is_waiting(lock))
            first.cancel()
            retries = [asyncio.create_task(writer.write(request(message))) for _ in range(2)]
            # Only the spare connection can store it: the first one waits.
            assert await writer.write(request(payloads.records(1))) == Outcome()
        assert await asyncio.gather(*retries) == [Outcome(repeated=True)] * 2
        assert await writer.write(request(message)) == Outcome(repeated=True)
    assert (await counts(database))["spans"] == 3


async def test_close_writes_what_was_accepted_and_takes_no_more(database: str) -> None:
    writer = Writer(database, DECODER, max_group_bytes=1)
    await writer.start()
    written = [asyncio.create_task(writer.write(spans(2))) for _ in range(10)]
    await asyncio.sleep(0)
    await writer.close()
    assert await asyncio.gather(*written) == [Outcome()] * 10
    with pytest.raises(Unavailable, match="shutting down"):
        await writer.write(spans(1))
    assert (await counts(database))["spans"] == 20
    await rows.until(database, CONNECTED, 0)


async def test_a_writer_starts_before_its_database(database: str, postgres_dsn: str) -> None:
    name = urlsplit(database).path.removeprefix("/")
    elsewhere = with_database(postgres_dsn, "postgres")
    await execute(elsewhere, f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
    async with writing(database) as writer:
        written = asyncio.create_task(writer.write(spans(2)))
        await asyncio.sleep(0)
        await execute(elsewhere, f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
        assert await written == Outcome()


async def test_new_logs_are_announced(database: str) -> None:
    """One object a notice: the newest row, and how many rows it stands for; cut and marked where it must be."""
    heard: asyncio.Queue[str] = asyncio.Queue()
    listener = await asyncpg.connect(database)
    await listener.add_listener("new_log", lambda *notice: heard.put_nowait(notice[3]))

    async def next_told() -> dict[str, Any]:
        payload = await asyncio.wait_for(heard.get(), 10)
        assert len(payload.encode()) < 8000
        told: dict[str, Any] = json.loads(payload)
        return told

    async with writing(database) as writer:
        await writer.write(request(payloads.records(3)))
        told = await next_told()
        newest = (
            await rows.fetch(database, "SELECT * FROM enterprise.structured_logs ORDER BY timestamp DESC LIMIT 1")
        )[0]
        assert told == {
            "id": str(newest["id"]),
            "timestamp": newest["timestamp"].isoformat(),
            "level": "INFO",
            "logger_name": "shop",
            "message": "record 2",
            "trace_id": None,
            "count": 3,
        }
        long = payloads.records(1)
        record = long.resource_logs[0].scope_logs[0].log_records[0]
        record.body.string_value, record.trace_id = "long " * 2000, b"\xab" * 16
        await writer.write(request(long))
        told = await next_told()
        assert told["truncated"] is True
        assert record.body.string_value.startswith(told["message"])
        assert len(told["message"]) >= 1000
        assert told["trace_id"] == "ab" * 16
        stored = "SELECT message FROM enterprise.structured_logs ORDER BY length(message) DESC LIMIT 1"
        assert await rows.value(database, stored) == record.body.string_value
        burst = 30
        await asyncio.gather(*(writer.write(request(payloads.records(2))) for _ in range(burst)))
        notices, announced = 0, 0
        while announced < burst * 2:
            announced += (await next_told())["count"]
            notices += 1
        assert announced == burst * 2
        assert notices < burst
        await writer.write(spans(3))
    assert heard.empty()
    await listener.close()


async def test_a_bad_item_beside_an_unnamed_one_costs_those_two_alone(database: str) -> None:
    """PostgreSQL refuses one item, and the request is halved: a half of only an unreadable span is not all of it."""
    await execute(database, "ALTER TABLE enterprise.trace_spans ADD CONSTRAINT no_one CHECK (tags->>'index' <> '1')")
    message = payloads.spans(4, bad=(0,))
    message.resource_spans[0].scope_spans[0].spans[0].name = ""
    async with writing(database) as writer:
        outcome = await writer.write(request(message))
    assert outcome.rejected == 2
    assert "no_one" in (outcome.message or "")
    assert (await counts(database))["spans"] == 2


FAIL_FIRST_COMMIT = """
CREATE SEQUENCE commits;
CREATE FUNCTION fail_first() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF nextval('commits') = 1 THEN
        RAISE EXCEPTION 'lost against another transaction' USING ERRCODE = 'serialization_failure';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER fail_first AFTER INSERT ON enterprise.{leaf} DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION fail_first();
ALTER TABLE enterprise.structured_logs ADD CONSTRAINT no_two CHECK (message <> 'record 2');
"""


@pytest.mark.parametrize("timed", [True, False], ids=["with times", "without times"])
async def test_a_commit_that_is_tried_again_counts_its_refusals_once(database: str, timed: bool) -> None:
    await execute(database, FAIL_FIRST_COMMIT.format(leaf=f"structured_logs_p{datetime.now(UTC):%Y%m%d}"))
    message = payloads.records(5)
    if not timed:
        for record in message.resource_logs[0].scope_logs[0].log_records:
            record.time_unix_nano = 0
    async with writing(database) as writer:
        outcome = await writer.write(request(message))
    assert (outcome.rejected, (outcome.message or "").count("no_two")) == (1, 1)
    assert (await counts(database))["logs"] == 4
    assert await rows.value(database, "SELECT last_value > 1 FROM commits")


@pytest.mark.parametrize("timed", [True, False], ids=["with times", "without times"])
async def test_a_commit_whose_answer_is_lost_is_not_written_again(database: str, timed: bool) -> None:
    """The connection ends when PostgreSQL says COMMIT; the writer tries again and finds its own transaction."""
    message = payloads.records(5)
    if not timed:
        for record in message.resource_logs[0].scope_logs[0].log_records:
            record.time_unix_nano = 0

    async def commit_said(data: bytes) -> bool:
        return b"COMMIT\0" in data

    async with (
        CuttingProxy(lambda: connect(database), commit_said) as proxy,
        writing(through(database, proxy.port)) as writer,
    ):
        await writer.write(request(payloads.records(1)))
        proxy.arm()
        outcome = await writer.write(request(message))
    assert (proxy.cuts, outcome.rejected) == (1, 0)
    assert (await counts(database))["logs"] == 6


def at(clock: str) -> str:
    """open_batch.sql with another clock."""
    text = sql("open_batch")
    assert text.count("clock_timestamp()") == 2
    return text.replace("clock_timestamp()", f"timestamptz '{clock}'")


BEFORE, AFTER, LATE = "2026-03-10 11:59:59.9+00", "2026-03-10 12:00:00.1+00", "2026-03-10 12:04:59+00"
PAST = "2026-03-10 12:05:01+00"
CLOCKS = (BEFORE, AFTER, LATE, PAST)


async def enter(connection: asyncpg.Connection, clock: str, digest: bytes) -> bool:
    """Whether the digest is new, as the writer decides it."""
    entered = await connection.fetch(at(clock), 1, 1, [digest], [1], [1], [0], [None])
    return len(entered) > 0 and len(entered) == entered[0]["slots"]


async def test_the_ledger_finds_a_digest_across_the_hour(database: str) -> None:
    connection = await asyncpg.connect(database)
    try:
        for first, second in product(CLOCKS, repeat=2):
            digest = os.urandom(16)
            assert await enter(connection, first, digest), (first, second)
            assert not await enter(connection, second, digest), (first, second)
            assert await enter(connection, second, os.urandom(16)), (first, second)
    finally:
        await connection.close()


@pytest.mark.parametrize("rolled_back", [False, True], ids=["committed", "rolled back"])
async def test_two_at_once_meet_across_the_hour(database: str, rolled_back: bool) -> None:
    """The second waits for the first, whichever side of the hour each is on; exactly one of them stores.

    Five minutes beyond the hour and just before it is too far apart for that: no two requests are under way so long.
    """
    one, two = await asyncpg.connect(database), await asyncpg.connect(database)
    try:
        for first, second in product(CLOCKS, repeat=2):
            if {first, second} == {BEFORE, PAST}:
                continue
            digest = os.urandom(16)
            transaction = one.transaction()
            await transaction.start()
            assert await enter(one, first, digest)
            async with two.transaction():
                waiting = asyncio.create_task(enter(two, second, digest))
                await until(lambda: is_waiting(one))
                await (transaction.rollback() if rolled_back else transaction.commit())
                assert await waiting is rolled_back, (first, second)
    finally:
        await one.close()
        await two.close()


async def test_a_defect_costs_its_group_and_the_next_is_written(database: str) -> None:
    """What no one foresaw ends neither the connection's task nor its turn."""
    async with writing(database, connections=1) as writer:
        for _ in range(3):
            broken = spans(2)
            broken.batch.rows[0] = None  # type: ignore[call-overload]
            with pytest.raises(Unavailable, match="in the writer"):
                await writer.write(broken)
            assert await writer.write(spans(2)) == Outcome()
        assert writer.availability
    assert (await counts(database))["spans"] == 6


async def test_a_noisy_sender_does_not_hold_up_a_quiet_one(database: str) -> None:
    """Hundreds of one's requests wait when the other's comes; it is in the next group."""
    async with writing(database, max_group_bytes=50_000, connections=1, patience=30) as writer:
        async with holding(database, "LOCK TABLE enterprise.ingest_batches") as lock:
            noisy = [asyncio.create_task(writer.write(from_sender("noisy"))) for _ in range(200)]
            await until(lambda: is_waiting(lock))
            quiet = asyncio.create_task(writer.write(from_sender("quiet")))
            await asyncio.sleep(0)
        assert await quiet == Outcome()
        assert sum(task.done() for task in noisy) < len(noisy) / 2
        assert await asyncio.gather(*noisy) == [Outcome()] * len(noisy)


def from_sender(sender: str) -> Request:
    made = spans(50)
    made.sender = sender
    return made
