"""EXPLAIN of what is read of spans and traces over time: no partition that cannot hold a row, and few rows."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from database import queries
from database.pool import connect
from database.search_indexes import SEARCH_INDEXES
from query_api.cursor import Cursor
from query_api.pages import Asked, read_in_slices
from query_api.search.reading import read
from query_api.search.signals import SPANS
from query_api.searching import Search
from query_api.span_filters import SpanFilters
from query_api.window import Window
from tests.conftest import copied
from tests.explain import Nodes, executed, explained, rows_read, scans
from tests.served_api import sql

SQL = queries.load("query_api")
JOBS = queries.load("database")
NOW = datetime.now(UTC)
DAY = timedelta(days=1)
# Rows in two ranges of 128 blocks, which a BRIN index tells apart no further.
BLOCK_RANGES = 4_000
FIRST_UUID = "00000000-0000-0000-0000-000000000000"


@pytest.fixture(scope="module")
def database(postgres_dsn: str, template_database: str) -> Iterator[str]:
    """60,000 spans over four days, each a trace; the days that are over are sealed. One in 1,000 has links."""
    for dsn in copied(postgres_dsn, template_database):
        sql(
            dsn,
            "INSERT INTO enterprise.trace_spans (trace_id, span_id, operation_name, service_name, start_time, "
            "end_time, duration_ms, status, tags, links) "
            "SELECT md5(i::text), lpad(to_hex(i), 16, '0'), 'op ' || i % 50, 'shop' || i % 5, moment, moment, "
            "i % 1000, 'completed', jsonb_build_object('order', i, 'padding', repeat('x', 400)), "
            "CASE WHEN i % 1000 = 0 THEN jsonb_build_array("
            "jsonb_build_object('trace_id', md5((i / 2)::text), 'span_id', lpad(to_hex(i / 2), 16, '0'))) END "
            "FROM generate_series(1, 60000) AS i, "
            "LATERAL (SELECT $1::timestamptz - i * interval '6 seconds' AS moment) AS at",
            NOW,
        )
        for age in range(1, 5):
            child = f"trace_spans_p{NOW - age * DAY:%Y%m%d}"
            for suffix, on in SEARCH_INDEXES["trace_spans"].items():
                sql(dsn, JOBS["build_index"].format(child=child, suffix=suffix, on=on))
        sql(dsn, "VACUUM ANALYZE enterprise.trace_spans, enterprise.traces")
        yield dsn


class Explaining:
    """A connection that keeps the plan of whatever it fetches."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection
        self.plans: list[Nodes] = []

    async def fetchrow(self, query: str, *arguments: object) -> Any:
        return await self._connection.fetchrow(query, *arguments)

    async def execute(self, statement: str) -> Any:
        return await self._connection.execute(statement)

    def transaction(self) -> Any:
        return self._connection.transaction()

    async def fetch(self, query: str, *arguments: object) -> Any:
        self.plans.append(await executed(self._connection, query, *arguments))
        return await self._connection.fetch(query, *arguments)


def listed(
    dsn: str, q: str | None = None, service: str | None = None, hours: int = 24, after: Cursor | None = None
) -> list[Nodes]:
    """The plans of a page of 50."""
    search = Search(SPANS, read(q) if q else None, NOW)
    window = Window(NOW - timedelta(hours=hours), None)
    filters = SpanFilters(window, search, service, None, None, None, None)
    asked = Asked(window, NOW, after, 50)

    async def page() -> list[Nodes]:
        connection = await connect(dsn)
        try:
            explaining = Explaining(connection)
            found = await search.found(connection)
            async with connection.transaction():
                await read_in_slices(explaining, asked, lambda part, rows: filters.page(found, part, after, rows))
            return explaining.plans
        finally:
            await connection.close()

    return asyncio.run(page())


def tables(nodes: Nodes) -> set[str]:
    return {node["Relation Name"] for node in scans(nodes)}


def indexes(nodes: Nodes) -> set[str]:
    return {node["Index Name"] for node in nodes if "Index Name" in node}


