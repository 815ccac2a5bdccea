"""What goes when, and what stays: by time, by size, by rules, and what is pinned."""

import asyncio
import hashlib
import uuid
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import asyncpg
import pytest

from access.audit import By
from database import locks, migrate, partitions, pool, retention_rules
from database.jobs import run
from database.lease import Lease
from database.partition_care import PartitionCare
from database.ranges import DAY
from database.retention import Retention
from database.retention_rules import RetentionRules
from database.sealing import Sealing
from query_api.retention import pins
from query_api.retention.pins import TooMuch, UnknownTrace
from tests.conftest import copied
from tests.conftest import run as in_thread
from tests.served_api import served_api

TODAY = datetime(2026, 3, 10, tzinfo=UTC)
NOW = TODAY + timedelta(hours=12)
DAYS = 60
KEPT = 30
ME = By("tester")
SIGNALS = ("trace_spans", "structured_logs", "metric_points")
DAYS_KEPT = dict.fromkeys(SIGNALS, DAYS)

# A span, two logs and a point every hour for sixty days.
FILL = [
    """
    INSERT INTO enterprise.trace_spans
        (trace_id, span_id, operation_name, service_name, start_time, end_time, status, tags)
    SELECT md5(hour::text), left(md5('s' || hour), 16), 'op', 'shop', time, time + interval '1 s', 'completed',
           jsonb_build_object('pad', repeat('x', 500))
    FROM generate_series(0, $2::integer * 24 - 1) AS hour,
         LATERAL (SELECT $1::timestamptz - hour * interval '1 h') AS t (time)
    """,
    """
    INSERT INTO enterprise.structured_logs (timestamp, level, logger_name, message, service_name, trace_id)
    SELECT $1::timestamptz - hour * interval '1 h', level, 'app', repeat('y', 500), service, md5(hour::text)
    FROM generate_series(0, $2::integer * 24 - 1) AS hour,
         (VALUES ('INFO', 'shop'), ('DEBUG', 'noisy')) AS v (level, service)
    """,
    """
    INSERT INTO enterprise.metric_points (series_id, time, value)
    SELECT 1, $1::timestamptz - hour * interval '1 h', 1 FROM generate_series(0, $2::integer * 24 - 1) AS hour
    """,
]


async def fill(dsn: str) -> None:
    await migrate.migrate(dsn)
    connection = await pool.connect(dsn)
    await partitions.ensure(connection, NOW, 1, days_kept=DAYS_KEPT)
    for statement in FILL:
        await connection.execute(statement, NOW, DAYS)
    await connection.execute("UPDATE enterprise.traces SET updated_at = start_time")
    await connection.close()


@pytest.fixture(scope="module")
def sixty_days(postgres_dsn: str) -> Iterator[str]:
    """Name of a database with sixty days of telemetry, all of them kept so far; to copy."""
    for dsn in copied(postgres_dsn, "template1"):
        in_thread(fill(dsn))
        yield urlsplit(dsn).path.removeprefix("/")


@pytest.fixture
def filled(postgres_dsn: str, sixty_days: str) -> Iterator[str]:
    """DSN of a copy."""
    yield from copied(postgres_dsn, sixty_days)


@pytest.fixture
async def db(filled: str) -> AsyncIterator[Any]:
    connections = await pool.connect_pool(filled, min_size=0, max_size=6, statement_timeout_ms=60_000)
    yield connections
    await connections.close()


@pytest.fixture
async def leading(db: Any) -> Lease:
    held = Lease(db, "maintenance", "test", timedelta(minutes=10))
    await held.acquire()
    return held


@pytest.fixture
async def other(filled: str) -> AsyncIterator[Any]:
    connection = await asyncpg.connect(filled)
    yield connection
    await connection.close()


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(locks, "LOCK_TIMEOUT", "20ms")
    monkeypatch.setattr(locks, "PAUSES_SECONDS", (0.01,))


def trace_of(hours: int) -> str:
    """The id of the trace of so many hours ago."""
    return hashlib.md5(str(hours).encode(), usedforsecurity=False).hexdigest()


async def oldest(db: Any) -> dict[str, datetime | None]:
    return {
        table: await db.fetchval(f"SELECT min({partitions.PARENTS[table]}) FROM enterprise.{table}")
        for table in SIGNALS
    }


