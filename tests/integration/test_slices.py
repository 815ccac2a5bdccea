"""Slices of time: which are read, how they grow and shrink, and what happens when time is up."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import pytest

from database.pool import connect
from query_api import slices
from query_api.slices import Rows, Statement
from query_api.window import Window

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)


@pytest.fixture
async def connection(postgres_dsn: str) -> AsyncIterator[Any]:
    """In the transaction that slices need, with a row a minute before NOW for a day, and one ahead of it."""
    connection = await connect(postgres_dsn)
    async with connection.transaction():
        await connection.execute(
            "CREATE TEMPORARY TABLE happened ON COMMIT DROP AS "
            "SELECT $1::timestamptz - i * interval '1 minute' AS time FROM generate_series(-1, 1439) AS i",
            NOW,
        )
        yield connection
    await connection.close()


class Reader:
    """Reads happened, and remembers how. A slice of more than `most` takes for ever."""

    def __init__(self, connection: Any, window: Window, most: timedelta = DAY, wanted: int = 10_000) -> None:
        self._connection, self._window, self._most, self._wanted = connection, window, most, wanted
        self.asked: list[Window] = []
        self.times: list[datetime] = []

    def _statement(self, part: Window) -> Statement:
        self.asked.append(part)
        return (
            "WITH waited AS MATERIALIZED ("
            "SELECT pg_sleep(CASE WHEN coalesce($2, now()) - $1 > $3::interval THEN 60 ELSE 0 END)) "
            "SELECT time FROM waited, happened WHERE time >= $1 AND ($2::timestamptz IS NULL OR time < $2) "
            "ORDER BY time DESC",
            [part.earliest, part.latest, self._most],
        )

    def _enough(self, rows: Rows) -> bool:
        self.times += [row["time"] for row in rows]
        return len(self.times) >= self._wanted

    async def read(self) -> datetime:
        newest = self._window.latest or NOW
        return await slices.newest_first(self._connection, self._window, newest, self._statement, self._enough)


async def test_a_window_is_read_once_in_growing_slices_the_newest_first(connection: Any) -> None:
    reader = Reader(connection, Window(NOW - DAY, NOW))
    assert await reader.read() == NOW - DAY
    assert reader.times == [NOW - i * MINUTE for i in range(1, 1440)]
    assert [part.latest for part in reader.asked] == [NOW, *(part.earliest for part in reader.asked[:-1])]
    assert len(reader.asked) <= 6


async def test_what_is_dated_ahead_is_in_the_first_slice_where_nothing_bounds_it(connection: Any) -> None:
    reader = Reader(connection, Window(NOW - 3 * MINUTE, None), most=DAY * 10_000)
    await reader.read()
    assert reader.times == [NOW + MINUTE, *(NOW - i * MINUTE for i in range(4))]


async def test_it_ends_with_the_slice_that_is_enough(connection: Any) -> None:
    reader = Reader(connection, Window(NOW - DAY, NOW), wanted=5)
    assert await reader.read() == NOW - 9 * MINUTE
    assert len(reader.asked) == 2


async def test_when_time_is_up_it_says_from_when_on_it_has_read(
    connection: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(slices, "SECONDS", 0.0)
    reader = Reader(connection, Window(NOW - DAY, NOW))
    assert await reader.read() == NOW - MINUTE
    assert reader.times == [NOW - MINUTE]


async def test_a_slice_that_takes_too_long_is_tried_in_shorter_ones(
    connection: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(slices, "SLICE_SECONDS", 0.5)
    reader = Reader(connection, Window(NOW - 30 * MINUTE, NOW), most=9 * MINUTE)
    assert await reader.read() == NOW - 30 * MINUTE
    assert reader.times == [NOW - i * MINUTE for i in range(1, 31)]
    assert max(part.latest - part.earliest for part in reader.asked if part.latest) > 9 * MINUTE


async def test_where_nothing_can_be_read_in_time_it_fails_and_the_transaction_goes_on(
    connection: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(slices, "SLICE_SECONDS", 0.05)
    monkeypatch.setattr(slices, "SECONDS", 0.2)
    reader = Reader(connection, Window(NOW - DAY, NOW), most=timedelta(0))
    with pytest.raises(asyncpg.QueryCanceledError):
        await reader.read()
    assert await connection.fetchval("SELECT count(*) FROM happened") == 1441
    assert await connection.fetchval("SHOW statement_timeout") == "0"
