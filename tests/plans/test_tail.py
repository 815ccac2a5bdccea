"""EXPLAIN of the live tail: what is new is read by the index on (writer, batch), in partitions of any age."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from database.queries import load
from query_api.tail.listening import listening
from query_api.tail.reading import NOWHERE
from tests.conftest import copied
from tests.explain import Nodes, executed, rows_read, scans
from tests.served_api import sql

QUERY = load("query_api")["tail_logs"].format(wordy="false", tests="true")
OLD, NEW = 20_000, 50


@pytest.fixture(scope="module", params=["without statistics", "with statistics"])
def database(postgres_dsn: str, template_database: str, request: pytest.FixtureRequest) -> Iterator[str]:
    """Two writers with old and new logs, and as many by plain SQL, over four days."""
    for dsn in copied(postgres_dsn, template_database):
        for writer in (1, 2):
            for count, batch in ((OLD, 1000), (NEW, 2000)):
                _add(dsn, count, f", {writer}, {batch}", ", writer, batch")
        _add(dsn, OLD, "", "")
        if request.param == "with statistics":
            sql(dsn, "ANALYZE enterprise.structured_logs")
        yield dsn


def _add(dsn: str, count: int, values: str, names: str) -> None:
    sql(
        dsn,
        f"INSERT INTO enterprise.structured_logs (timestamp, level, logger_name, message{names}) "
        f"SELECT $1::timestamptz - i * interval '4 days' / {count}, 'INFO', 'app', 'message'{values} "
        f"FROM generate_series(1, {count}) AS i",
        datetime.now(UTC),
    )


def read_by_tail(dsn: str, *arguments: object) -> Nodes:
    async def explain() -> Nodes:
        async with listening(dsn, lambda: None) as connection:
            return await executed(connection, QUERY, *arguments)

    return asyncio.run(explain())


def test_only_new_rows_are_read(database: str) -> None:
    before = sql(database, "SELECT pg_current_snapshot()::text")[0][0]
    _add(database, NEW, "", "")
    after = sql(database, "SELECT pg_current_snapshot()::text")[0][0]
    nodes = read_by_tail(database, [1, 2], [1000, 1000], [2000, 2000], before, after, -1, 0, NOWHERE.id)
    assert {node["Node Type"] for node in scans(nodes)} <= {"Index Scan", "Bitmap Heap Scan"}
    assert nodes[0]["Actual Rows"] == rows_read(nodes) == 3 * NEW
    indexes = {node["Index Name"] for node in nodes if "Index Name" in node}
    assert all("writer_batch" in index for index in indexes), indexes
