"""Clients that come and go at every moment leave one reader behind, never two."""

import asyncio
import json
import random
import time
from datetime import UTC, datetime

import asyncpg

from query_api.search.signals import LOGS
from query_api.searching import Search
from query_api.tail.hub import Tail
from tests.tailing import PATIENCE, add_logs


async def test_whoever_stays_gets_each_log_once_while_others_come_and_go(database: str) -> None:
    rng = random.Random(3)
    everything = Search(LOGS, None, datetime.now(UTC))
    connection = await asyncpg.connect(database)
    tail = Tail(database)
    for number in range(25):
        for _ in range(3):
            passing = tail.subscribe(everything, None, None)
            await asyncio.sleep(rng.choice((0, 0.001, 0.01, 0.05)))
            await add_logs(connection, "passing")
            tail.leave(passing)
        staying = tail.subscribe(everything, None, None)
        async with asyncio.timeout(PATIENCE):
            assert [message.kind for message in await staying.take()] == ["filter"]
            await add_logs(connection, f"a {number}")
            await add_logs(connection, f"b {number}")
            got = await staying.take()
            while len(got) < 2:
                got += await staying.take()
        assert sorted(json.loads(message.text)["data"]["message"] for message in got) == [f"a {number}", f"b {number}"]
        tail.leave(staying)
    await tail.close()
    await connection.close()


LISTENING = (
    "SELECT FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'otelgres live tail'"
)
RESTING = f"{LISTENING} AND state = 'idle' AND state_change < clock_timestamp() - interval '0.5 seconds'"


async def test_a_reader_that_is_woken_as_the_last_client_leaves_ends_too(database: str) -> None:
    everything = Search(LOGS, None, datetime.now(UTC))
    connection = await asyncpg.connect(database)
    tail = Tail(database)
    first = tail.subscribe(everything, None, None)
    await first.take()
    await _until(connection, RESTING, found=True)
    tail.leave(tail.subscribe(everything, None, None))
    tail.leave(first)
    await _until(connection, LISTENING, found=False)
    await connection.close()


async def _until(connection: asyncpg.Connection, query: str, *, found: bool) -> None:
    deadline = time.monotonic() + PATIENCE
    while bool(await connection.fetch(query)) is not found:
        assert time.monotonic() < deadline
        await asyncio.sleep(0.02)