def test_the_newest_spans_are_sought_in_the_last_minutes_alone(database: str) -> None:
    plans = listed(database)
    assert sum(map(rows_read, plans)) < 3 * BLOCK_RANGES


def test_a_service_is_sought_a_little_farther_back(database: str) -> None:
    plans = listed(database, service="shop3")
    assert sum(map(rows_read, plans)) < 4 * BLOCK_RANGES


def test_a_rare_attribute_is_sought_by_index_where_there_is_one_and_each_row_once(database: str) -> None:
    plans = listed(database, "order:59000", hours=168)
    assert any(name.endswith("tags_search") for nodes in plans for name in indexes(nodes))
    assert sum(map(rows_read, plans)) < 30_000


def test_a_page_after_a_cursor_begins_there(database: str) -> None:
    middle = NOW - 2 * DAY
    after = Cursor(f"{middle:%Y-%m-%d %H:%M:%S.%f}+00", FIRST_UUID)
    plans = listed(database, hours=168, after=after)
    assert sum(map(rows_read, plans)) < 3 * BLOCK_RANGES
    assert all(f"trace_spans_p{NOW:%Y%m%d}" not in tables(nodes) for nodes in plans)


def test_figures_of_traces_and_operations_are_those_of_the_time_alone(database: str) -> None:
    hour = NOW - timedelta(hours=1)
    of_traces = explained(database, SQL["trace_summary"], hour)
    assert "traces_start_time_idx" in indexes(of_traces)
    assert rows_read(of_traces) < 1_000
    of_operations = explained(database, SQL["slow_operations"], hour)
    old = f"trace_spans_p{NOW - 2 * DAY:%Y%m%d}"
    assert old not in {node.get("Relation Name") for node in of_operations}
    assert rows_read(of_operations) < 6_000


def test_what_links_to_a_trace_is_found_by_index(database: str) -> None:
    [linking] = sql(
        database, "SELECT trace_id, start_time FROM enterprise.trace_spans WHERE links IS NOT NULL ORDER BY 2 LIMIT 1"
    )
    [linked] = sql(
        database,
        "SELECT links -> 0 ->> 'trace_id' FROM enterprise.trace_spans WHERE trace_id = $1",
        linking["trace_id"],
    )
    nodes = explained(database, SQL["links_to_trace"], linked[0], linking["start_time"], timedelta(hours=1), None, 1001)
    assert nodes[0]["Actual Rows"] == 1
    assert rows_read(nodes) < 10


def test_links_from_a_trace_and_its_logs_are_sought_in_its_time_alone(database: str) -> None:
    start = NOW - 2 * DAY
    held_in = f"{start:%Y%m%d}"
    links = explained(database, SQL["links_from_trace"], "ab" * 16, start, start, None, 1001)
    assert {node["Relation Name"] for node in links if "Relation Name" in node} == {f"trace_spans_p{held_in}"}
    noon = start.replace(hour=12)
    logs = explained(database, SQL["logs_of_trace"], "ab" * 16, noon, noon, timedelta(minutes=5), None, 1001)
    assert tables(logs) <= {f"structured_logs_p{held_in}", "structured_logs_default"}
    assert all(name.endswith("trace_id_idx") for name in indexes(logs))


@pytest.mark.parametrize(
    ("name", "more"), [("tree_skeleton", [200_001]), ("tree_spans", [["0" * 16]]), ("exported_spans", [])]
)
def test_a_tree_and_an_export_read_the_partition_of_the_traces_time_by_trace_id(
    database: str, name: str, more: list[object]
) -> None:
    [trace] = sql(
        database, "SELECT trace_id, start_time FROM enterprise.traces WHERE start_time < $1 LIMIT 1", NOW - 2 * DAY
    )
    start = trace["start_time"]
    nodes = explained(database, SQL[name], trace["trace_id"], start, start, *more)
    assert {each for each in tables(nodes) if "spans" in each} == {f"trace_spans_p{start:%Y%m%d}"}
    assert any(index.endswith("trace_id_idx") for index in indexes(nodes))
    assert rows_read(nodes) < 10
