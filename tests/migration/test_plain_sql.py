"""The tables by plain SQL, as psql users and dashboards meet them."""

import json
import uuid
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import pytest

from database import migrate, partitions, pool

TODAY = datetime.now(UTC).replace(hour=12, minute=0, second=0, microsecond=0)
DAY = timedelta(days=1)
TRACE = "0af7651916cd43dd8448eb211c80319c"
SPAN = (
    "INSERT INTO enterprise.trace_spans (trace_id, span_id, parent_span_id, operation_name, service_name, start_time, "
    "end_time, duration_ms, status, error_message, tags) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)"
)
LOG = "INSERT INTO enterprise.structured_logs (id, timestamp, level, logger_name, message) VALUES ($1, $2, $3, $4, $5)"


@pytest.fixture
async def connection(empty_database: str) -> AsyncIterator[Any]:
    await migrate.migrate(empty_database)
    connection = await pool.connect(empty_database)
    await partitions.ensure(connection, TODAY, 2)
    yield connection
    await connection.close()


@pytest.fixture
async def announced(empty_database: str, connection: Any) -> AsyncIterator[Any]:
    """Payloads of new_log so far, oldest first, when called: a notice of our own marks the end."""
    listener = await asyncpg.connect(empty_database)
    payloads: list[str] = []

    async def collect() -> list[str]:
        await connection.execute("NOTIFY new_log, 'end'")
        while "end" not in payloads:
            await listener.execute("SELECT")
        return payloads[: payloads.index("end")]

    await listener.add_listener("new_log", lambda *notice: payloads.append(notice[3]))
    yield collect
    await listener.close()


async def insert_span(connection: Any, span_id: str, parent: str | None, start: datetime, **given: Any) -> None:
    end = given.get("end", start + timedelta(milliseconds=250))
    await connection.execute(
        SPAN,
        given.get("trace_id", TRACE),
        span_id,
        parent,
        given.get("operation", "work"),
        given.get("service", "shop"),
        start,
        end,
        None if end is None else (end - start).total_seconds() * 1000,
        given.get("status", "completed"),
        given.get("error"),
        given.get("tags", {}),
    )


async def trace(connection: Any, trace_id: str = TRACE) -> dict[str, Any]:
    rows = await connection.fetch("SELECT * FROM enterprise.traces WHERE trace_id = $1", trace_id)
    assert len(rows) == 1
    return dict(rows[0])


async def test_a_span_without_its_trace_makes_the_trace(connection: Any) -> None:
    await insert_span(connection, "00000000000000a1", None, TODAY, operation="GET /cart", tags={"http.route": "/cart"})
    row = await trace(connection)
    assert row["start_time"] == TODAY
    assert row["end_time"] == TODAY + timedelta(milliseconds=250)
    assert row["duration_ms"] == 250
    assert row["status"] == "completed"
    assert row["root_span_id"] == "00000000000000a1"
    assert (row["service_name"], row["services"], row["span_count"], row["error_count"]) == ("shop", ["shop"], 1, 0)
    assert row["tags"] == {"http.route": "/cart"}


async def test_a_child_first_leaves_the_trace_in_progress_until_the_root_comes(connection: Any) -> None:
    await insert_span(connection, "00000000000000b2", "00000000000000a1", TODAY, status="error", service="db")
    early = await trace(connection)
    assert (early["status"], early["end_time"], early["duration_ms"]) == ("in_progress", None, None)
    root_start = TODAY - timedelta(seconds=1)
    await insert_span(connection, "00000000000000a1", None, root_start, end=TODAY + timedelta(seconds=1))
    late = await trace(connection)
    assert (late["status"], late["start_time"], late["duration_ms"]) == ("completed", root_start, 2000)
    assert (late["span_count"], late["error_count"], late["services"]) == (2, 1, ["db", "shop"])


async def test_a_root_in_error_gives_the_trace_its_status_and_message(connection: Any) -> None:
    await insert_span(connection, "00000000000000a1", None, TODAY, status="error", error="card refused")
    row = await trace(connection)
    assert (row["status"], row["error_message"]) == ("error", "card refused")


async def test_one_statement_with_spans_of_many_traces_makes_each(connection: Any) -> None:
    await connection.execute(
        "INSERT INTO enterprise.trace_spans (trace_id, span_id, operation_name, start_time, end_time) "
        "SELECT md5((n % 50)::text), lpad(to_hex(n), 16, '0'), 'op', $1::timestamptz + n * interval '1 ms', $1 "
        "FROM generate_series(1, 500) AS n",
        TODAY,
    )
    counts = await connection.fetch("SELECT span_count, count(*) AS traces FROM enterprise.traces GROUP BY 1")
    assert [tuple(row) for row in counts] == [(10, 50)]


async def test_updating_a_span_to_its_end_ends_the_trace_and_counts_it_once(connection: Any) -> None:
    await insert_span(connection, "00000000000000a1", None, TODAY, end=None, status="in_progress")
    assert (await trace(connection))["status"] == "in_progress"
    await connection.execute(
        "UPDATE enterprise.trace_spans SET end_time = $1, status = 'completed'", TODAY + timedelta(seconds=3)
    )
    row = await trace(connection)
    assert (row["status"], row["duration_ms"], row["span_count"]) == ("completed", 3000, 1)


