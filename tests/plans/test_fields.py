"""EXPLAIN of what autocompletion reads: by the primary keys alone, in the weeks asked for, few rows."""

import asyncio
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from database.pool import connect
from database.queries import load
from database.ranges import DAY, midnight
from tests.conftest import copied
from tests.served_api import sql

SQL = load("query_api")
TODAY = midnight(datetime.now(UTC))
KEYS = 40
VALUES = 25


@pytest.fixture(scope="module")
def database(postgres_dsn: str, template_database: str) -> Iterator[str]:
    """28 days of 20 services and all together, with 40 keys of 25 values each."""
    for dsn in copied(postgres_dsn, template_database):
        sql(
            dsn,
            "INSERT INTO enterprise.attribute_keys "
            "SELECT 'spans', CASE WHEN s = 0 THEN '' ELSE 'service-' || s END, $1::timestamptz - d * interval '1 day', "
            "'http.key.' || k, 'item', 'string', 100, 10, $1, $1 "
            f"FROM generate_series(0, 20) AS s, generate_series(0, 27) AS d, generate_series(1, {KEYS}) AS k",
            TODAY,
        )
        sql(
            dsn,
            "INSERT INTO enterprise.attribute_values "
            "SELECT signal, service_name, place, key, day, 'value ' || v, false, 100, 10, day "
            f"FROM enterprise.attribute_keys, generate_series(1, {VALUES}) AS v",
        )
        sql(dsn, "ANALYZE enterprise.attribute_keys, enterprise.attribute_values")
        yield dsn


def scans(dsn: str, name: str, *arguments: object) -> list[dict[str, Any]]:
    """The scans of tables in the executed plan of a query, but those that were never begun."""

    async def explain() -> Any:
        connection = await connect(dsn)
        try:
            return await connection.fetchval(f"EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) {SQL[name]}", *arguments)
        finally:
            await connection.close()

    found = asyncio.run(explain())
    nodes = [(json.loads(found) if isinstance(found, str) else found)[0]["Plan"]]
    for node in nodes:
        nodes.extend(node.get("Plans", []))
    return [node for node in nodes if "Relation Name" in node and node["Actual Loops"]]


def rows_read(nodes: list[dict[str, Any]]) -> float:
    return sum((node["Actual Rows"] + node.get("Rows Removed by Filter", 0)) * node["Actual Loops"] for node in nodes)


@pytest.mark.parametrize("service", ["", "service-7"])
def test_keys_of_two_days_are_those_of_one_service_in_their_weeks(database: str, service: str) -> None:
    nodes = scans(database, "fields_seen", ["spans"], service, [TODAY - DAY, TODAY], "http", "", None, 100)
    assert all("Index" in node["Node Type"] or "Bitmap" in node["Node Type"] for node in nodes)
    assert len({node["Relation Name"] for node in nodes}) <= 2
    assert rows_read(nodes) == 2 * KEYS


@pytest.mark.parametrize("name", ["values_seen", "many_values"])
def test_values_of_two_days_are_those_of_one_key_and_service(database: str, name: str) -> None:
    wanted = (["spans"] * 3, ["item", "resource", "scope"], ["http.key.7"] * 3)
    more = ("", 100) if name == "values_seen" else ()
    nodes = scans(database, name, *wanted, "", [TODAY - DAY, TODAY], *more)
    assert all("Index" in node["Node Type"] or "Bitmap" in node["Node Type"] for node in nodes)
    assert len({node["Relation Name"] for node in nodes}) <= 2
    assert rows_read(nodes) <= 3 * 2 * max(VALUES, KEYS)
