"""Rows go to the leaf that PostgreSQL would send them to."""

from typing import Any

import asyncpg
import pytest
from opentelemetry.exporter.postgres.leaves import Leaves

EARLY, LATE = "1990-01-01 00:00:00+00", "2030-01-01 00:00:00+00"


@pytest.fixture
async def tables(empty_database: str) -> Any:
    """A connection to two small partitioned tables: with a hole, and without any partition but DEFAULT."""
    connection = await asyncpg.connect(empty_database)
    await connection.execute("CREATE SCHEMA enterprise")
    for table, column in (("trace_spans", "start_time"), ("structured_logs", "timestamp")):
        await connection.execute(
            f'CREATE TABLE enterprise.{table} ("{column}" timestamptz) PARTITION BY RANGE ("{column}");'
            f"CREATE TABLE enterprise.{table}_default PARTITION OF enterprise.{table} DEFAULT"
        )
    for name, lower, upper in (
        ("c", "2026-01-03 00:00:00+00", "2026-01-04 00:00:00+00"),
        ("a", "2026-01-01 00:00:00+00", "2026-01-02 00:00:00+00"),
        ("b", "2026-01-02 00:00:00+00", "2026-01-02 01:00:00+00"),
    ):
        await connection.execute(
            f"CREATE TABLE enterprise.spans_{name} PARTITION OF enterprise.trace_spans "
            f"FOR VALUES FROM ('{lower}') TO ('{upper}')"
        )
    yield connection
    await connection.close()


async def test_every_row_goes_where_postgresql_would_put_it(tables: Any) -> None:
    """At each bound, 1 µs around it, in the holes and far off; whatever time zone the session has."""
    await tables.execute("SET timezone = 'America/New_York'")
    leaves = Leaves()
    await leaves.refresh(tables)
    for table, column in (("trace_spans", "start_time"), ("structured_logs", "timestamp")):
        await tables.execute(
            f"INSERT INTO enterprise.{table} SELECT at + make_interval(secs => beside * 0.000001) "
            "FROM unnest($1::text[]::timestamptz[]) AS at, generate_series(-1, 1) AS beside",
            [EARLY, LATE, *(f"2026-01-0{day} 0{hour}:00:00+00" for day in range(1, 5) for hour in (0, 1, 7))],
        )
        placed = await tables.fetch(
            f"SELECT tableoid::regclass::text AS leaf, "
            f'(extract(epoch FROM "{column}") * 1000000)::bigint AS us FROM enterprise.{table} ORDER BY us'
        )
        times = [row["us"] for row in placed]
        split = dict(leaves.split(table, [str(us).encode() for us in times], times))
        expected: dict[str, list[bytes]] = {}
        for row in placed:
            expected.setdefault(row["leaf"].removeprefix("enterprise."), []).append(str(row["us"]).encode())
        assert {leaf: list(rows) for leaf, rows in split.items()} == expected
        assert list(split) == sorted(split)


async def test_a_refresh_forgets_what_is_gone(tables: Any) -> None:
    leaves = Leaves()
    await leaves.refresh(tables)
    at = 1_767_225_600_000_000
    assert [leaf for leaf, _ in leaves.split("trace_spans", [b""], [at])] == ["spans_a"]
    await tables.execute("ALTER TABLE enterprise.trace_spans DETACH PARTITION enterprise.spans_a")
    await leaves.refresh(tables)
    assert [leaf for leaf, _ in leaves.split("trace_spans", [b""], [at])] == ["trace_spans_default"]
