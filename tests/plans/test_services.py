"""EXPLAIN of what services and their map are read and made from: quarters, few minutes, and spans by their indexes."""

from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from database import service_map
from database.pool import connect
from database.quarters import OF_EDGES, OF_OPERATIONS
from database.queries import load
from query_api.rollup_span import RollupSpan
from query_api.window import Window
from tests.conftest import copied
from tests.explain import executed, rows_read, scans
from tests.served_api import sql

READS, JOBS = load("query_api"), load("database")
# Noon, since shortly after midnight the newest partitions are so small that they are read whole.
NOW = datetime.now(UTC).replace(hour=12) - timedelta(days=1)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
OPERATIONS, SERVICES, EDGES = 40, 4, 20
TRACES = 40_000


@pytest.fixture(scope="module")
def database(postgres_dsn: str, template_database: str) -> Iterator[str]:
    """Two days of minutes and quarters, which are there until half an hour ago, and a trace each ten seconds for four
    days: two spans each, a batch a minute of writer 1; with statistics."""
    for dsn in copied(postgres_dsn, template_database):
        minutes = "$1::timestamptz - m * interval '1 minute'"
        sql(
            dsn,
            "INSERT INTO enterprise.operations (id, service_name, operation_name, kind) "
            f"SELECT i, 'service ' || i % {SERVICES}, 'op ' || i, 2 FROM generate_series(1, {OPERATIONS}) AS i",
        )
        sql(
            dsn,
            f"INSERT INTO enterprise.operation_minutes SELECT {minutes}, i, 2, 0, 1, '{{1,2}}', '{{1,1}}' "
            f"FROM generate_series(1, {OPERATIONS}) AS i, generate_series(0, 2880) AS m",
            NOW.replace(second=0, microsecond=0),
        )
        sql(
            dsn,
            "INSERT INTO enterprise.edges (id, kind, source_type, source, target_type, target) "
            "SELECT i, 'client_server', 'service', 'a', 'service', 'b' || i "
            f"FROM generate_series(1, {EDGES}) AS i",
        )
        sql(
            dsn,
            f"INSERT INTO enterprise.edge_minutes SELECT {minutes}, i, 2, 0, 1, '{{1,2}}', '{{1,1}}' "
            f"FROM generate_series(1, {EDGES}) AS i, generate_series(0, 2880) AS m",
            NOW.replace(second=0, microsecond=0),
        )
        for quarters, key, minutes_of, count in (
            ("operation_quarters", "operation", "operation_minutes", "spans"),
            ("edge_quarters", "edge", "edge_minutes", "calls"),
        ):
            more = ", p50, p95, p99" if key == "operation" else ""
            sql(
                dsn,
                f"INSERT INTO enterprise.{quarters} (quarter, {key}, {count}, errors, duration_ms, buckets, counts, "
                f"last_minute{more}) SELECT date_bin('15 minutes', minute, 'epoch') AS quarter, {key}, "
                f"sum({count}), 0, 1, '{{1,2}}', '{{15,15}}', max(minute){', 1, 2, 2' if more else ''} "
                f"FROM enterprise.{minutes_of} GROUP BY 1, 2",
            )
        sql(
            dsn,
            "INSERT INTO enterprise.service_quarters (quarter, service_name, entry, spans, errors, duration_ms, "
            "buckets, counts, last_minute, p50, p95, p99) SELECT quarter, service_name, true, sum(spans), 0, 1, "
            "'{1,2}', '{15,15}', max(last_minute), 1, 2, 2 FROM enterprise.operation_quarters "
            "JOIN enterprise.operations ON id = operation GROUP BY 1, 2",
        )
        sql(
            dsn,
            "UPDATE enterprise.rollup_progress SET closed_until = "
            "date_bin('15 minutes', $1::timestamptz - interval '15 minutes', 'epoch')",
            NOW,
        )
        sql(
            dsn,
            "INSERT INTO enterprise.trace_spans (trace_id, span_id, parent_span_id, operation_name, service_name, "
            "kind, start_time, duration_ms, writer, batch) SELECT md5(i::text), s::text, CASE WHEN s = 2 THEN '1' END, "
            "'op', 'service ' || s, 4 - s, $1::timestamptz - (40000 - i) * interval '10 seconds', 1, 1, i / 6 "
            f"FROM generate_series(1, {TRACES}) AS i, generate_series(1, 2) AS s ORDER BY i",
            NOW,
        )
        sql(dsn, "DELETE FROM enterprise.operation_deltas")
        tables = "operations operation_minutes operation_quarters service_quarters edges edge_minutes edge_quarters"
        sql(dsn, f"VACUUM ANALYZE {', '.join(f'enterprise.{table}' for table in tables.split())}")
        sql(dsn, "VACUUM ANALYZE enterprise.trace_spans")
        sql(dsn, "ANALYZE enterprise.traces")
        yield dsn


