"""EXPLAIN of the live tail: what is new is read by the index on (writer, batch), in partitions of any age."""

import asyncio
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from database.queries import load
from query_api.tail.listening import listening
from query_api.tail.reading import NOWHERE
from tests.conftest import copied
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


def nodes_of(dsn: str, *arguments: object) -> list[dict[str, Any]]:
    async def explain() -> Any:
        async with listening(dsn, lambda: None) as connection:
            return await connection.fetchval(f"EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) {QUERY}", *arguments)

    found = asyncio.run(explain())
    nodes = [(json.loads(found) if isinstance(found, str) else found)[0]["Plan"]]
    for node in nodes:
        nodes.extend(node.get("Plans", []))
    return nodes


def test_only_new_rows_are_read(database: str) -> None:
    before = sql(database, "SELECT pg_current_snapshot()::text")[0][0]
    _add(database, NEW, "", "")
    after = sql(database, "SELECT pg_current_snapshot()::text")[0][0]
    nodes = nodes_of(database, [1, 2], [1000, 1000], [2000, 2000], before, after, -1, 0, NOWHERE.id)
    scans = [node for node in nodes if "Relation Name" in node]
    assert {node["Node Type"] for node in scans} <= {"Index Scan", "Bitmap Heap Scan"}
    read = sum((node["Actual Rows"] + node.get("Rows Removed by Filter", 0)) * node["Actual Loops"] for node in scans)
    assert nodes[0]["Actual Rows"] == 3 * NEW
    assert read == 3 * NEW
    indexes = {node["Index Name"] for node in nodes if "Index Name" in node}
    assert all("writer_batch" in index for index in indexes), indexes