async def rows_of(db: Any, trace_id: str) -> tuple[int, int, int]:
    """Its rows among traces, spans and logs."""
    row = await db.fetchrow(
        "SELECT (SELECT count(*) FROM enterprise.traces WHERE trace_id = $1), "
        "(SELECT count(*) FROM enterprise.trace_spans WHERE trace_id = $1), "
        "(SELECT count(*) FROM enterprise.structured_logs WHERE trace_id = $1)",
        trace_id,
    )
    return tuple(row)


async def pinned(db: Any, hours: int) -> str:
    async with db.acquire() as connection, connection.transaction():
        return str((await pins.pin(connection, trace_of(hours), "for the report", ME))["trace_id"])


async def bytes_taken(db: Any, leading: Lease) -> int:
    report = await Retention(db, leading, DAYS).run_once(NOW)
    taken: int = report["bytes"]
    return taken


class TestByTime:
    async def test_what_is_older_goes_and_nothing_else(self, db: Any, leading: Lease) -> None:
        report = await Retention(db, leading, KEPT).run_once(NOW)
        assert report["postponed"] == []
        assert report["late_since"] is None
        assert set((await oldest(db)).values()) == {TODAY - KEPT * DAY}
        counted = [await db.fetchval(f"SELECT count(*) FROM enterprise.{table}") for table in ("traces", *SIGNALS)]
        hours = KEPT * 24 + 13
        assert counted == [hours, hours, 2 * hours, hours]

    @pytest.mark.usefixtures("impatient")
    async def test_under_load_and_a_long_reader_it_waits_loses_nothing_and_says_how_late_it_is(
        self, db: Any, leading: Lease, other: Any
    ) -> None:
        written = 0
        stop, written_ten = asyncio.Event(), asyncio.Event()

        async def load() -> None:
            nonlocal written
            while not stop.is_set():
                await db.execute(
                    "INSERT INTO enterprise.structured_logs (timestamp, level, logger_name, message, service_name) "
                    "VALUES ($1, 'INFO', 'app', 'load', 'load')",
                    NOW,
                )
                written += 1
                if written % 10 == 0:
                    written_ten.set()

        loading = asyncio.create_task(load())
        try:
            async with other.transaction():
                await other.fetch("SELECT count(*) FROM enterprise.structured_logs")
                report = await Retention(db, leading, KEPT).run_once(NOW)
                assert len(report["postponed"]) == DAYS - KEPT
                assert {name.rpartition("_p")[0] for name in report["postponed"]} == {"structured_logs"}
                expired = TODAY - (DAYS - 1) * DAY + KEPT * DAY
                assert datetime.fromisoformat(report["late_since"]) == expired
                written_ten.clear()
                await asyncio.wait_for(written_ten.wait(), 30)
            report = await Retention(db, leading, KEPT).run_once(NOW)
        finally:
            stop.set()
            await loading
        assert report["postponed"] == []
        assert set((await oldest(db)).values()) == {TODAY - KEPT * DAY}
        assert (
            await db.fetchval("SELECT count(*) FROM enterprise.structured_logs WHERE service_name = 'load'") == written
        )


