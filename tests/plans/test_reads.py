"""EXPLAIN of the hot reads on all partitions: the intended index, and no partition that cannot hold a row."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from database.queries import load
from query_api.search.signals import TRACES
from query_api.searching import EVERYTHING, Search
from query_api.trace_filters import TraceFilters
from query_api.window import Window
from tests.conftest import copied
from tests.explain import Nodes, explained, rows_read
from tests.served_api import sql

SQL = load("query_api")
NOW = datetime.now(UTC)
DAY = timedelta(days=1)
TRACE = "ab" * 16
LOG_FILTERS = (None, None, None, None, None, None)
NO_CURSOR = (None, None)


@pytest.fixture(scope="module")
def database(postgres_dsn: str, template_database: str) -> Iterator[str]:
    """40,000 logs and 20,000 traces of one span each over the last four days, with statistics."""
    for dsn in copied(postgres_dsn, template_database):
        sql(
            dsn,
            "INSERT INTO enterprise.structured_logs (timestamp, level, logger_name, message, trace_id) "
            "SELECT $1::timestamptz - i * interval '8 seconds', CASE WHEN i % 10 = 0 THEN 'ERROR' ELSE 'INFO' END, "
            "'app', 'message ' || i, md5(i::text) FROM generate_series(1, 40000) AS i",
            NOW,
        )
        sql(
            dsn,
            "INSERT INTO enterprise.trace_spans "
            "(trace_id, span_id, operation_name, start_time, end_time, duration_ms, status) "
            "SELECT md5(i::text), lpad(to_hex(i), 16, '0'), 'op', moment, moment, 0, "
            "CASE WHEN i % 100 = 0 THEN 'error' ELSE 'completed' END "
            "FROM generate_series(1, 20000) AS i, "
            "LATERAL (SELECT $1::timestamptz - i * interval '16 seconds' AS moment) AS at",
            NOW,
        )
        sql(dsn, "UPDATE enterprise.traces SET user_email = 'user' || right(trace_id, 2) || '@example.com'")
        sql(dsn, "ANALYZE enterprise.structured_logs, enterprise.trace_spans, enterprise.traces")
        yield dsn


def plan(dsn: str, name: str, *arguments: object) -> Nodes:
    """Of a query without a search."""
    query = SQL[name].replace("{filters}", SQL["log_filters"]).replace("{matches}", EVERYTHING)
    return explained(dsn, query, *arguments)


def tables(nodes: Nodes) -> set[str]:
    return {node["Relation Name"] for node in nodes if "Relation Name" in node}


def test_the_newest_logs_come_from_the_index_on_timestamp_and_few_rows_are_read(database: str) -> None:
    nodes = plan(database, "logs_list", NOW - DAY, *LOG_FILTERS, *NO_CURSOR, 100, 0)
    scans = [node for node in nodes if "Relation Name" in node]
    assert {node["Node Type"] for node in scans} == {"Index Scan"}
    assert all(node["Index Name"].endswith("timestamp_idx") for node in scans)
    assert rows_read(nodes) < 150


def test_the_newest_logs_leave_out_every_partition_of_the_past(database: str) -> None:
    read = tables(plan(database, "logs_list", NOW - DAY, *LOG_FILTERS, *NO_CURSOR, 100, 0))
    yesterday, today = (f"structured_logs_p{moment:%Y%m%d}" for moment in (NOW - DAY, NOW))
    assert {yesterday, today} <= read
    assert "structured_logs_default" in read
    assert not {name for name in read if name < yesterday and name != "structured_logs_default"}


def test_logs_of_a_trace_come_from_the_index_on_trace_id(database: str) -> None:
    trace = sql(database, "SELECT trace_id FROM enterprise.structured_logs LIMIT 1")[0][0]
    nodes = plan(database, "logs_list", NOW - 7 * DAY, None, None, None, trace, None, None, *NO_CURSOR, 100, 0)
    assert rows_read(nodes) < 50


def test_the_spans_of_a_trace_are_sought_in_the_partition_of_its_time_alone(database: str) -> None:
    row = sql(
        database,
        "SELECT trace_id, start_time, latest_start FROM enterprise.traces WHERE start_time < $1 LIMIT 1",
        NOW - 2 * DAY,
    )[0]
    nodes = plan(database, "spans_of_trace", *row, None)
    held_in = f"trace_spans_p{row['start_time']:%Y%m%d}"
    assert tables(nodes) - {"resources", "scopes"} == {held_in}
    assert rows_read(nodes) < 10
    assert any(node.get("Index Name", "").endswith("trace_id_idx") for node in nodes)


def test_a_trace_is_found_by_its_unique_index(database: str) -> None:
    nodes = plan(database, "trace_by_id", TRACE)
    assert [node["Index Name"] for node in nodes if "Index Name" in node] == ["traces_trace_id_key"]


def test_a_log_near_the_time_in_its_id_is_sought_in_one_partition_by_timestamp(database: str) -> None:
    nodes = plan(database, "log_by_id", uuid4(), NOW - DAY, NOW - DAY + timedelta(milliseconds=1))
    logs = [node for node in nodes if "structured_logs" in node.get("Relation Name", "")]
    assert [node["Relation Name"] for node in logs] == [f"structured_logs_p{NOW - DAY:%Y%m%d}"]
    assert logs[0]["Index Name"].endswith("timestamp_idx")


@pytest.mark.parametrize(
    ("filters", "index"),
    [
        ((None, None, None), "traces_start_time_idx"),
        (("error", None, None), "traces_error_idx"),
        ((None, "user0f@example.com", None), "traces_user_email_idx"),
    ],
)
def test_the_newest_traces_come_from_an_index_that_fits_the_filter(
    database: str, filters: tuple[Any, ...], index: str
) -> None:
    listing = TraceFilters(Window(NOW - DAY, None), Search(TRACES, None, NOW), *filters)
    text, arguments = listing.page({}, listing.window, None, 50, 0)
    nodes = explained(database, text, *arguments)
    assert [node["Index Name"] for node in nodes if "Index Name" in node] == [index]
    assert rows_read(nodes) < 150
