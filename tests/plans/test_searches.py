"""EXPLAIN of searches on all partitions: sealed ones by their search indexes, no partition that cannot hold a row."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from database import queries
from database.pool import connect
from database.search_indexes import SEARCH_INDEXES
from query_api.cursor import Cursor
from query_api.log_filters import LogFilters
from query_api.search.reading import read
from query_api.search.signals import LOGS, TRACES, Signal
from query_api.searching import Search
from query_api.trace_filters import TraceFilters
from query_api.window import Window
from tests.conftest import copied
from tests.explain import Nodes, explained, rows_read, scans
from tests.served_api import sql

SQL = queries.load("query_api")
JOBS = queries.load("database")
NOW = datetime.now(UTC)
DAY = timedelta(days=1)
YESTERDAY = (NOW - DAY).replace(hour=0, minute=0, second=0, microsecond=0)


@pytest.fixture(scope="module")
def database(postgres_dsn: str, template_database: str) -> Iterator[str]:
    """60,000 logs and 15,000 traces of two spans each over four days; the days that are over are sealed."""
    for dsn in copied(postgres_dsn, template_database):
        sql(
            dsn,
            "INSERT INTO enterprise.structured_logs (timestamp, level, logger_name, message, extra, service_name, "
            "resource_id) SELECT $1::timestamptz - i * interval '6 seconds', 'INFO', 'app', "
            "'order ' || i || CASE WHEN i % 20000 = 7 THEN ' refused' ELSE ' accepted' END, "
            "jsonb_build_object('order', i, 'shard', i % 10), 'shop', i % 5 FROM generate_series(1, 60000) AS i",
            NOW,
        )
        sql(
            dsn,
            "INSERT INTO enterprise.structured_logs (timestamp, level, logger_name, message) "
            "SELECT $1::timestamptz - i * interval '8 hours', 'INFO', 'app', 'disk ' || i || ' is full' "
            "FROM generate_series(1, 12) AS i",
            NOW,
        )
        sql(
            dsn,
            "INSERT INTO enterprise.trace_spans "
            "(trace_id, span_id, parent_span_id, operation_name, service_name, start_time, end_time, duration_ms, "
            "tags) SELECT md5(i::text), lpad(to_hex(i * 2 + s), 16, '0'), "
            "CASE s WHEN 1 THEN lpad(to_hex(i * 2), 16, '0') END, 'op', 'shop', moment, moment, i % 1000, "
            "jsonb_build_object('order', i, 'step', s) "
            "FROM generate_series(1, 15000) AS i, generate_series(0, 1) AS s, "
            "LATERAL (SELECT $1::timestamptz - i * interval '24 seconds' AS moment) AS at",
            NOW,
        )
        sql(
            dsn,
            "INSERT INTO enterprise.resources (id, service_name, attributes) "
            "SELECT i, 'shop', jsonb_build_object('pod', 'pod-' || i) FROM generate_series(0, 4) AS i",
        )
        for parent in ("structured_logs", "trace_spans"):
            for age in range(1, 5):
                child = f"{parent}_p{NOW - age * DAY:%Y%m%d}"
                for suffix, on in SEARCH_INDEXES[parent].items():
                    sql(dsn, JOBS["build_index"].format(child=child, suffix=suffix, on=on))
        sql(dsn, "VACUUM ANALYZE enterprise.structured_logs, enterprise.trace_spans, enterprise.traces")
        yield dsn


def search_for(signal: Signal, q: str) -> Search:
    return Search(signal, read(q), NOW)


def logs(dsn: str, q: str, window: Window, after: Cursor | None = None, words: str | None = None) -> Nodes:
    filters = LogFilters(window, search_for(LOGS, q), None, None, None, None, words)

    async def statement() -> tuple[str, list[object]]:
        connection = await connect(dsn)
        try:
            return await filters.listing(connection, after, 100, 0)
        finally:
            await connection.close()

    text, arguments = asyncio.run(statement())
    return explained(dsn, text, *arguments)


def traces(dsn: str, q: str, window: Window) -> Nodes:
    filters = TraceFilters(window, search_for(TRACES, q), None, None, None)

    async def found() -> Any:
        connection = await connect(dsn)
        try:
            return await filters.search.found(connection)
        finally:
            await connection.close()

    text, arguments = filters.page(asyncio.run(found()), window, None, 50, 0)
    return explained(dsn, text, *arguments)


def tables(nodes: Nodes) -> set[str]:
    """Tables that were read; a node that never ran read nothing."""
    return {node["Relation Name"] for node in scans(nodes)}


def indexes(nodes: Nodes) -> set[str]:
    return {node["Index Name"] for node in nodes if "Index Name" in node}


DAY_BEFORE = Window(YESTERDAY, YESTERDAY + DAY)
LEAF = f"p{YESTERDAY:%Y%m%d}"


def test_a_window_reads_the_partitions_of_its_time_alone(database: str) -> None:
    nodes = logs(database, "refused", DAY_BEFORE)
    assert tables(nodes) <= {f"structured_logs_{LEAF}", "structured_logs_default"}


@pytest.mark.parametrize(
    ("q", "suffix"),
    [
        ("refused", "message_search"),
        ('"refused order" OR refused', "message_search"),
        ("the refused", "message_search"),
        ("order:20007", "extra_search"),
        ("attributes.order:20007 level:info", "extra_search"),
        ("refused order:20007", "search"),
    ],
)
def test_words_and_attributes_are_sought_by_index_in_sealed_partitions(database: str, q: str, suffix: str) -> None:
    nodes = logs(database, q, DAY_BEFORE)
    assert any(index.startswith(f"structured_logs_{LEAF}") and index.endswith(suffix) for index in indexes(nodes))
    assert rows_read(nodes) < 50


@pytest.mark.parametrize("q", ["refused", '"order refused"', "-accepted", "refused OR broken"])
def test_where_words_have_no_index_patterns_are_tried_before_full_text(database: str, q: str) -> None:
    nodes = logs(database, q, Window(NOW - timedelta(hours=24), None))
    [today] = [node for node in nodes if node.get("Relation Name") == f"structured_logs_p{NOW:%Y%m%d}"]
    assert 0 < today["Filter"].index("~~* ALL ('{") < today["Filter"].index("to_tsvector")


def test_patterns_of_the_parameter_search_are_tried_before_full_text(database: str) -> None:
    nodes = logs(database, "*", Window(NOW - timedelta(hours=24), None), words="the order refused")
    [today] = [node for node in nodes if node.get("Relation Name") == f"structured_logs_p{NOW:%Y%m%d}"]
    assert 0 < today["Filter"].index("~~* ALL ('{%order%,%refus%}'") < today["Filter"].index("to_tsvector")


def test_a_pattern_is_sought_by_a_rare_word_of_it_in_sealed_partitions(database: str) -> None:
    nodes = logs(database, 'pattern:"disk <*> is full"', DAY_BEFORE)
    assert f"structured_logs_{LEAF}_message_search" in indexes(nodes)
    assert rows_read(nodes) < 50


def test_a_common_pattern_is_read_from_the_newest_on_and_little_more_than_a_page(database: str) -> None:
    nodes = logs(database, 'pattern:"order <*> accepted"', Window(NOW - 4 * DAY, None))
    assert rows_read(nodes) < 250


def test_logs_without_a_filter_are_counted_by_the_index_on_timestamp(database: str) -> None:
    filters = LogFilters(DAY_BEFORE, Search(LOGS, None, NOW), None, None, None, None, None)
    statement, arguments = filters.statement("logs_count", {}, DAY_BEFORE)
    assert f"structured_logs_{LEAF}_timestamp_idx" in indexes(explained(database, statement, *arguments))


SLICE = Window(NOW - timedelta(minutes=30), NOW - timedelta(minutes=20))


def test_a_slice_of_what_has_no_index_reads_the_logs_of_its_time(database: str) -> None:
    for q in ("refused", "-accepted", "order:7"):
        nodes = logs(database, q, SLICE)
        assert 0 < rows_read(nodes) <= 101


def test_a_slice_of_what_has_no_index_reads_little_but_the_spans_of_its_traces(database: str) -> None:
    nodes = traces(database, "order:60 step:1", SLICE)
    assert 0 < rows_read(nodes) <= 500
    partitions = {name for name in tables(nodes) if name.startswith("trace_spans")}
    assert partitions <= {f"trace_spans_p{day:%Y%m%d}" for day in (NOW, NOW - DAY)} | {"trace_spans_default"}


def test_an_attribute_of_resources_is_looked_up_before(database: str) -> None:
    nodes = logs(database, "pod:pod-3", DAY_BEFORE)
    assert "resources" not in tables(nodes)
    assert rows_read(nodes) < 1000


def test_a_page_after_a_cursor_is_read_from_the_index_on_timestamp(database: str) -> None:
    middle = NOW - 3 * DAY
    after = Cursor(f"{middle:%Y-%m-%d %H:%M:%S.%f}+00", str(UUID(int=0)))
    nodes = logs(database, "level:info", Window(NOW - 7 * DAY, None), after)
    assert rows_read(nodes) < 250
    assert f"structured_logs_p{NOW:%Y%m%d}" not in tables(nodes)
    assert f"structured_logs_{LEAF}" not in tables(nodes)


def test_traces_are_found_by_a_rare_attribute_of_their_spans_in_the_window_alone(database: str) -> None:
    trace = sql(
        database,
        "SELECT tags ->> 'order' FROM enterprise.trace_spans WHERE start_time BETWEEN $1 AND $2 LIMIT 1",
        YESTERDAY,
        YESTERDAY + DAY,
    )[0][0]
    nodes = traces(database, f"order:{trace}", DAY_BEFORE)
    assert f"trace_spans_{LEAF}_tags_search" in indexes(nodes)
    old = f"trace_spans_p{NOW - 3 * DAY:%Y%m%d}"
    assert old not in tables(nodes)


def test_traces_by_a_common_attribute_of_their_spans_read_little_more_than_a_page(database: str) -> None:
    nodes = traces(database, "step:1", Window(NOW - 7 * DAY, None))
    assert {name for name in tables(nodes) if name.startswith("traces")} == {"traces"}
    assert rows_read(nodes) < 100_000


def test_what_a_trace_is_itself_is_sought_in_traces_alone(database: str) -> None:
    nodes = traces(database, "trace.duration:>900ms span_count:2", DAY_BEFORE)
    assert tables(nodes) == {"traces"}
    assert "traces_start_time_idx" in indexes(nodes)