class TestBySize:
    async def test_the_earliest_ranges_of_all_signals_go_until_it_fits(self, db: Any, leading: Lease) -> None:
        taken = await bytes_taken(db, leading)
        cap = taken - 3_000_000
        report = await Retention(db, leading, DAYS, most_bytes=cap).run_once(NOW)
        assert report["over_bytes"] == 0
        assert cap - 200_000 < report["bytes"] <= cap
        ends = [name[-8:] for name in report["removed_for_size"]]
        assert ends == sorted(ends)
        left = [moment for moment in (await oldest(db)).values() if moment]
        assert max(left) - min(left) <= DAY
        assert await db.fetchval("SELECT min(start_time) FROM enterprise.traces") >= min(left)

    async def test_what_went_for_its_size_is_not_made_again_and_the_next_run_has_nothing_to_do(
        self, db: Any, leading: Lease
    ) -> None:
        cap = await bytes_taken(db, leading) - 3_000_000
        job = Retention(db, leading, DAYS, most_bytes=cap)
        removed = (await job.run_once(NOW))["removed_for_size"]
        care = await PartitionCare(db, leading, 1, DAYS_KEPT).run_once(NOW)
        assert care["made"] == 0
        assert (await job.run_once(NOW))["removed_for_size"] == []
        found = await db.fetch("SELECT child FROM enterprise.partitions WHERE child = ANY ($1)", removed)
        assert found == []

    async def test_what_is_written_now_stays_whatever_the_size_and_it_says_so(self, db: Any, leading: Lease) -> None:
        report = await Retention(db, leading, DAYS, most_bytes=1).run_once(NOW)
        assert set((await oldest(db)).values()) == {TODAY}
        assert report["over_bytes"] == report["bytes"] - 1
        assert "is being written" in report["over_why"]

    @pytest.mark.usefixtures("impatient")
    async def test_a_reader_holds_it_up_and_no_other_signal_goes_in_its_stead(
        self, db: Any, leading: Lease, other: Any
    ) -> None:
        cap = await bytes_taken(db, leading) - 3_000_000
        job = Retention(db, leading, DAYS, most_bytes=cap)
        async with other.transaction():
            await other.fetch("SELECT count(*) FROM enterprise.trace_spans")
            report = await job.run_once(NOW)
            assert report["removed_for_size"] == []
            assert "is being read" in report["over_why"]
            assert report["over_bytes"] > 0
        assert (await job.run_once(NOW))["over_bytes"] == 0

    @pytest.mark.usefixtures("impatient")
    async def test_what_waits_for_its_last_reader_counts_no_more(self, db: Any, leading: Lease, other: Any) -> None:
        taken = await bytes_taken(db, leading)
        waiting = "enterprise.trace_spans_p20250101_dropped"
        await db.execute(f"CREATE TABLE {waiting} AS SELECT repeat('x', 100) FROM generate_series(1, 20000)")
        async with other.transaction():
            await other.execute(f"LOCK TABLE {waiting} IN ACCESS SHARE MODE")
            report = await Retention(db, leading, DAYS, most_bytes=taken + 500_000).run_once(NOW)
            assert report["postponed"] == [waiting.removeprefix("enterprise.")]
            assert (report["removed_for_size"], report["over_bytes"]) == ([], 0)