async def test_a_trace_written_by_hand_keeps_what_was_written(connection: Any) -> None:
    await connection.execute(
        "INSERT INTO enterprise.traces (trace_id, entry_point, endpoint, start_time, status, user_email) "
        "VALUES ($1, 'http', '/mine', $2, 'completed', 'a@b.c')",
        TRACE,
        TODAY,
    )
    await insert_span(connection, "00000000000000a1", None, TODAY, operation="other", status="error")
    row = await trace(connection)
    assert (row["entry_point"], row["endpoint"], row["status"]) == ("http", "/mine", "completed")
    assert (row["user_email"], row["span_count"]) == ("a@b.c", 1)


async def test_deleting_a_trace_deletes_its_spans_in_every_partition_and_no_other(connection: Any) -> None:
    for number, start in enumerate((TODAY - 2 * DAY, TODAY, TODAY + DAY, TODAY + 400 * DAY), 1):
        await insert_span(connection, f"{number:016x}", None if number == 1 else "0" * 15 + "1", start)
    await insert_span(connection, "00000000000000ff", None, TODAY, trace_id="f" * 32)
    partitions_used = "SELECT count(DISTINCT tableoid) FROM enterprise.trace_spans WHERE trace_id = $1"
    assert await connection.fetchval(partitions_used, TRACE) == 4
    await connection.execute("DELETE FROM enterprise.traces WHERE trace_id = $1", TRACE)
    left = await connection.fetch("SELECT trace_id FROM enterprise.trace_spans")
    assert [row["trace_id"] for row in left] == ["f" * 32]


async def test_truncating_traces_truncates_spans(connection: Any) -> None:
    await insert_span(connection, "00000000000000a1", None, TODAY)
    await connection.execute("TRUNCATE enterprise.traces")
    assert await connection.fetchval("SELECT count(*) FROM enterprise.trace_spans") == 0


async def test_a_trace_keeps_its_trace_id(connection: Any) -> None:
    await insert_span(connection, "00000000000000a1", None, TODAY)
    with pytest.raises(asyncpg.ForeignKeyViolationError):
        await connection.execute("UPDATE enterprise.traces SET trace_id = $1", "e" * 32)


async def test_two_rows_of_one_trace_are_refused(connection: Any) -> None:
    await insert_span(connection, "00000000000000a1", None, TODAY)
    with pytest.raises(asyncpg.UniqueViolationError):
        await connection.execute(
            "INSERT INTO enterprise.traces (trace_id, entry_point, start_time) VALUES ($1, 'http', $2)",
            TRACE,
            TODAY,
        )


async def test_ids_and_times_that_are_given_are_kept(connection: Any) -> None:
    given = uuid.uuid4()
    await connection.execute(LOG, given, TODAY - DAY, "INFO", "app", "hello")
    row = await connection.fetchrow("SELECT * FROM enterprise.structured_logs")
    assert (row["id"], row["timestamp"]) == (given, TODAY - DAY)


async def test_columns_that_are_left_out_have_their_defaults(connection: Any) -> None:
    await connection.execute(
        "INSERT INTO enterprise.structured_logs (level, logger_name, message) VALUES ('INFO', 'app', 'hello')"
    )
    log = await connection.fetchrow("SELECT *, now() - timestamp AS age FROM enterprise.structured_logs")
    assert isinstance(log["id"], uuid.UUID)
    assert timedelta(0) <= log["age"] < timedelta(minutes=1)
    assert log["extra"] == {}
    await connection.execute(
        "INSERT INTO enterprise.trace_spans (trace_id, span_id, operation_name, start_time) VALUES ($1, 'a', 'op', $2)",
        TRACE,
        TODAY,
    )
    span = await connection.fetchrow("SELECT * FROM enterprise.trace_spans")
    assert (span["service_name"], span["status"], span["tags"], span["logs"]) == (
        "enterprise_bot",
        "in_progress",
        {},
        [],
    )


async def test_a_log_is_announced_with_the_six_fields_and_the_count(connection: Any, announced: Any) -> None:
    given = uuid.uuid4()
    await connection.execute(LOG, given, TODAY, "ERROR", "app.pay", 'card "refused"')
    assert [json.loads(payload) for payload in await announced()] == [
        {
            "id": str(given),
            "timestamp": TODAY.isoformat(),
            "level": "ERROR",
            "logger_name": "app.pay",
            "message": 'card "refused"',
            "trace_id": None,
            "count": 1,
        }
    ]


