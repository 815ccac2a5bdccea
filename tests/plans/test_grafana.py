"""EXPLAIN of what Grafana asks of the views: no partition that cannot hold a row, and few rows."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from tests.conftest import copied
from tests.explain import Nodes, explained, rows_read, scans
from tests.grafana_files import query_of
from tests.grafana_queries import Moment
from tests.served_api import sql

NOW = datetime.now(UTC)
DAY = timedelta(days=1)
THEN = NOW - 2 * DAY
TRACE = "ab" * 16


@pytest.fixture(scope="module")
def database(postgres_dsn: str, template_database: str) -> Iterator[str]:
    """20,000 logs and spans over four days, each of a trace of its own; a trace of two spans and a log two days ago."""
    for dsn in copied(postgres_dsn, template_database):
        sql(
            dsn,
            "INSERT INTO enterprise.structured_logs (timestamp, level, logger_name, message, trace_id) "
            "SELECT $1::timestamptz - i * interval '16 seconds', CASE WHEN i % 10 = 0 THEN 'ERROR' ELSE 'INFO' END, "
            "'app', 'message ' || i, md5(i::text) FROM generate_series(1, 20000) AS i",
            NOW,
        )
        sql(
            dsn,
            "INSERT INTO enterprise.trace_spans (trace_id, span_id, operation_name, start_time, end_time, status) "
            "SELECT md5(i::text), lpad(to_hex(i), 16, '0'), 'op', moment, moment, 'completed' "
            "FROM generate_series(1, 20000) AS i, "
            "LATERAL (SELECT $1::timestamptz - i * interval '16 seconds' AS moment) AS at",
            NOW,
        )
        sql(
            dsn,
            "INSERT INTO enterprise.trace_spans (trace_id, span_id, parent_span_id, operation_name, start_time) "
            "VALUES ($1, 'a', NULL, 'root', $2), ($1, 'b', 'a', 'child', $2::timestamptz + interval '1 second')",
            TRACE,
            THEN,
        )
        sql(
            dsn,
            "INSERT INTO enterprise.structured_logs (timestamp, level, logger_name, message, trace_id) "
            "VALUES ($1, 'INFO', 'app', 'of the trace', $2)",
            THEN,
            TRACE,
        )
        sql(dsn, "ANALYZE enterprise.structured_logs, enterprise.trace_spans, enterprise.traces")
        yield dsn


def plan(dsn: str, dashboard: str, panel: str, asked: Moment, **variables: str) -> Nodes:
    values = {"service": "*", "level": "*", "trace": "", "q": "", **variables}
    return explained(dsn, asked.expanded(query_of(dashboard, panel).sql, values))


def read(nodes: Nodes, table: str) -> set[str]:
    """Partitions of a table that were read."""
    return {name for node in scans(nodes) if (name := node["Relation Name"]).startswith(f"{table}_")}


def days(table: str, *moments: datetime) -> set[str]:
    return {f"{table}_p{moment:%Y%m%d}" for moment in moments}


def test_a_trace_is_read_from_the_partitions_of_its_own_time(database: str) -> None:
    nodes = plan(database, "trace", "traces", Moment(NOW - DAY, NOW), traceID=TRACE)
    assert read(nodes, "trace_spans") <= days("trace_spans", THEN, THEN + timedelta(seconds=1))
    assert nodes[0]["Actual Rows"] == 2
    assert rows_read(nodes) < 20


def test_the_logs_of_a_trace_are_read_from_the_partitions_of_its_time(database: str) -> None:
    nodes = plan(database, "trace", "logs", Moment(NOW - DAY, NOW), traceID=TRACE)
    hour = timedelta(hours=1)
    assert read(nodes, "structured_logs") <= days("structured_logs", THEN - hour, THEN, THEN + hour + hour)
    assert nodes[0]["Actual Rows"] == 1
    assert rows_read(nodes) < 20


def test_logs_of_a_window_come_from_its_partitions_by_the_index_on_their_time(database: str) -> None:
    asked = Moment(THEN, THEN + timedelta(hours=2))
    nodes = plan(database, "logs", "logs", asked)
    assert {node["Relation Name"] for node in nodes if "structured_logs" in node.get("Relation Name", "")} <= {
        *days("structured_logs", asked.since, asked.until),
        "structured_logs_default",
    }
    assert all(node["Index Name"].endswith("timestamp_idx") for node in scans(nodes) if "Index Name" in node)
    assert nodes[0]["Actual Rows"] == 452
    assert rows_read(nodes) < 500


def test_the_newest_logs_of_days_are_read_no_further_than_they_are_shown(database: str) -> None:
    nodes = plan(database, "logs", "logs", Moment(NOW - 4 * DAY, NOW))
    assert nodes[0]["Actual Rows"] == 1000
    assert rows_read(nodes) < 1500
