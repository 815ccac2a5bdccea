"""EXPLAIN of the census of attributes: each part of its statement is made once, and rows are read where they lie."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from database import attribute_census
from database.attribute_census import BYTES_READ, ROWS_READ, SOURCES, VALUES_KEPT, Leaf, Source, rows_to_read
from database.pool import connect
from database.queries import load
from tests.explain import Nodes, executed, scans

SQL = load("database")
NOW = datetime.now(UTC)
ROWS, SERVICES, RESOURCES = 4_000, 20, 2_000
# Made once, though some are asked for once: inlined, they would be made again for each row they are joined to.
PARTS = {"arrived", "total", "taken", "resources", "scopes", "by_service", "counted", "keys", "marked", "kept"}


@pytest.fixture(params=["whole", "sampled"])
async def connection(
    database: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Any]:
    """Spans and logs of a writer over two days, 20 services and many resources; read whole, or in places."""
    if request.param == "sampled":
        monkeypatch.setattr(attribute_census, "BLOCKS_READ", 1)
    connection = await connect(database)
    await connection.execute(
        "INSERT INTO enterprise.resources (id, service_name, attributes) "
        f"SELECT i, 'shop', jsonb_build_object('pod', i) FROM generate_series(1, {RESOURCES}) AS i"
    )
    await connection.execute(
        "INSERT INTO enterprise.scopes (id, name, version, attributes) "
        f"SELECT i, 'scope', '1', '{{}}' FROM generate_series(1, {RESOURCES}) AS i"
    )
    await connection.execute(
        "INSERT INTO enterprise.trace_spans (trace_id, span_id, operation_name, service_name, start_time, tags, "
        "resource_id, scope_id, writer, batch) SELECT md5(i::text), lpad(to_hex(i), 16, '0'), 'op', "
        f"'service-' || i % {SERVICES}, $1::timestamptz - i % 2 * interval '1 day', "
        f"jsonb_build_object('order', i, 'shard', i % 10), 1 + i % {RESOURCES}, 1 + i % {RESOURCES}, 1, 1 "
        f"FROM generate_series(1, {ROWS}) AS i",
        NOW,
    )
    await connection.execute(
        "INSERT INTO enterprise.structured_logs (timestamp, level, logger_name, message, service_name, extra, "
        "resource_id, scope_id, writer, batch) SELECT $1::timestamptz - i % 2 * interval '1 day', 'INFO', 'app', 'm', "
        f"'service-' || i % {SERVICES}, jsonb_build_object('order', i), 1 + i % {RESOURCES}, 1 + i % {RESOURCES}, 1, 1 "
        f"FROM generate_series(1, {ROWS}) AS i",
        NOW,
    )
    yield connection
    await connection.close()


async def counted(connection: Any, source: Source) -> Nodes:
    leaves = [
        Leaf(*row)
        for row in await connection.fetch(SQL["attribute_leaves"], [source.table])
        if row["parent"] == source.table
    ]
    assert len(leaves) == 2
    async with connection.transaction():
        await connection.execute(f"SET LOCAL work_mem = '{attribute_census.WORK_MEM}'")
        return await executed(
            connection,
            SQL["count_attributes"].format(rows=" UNION ALL ".join(rows_to_read(source, leaves))),
            [1],
            [0],
            [1],
            source.signal,
            source.columns,
            NOW - timedelta(days=30),
            NOW,
            ROWS_READ,
            BYTES_READ,
            VALUES_KEPT,
        )


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.signal)
async def test_each_part_is_made_once_and_each_partition_read_once(connection: Any, source: Source) -> None:
    nodes = await counted(connection, source)
    parts = {
        node["Subplan Name"].removeprefix("CTE "): node
        for node in nodes
        if node.get("Subplan Name", "").startswith("CTE")
    }
    assert parts.keys() >= PARTS
    assert {name: node["Actual Loops"] for name, node in parts.items()} == dict.fromkeys(parts, 1)
    rows = [node for node in scans(nodes) if node["Relation Name"].startswith(source.table)]
    assert len(rows) == 2
    assert all(node["Node Type"] in ("Tid Range Scan", "Tid Scan") and node["Actual Loops"] == 1 for node in rows)


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.signal)
async def test_origins_are_read_once_each_at_most(connection: Any, source: Source) -> None:
    for table in ("resources", "scopes"):
        [origins] = [node for node in scans(await counted(connection, source)) if node["Relation Name"] == table]
        assert origins["Actual Rows"] * origins["Actual Loops"] <= ROWS