async def test_a_statement_of_many_rows_is_announced_once_by_its_newest(connection: Any, announced: Any) -> None:
    await connection.execute(
        "INSERT INTO enterprise.structured_logs (timestamp, level, logger_name, message) "
        "SELECT $1::timestamptz - n * interval '1 s', 'INFO', 'app', 'row ' || n FROM generate_series(1, 300) AS n",
        TODAY,
    )
    await connection.execute(
        "INSERT INTO enterprise.structured_logs (level, logger_name, message) SELECT '', '', '' LIMIT 0"
    )
    (payload,) = map(json.loads, await announced())
    assert (payload["message"], payload["count"]) == ("row 1", 300)


@pytest.mark.parametrize("message", ["x" * 20_000, "é" * 5000, "\x01" * 5000, '"' * 7000, "\U0001f600" * 3000])
async def test_a_long_message_is_stored_whole_and_announced_cut_and_marked(
    connection: Any, announced: Any, message: str
) -> None:
    await connection.execute(LOG, uuid.uuid4(), TODAY, "INFO", "l" * 9000, message)
    (payload,) = await announced()
    assert len(payload.encode()) < 8000
    cut = json.loads(payload)
    assert cut["truncated"] is True
    assert message.startswith(cut["message"])
    assert await connection.fetchval("SELECT message FROM enterprise.structured_logs") == message


async def test_a_row_a_year_ahead_and_one_of_1970_are_stored_and_found(connection: Any) -> None:
    for time in (TODAY + 365 * DAY, datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC)):
        trace_id = uuid.uuid4().hex
        await insert_span(connection, "00000000000000a1", None, time, trace_id=trace_id)
        await connection.execute(LOG, uuid.uuid4(), time, "INFO", "app", trace_id)
        assert (await trace(connection, trace_id))["start_time"] == time
        found = await connection.fetchval(
            "SELECT count(*) FROM enterprise.structured_logs WHERE timestamp = $1 AND message = $2", time, trace_id
        )
        assert found == 1


@pytest.mark.parametrize("start", [TODAY + 365 * DAY, datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC)])
async def test_odd_rows_do_not_stop_the_partition_of_their_day(connection: Any, start: datetime) -> None:
    await insert_span(connection, "00000000000000a1", None, start)
    await connection.execute(LOG, uuid.uuid4(), start, "INFO", "app", "odd")
    care = await partitions.ensure(connection, start, 0)
    assert (care.moved, care.postponed, care.crowded) == (2, [], [])
    for table in ("trace_spans", "structured_logs"):
        assert await connection.fetchval(f"SELECT tableoid::regclass::text FROM enterprise.{table}") == (
            f"enterprise.{table}_p{start:%Y%m%d}"
        )
    assert (await trace(connection))["start_time"] == start


async def test_logs_are_counted_by_minute_service_and_level(connection: Any) -> None:
    minute = datetime(2026, 3, 10, 12, 30, tzinfo=UTC)
    long = "s" * 5000
    await connection.execute(
        "INSERT INTO enterprise.structured_logs (timestamp, level, logger_name, message, service_name) "
        "SELECT $1::timestamptz + i * interval '20 seconds', CASE WHEN i < 5 THEN 'INFO' ELSE 'ERROR' END, 'a', 'm', "
        "CASE i WHEN 0 THEN NULL WHEN 7 THEN $2 ELSE 'shop' END FROM generate_series(0, 7) AS i",
        minute,
        long,
    )
    rows = await connection.fetch(
        "SELECT d.* FROM enterprise.log_deltas CROSS JOIN LATERAL unnest(minutes, services, levels, logs) "
        "AS d(minute, service, level, logs) ORDER BY minute, service, level"
    )
    later = minute + timedelta(minutes=1)
    counts = [(row["minute"], row["service"][:20], row["level"], row["logs"]) for row in rows]
    assert counts == [
        (minute, "", "INFO", 1),
        (minute, "shop", "INFO", 2),
        (later, "shop", "ERROR", 1),
        (later, "shop", "INFO", 2),
        (later + timedelta(minutes=1), "shop", "ERROR", 1),
        (later + timedelta(minutes=1), long[:20], "ERROR", 1),
    ]
    assert max(len(row["service"]) for row in rows) <= 200


async def test_who_may_insert_logs_and_nothing_else_has_them_counted(connection: Any) -> None:
    async with connection.transaction():
        await connection.execute("CREATE ROLE only_logs; GRANT USAGE ON SCHEMA enterprise TO only_logs")
        await connection.execute("GRANT INSERT ON enterprise.structured_logs TO only_logs; SET LOCAL ROLE only_logs")
        await connection.execute(
            "INSERT INTO enterprise.structured_logs (level, logger_name, message) VALUES ('INFO', 'a', 'm')"
        )
        await connection.execute("RESET ROLE")
        assert await connection.fetchval("SELECT logs FROM enterprise.log_deltas") == [1]
        await connection.execute("DROP OWNED BY only_logs; DROP ROLE only_logs")


async def test_a_statement_without_rows_counts_nothing(connection: Any) -> None:
    await connection.execute(
        "INSERT INTO enterprise.structured_logs (level, logger_name, message) SELECT 'INFO', 'a', 'm' WHERE false"
    )
    assert await connection.fetchval("SELECT count(*) FROM enterprise.log_deltas") == 0
