"""Clients that come and go at every moment leave one reader behind, never two."""

import asyncio
import json
import random
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
