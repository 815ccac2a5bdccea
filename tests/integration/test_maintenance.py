"""Every maintenance job against a real database, at a time of the test's choosing."""

import asyncio
import uuid
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import pytest

from database import folding, ingest_report, jobs, lease, locks, maintenance, migrate, partitions, pool, retention
from database.closing import ClosingIdle
from database.folding import Folding
from database.ingest_report import ReportLine
from database.ledger import LedgerRotation
from database.partition_care import PartitionCare
from database.ranges import DAY
from database.retention import Retention
from database.sealing import Sealing

NOW = datetime(2026, 3, 10, 12, 34, 56, tzinfo=UTC)
TODAY = datetime(2026, 3, 10, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
RETENTION_DAYS = 2
# Tables with a partition a day.
DAILY = len(set(partitions.PARENTS) - set(partitions.LENGTHS))
LONG_AGO = NOW - 100 * DAY


@pytest.fixture
async def dsn(empty_database: str) -> str:
    """DSN of a database whose partitions are those of NOW."""
    await migrate.migrate(empty_database)
    connection = await pool.connect(empty_database)
    await partitions.ensure(connection, NOW, RETENTION_DAYS)
    await connection.close()
    return empty_database


@pytest.fixture
async def db(dsn: str) -> AsyncIterator[Any]:
    connections = await pool.connect_pool(dsn, min_size=0, max_size=6, statement_timeout_ms=60_000)
    yield connections
    await connections.close()


@pytest.fixture
async def leading(db: Any) -> lease.Lease:
    held = lease.Lease(db, "maintenance", "test", timedelta(minutes=10))
    await held.acquire()
    return held


@pytest.fixture
async def other(dsn: str) -> AsyncIterator[Any]:
    connection = await asyncpg.connect(dsn)
    yield connection
    await connection.close()


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(locks, "LOCK_TIMEOUT", "20ms")
    monkeypatch.setattr(locks, "PAUSES_SECONDS", (0.01,))


async def add_span(db: Any, start: datetime, **columns: Any) -> str:
    """A span of a trace of its own, which the trigger makes; returns its trace_id."""
    trace_id: str = columns.pop("trace_id", None) or uuid.uuid4().hex
    values = {"trace_id": trace_id, "span_id": uuid.uuid4().hex[:16], "operation_name": "op", "start_time": start}
    values |= columns
    places = ", ".join(f"${place}" for place in range(1, len(values) + 1))
    await db.execute(f"INSERT INTO enterprise.trace_spans ({', '.join(values)}) VALUES ({places})", *values.values())
    return trace_id


async def add_log(db: Any, time: datetime, message: str = "hello", arrived: datetime = LONG_AGO) -> None:
    await db.execute(
        "INSERT INTO enterprise.structured_logs (timestamp, level, logger_name, message, batch) "
        "VALUES ($1, 'INFO', 'app', $2, $3)",
        time,
        message,
        int(arrived.timestamp() * 1_000_000),
    )


async def column(db: Any, query: str, *arguments: Any) -> list[Any]:
    return [row[0] for row in await db.fetch(query, *arguments)]


class TestOutcomes:
    class Fixed:
        name = "fixed"
        interval = timedelta(seconds=1)
        timeout = timedelta(milliseconds=50)

        def __init__(self, work: Any) -> None:
            self._work = work

        async def run_once(self, now: datetime) -> dict[str, Any]:
            result: dict[str, Any] = await self._work(now)
            return result

    async def test_success_keeps_the_report_and_the_databases_time(self, db: Any) -> None:
        async def work(now: datetime) -> dict[str, Any]:
            return {"seen": now.isoformat()}

        assert await jobs.run(self.Fixed(work), db) is None
        row = await db.fetchrow("SELECT *, now() - last_succeeded_at AS age FROM enterprise.maintenance_runs")
        assert row["report"] == {"seen": row["last_started_at"].isoformat()}
        assert abs(row["age"]) < MINUTE
        assert row["last_error"] is None

    async def test_failure_keeps_one_line_and_the_last_success(self, db: Any) -> None:
        async def good(_: datetime) -> dict[str, Any]:
            return {"done": 1}

        async def bad(_: datetime) -> dict[str, Any]:
            raise ValueError("broken\nin two lines")

        assert await jobs.run(self.Fixed(good), db) is None
        assert await jobs.run(self.Fixed(bad), db) == "ValueError: broken in two lines"
        row = await db.fetchrow("SELECT * FROM enterprise.maintenance_runs")
        assert row["last_error"] == "ValueError: broken in two lines"
        assert row["last_succeeded_at"] < row["last_started_at"]
        assert row["report"] == {"done": 1}

    async def test_a_job_that_hangs_is_ended_and_recorded(self, db: Any) -> None:
        async def hang(_: datetime) -> dict[str, Any]:
            await asyncio.Event().wait()
            return {}

        assert "TimeoutError" in (await jobs.run(self.Fixed(hang), db) or "")
        assert "TimeoutError" in await db.fetchval("SELECT last_error FROM enterprise.maintenance_runs")

    async def test_without_the_lease_no_job_changes_anything(self, db: Any, leading: lease.Lease) -> None:
        loser = lease.Lease(db, "maintenance", "loser", MINUTE)
        await add_log(db, NOW)
        expired = await db.fetchval("SELECT count(*) FROM enterprise.partitions")
        for job in maintenance.jobs(db, loser, retention_days=0):
            with pytest.raises(lease.LeaseLost):
                await job.run_once(NOW + 300 * DAY)
            assert "left to another" in (await jobs.run(job, db) or "")
        assert await db.fetchval("SELECT count(*) FROM enterprise.log_deltas") == 1
        assert await db.fetchval("SELECT count(*) FROM enterprise.partitions") == expired
        assert await column(db, "SELECT job FROM enterprise.maintenance_runs") == []

    async def test_every_job_succeeds_on_a_fresh_database(self, db: Any, leading: lease.Lease) -> None:
        work = maintenance.jobs(db, leading, retention_days=RETENTION_DAYS)
        assert [await jobs.run(job, db) for job in work] == [None] * 13
        assert len({job.name for job in work}) == 13


class TestPartitionCare:
    async def test_it_makes_what_is_missing_and_reports_what_default_holds(self, db: Any, leading: lease.Lease) -> None:
        await add_log(db, NOW + 8 * DAY)
        await add_log(db, NOW + 400 * DAY)
        report = await PartitionCare(db, leading, RETENTION_DAYS).run_once(NOW + DAY)
        assert (report["made"], report["moved"]) == (DAILY, 1)
        await db.execute("VACUUM enterprise.structured_logs_default")
        report = await PartitionCare(db, leading, RETENTION_DAYS).run_once(NOW + DAY)
        assert report["made"] == 0
        assert report["default"]["structured_logs_default"]["rows"] == 1
        assert report["default"]["structured_logs_default"]["bytes"] > 0


class TestFolding:
    SUMS = (
        "SELECT minute, operation, bucket, sum(n)::int AS n FROM ("
        "SELECT d.minute, d.operation, b.bucket, 1 AS n FROM enterprise.operation_deltas AS o, LATERAL ("
        "SELECT *, sum(e.spans) OVER (ORDER BY e.place) AS upto FROM unnest(o.minutes, o.operations, o.spans) "
        "WITH ORDINALITY AS e(minute, operation, spans, place)) AS d, "
        "unnest(o.buckets[d.upto - d.spans + 1 : d.upto]) AS b(bucket) UNION ALL "
        "SELECT minute, operation, b.bucket, b.n "
        "FROM enterprise.operation_minutes, unnest(buckets, counts) AS b(bucket, n)) AS s "
        "GROUP BY 1, 2, 3 ORDER BY 1, 2, 3"
    )

    async def add(self, db: Any, *elements: tuple[datetime, int, int, int, int, float]) -> None:
        await db.execute(
            "INSERT INTO enterprise.operation_deltas VALUES (1, 1, $1, $2, $3, $4, $5, $6)",
            *([element[place] for element in elements] for place in (0, 1, 3, 4, 5)),
            [bucket for _, _, bucket, spans, _, _ in elements for _ in range(spans)],
        )

    async def test_deltas_become_one_row_a_minute_and_operation_with_merged_buckets(
        self, db: Any, leading: lease.Lease
    ) -> None:
        await self.add(db, (NOW, 7, 30, 2, 1, 4.0), (NOW, 7, 10, 1, 0, 1.0), (NOW + MINUTE, 7, 10, 1, 0, 1.0))
        await self.add(db, (NOW, 7, 30, 3, 0, 6.0), (NOW, 8, 10, 5, 5, 5.0))
        assert await Folding(leading).run_once(NOW) == {"operations": 2, "logs": 0, "quarters": 0}
        await self.add(db, (NOW, 7, 20, 1, 1, 2.0), (NOW, 7, 30, 1, 0, 2.0))
        assert await Folding(leading).run_once(NOW) == {"operations": 1, "logs": 0, "quarters": 0}
        rows = await db.fetch("SELECT * FROM enterprise.operation_minutes ORDER BY minute, operation")
        assert [tuple(row) for row in rows] == [
            (NOW, 7, 8, 2, 15.0, [10, 20, 30], [1, 1, 6]),
            (NOW, 8, 5, 5, 5.0, [10], [5]),
            (NOW + MINUTE, 7, 1, 0, 1.0, [10], [1]),
        ]
        assert await db.fetchval("SELECT count(*) FROM enterprise.operation_deltas") == 0

    async def test_log_levels_are_summed(self, db: Any, leading: lease.Lease) -> None:
        for _ in range(2):
            await db.execute(
                "INSERT INTO enterprise.log_deltas VALUES (1, 1, $1, '{shop,shop,db}', '{INFO,ERROR,INFO}', '{3,1,2}')",
                [NOW] * 3,
            )
        assert (await Folding(leading).run_once(NOW))["logs"] == 2
        assert (await Folding(leading).run_once(NOW))["logs"] == 0
        rows = await db.fetch("SELECT service_name, level, logs FROM enterprise.log_minutes ORDER BY 1, 2")
        assert [tuple(row) for row in rows] == [("db", "INFO", 4), ("shop", "ERROR", 2), ("shop", "INFO", 6)]

    async def test_all_batches_are_folded_in_one_run(
        self, db: Any, leading: lease.Lease, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(folding, "TRANSACTIONS_AT_ONCE", 2)
        for _ in range(5):
            await self.add(db, (NOW, 7, 30, 1, 0, 1.0))
        assert (await Folding(leading).run_once(NOW))["operations"] == 5
        assert await db.fetchval("SELECT spans FROM enterprise.operation_minutes") == 5

    async def test_what_is_not_committed_is_left_for_later(self, db: Any, leading: lease.Lease, other: Any) -> None:
        async with other.transaction():
            await self.add(other, (NOW, 7, 30, 1, 0, 1.0))
            assert (await Folding(leading).run_once(NOW))["operations"] == 0
        assert (await Folding(leading).run_once(NOW))["operations"] == 1

    async def test_minutes_of_any_time_find_a_home(self, db: Any, leading: lease.Lease) -> None:
        times = [datetime(1970, 1, 1, tzinfo=UTC), NOW, NOW + 400 * DAY]
        await self.add(db, *((time, 7, 30, 1, 0, 1.0) for time in times))
        await Folding(leading).run_once(NOW)
        assert await column(db, "SELECT minute FROM enterprise.operation_minutes ORDER BY 1") == times

    async def test_a_reader_that_sums_both_sees_every_figure_once_while_folding(
        self, db: Any, leading: lease.Lease, other: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(folding, "TRANSACTIONS_AT_ONCE", 3)
        for _ in range(30):
            await self.add(db, (NOW, 7, 30, 1, 0, 1.0), (NOW, 7, 10, 2, 0, 1.0))
        run = asyncio.create_task(Folding(leading).run_once(NOW))
        seen = []
        while not run.done():
            seen.append([(row["bucket"], row["n"]) for row in await other.fetch(self.SUMS)])
        await run
        assert seen
        assert all(sums == [(10, 60), (30, 30)] for sums in seen)


class TestSealing:
    async def indexes(self, db: Any, child: str) -> list[str]:
        return await column(
            db,
            "SELECT replace(indexrelid::regclass::text, $1 || '_', '') FROM pg_index "
            "WHERE indrelid = $1::text::regclass AND indisvalid ORDER BY 1",
            f"enterprise.{child}",
        )

    async def test_ended_partitions_get_search_indexes_newest_first(self, db: Any, leading: lease.Lease) -> None:
        for time in (TODAY - DAY, TODAY - 2 * DAY, TODAY):
            await add_span(db, time)
            await add_log(db, time)
        report = await Sealing(db, leading).run_once(TODAY + timedelta(minutes=10))
        assert [child[-8:] for child in report["sealed"]] == ["20260309", "20260309", "20260308", "20260308"]
        assert {"message_search", "extra_search"} <= set(await self.indexes(db, "structured_logs_p20260309"))
        assert "tags_search" in await self.indexes(db, "trace_spans_p20260308")
        assert "tags_search" not in await self.indexes(db, "trace_spans_p20260310")
        sealed = await column(db, "SELECT child FROM enterprise.sealed_partitions")
        assert sorted(sealed) == sorted(report["sealed"])
        assert await Sealing(db, leading).run_once(TODAY + timedelta(minutes=10)) == {"sealed": []}

    async def test_a_range_that_ended_just_now_waits_for_its_late_rows(self, db: Any, leading: lease.Lease) -> None:
        await add_log(db, TODAY - MINUTE)
        assert await Sealing(db, leading).run_once(TODAY + timedelta(minutes=9)) == {"sealed": []}
        assert await Sealing(db, leading).run_once(TODAY + timedelta(minutes=10)) == {
            "sealed": ["structured_logs_p20260309"]
        }

    async def test_sealed_rows_are_frozen_and_counted(self, db: Any, leading: lease.Lease) -> None:
        await db.executemany(
            "INSERT INTO enterprise.structured_logs (timestamp, level, logger_name, message) "
            "VALUES ($1, 'INFO', 'a', 'b')",
            [(TODAY - DAY,)] * 500,
        )
        await Sealing(db, leading).run_once(NOW)
        row = await db.fetchrow(
            "SELECT reltuples, relpages, relallvisible FROM pg_class WHERE relname = 'structured_logs_p20260309'"
        )
        assert row["reltuples"] == 500
        assert row["relpages"] == row["relallvisible"] > 0

    async def test_a_search_uses_the_index_of_a_sealed_partition(self, db: Any, leading: lease.Lease) -> None:
        await db.execute(
            "INSERT INTO enterprise.structured_logs (timestamp, level, logger_name, message) "
            "SELECT $1, 'INFO', 'app', 'payment ' || n FROM generate_series(1, 5000) AS n",
            TODAY - DAY,
        )
        await Sealing(db, leading).run_once(NOW)
        plan = await column(
            db,
            "EXPLAIN SELECT * FROM enterprise.structured_logs WHERE timestamp < $1 "
            "AND enterprise.message_words(message) @@ plainto_tsquery('english', 'payment 4711')",
            TODAY,
        )
        assert any("structured_logs_p20260309_message_search" in line for line in plan)

    async def test_an_index_that_was_left_half_built_is_built_anew(self, db: Any, leading: lease.Lease) -> None:
        await add_span(db, TODAY - DAY)
        await add_span(db, TODAY - DAY)
        with pytest.raises(asyncpg.UniqueViolationError):
            await db.execute(
                "CREATE UNIQUE INDEX CONCURRENTLY trace_spans_p20260309_tags_search "
                "ON enterprise.trace_spans_p20260309 (operation_name)"
            )
        assert "tags_search" not in await self.indexes(db, "trace_spans_p20260309")
        await Sealing(db, leading).run_once(NOW)
        definition = await db.fetchval(
            "SELECT pg_get_indexdef('enterprise.trace_spans_p20260309_tags_search'::regclass)"
        )
        assert "USING gin (tags jsonb_path_ops)" in definition
        assert "tags_search" in await self.indexes(db, "trace_spans_p20260309")

    async def test_late_rows_can_be_written_while_a_partition_is_sealed_and_after(
        self, db: Any, leading: lease.Lease, other: Any
    ) -> None:
        await add_log(db, TODAY - DAY, "first")
        run = asyncio.create_task(Sealing(db, leading).run_once(NOW))
        written = 0
        while not run.done() or not written:
            await add_log(other, TODAY - DAY, "late")
            written += 1
        await run
        await add_log(other, TODAY - DAY, "later")
        assert await db.fetchval("SELECT count(*) FROM enterprise.structured_logs_p20260309") == written + 2

    async def test_a_message_of_any_length_stops_no_index(self, db: Any, leading: lease.Lease) -> None:
        words = " ".join(f"word{number}" for number in range(200_000))
        await add_log(db, TODAY - DAY, words)
        assert (await Sealing(db, leading).run_once(NOW))["sealed"] == ["structured_logs_p20260309"]


class TestRetention:
    ADD_LOG = (
        "INSERT INTO enterprise.structured_logs (timestamp, level, logger_name, message) "
        "VALUES ('epoch', 'INFO', 'app', $1)"
    )

    async def test_expired_partitions_are_dropped_and_the_rest_stays(self, db: Any, leading: lease.Lease) -> None:
        await add_span(db, NOW)
        await add_log(db, TODAY - 2 * DAY)
        await db.execute("INSERT INTO enterprise.sealed_partitions (child) VALUES ('structured_logs_p20260308')")
        report = await Retention(db, leading, RETENTION_DAYS).run_once(NOW + DAY)
        assert report["dropped"] == [
            f"{parent}_p20260308_dropped" for parent in sorted(set(partitions.PARENTS) - set(partitions.LENGTHS))
        ]
        children = await column(
            db, "SELECT child FROM enterprise.partitions WHERE parent = 'structured_logs' ORDER BY 1"
        )
        assert children[:2] == ["structured_logs_default", "structured_logs_p20260309"]
        assert await db.fetchval("SELECT count(*) FROM enterprise.trace_spans") == 1
        assert await column(db, "SELECT child FROM enterprise.sealed_partitions") == []
        assert await column(db, "SELECT relname FROM pg_class WHERE relname LIKE '%dropped'") == []

    async def test_metrics_are_kept_for_days_of_their_own_and_their_names_as_long(
        self, db: Any, leading: lease.Lease
    ) -> None:
        days_kept = {"metric_points": 1, "metric_minutes": 3, "metric_hours": 100}
        for id, days in ((1, 50), (2, 110)):
            await db.execute(
                "INSERT INTO enterprise.metric_series (id, service_name, name, type, unit, attributes, resource_id, "
                "scope_id, last_seen) VALUES ($1, 'shop', 'm', 'gauge', '', '{}', 0, 0, $2)",
                id,
                NOW - days * DAY,
            )
        for time in (NOW - DAY, NOW):
            await db.execute("INSERT INTO enterprise.metric_points (series_id, time) VALUES (1, $1)", time)
        report = await Retention(db, leading, RETENTION_DAYS, days_kept).run_once(NOW + DAY)
        dropped = [name for name in report["dropped"] if name.startswith("metric_points")]
        assert dropped == ["metric_points_p20260308_dropped", "metric_points_p20260309_dropped"]
        assert not [name for name in report["dropped"] if name.startswith(("metric_minutes", "metric_hours"))]
        assert await column(db, "SELECT id FROM enterprise.metric_series") == [1]
        assert await db.fetchval("SELECT count(*) FROM enterprise.metric_points") == 1

    async def test_attributes_seen_go_with_the_rows_that_had_them(self, db: Any, leading: lease.Lease) -> None:
        for day in (TODAY, TODAY + 7 * DAY):
            await db.execute(
                "INSERT INTO enterprise.attribute_keys VALUES ('logs', '', $1, 'k', 'item', 'string', 1, 1, $1, $1)",
                day,
            )
            await db.execute(
                "INSERT INTO enterprise.attribute_values VALUES ('logs', '', 'item', 'k', $1, 'v', false, 1, 1, $1)",
                day,
            )
        await Retention(db, leading, RETENTION_DAYS).run_once(TODAY + 10 * DAY)
        for table in ("attribute_keys", "attribute_values"):
            assert await column(db, f"SELECT day FROM enterprise.{table}") == [TODAY + 7 * DAY]

    async def test_edges_go_with_their_minutes(self, db: Any, leading: lease.Lease) -> None:
        for edge, days in ((1, 50), (2, 0)):
            seen = NOW - days * DAY
            await db.execute(
                "INSERT INTO enterprise.edges (id, kind, source_type, source, target_type, target, last_seen) "
                "VALUES ($1, 'client_server', 'service', 'a', 'service', 'b', $2)",
                edge,
                seen,
            )
            await db.execute("INSERT INTO enterprise.edge_minutes VALUES ($1, $2, 1, 0, 1, '{1}', '{1}')", seen, edge)
        await Retention(db, leading, RETENTION_DAYS).run_once(NOW)
        assert await column(db, "SELECT id FROM enterprise.edges") == [2]
        assert await column(db, "SELECT edge FROM enterprise.edge_minutes") == [2]

    async def test_a_writer_with_an_old_map_fails_and_loses_nothing(self, db: Any, leading: lease.Lease) -> None:
        await Retention(db, leading, RETENTION_DAYS).run_once(NOW + DAY)
        async with db.acquire() as writer:
            with pytest.raises(asyncpg.UndefinedTableError):
                await writer.copy_records_to_table(
                    "structured_logs_p20260308",
                    schema_name="enterprise",
                    records=[(TODAY - 2 * DAY, "INFO", "app", "late")],
                    columns=["timestamp", "level", "logger_name", "message"],
                )

    @pytest.mark.usefixtures("impatient")
    async def test_a_long_reader_postpones_dropping(self, db: Any, leading: lease.Lease, other: Any) -> None:
        async with other.transaction():
            await other.fetch("SELECT count(*) FROM enterprise.structured_logs")
            report = await Retention(db, leading, RETENTION_DAYS).run_once(NOW + DAY)
            assert report["postponed"] == ["structured_logs_p20260308"]
            assert len(report["dropped"]) == DAILY - 1
        report = await Retention(db, leading, RETENTION_DAYS).run_once(NOW + DAY)
        assert report["dropped"] == ["structured_logs_p20260308_dropped"]

    async def test_what_a_run_before_detached_and_did_not_drop_is_dropped(self, db: Any, leading: lease.Lease) -> None:
        await db.execute("CREATE TABLE enterprise.trace_spans_p20250101_06_dropped (id int)")
        await db.execute("CREATE TABLE enterprise.trace_spans_backup_dropped (id int)")
        report = await Retention(db, leading, RETENTION_DAYS).run_once(NOW)
        assert report["dropped"] == ["trace_spans_p20250101_06_dropped"]

    @pytest.mark.usefixtures("impatient")
    async def test_a_partition_that_was_made_again_waits_for_its_namesake(
        self, db: Any, leading: lease.Lease, other: Any
    ) -> None:
        """A run was cut off before it dropped what it had detached, and the range expires a second time."""
        child = "structured_logs_p20260308"
        await db.execute(f"CREATE TABLE enterprise.{child}_dropped (id int)")
        async with other.transaction():
            await other.execute(f"LOCK TABLE enterprise.{child}_dropped IN ACCESS SHARE MODE")
            report = await Retention(db, leading, RETENTION_DAYS).run_once(NOW + DAY)
            assert report["postponed"] == [child, f"{child}_dropped"]
            assert len(report["dropped"]) == DAILY - 1
        report = await Retention(db, leading, RETENTION_DAYS).run_once(NOW + DAY)
        assert (report["dropped"], report["postponed"]) == ([f"{child}_dropped"] * 2, [])

    async def test_expired_traces_go_in_batches_with_their_spans(
        self, db: Any, leading: lease.Lease, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(retention, "ROWS_AT_ONCE", 2)
        for _ in range(5):
            await add_span(db, TODAY - 3 * DAY)
        kept = await add_span(db, TODAY - 2 * DAY)
        long = await add_span(db, TODAY - 3 * DAY)
        await add_span(db, TODAY, trace_id=long)
        await db.execute("UPDATE enterprise.traces SET updated_at = $1", LONG_AGO)
        report = await Retention(db, leading, RETENTION_DAYS).run_once(NOW)
        assert report["deleted"]["traces"] == 5
        assert set(await column(db, "SELECT trace_id FROM enterprise.traces")) == {kept, long}
        assert set(await column(db, "SELECT trace_id FROM enterprise.trace_spans")) == {kept, long}

    async def test_rows_expired_at_their_arrival_are_kept_for_a_day(self, db: Any, leading: lease.Lease) -> None:
        epoch = datetime(1970, 1, 1, tzinfo=UTC)
        await add_log(db, epoch, arrived=NOW)
        await add_span(db, epoch, batch=int(NOW.timestamp() * 1_000_000))
        await db.execute("UPDATE enterprise.traces SET updated_at = $1", NOW)
        job = Retention(db, leading, RETENTION_DAYS)
        assert (await job.run_once(NOW + DAY - MINUTE))["deleted"] == {}
        assert (await job.run_once(NOW + DAY + MINUTE))["deleted"] == {"traces": 1, "structured_logs_default": 1}
        assert await db.fetchval("SELECT count(*) FROM enterprise.trace_spans") == 0

    async def test_so_are_logs_by_plain_sql_which_tell_their_transaction_alone(
        self, db: Any, leading: lease.Lease
    ) -> None:
        job = Retention(db, leading, RETENTION_DAYS)
        await db.execute(self.ADD_LOG, "first")
        assert (await job.run_once(NOW))["deleted"] == {}
        await db.execute(self.ADD_LOG, "second")
        assert (await job.run_once(NOW + DAY - MINUTE))["deleted"] == {}
        assert (await job.run_once(NOW + DAY + MINUTE))["deleted"] == {"structured_logs_default": 1}
        assert await column(db, "SELECT message FROM enterprise.structured_logs") == ["second"]
        assert (await job.run_once(NOW + 2 * DAY))["deleted"] == {"structured_logs_default": 1}
        marks = await column(db, "SELECT noted_at FROM enterprise.transaction_marks ORDER BY 1")
        assert marks == [NOW + DAY - MINUTE, NOW + DAY + MINUTE, NOW + 2 * DAY]

    async def test_a_log_whose_transaction_is_open_when_it_is_noted_is_kept_a_day_from_its_end(
        self, db: Any, leading: lease.Lease, other: Any
    ) -> None:
        job = Retention(db, leading, RETENTION_DAYS)
        async with other.transaction():
            await other.execute(self.ADD_LOG, "slow")
            await job.run_once(NOW)
        assert (await job.run_once(NOW + DAY + MINUTE))["deleted"] == {}
        assert (await job.run_once(NOW + 2 * DAY + 2 * MINUTE))["deleted"] == {"structured_logs_default": 1}

    async def test_expired_rows_of_default_go_and_future_ones_stay(self, db: Any, leading: lease.Lease) -> None:
        await add_log(db, TODAY - 3 * DAY, "expired")
        await add_log(db, NOW + 400 * DAY, "future")
        await db.execute(
            "INSERT INTO enterprise.operation_minutes VALUES ($1, 1, 1, 0, 1, '{1}', '{1}')", TODAY - 3 * DAY
        )
        report = await Retention(db, leading, RETENTION_DAYS).run_once(NOW)
        assert report["deleted"] == {"structured_logs_default": 1, "operation_minutes_default": 1}
        assert await column(db, "SELECT message FROM enterprise.structured_logs") == ["future"]

    async def test_more_future_rows_than_bounded_lose_the_farthest(
        self, db: Any, leading: lease.Lease, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(retention, "FUTURE_ROWS_KEPT", 3)
        monkeypatch.setattr(retention, "ROWS_AT_ONCE", 2)
        for days in range(20, 28):
            await add_log(db, NOW + days * DAY, str(days))
        report = await Retention(db, leading, RETENTION_DAYS).run_once(NOW)
        assert report["deleted"] == {"structured_logs_default beyond the bound": 5}
        assert await column(db, "SELECT message FROM enterprise.structured_logs ORDER BY 1") == ["20", "21", "22"]

    async def test_what_nobody_sent_for_longer_than_the_retention_is_forgotten(
        self, db: Any, leading: lease.Lease
    ) -> None:
        for number, seen in ((1, NOW - 4 * DAY - MINUTE), (2, NOW - 4 * DAY + MINUTE)):
            await db.execute(
                "INSERT INTO enterprise.resources (id, service_name, attributes, last_seen) VALUES ($1, 's', '{}', $2)",
                number,
                seen,
            )
            await db.execute(
                "INSERT INTO enterprise.scopes (id, name, version, attributes, last_seen) "
                "VALUES ($1, 's', '', '{}', $2)",
                number,
                seen,
            )
            await db.execute(
                "INSERT INTO enterprise.operations (id, service_name, operation_name, kind, last_seen) "
                "VALUES ($1, 's', 'o', 1, $2)",
                number,
                seen,
            )
        report = await Retention(db, leading, RETENTION_DAYS).run_once(NOW)
        assert report["deleted"] == {"resources": 1, "scopes": 1, "operations": 1}
        assert await column(db, "SELECT id FROM enterprise.resources") == [2]

    async def test_the_ingest_report_is_kept_for_a_week(self, db: Any, leading: lease.Lease) -> None:
        for minute in (NOW - 7 * DAY - MINUTE, NOW - 7 * DAY + MINUTE):
            line = ReportLine(minute, "logs", "grpc", "", "refused", "odd", 1, 1, {}, minute, minute)
            await ingest_report.add(db, [line])
        report = await Retention(db, leading, RETENTION_DAYS).run_once(NOW)
        assert report["deleted"] == {"ingest_report": 1}
        assert await column(db, "SELECT minute FROM enterprise.ingest_report") == [NOW - 7 * DAY + MINUTE]


class TestClosingIdle:
    async def add_trace(self, db: Any, **columns: Any) -> str:
        trace_id = uuid.uuid4().hex
        values: dict[str, Any] = {
            "trace_id": trace_id,
            "entry_point": "http",
            "start_time": NOW - timedelta(minutes=10),
            "latest_end": NOW - timedelta(minutes=10) + timedelta(milliseconds=1500),
            "entry_status": "completed",
            "updated_at": NOW - timedelta(minutes=5, seconds=1),
        } | columns
        places = ", ".join(f"${place}" for place in range(1, len(values) + 1))
        await db.execute(f"INSERT INTO enterprise.traces ({', '.join(values)}) VALUES ({places})", *values.values())
        return trace_id

    async def closed(self, db: Any, leading: lease.Lease, **columns: Any) -> tuple[Any, ...]:
        trace_id = await self.add_trace(db, **columns)
        await ClosingIdle(leading).run_once(NOW)
        row = await db.fetchrow(
            "SELECT status, root_missing, duration_ms, end_time FROM enterprise.traces WHERE trace_id = $1", trace_id
        )
        return tuple(row)

    async def test_an_idle_trace_without_a_root_is_closed_by_what_it_has(self, db: Any, leading: lease.Lease) -> None:
        end = NOW - timedelta(minutes=10) + timedelta(milliseconds=1500)
        assert await self.closed(db, leading) == ("completed", True, 1500, end)

    async def test_an_error_at_its_entry_is_its_status(self, db: Any, leading: lease.Lease) -> None:
        assert (await self.closed(db, leading, entry_status="error"))[:2] == ("error", True)

    async def test_a_trace_of_unfinished_spans_is_closed_without_an_end(self, db: Any, leading: lease.Lease) -> None:
        found = await self.closed(db, leading, entry_status="in_progress", latest_end=None)
        assert found == ("completed", True, None, None)

    @pytest.mark.parametrize(
        "columns",
        [
            {"updated_at": NOW - timedelta(minutes=5) + timedelta(seconds=1)},
            {"root_span_id": "00000000000000a1", "entry_status": "in_progress"},
            {"entry_status": None},
        ],
        ids=["touched lately", "its root is running", "written by hand"],
    )
    async def test_others_stay_in_progress(self, db: Any, leading: lease.Lease, columns: dict[str, Any]) -> None:
        assert (await self.closed(db, leading, **columns))[:3] == ("in_progress", False, None)

    async def test_a_root_that_comes_after_all_opens_the_mark(self, db: Any, leading: lease.Lease) -> None:
        trace_id = await add_span(db, NOW, parent_span_id="00000000000000a1", end_time=NOW, status="completed")
        await db.execute("UPDATE enterprise.traces SET updated_at = $1", NOW)
        assert await ClosingIdle(leading).run_once(NOW + timedelta(minutes=6)) == {"closed": 1}
        await add_span(db, NOW - MINUTE, trace_id=trace_id, span_id="00000000000000a1", end_time=NOW, status="error")
        row = await db.fetchrow("SELECT status, root_missing, duration_ms, root_span_id FROM enterprise.traces")
        assert tuple(row) == ("error", False, 60_000, "00000000000000a1")


class TestLedgerRotation:
    HOUR = int(NOW.timestamp()) // 3600

    async def fill(self, db: Any) -> None:
        """One digest of the current and of each of the three hours before."""
        for back in range(4):
            await db.execute(
                "INSERT INTO enterprise.ingest_batches (slot, digest, received_at, signal, items, writer, batch) "
                "VALUES ($1, $2, $3, 1, 1, 1, 1)",
                (self.HOUR - back) % 4,
                str(back).encode(),
                NOW - timedelta(hours=back),
            )

    async def test_the_slot_of_the_coming_hour_is_emptied_and_no_other(self, db: Any, leading: lease.Lease) -> None:
        await self.fill(db)
        assert await LedgerRotation(leading).run_once(NOW) == {"truncated": (self.HOUR + 1) % 4}
        assert sorted(await column(db, "SELECT digest FROM enterprise.ingest_batches")) == [b"0", b"1", b"2"]
        assert await LedgerRotation(leading).run_once(NOW) == {"truncated": None}

    async def test_a_digest_younger_than_two_hours_is_never_lost(self, db: Any, leading: lease.Lease) -> None:
        await self.fill(db)
        await db.execute("UPDATE enterprise.ingest_batches SET received_at = $1", NOW - timedelta(minutes=119))
        assert await LedgerRotation(leading).run_once(NOW) == {"truncated": None}
        assert await db.fetchval("SELECT count(*) FROM enterprise.ingest_batches") == 4

    @pytest.mark.parametrize(
        ("oldest", "seen", "held"),
        [
            (None, timedelta(seconds=10), False),
            (timedelta(minutes=1), timedelta(seconds=10), True),  # holds requests, however young
            (None, timedelta(minutes=59, seconds=30), True),  # not heard of since the last digest could be spooled
            (None, timedelta(minutes=58), False),
            (None, timedelta(hours=3), True),  # the database was away for three hours and is just back
            (timedelta(hours=4), timedelta(hours=3), True),
            (timedelta(hours=26), timedelta(hours=25), False),  # its machine does not come back
        ],
    )
    async def test_no_digest_is_forgotten_that_may_be_spooled(
        self, db: Any, leading: lease.Lease, oldest: timedelta | None, seen: timedelta, held: bool
    ) -> None:
        await self.fill(db)
        await db.execute(
            "INSERT INTO enterprise.spools VALUES ('well', NULL, $1), ('host:1', $2, $3)",
            NOW,
            oldest and NOW - oldest,
            NOW - seen,
        )
        report = await LedgerRotation(leading).run_once(NOW)
        truncated = {"truncated": None, "held_by": ["host:1"]} if held else {"truncated": (self.HOUR + 1) % 4}
        assert report == truncated
        assert await db.fetchval("SELECT count(*) FROM enterprise.ingest_batches") == (4 if held else 3)

    @pytest.mark.usefixtures("impatient")
    async def test_a_slot_that_is_being_read_is_left_for_the_next_run(
        self, db: Any, leading: lease.Lease, other: Any
    ) -> None:
        await self.fill(db)
        async with other.transaction():
            await other.fetch("SELECT count(*) FROM enterprise.ingest_batches")
            report = await LedgerRotation(leading).run_once(NOW)
        assert report == {"truncated": None, "postponed": (self.HOUR + 1) % 4}
        assert (await LedgerRotation(leading).run_once(NOW))["truncated"] is not None