class TestPins:
    async def test_a_pinned_trace_stays_whole_when_its_time_is_over(self, db: Any, leading: Lease, filled: str) -> None:
        kept, gone = await pinned(db, 24 * 45), trace_of(24 * 45 + 1)
        before = await db.fetch("SELECT * FROM enterprise.trace_spans WHERE trace_id = $1", kept)
        job = Retention(db, leading, KEPT)
        await job.run_once(NOW)
        assert await rows_of(db, kept) == (1, 1, 2)
        assert await rows_of(db, gone) == (0, 0, 0)
        assert await db.fetch("SELECT * FROM enterprise.trace_spans WHERE trace_id = $1", kept) == before
        report = await job.run_once(NOW)
        assert (report["dropped"], report["postponed"], report["late_since"]) == ([], [], None)
        await asyncio.to_thread(self.is_read, filled, kept)

    def is_read(self, dsn: str, trace_id: str) -> None:
        with served_api(dsn) as api:
            trace = api.get(f"/api/observability/traces/{trace_id}", params={"logs": "true"}).json()
            assert [span["operation_name"] for span in trace["spans"]] == ["op"]
            assert sorted(log["level"] for log in trace["logs"]) == ["DEBUG", "INFO"]
            assert api.get(f"/api/observability/traces/{trace_id}/tree").json()["span_count"] == 1

    async def test_its_resource_and_scope_stay_too(self, db: Any, leading: Lease) -> None:
        kept = await pinned(db, 24 * 45)
        for table, columns in (("resources", "service_name"), ("scopes", "name, version")):
            values = ", ".join("''" for _ in columns.split(","))
            for number in (1, 2):
                await db.execute(
                    f"INSERT INTO enterprise.{table} (id, {columns}, attributes, last_seen) "
                    f"VALUES ($1, {values}, '{{}}', '2020-01-01Z')",
                    number,
                )
        await db.execute("UPDATE enterprise.trace_spans SET resource_id = 1, scope_id = 1 WHERE trace_id = $1", kept)
        await Retention(db, leading, KEPT).run_once(NOW)
        for table in ("resources", "scopes"):
            assert [row["id"] for row in await db.fetch(f"SELECT id FROM enterprise.{table}")] == [1]

    async def test_one_of_default_stays_there(self, db: Any, leading: Lease) -> None:
        trace_id = uuid.uuid4().hex
        for id_ in (trace_id, uuid.uuid4().hex):
            await db.execute(
                "INSERT INTO enterprise.trace_spans (trace_id, span_id, operation_name, start_time, batch) "
                "VALUES ($1, 'a', 'op', '1970-01-01Z', 0)",
                id_,
            )
        await db.execute("UPDATE enterprise.traces SET updated_at = '2020-01-01Z'")
        async with db.acquire() as connection, connection.transaction():
            await pins.pin(connection, trace_id, "why", ME)
        await Retention(db, leading, KEPT).run_once(NOW)
        rows = await db.fetch("SELECT trace_id FROM enterprise.trace_spans WHERE start_time < '1971-01-01Z'")
        assert [row["trace_id"] for row in rows] == [trace_id]

    async def test_unpinned_it_goes(self, db: Any, leading: Lease) -> None:
        kept = await pinned(db, 24 * 45)
        job = Retention(db, leading, KEPT)
        await job.run_once(NOW)
        async with db.acquire() as connection, connection.transaction():
            assert await pins.unpin(connection, kept, ME) is not None
            assert await pins.unpin(connection, kept, ME) is None
        report = await job.run_once(NOW)
        assert await rows_of(db, kept) == (0, 0, 0)
        assert len(report["dropped"]) == 2
        actions = await db.fetch("SELECT action, subject FROM enterprise.access_audit ORDER BY id")
        assert [tuple(row) for row in actions] == [("trace.pinned", kept), ("trace.unpinned", kept)]

    async def test_it_outlasts_the_size_and_frees_what_lies_around_it(self, db: Any, leading: Lease) -> None:
        kept = await pinned(db, 24 * 55)
        cap = await bytes_taken(db, leading) - 3_000_000
        report = await Retention(db, leading, DAYS, most_bytes=cap).run_once(NOW)
        assert report["over_bytes"] == 0
        assert await rows_of(db, kept) == (1, 1, 2)
        assert await rows_of(db, trace_of(24 * 55 + 1)) == (0, 0, 0)

    async def test_its_partition_is_searched_like_any_other(self, db: Any, leading: Lease) -> None:
        await pinned(db, 24 * 45)
        await Sealing(db, leading).run_once(NOW)
        await Retention(db, leading, KEPT).run_once(NOW)
        child = f"trace_spans_p{TODAY - 45 * DAY:%Y%m%d}"
        has_indexes = "SELECT enterprise.has_search_indexes('trace_spans', $1)"
        assert await db.fetchval(has_indexes, child) is False
        await Sealing(db, leading).run_once(NOW)
        assert await db.fetchval(has_indexes, child) is True

    async def test_there_is_a_bound(self, db: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(pins, "MOST_PINS", 1)
        first = await pinned(db, 1)
        assert await pinned(db, 1) == first
        with pytest.raises(TooMuch):
            await pinned(db, 2)
        monkeypatch.setattr(pins, "MOST_PINS", 10)
        monkeypatch.setattr(pins, "MOST_ROWS", 5)
        with pytest.raises(TooMuch):
            await pinned(db, 2)
        with pytest.raises(UnknownTrace):
            await pinned(db, -1)


class TestRules:
    async def add(self, db: Any, signal: str, service: str | None, level: str | None, days: int) -> None:
        await db.execute(
            "INSERT INTO enterprise.retention_rules (signal, service_name, level, keep_days, created_by) "
            "VALUES ($1, $2, $3, $4, 'tester')",
            signal,
            service,
            level,
            days,
        )

    async def first(self, db: Any, condition: str) -> datetime | None:
        first: datetime | None = await db.fetchval(
            f"SELECT min(timestamp) FROM enterprise.structured_logs WHERE {condition}"
        )
        return first

    async def test_a_level_goes_before_the_rest(self, db: Any, leading: Lease, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(retention_rules, "BLOCKS_AT_ONCE", 1)
        kept = await pinned(db, 24 * 20)
        await self.add(db, "logs", None, "DEBUG", 2)
        await Sealing(db, leading).run_once(NOW)
        job = RetentionRules(db, leading)
        report = await job.run_once(NOW)
        assert await self.first(db, f"level = 'DEBUG' AND trace_id <> '{kept}'") == TODAY - 2 * DAY
        assert await rows_of(db, kept) == (1, 1, 2)
        assert await self.first(db, "level = 'INFO'") == NOW - timedelta(hours=DAYS * 24 - 1)
        assert sum(report["deleted"].values()) == DAYS * 24 - 61 - 1
        assert (await job.run_once(NOW))["deleted"] == {}

    async def test_a_late_row_goes_with_the_next_run(self, db: Any, leading: Lease) -> None:
        await self.add(db, "logs", "noisy", None, 3)
        await Sealing(db, leading).run_once(NOW)
        job = RetentionRules(db, leading)
        await job.run_once(NOW)
        await db.execute(
            "INSERT INTO enterprise.structured_logs (timestamp, level, logger_name, message, service_name) "
            "VALUES ($1, 'INFO', 'app', 'late', 'noisy')",
            NOW - 10 * DAY,
        )
        # PostgreSQL tells its counts when a connection is idle for a second, or when asked.
        async with db.acquire() as connection:
            await connection.fetchval("SELECT pg_stat_force_next_flush()")
        assert await self.first(db, "message = 'late'") is not None
        while await self.first(db, "message = 'late'") is not None:
            await job.run_once(NOW)
        assert await self.first(db, "service_name = 'noisy'") == TODAY - 3 * DAY

    async def test_traces_are_put_right_when_spans_of_a_service_go(self, db: Any, leading: Lease) -> None:
        """Of one trace the root's service goes, of the other a part, and a third one is of nothing else."""
        day = NOW - 10 * DAY
        first, second, third = (uuid.uuid4().hex for _ in range(3))
        spans = [
            (first, "01", None, "noisy", day, "error"),
            (first, "02", "01", "shop", day + timedelta(seconds=1), "completed"),
            (second, "03", None, "shop", day, "completed"),
            (second, "04", "03", "noisy", day + timedelta(seconds=1), "error"),
            (third, "05", None, "noisy", day, "completed"),
        ]
        await db.executemany(
            "INSERT INTO enterprise.trace_spans (trace_id, span_id, parent_span_id, operation_name, service_name, "
            "start_time, end_time, status) VALUES ($1, $2, $3, $2, $4, $5, $5::timestamptz + interval '5 s', $6)",
            spans,
        )
        await self.add(db, "spans", "noisy", None, 3)
        await Sealing(db, leading).run_once(NOW)
        await RetentionRules(db, leading).run_once(NOW)
        rows = await db.fetch(
            "SELECT trace_id, span_count, error_count, services, operation_name, service_name, root_span_id, status, "
            "start_time, duration_ms FROM enterprise.traces WHERE trace_id = ANY ($1)",
            [first, second, third],
        )
        found = {row["trace_id"]: tuple(row)[1:] for row in rows}
        later = day + timedelta(seconds=1)
        assert found == {
            first: (1, 0, ["shop"], "02", "shop", None, "completed", later, 5000.0),
            second: (1, 0, ["shop"], "03", "shop", "03", "completed", day, 5000.0),
        }

    async def test_a_partition_that_is_not_sealed_waits(self, db: Any, leading: Lease) -> None:
        await self.add(db, "logs", None, "DEBUG", 2)
        assert (await RetentionRules(db, leading).run_once(NOW))["deleted"] == {}


class TestState:
    async def test_the_view_tells_bytes_lateness_and_failure(self, db: Any, leading: Lease) -> None:
        assert await run(Retention(db, leading, 1, most_bytes=1), db) is None
        state = await db.fetchrow("SELECT * FROM enterprise.retention_state")
        assert state["cap_bytes"] == 1
        assert state["over_bytes"] == state["bytes"] - 1
        assert (state["late_seconds"], state["last_error"]) == (0, None)
        await db.execute("ALTER TABLE enterprise.ingest_report RENAME TO elsewhere")
        assert await run(Retention(db, leading, 1), db) is not None
        assert "ingest_report" in await db.fetchval("SELECT last_error FROM enterprise.retention_state")
