"""Partitions on a real server: made ahead, filled from DEFAULT, never in anybody's way."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import asyncpg
import pytest

from database import locks, migrate, partitions, pool, ranges
from database.lease import Lease
from database.partition_care import PartitionCare
from database.partitions import LENGTHS, PARENTS
from database.ranges import DAY, HOUR, Range
from server import schema

NOW = datetime(2026, 3, 10, 12, 34, 56, tzinfo=UTC)
TODAY = datetime(2026, 3, 10, tzinfo=UTC)
RETENTION_DAYS = 2
DAYS = RETENTION_DAYS + 1 + 7
DAILY = [parent for parent in PARENTS if parent not in LENGTHS]
# Two ranges each hold them all.
LONG = 2 * len(LENGTHS)
LOG = "INSERT INTO enterprise.structured_logs (timestamp, level, logger_name, message) VALUES ($1, 'INFO', 'app', $2)"


@pytest.fixture
async def migrated(empty_database: str) -> str:
    """DSN of a database with all tables and no partition but the DEFAULT ones."""
    await migrate.migrate(empty_database)
    return empty_database


@pytest.fixture
async def connection(migrated: str) -> AsyncIterator[Any]:
    connection = await pool.connect(migrated)
    yield connection
    await connection.close()


@pytest.fixture
async def other(migrated: str) -> AsyncIterator[Any]:
    connection = await asyncpg.connect(migrated)
    yield connection
    await connection.close()


@pytest.fixture
async def connections(empty_database: str) -> AsyncIterator[Any]:
    connections = await pool.connect_pool(empty_database, min_size=0, max_size=2, statement_timeout_ms=60_000)
    yield connections
    await connections.close()


async def ranges_of(connection: Any, parent: str) -> list[Range]:
    found = await partitions.leaves(connection)
    return sorted(leaf.range for leaf in found if leaf.parent == parent and leaf.range)


async def messages(connection: Any, child: str) -> list[str]:
    rows = await connection.fetch(f"SELECT message FROM enterprise.{child} ORDER BY message")
    return [row["message"] for row in rows]


async def test_every_table_is_covered_from_the_oldest_kept_day_to_a_week_ahead(connection: Any) -> None:
    care = await partitions.ensure(connection, NOW, RETENTION_DAYS)
    assert care == partitions.Care(made=DAYS * len(DAILY) + LONG)
    for parent in DAILY:
        covered = await ranges_of(connection, parent)
        assert (covered[0].lower, covered[-1].upper) == (TODAY - 2 * DAY, TODAY + 8 * DAY)
        assert all(left.upper == right.lower for left, right in pairwise(covered))
    assert await partitions.ensure(connection, NOW, RETENTION_DAYS) == partitions.Care()


async def test_the_next_day_makes_one_more_partition_of_each_table(connection: Any) -> None:
    await partitions.ensure(connection, NOW, RETENTION_DAYS)
    care = await partitions.ensure(connection, NOW + DAY, RETENTION_DAYS)
    assert care == partitions.Care(made=len(DAILY))
    assert (await ranges_of(connection, "trace_spans"))[-1] == Range(TODAY + 8 * DAY, TODAY + 9 * DAY)


async def test_a_table_may_have_a_retention_and_a_length_of_its_own(connection: Any) -> None:
    days_kept = {"metric_points": 5, "metric_hours": 100}
    await partitions.ensure(connection, NOW, RETENTION_DAYS, days_kept=days_kept)
    assert (await ranges_of(connection, "metric_points"))[0].lower == TODAY - 5 * DAY
    hours = await ranges_of(connection, "metric_hours")
    assert hours[0].lower <= TODAY - 100 * DAY < hours[0].upper
    assert {range_.upper - range_.lower for range_ in hours} == {28 * DAY}
    assert all(left.upper == right.lower for left, right in pairwise(hours))
    assert await partitions.ensure(connection, NOW, RETENTION_DAYS, days_kept=days_kept) == partitions.Care()


async def test_what_is_too_many_for_one_transaction_is_made_in_several(
    connection: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(partitions, "MADE_AT_ONCE", 3)
    transactions = 0

    async def count(_: Any) -> None:
        nonlocal transactions
        transactions += 1

    care = await partitions.ensure(connection, NOW, RETENTION_DAYS, count)
    assert care == partitions.Care(made=DAYS * len(DAILY) + LONG)
    assert transactions == -(-DAYS // 3) * len(DAILY) + len(LENGTHS)


async def test_a_start_waits_for_the_days_of_now_and_the_job_makes_the_rest(
    empty_database: str, connections: Any
) -> None:
    await schema.start(empty_database)
    leading = Lease(connections, "maintenance", "test", timedelta(minutes=10))
    await leading.acquire()
    async with connections.acquire() as connection:
        began = (await ranges_of(connection, "trace_spans"))[0].lower
        await PartitionCare(connections, leading, 30).run_once(datetime.now(UTC))
        covered = await ranges_of(connection, "trace_spans")
    assert (covered[0].lower, covered[-1].upper) == (began - 29 * DAY, began + 9 * DAY)
    assert all(left.upper == right.lower for left, right in pairwise(covered))


async def test_a_table_in_the_way_costs_its_own_range_alone(connection: Any) -> None:
    await connection.execute("CREATE TABLE enterprise.trace_spans_p20260315 ()")
    care = await partitions.ensure(connection, NOW, RETENTION_DAYS)
    assert care.obstructed == ["trace_spans_p20260315"]
    assert care.made == len(DAILY) * DAYS + LONG - 1
    await connection.execute("DROP TABLE enterprise.trace_spans_p20260315")
    assert await partitions.ensure(connection, NOW, RETENTION_DAYS) == partitions.Care(made=1)


@pytest.mark.parametrize("parent", DAILY)
async def test_a_partition_made_alone_is_like_one_made_with_others(
    connection: Any, parent: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await partitions.ensure(connection, NOW, RETENTION_DAYS)
    monkeypatch.setattr(partitions, "READ_EACH_TIME", -1)
    assert (await partitions.ensure(connection, NOW + DAY, RETENTION_DAYS)).made == len(DAILY)
    first, aside = f"{parent}_p20260317", f"{parent}_p20260318"

    async def description(child: str) -> list[list[tuple[Any, ...]]]:
        queries = (
            "SELECT attname, format_type(atttypid, atttypmod), attnotnull, attstorage, attcompression, "
            "pg_get_expr(adbin, adrelid) "
            "FROM pg_attribute LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum "
            "WHERE attrelid = $1::text::regclass AND attnum > 0 ORDER BY attnum",
            "SELECT replace(pg_get_indexdef(indexrelid), $2, '…'), indisvalid, indisprimary, "
            "EXISTS (SELECT FROM pg_inherits WHERE inhrelid = indexrelid) "
            "FROM pg_index WHERE indrelid = $1::text::regclass ORDER BY 1",
            "SELECT replace(conname, $2, '…'), pg_get_constraintdef(oid) FROM pg_constraint "
            "WHERE conrelid = $1::text::regclass ORDER BY 1",
            "SELECT reloptions, relowner, relacl FROM pg_class WHERE oid = $1::text::regclass AND $2::text IS NOT NULL",
        )
        return [
            [
                tuple(row)
                for row in await connection.fetch(query, *([f"enterprise.{child}", child][: query.count("$2") + 1]))
            ]
            for query in queries
        ]

    described = await description(aside)
    assert described == await description(first)
    assert described[1]
    assert described[3][0][0]


async def test_rows_that_came_before_their_partition_move_into_it(connection: Any) -> None:
    for message, time in (("today", NOW), ("tomorrow", NOW + DAY), ("1970", datetime(1970, 1, 1, tzinfo=UTC))):
        await connection.execute(LOG, time, message)
    await connection.execute(LOG, NOW + 9 * DAY, "next week")
    care = await partitions.ensure(connection, NOW, RETENTION_DAYS)
    assert (care.made, care.moved) == (DAYS * len(DAILY) + LONG, 2)
    assert await messages(connection, "structured_logs_p20260310") == ["today"]
    assert await messages(connection, "structured_logs_p20260311") == ["tomorrow"]
    assert await messages(connection, "structured_logs_default") == ["1970", "next week"]
    assert (await partitions.ensure(connection, NOW + 2 * DAY, RETENTION_DAYS)).moved == 1
    assert await messages(connection, "structured_logs_default") == ["1970"]
    assert len(await messages(connection, "structured_logs")) == 4


async def test_moving_announces_nothing_and_makes_no_trace_twice(connection: Any, other: Any) -> None:
    await connection.execute(
        "INSERT INTO enterprise.trace_spans (trace_id, span_id, operation_name, start_time) "
        "VALUES ('a', 'b', 'op', $1)",
        NOW,
    )
    await connection.execute(LOG, NOW, "hello")
    heard: list[str] = []
    await other.add_listener("new_log", lambda *notice: heard.append(notice[3]))
    assert (await partitions.ensure(connection, NOW, RETENTION_DAYS)).moved == 2
    await connection.execute("NOTIFY new_log, 'end'")
    while "end" not in heard:
        await other.execute("SELECT")
    assert heard == ["end"]
    assert await connection.fetchval("SELECT span_count FROM enterprise.traces") == 1


async def test_a_busy_yesterday_divides_days_to_come_and_no_other(
    connection: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ranges, "QUARTER_FROM_ROWS", 5)
    await partitions.ensure(connection, NOW, RETENTION_DAYS)
    await connection.executemany(LOG, [(NOW, str(number)) for number in range(6)])
    await connection.execute("ANALYZE enterprise.structured_logs_p20260310")
    await connection.execute("DROP TABLE enterprise.structured_logs_p20260309")
    care = await partitions.ensure(connection, NOW + DAY, RETENTION_DAYS)
    assert care.made == (len(DAILY) - 1) + 1 + 4
    lengths = {range_.lower: range_.upper - range_.lower for range_ in await ranges_of(connection, "structured_logs")}
    assert lengths[TODAY - DAY] == DAY
    assert [length for lower, length in lengths.items() if lower >= TODAY + 8 * DAY] == [HOUR * 6] * 4
    assert (await ranges_of(connection, "trace_spans"))[-1].upper - TODAY == 9 * DAY


async def test_too_many_rows_to_move_at_once_stay_and_the_other_hours_get_partitions(
    connection: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(partitions, "MOVED_AT_ONCE", 10)
    await connection.executemany(LOG, [(NOW, f"crowd {number}") for number in range(11)])
    await connection.executemany(LOG, [(NOW + HOUR, f"few {number}") for number in range(10)])
    care = await partitions.ensure(connection, NOW, RETENTION_DAYS)
    assert care.crowded == ["structured_logs_p20260310_12"]
    assert (care.made, care.moved) == (DAYS * len(DAILY) + LONG - 1 + 23, 10)
    assert len(await messages(connection, "structured_logs_default")) == 11
    assert len(await messages(connection, "structured_logs_p20260310_13")) == 10
    await connection.execute("DELETE FROM enterprise.structured_logs_default WHERE message = 'crowd 0'")
    care = await partitions.ensure(connection, NOW, RETENTION_DAYS)
    assert (care.made, care.moved, care.crowded) == (1, 10, [])


async def test_a_long_reader_postpones_a_partition_and_holds_up_no_writer(
    connection: Any, other: Any, migrated: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(locks, "LOCK_TIMEOUT", "20ms")
    monkeypatch.setattr(locks, "PAUSES_SECONDS", (0.01,))
    await partitions.ensure(connection, NOW, RETENTION_DAYS)
    writer = await asyncpg.connect(migrated, server_settings={"lock_timeout": "2s"})
    try:
        async with other.transaction():
            await other.fetch("SELECT count(*) FROM enterprise.structured_logs")
            caring = asyncio.create_task(partitions.ensure(connection, NOW + DAY, RETENTION_DAYS))
            while not caring.done():
                await writer.execute(LOG, NOW, "written meanwhile")
            care = caring.result()
        assert care.postponed == ["structured_logs_p20260318"]
        assert care.made == len(DAILY) - 1
        assert await messages(connection, "structured_logs_p20260310")
    finally:
        await writer.close()
    assert (await partitions.ensure(connection, NOW + DAY, RETENTION_DAYS)).made == 1


async def test_a_reader_at_the_first_start_postpones_that_table_alone(
    connection: Any, other: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(locks, "LOCK_TIMEOUT", "20ms")
    monkeypatch.setattr(locks, "PAUSES_SECONDS", (0.01,))
    async with other.transaction():
        await other.execute("LOCK TABLE enterprise.operation_minutes IN ACCESS SHARE MODE")
        care = await partitions.ensure(connection, NOW, RETENTION_DAYS)
    assert care.made == DAYS * (len(DAILY) - 1) + LONG
    assert len(care.postponed) == DAYS
    assert await partitions.ensure(connection, NOW, RETENTION_DAYS) == partitions.Care(made=DAYS)


async def test_four_that_care_at_once_make_each_partition_once(migrated: str) -> None:
    connections = [await pool.connect(migrated) for _ in range(4)]
    try:
        for now in (NOW, NOW + DAY):
            cares = await asyncio.gather(*(partitions.ensure(one, now, RETENTION_DAYS) for one in connections))
            expected = DAYS * len(DAILY) + LONG if now == NOW else len(DAILY)
            assert sum(care.made for care in cares) == expected
            assert [care.postponed for care in cares] == [[]] * 4
    finally:
        for one in connections:
            await one.close()


async def test_a_guard_that_raises_leaves_everything_as_it_was(connection: Any) -> None:
    async def refuse(_: Any) -> None:
        raise PermissionError

    with pytest.raises(PermissionError):
        await partitions.ensure(connection, NOW, RETENTION_DAYS, refuse)
    assert await ranges_of(connection, "trace_spans") == []


async def test_a_day_begun_by_hand_is_filled_by_the_hour(connection: Any) -> None:
    upper = TODAY + timedelta(hours=22, minutes=30)
    await connection.execute(
        "CREATE TABLE enterprise.mine PARTITION OF enterprise.structured_logs "
        f"FOR VALUES FROM ('{TODAY.isoformat()}') TO ('{upper.isoformat()}')"
    )
    await partitions.ensure(connection, NOW, RETENTION_DAYS)
    children = {leaf.child for leaf in await partitions.leaves(connection) if leaf.parent == "structured_logs"}
    assert {"mine", "structured_logs_p20260310_2230", "structured_logs_p20260310_23"} <= children
    assert "structured_logs_p20260310" not in children
