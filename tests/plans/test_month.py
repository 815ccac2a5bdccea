"""EXPLAIN of the hot queries over a month of logs and spans in 30 partitions, the past ones sealed.

PLANS=full takes five million of each (`make plans`); without it there are fewer, and the same is asked of the plans.
"""

import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from hashlib import md5

import pytest

from benchmarks.query.catalogue import RARE_LOGS, RARE_WORD, SERVICE_NAMES
from benchmarks.query.filling import fill, settle
from benchmarks.query.volume import Volume
from database.pool import connect
from database.queries import load
from database.ranges import DAY, Range, midnight
from query_api import probing
from query_api.cursor import Cursor
from query_api.log_filters import LogFilters
from query_api.search.reading import read
from query_api.search.signals import LOGS, TRACES
from query_api.searching import Search
from query_api.trace_filters import TraceFilters
from query_api.window import Window
from tests.conftest import copied, run
from tests.explain import Nodes, executed, explained, rows_read, scans

SQL = load("query_api")
ROWS = 5_000_000 if os.environ.get("PLANS") == "full" else 200_000
NOW = datetime.now(UTC)
DAYS = 29
TODAY = midnight(NOW)
PAST = TODAY - 10 * DAY
DAY_OF_PAST = Window(PAST, PAST + DAY)
LAST_DAY = Window(NOW - DAY, None)
MONTH = Window(TODAY - DAYS * DAY, None)


@pytest.fixture(scope="module")
def database(postgres_dsn: str, template_database: str) -> Iterator[str]:
    for dsn in copied(postgres_dsn, template_database):
        run(fill(dsn, Volume(ROWS, DAYS, NOW), Range(TODAY - DAYS * DAY, TODAY + DAY)))
        run(settle(dsn))
        yield dsn


def logs(dsn: str, window: Window, q: str | None = None, after: Cursor | None = None, **filters: str | None) -> Nodes:
    """Of the newest 100 logs that match."""
    names = ("level", "logger_name", "trace_id", "user_email", "words")
    search = Search(LOGS, read(q) if q else None, NOW)
    asked = LogFilters(window, search, **{name: filters.get(name) for name in names})

    async def plan() -> Nodes:
        connection = await connect(dsn)
        try:
            text, arguments = await asked.listing(connection, after, 100, 0)
            return await executed(connection, text, *arguments)
        finally:
            await connection.close()

    return run(plan())


def traces(dsn: str, window: Window, q: str | None = None, *, status: str | None = None) -> Nodes:
    """Of the newest 50 traces that match."""
    filters = TraceFilters(window, Search(TRACES, read(q) if q else None, NOW), status, None, None)

    async def plan() -> Nodes:
        connection = await connect(dsn)
        try:
            text, arguments = filters.page(await filters.search.found(connection), window, None, 50, 0)
            return await executed(connection, text, *arguments)
        finally:
            await connection.close()

    return run(plan())


def days_read(nodes: Nodes, table: str) -> set[str]:
    """The days of the table's partitions that were scanned; DEFAULT is none."""
    names = {node["Relation Name"] for node in scans(nodes)}
    return {name.removeprefix(f"{table}_p") for name in names if name.startswith(f"{table}_p")}


def day(moment: datetime) -> str:
    return f"{moment:%Y%m%d}"


def index_names(nodes: Nodes) -> set[str]:
    return {node["Index Name"] for node in scans(nodes) + nodes if "Index Name" in node}


def test_the_newest_logs_are_read_from_the_end_of_one_index(database: str) -> None:
    nodes = logs(database, LAST_DAY)
    assert min(days_read(nodes, "structured_logs")) >= day(NOW - DAY)
    assert rows_read(nodes) < 250


def test_a_page_of_the_past_reads_little_more_than_its_rows(database: str) -> None:
    after = Cursor(f"{PAST:%Y-%m-%d %H:%M:%S.%f}+00", "00000000-0000-0000-0000-000000000000")
    nodes = logs(database, MONTH, after=after)
    assert max(days_read(nodes, "structured_logs")) == day(PAST)
    assert rows_read(nodes) < 250


@pytest.mark.parametrize("filters", [{"words": RARE_WORD}, {"q": RARE_WORD}])
def test_a_rare_word_of_a_sealed_day_reads_what_holds_it(database: str, filters: dict[str, str]) -> None:
    nodes = logs(database, DAY_OF_PAST, **filters)
    assert days_read(nodes, "structured_logs") == {day(PAST)}
    assert rows_read(nodes) <= 3 * RARE_LOGS / DAYS + 10


def test_a_rare_word_of_a_month_reads_what_holds_it_and_the_tail(database: str) -> None:
    nodes = logs(database, MONTH, q=RARE_WORD)
    sealed = [node for node in scans(nodes) if node["Relation Name"] != f"structured_logs_p{day(NOW)}"]
    assert rows_read(sealed) <= 2 * RARE_LOGS


def test_an_attribute_of_a_sealed_day_is_sought_by_its_index(database: str) -> None:
    nodes = logs(database, DAY_OF_PAST, q="order.id:123456")
    assert index_names(nodes) & {f"structured_logs_p{day(PAST)}_extra_search"}
    assert rows_read(nodes) < 50


def test_logs_of_a_trace_are_sought_by_its_id_in_every_partition(database: str) -> None:
    nodes = logs(database, MONTH, trace_id=md5(b"trace 20").hexdigest())
    assert rows_read(nodes) < 50


@pytest.mark.parametrize("status", [None, "error"])
def test_the_newest_traces_come_from_an_index(database: str, status: str | None) -> None:
    nodes = traces(database, LAST_DAY, status=status)
    assert rows_read(nodes) < 150


def test_traces_by_an_attribute_of_a_sealed_day_are_sought_by_its_index(database: str) -> None:
    nodes = traces(database, DAY_OF_PAST, "order.id:123456")
    assert days_read(nodes, "trace_spans") <= {day(PAST), day(PAST + DAY)}
    # To know where their last spans are, all traces of the day are read.
    assert rows_read([node for node in scans(nodes) if node["Relation Name"] != "traces"]) < 50


def test_of_a_service_the_newest_traces_are_looked_into_one_by_one(database: str) -> None:
    filters = TraceFilters(
        LAST_DAY, Search(TRACES, read(f"service:{SERVICE_NAMES[0]} kind:server"), NOW), None, None, None
    )
    statement = filters.probing({}, None, 50, probing.MOST_TRACES, probing.MOST_SPANS)
    assert statement is not None
    text, arguments = statement
    spans = [node for node in scans(explained(database, text, *arguments)) if node["Relation Name"] != "traces"]
    # Ten spans each, of which one in two traces at least is a server of this service.
    assert 50 <= rows_read(spans) < 1500


def test_a_trace_reads_the_partition_of_its_time_alone(database: str) -> None:
    async def place(dsn: str) -> tuple[object, ...]:
        connection = await connect(dsn)
        try:
            row = await connection.fetchrow(
                "SELECT trace_id, start_time, latest_start FROM enterprise.traces WHERE start_time > $1 "
                "ORDER BY start_time LIMIT 1",
                PAST + timedelta(hours=12),
            )
            return tuple(row)
        finally:
            await connection.close()

    nodes = explained(database, SQL["spans_of_trace"], *run(place(database)), None)
    assert days_read(nodes, "trace_spans") == {day(PAST)}
    assert rows_read(nodes) < 50