@pytest.fixture
async def connection(database: str) -> AsyncIterator[Any]:
    """In a transaction that is rolled back."""
    connection = await connect(database)
    transaction = connection.transaction()
    await transaction.start()
    yield connection
    await transaction.rollback()
    await connection.close()


def of_day() -> RollupSpan:
    return RollupSpan.of(Window(NOW - DAY, None), NOW)


@pytest.mark.parametrize("step", [None, 900])
async def test_figures_of_a_day_come_from_quarters_and_the_minutes_since(connection: Any, step: int | None) -> None:
    bounds = await of_day().begin(connection, OF_OPERATIONS)
    query = READS["red"].format(figures=READS["figures_of_services"], limit="$7")
    nodes = await executed(connection, query, *bounds, step, None, 1000)
    tables = {node["Relation Name"] for node in scans(nodes)}
    assert not [table for table in tables if f"{NOW - 2 * DAY:%Y%m%d}" in table and "minutes" in table]
    minutes = [node for node in scans(nodes) if "operation_minutes" in node["Relation Name"]]
    assert all(node["Node Type"] != "Seq Scan" for node in minutes)
    # The figures are looked through twice.
    assert rows_read(minutes) <= 2 * 45 * OPERATIONS
    quarters = [node for node in scans(nodes) if "service_quarters" in node["Relation Name"]]
    assert rows_read(quarters) <= 2 * 2 * 97 * SERVICES * 2


async def test_operations_of_a_day_come_from_quarters_and_the_minutes_since(connection: Any) -> None:
    bounds = await of_day().begin(connection, OF_OPERATIONS)
    query = READS["red"].format(figures=READS["figures_of_operations"], limit="$8")
    nodes = await executed(connection, query, *bounds, None, "service 1", None, 1000)
    minutes = [node for node in scans(nodes) if "operation_minutes" in node["Relation Name"]]
    assert rows_read(minutes) <= 2 * 45 * OPERATIONS


async def test_the_map_of_a_day_comes_from_quarters_and_the_minutes_since(connection: Any) -> None:
    bounds = await of_day().begin(connection, OF_EDGES)
    nodes = await executed(connection, READS["service_map"], *bounds, None, 1000)
    minutes = [node for node in scans(nodes) if "edge_minutes" in node["Relation Name"]]
    assert all(node["Node Type"] != "Seq Scan" for node in minutes)
    assert rows_read(minutes) <= 2 * 45 * EDGES


async def test_a_step_of_the_map_reads_the_spans_that_came_and_their_traces(connection: Any) -> None:
    last = TRACES // 6
    await connection.execute("INSERT INTO enterprise.writers (writer, batch) VALUES (1, $1)", last)
    await connection.execute(service_map.SETTINGS)
    nodes = await executed(
        connection,
        JOBS["count_edges"],
        *([1], [0], [last - 10], [last], [last]),
        NOW - 30 * DAY,
        last - 10,
        last,
        service_map.MOST_SPANS,
        NOW,
    )
    spans = [node for node in scans(nodes) if node["Relation Name"].startswith("trace_spans")]
    # The BRIN index says where batches are by ranges of 128 pages, of which the last has no summary.
    assert rows_read(spans) < TRACES * 2 / 3
    by_index = [node for node in spans if "Index Scan" in node["Node Type"] and "Bitmap" not in node["Node Type"]]
    assert rows_read(by_index) == 2 * 59
    traces = [node for node in scans(nodes) if node["Relation Name"] == "traces"]
    assert rows_read(traces) == 59
    counted = "SELECT sum(calls) FROM enterprise.edge_minutes WHERE edge NOT BETWEEN 1 AND $1"
    assert await connection.fetchval(counted, EDGES) == 59


async def test_a_quarter_is_rolled_up_from_its_own_minutes(connection: Any) -> None:
    quarter = RollupSpan.of(Window(NOW - DAY, None), NOW).earliest
    for query, table, keys in (
        ("roll_up_operations", "operation_minutes", OPERATIONS),
        ("roll_up_edges", "edge_minutes", EDGES),
    ):
        nodes = await executed(connection, JOBS[query], quarter, None)
        assert rows_read([node for node in scans(nodes) if table in node["Relation Name"]]) <= 2 * 15 * keys
