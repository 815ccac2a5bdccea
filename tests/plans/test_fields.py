"""EXPLAIN of what autocompletion reads: by the primary keys alone, in the weeks asked for, few rows."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from database.queries import load
from database.ranges import DAY, midnight
from tests.conftest import copied
from tests.explain import explained, rows_read, scans
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


@pytest.mark.parametrize("service", ["", "service-7"])
def test_keys_of_two_days_are_those_of_one_service_in_their_weeks(database: str, service: str) -> None:
    nodes = scans(
        explained(database, SQL["fields_seen"], ["spans"], service, [TODAY - DAY, TODAY], "http", "", None, 100)
    )
    assert all("Index" in node["Node Type"] or "Bitmap" in node["Node Type"] for node in nodes)
    assert len({node["Relation Name"] for node in nodes}) <= 2
    assert rows_read(nodes) == 2 * KEYS


@pytest.mark.parametrize("name", ["values_seen", "many_values"])
def test_values_of_two_days_are_those_of_one_key_and_service(database: str, name: str) -> None:
    wanted = (["spans"] * 3, ["item", "resource", "scope"], ["http.key.7"] * 3)
    more = ("", 100) if name == "values_seen" else ()
    nodes = scans(explained(database, SQL[name], *wanted, "", [TODAY - DAY, TODAY], *more))
    assert all("Index" in node["Node Type"] or "Bitmap" in node["Node Type"] for node in nodes)
    assert len({node["Relation Name"] for node in nodes}) <= 2
    assert rows_read(nodes) <= 3 * 2 * max(VALUES, KEYS)
