"""The jobs' look-ups stay cheap beside many rows: by an index, and only where the rows can be."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from database import closing, migrate, pool, queries, retention

SQL = queries.load("database")
NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)


@pytest.fixture
async def connection(empty_database: str) -> AsyncIterator[Any]:
    """A database with 20,000 traces, one a minute backwards from NOW, of which ten are open."""
    await migrate.migrate(empty_database)
    connection = await pool.connect(empty_database)
    await connection.execute(
        "INSERT INTO enterprise.traces (trace_id, entry_point, start_time, status, entry_status) "
        "SELECT md5(n::text), 'http', $1::timestamptz - n * interval '1 minute', "
        "CASE WHEN n <= 10 THEN 'in_progress' ELSE 'completed' END, 'completed' FROM generate_series(1, 20000) AS n",
        NOW,
    )
    await connection.execute("VACUUM ANALYZE enterprise.traces")
    yield connection
    await connection.close()


async def plan(connection: Any, query: str, *arguments: Any) -> str:
    return "\n".join(row[0] for row in await connection.fetch(f"EXPLAIN {query}", *arguments))


async def test_idle_traces_are_found_among_the_open_ones(connection: Any) -> None:
    found = await plan(connection, SQL["close_idle"], NOW, closing.TRACES_AT_ONCE)
    assert "traces_in_progress_idx" in found
    assert "Seq Scan on traces" not in found


async def test_expired_traces_are_found_from_the_oldest(connection: Any) -> None:
    found = await plan(connection, SQL["delete_expired_traces"], NOW - timedelta(days=13), NOW, retention.ROWS_AT_ONCE)
    assert "traces_start_time_idx" in found
    assert "Seq Scan on traces" not in found
