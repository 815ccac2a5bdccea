"""GET /search/progress: which partitions have their search indexes, and how long the others wait."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from database.lease import Lease
from database.pool import connect_pool
from database.queries import load
from database.sealing import Sealing
from database.search_indexes import build
from query_api.models import SearchPartition, SearchProgress
from tests.served_api import served_api, sql

LAG = load("server")["search_lag"]
TODAY = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
DAY = timedelta(days=1)


@pytest.fixture
async def leading(database: str) -> AsyncIterator[tuple[Any, Lease]]:
    """The lead over maintenance and its connections, so that the application seals nothing of its own accord."""
    pool = await connect_pool(database, min_size=0, max_size=2, statement_timeout_ms=60_000)
    lease = Lease(pool, "maintenance", "test", timedelta(minutes=10))
    await lease.acquire()
    yield pool, lease
    await pool.close()


def add_log(database: str, timestamp: datetime) -> None:
    columns = "(timestamp, level, logger_name, message)"
    sql(database, f"INSERT INTO enterprise.structured_logs {columns} VALUES ($1, 'INFO', 'a', 'b')", timestamp)


def progress(database: str) -> list[SearchPartition]:
    with served_api(database) as api:
        answer = api.get("/api/observability/search/progress")
    assert answer.status_code == 200, answer.text
    return SearchProgress.model_validate_json(answer.text).partitions


def lag(database: str) -> dict[str, float]:
    return {row["table"]: row["seconds"] for row in sql(database, LAG)}


async def test_without_rows_nothing_waits(database: str) -> None:
    assert progress(database) == []
    assert lag(database) == {"structured_logs": 0, "trace_spans": 0}


async def test_what_is_over_waits_for_its_indexes_and_gets_them(database: str, leading: tuple[Any, Lease]) -> None:
    earliest = TODAY - 3 * DAY
    for timestamp in (earliest, TODAY, datetime(1990, 1, 1, tzinfo=UTC)):
        add_log(database, timestamp)

    today, over, rest = progress(database)
    waits = (datetime.now(UTC) - (earliest + DAY)).total_seconds()
    assert (today.partition, today.from_, today.to) == (f"structured_logs_p{TODAY:%Y%m%d}", TODAY, TODAY + DAY)
    assert (over.table, over.from_, over.to) == ("structured_logs", earliest, earliest + DAY)
    assert (rest.partition, rest.from_, rest.to) == ("structured_logs_default", None, None)
    assert [(each.indexed, each.indexed_at) for each in (today, over, rest)] == [(False, None)] * 3
    assert min(each.bytes for each in (today, over, rest)) > 0
    assert (today.waiting_seconds, rest.waiting_seconds) == (None, None)
    assert over.waiting_seconds == pytest.approx(waits, abs=30)
    assert lag(database) == {"structured_logs": pytest.approx(waits, abs=30), "trace_spans": 0}

    await Sealing(*leading).run_once(datetime.now(UTC))
    today, over, rest = progress(database)
    assert over.indexed_at is not None
    assert (over.indexed, over.waiting_seconds) == (True, None)
    assert [(each.indexed, each.indexed_at) for each in (today, rest)] == [(False, None)] * 2
    assert lag(database) == {"structured_logs": 0, "trace_spans": 0}


async def test_what_has_its_indexes_before_it_is_over_never_waits(database: str, leading: tuple[Any, Lease]) -> None:
    pool, _ = leading
    for day in (TODAY, TODAY - 3 * DAY):
        add_log(database, day)
        async with pool.acquire() as connection:
            await build(connection, "structured_logs", f"structured_logs_p{day:%Y%m%d}")
    found = [(each.indexed, each.indexed_at, each.waiting_seconds) for each in progress(database)]
    assert found == [(True, None, None)] * 2
    assert lag(database) == {"structured_logs": 0, "trace_spans": 0}

    sql(database, f"DROP INDEX enterprise.structured_logs_p{TODAY - 3 * DAY:%Y%m%d}_extra_search")
    assert [each.indexed for each in progress(database)] == [True, False]
    assert lag(database)["structured_logs"] > 0
