"""The search indexes of the partition of now: built while few rows come, dropped when many do."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any

import asyncpg
import pytest

from database import lease, live_indexing, pool
from database.live_indexing import WATCHED_AGAIN_FOR, WATCHED_FOR, LiveIndexing
from database.ranges import DAY, midnight
from database.sealing import ENDED_FOR, Sealing
from tests.rows import until

LOOK = LiveIndexing.interval
INDEXED = (
    "SELECT parent FROM enterprise.partitions WHERE NOT is_default AND parent IN ('structured_logs', 'trace_spans') "
    "AND enterprise.has_search_indexes(parent, child) ORDER BY 1"
)
FAST = 10_000


@pytest.fixture
async def db(database: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Any]:
    monkeypatch.setattr(live_indexing, "FAST", FAST)
    connections = await pool.connect_pool(database, min_size=0, max_size=4, statement_timeout_ms=60_000)
    yield connections
    await connections.close()


@pytest.fixture
async def leading(db: Any) -> lease.Lease:
    held = lease.Lease(db, "maintenance", "test", timedelta(minutes=10))
    await held.acquire()
    return held


@pytest.fixture
async def now(db: Any) -> datetime:
    """A moment of today that leaves some hours of it."""
    found: datetime = await db.fetchval("SELECT now()")
    return midnight(found) + timedelta(hours=6)


async def add_logs(connection: Any, now: datetime, count: int = 1) -> None:
    await connection.execute(
        "INSERT INTO enterprise.structured_logs (timestamp, level, logger_name, message) "
        "SELECT $1, 'INFO', 'app', 'message ' || md5(i::text) FROM generate_series(1, $2) AS i",
        now,
        count,
    )


async def add_span(connection: Any, now: datetime) -> None:
    await connection.execute(
        "INSERT INTO enterprise.trace_spans (trace_id, span_id, operation_name, start_time) "
        "VALUES ('ab', '01', 'op', $1)",
        now,
    )


async def indexed(db: Any) -> list[str]:
    return [row["parent"] for row in await db.fetch(INDEXED)]


async def watched(job: LiveIndexing, now: datetime) -> dict[str, Any]:
    """Runs the job now and when it has watched for long enough; the last report."""
    await job.run_once(now)
    return await job.run_once(now + WATCHED_FOR)


async def test_the_life_of_a_partition_from_small_to_large(db: Any, leading: lease.Lease, now: datetime) -> None:
    job = LiveIndexing(leading)
    leaf = f"structured_logs_p{now:%Y%m%d}"
    nothing: dict[str, list[str]] = {"built": [], "dropped": []}
    assert await job.run_once(now) == nothing
    assert await job.run_once(now + WATCHED_FOR) == nothing

    now += 2 * WATCHED_FOR
    await add_logs(db, now)
    assert await watched(job, now) == {"built": [leaf], "dropped": []}
    assert await indexed(db) == ["structured_logs"]
    assert await job.run_once(now + WATCHED_FOR + LOOK) == nothing

    now += 2 * WATCHED_FOR
    await job.run_once(now)
    await add_logs(db, now, 1000)
    assert await job.run_once(now + LOOK) == {"built": [], "dropped": [leaf]}
    assert await indexed(db) == []
    assert await watched(job, now + 2 * LOOK) == nothing
    assert (await job.run_once(now + LOOK + WATCHED_AGAIN_FOR))["built"] == [leaf]

    await add_logs(db, now, 1000)
    sealed = await Sealing(db, leading).run_once(midnight(now) + DAY + ENDED_FOR)
    assert sealed["sealed"] == [leaf]
    assert await indexed(db) == ["structured_logs"]
    assert await job.run_once(midnight(now) + DAY + ENDED_FOR) == nothing


async def test_logs_and_spans_are_judged_apart(db: Any, leading: lease.Lease, now: datetime) -> None:
    job = LiveIndexing(leading)
    await add_logs(db, now)
    await add_span(db, now)
    assert (await watched(job, now))["built"] == [
        f"{table}_p{now:%Y%m%d}" for table in ("structured_logs", "trace_spans")
    ]
    await add_logs(db, now, 1000)
    assert (await job.run_once(now + WATCHED_FOR + LOOK))["dropped"] == [f"structured_logs_p{now:%Y%m%d}"]
    assert await indexed(db) == ["trace_spans"]


async def test_what_grew_large_is_left_to_sealing(
    db: Any, leading: lease.Lease, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live_indexing, "MOST_BYTES", 100_000)
    await add_logs(db, now, 1000)
    assert (await watched(LiveIndexing(leading), now))["built"] == []


async def test_another_leader_knows_no_past_and_keeps_what_there_is(
    db: Any, leading: lease.Lease, now: datetime
) -> None:
    await add_logs(db, now)
    await watched(LiveIndexing(leading), now)
    other = LiveIndexing(leading)
    assert await other.run_once(now + WATCHED_FOR + LOOK) == {"built": [], "dropped": []}
    await add_logs(db, now, 1000)
    assert (await other.run_once(now + WATCHED_FOR + 2 * LOOK))["dropped"] == [f"structured_logs_p{now:%Y%m%d}"]


async def test_what_was_left_half_built_is_dropped_at_once(
    db: Any, database: str, leading: lease.Lease, now: datetime
) -> None:
    leaf = f"structured_logs_p{now:%Y%m%d}"
    await add_logs(db, now, 2)
    with pytest.raises(asyncpg.UniqueViolationError):
        await db.execute(f"CREATE UNIQUE INDEX CONCURRENTLY {leaf}_message_search ON enterprise.{leaf} (level)")
    job = LiveIndexing(leading)
    assert await job.run_once(now) == {"built": [], "dropped": [leaf]}
    assert await db.fetchval("SELECT to_regclass($1)", f"enterprise.{leaf}_message_search") is None
    assert (await job.run_once(now + WATCHED_FOR))["built"] == []


async def test_dropping_waits_for_readers_and_no_writer_waits_for_it(
    db: Any, database: str, leading: lease.Lease, now: datetime
) -> None:
    job = LiveIndexing(leading)
    await add_logs(db, now)
    await watched(job, now)
    await add_logs(db, now, 1000)
    reader = await asyncpg.connect(database)
    async with asyncio.TaskGroup() as tasks, reader.transaction():
        await reader.fetch("SELECT count(*) FROM enterprise.structured_logs")
        run = tasks.create_task(job.run_once(now + WATCHED_FOR + LOOK))
        await until(
            database,
            "SELECT count(*)::int FROM pg_stat_activity WHERE query LIKE 'DROP INDEX CONC%' "
            "AND wait_event_type = 'Lock'",
            1,
        )
        await asyncio.wait_for(add_logs(db, now), 5)
        assert not run.done()
    assert (run.result()["dropped"]) == [f"structured_logs_p{now:%Y%m%d}"]
    await reader.close()
