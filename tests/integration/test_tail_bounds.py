"""What a client of the live tail cannot do to others: be slow, ask too much, stay for ever."""

import asyncio
import signal
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

import asyncpg
import httpx
import pytest
from websockets.exceptions import ConnectionClosed

from query_api.search.arguments import Arguments
from query_api.search.compiling import Found
from query_api.search.signals import LOGS
from query_api.searching import Search
from query_api.tail import hub, listening, subscription
from query_api.tail.hub import Tail
from query_api.tail.subscription import Subscription
from tests.otelgres_process import OtelgresProcess
from tests.served_api import served_api, sql
from tests.tailing import PATIENCE, STREAM, WriterByHand, add_logs, watching

EVERYTHING = Search(LOGS, None, datetime.now(UTC))
LISTENING = "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND application_name = $1"


async def test_a_slow_client_is_told_how_many_it_missed_and_delays_nobody(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(subscription, "MOST_BYTES", 1_000_000)
    batches, rows = 40, 10
    with served_api(database) as api:
        async with (
            WriterByHand.registered(database) as writer,
            watching(api.base_url) as quick,
            watching(api.base_url) as slow,
        ):
            for batch in range(batches):
                await writer.write(*(f"{batch}/{row} " + "x" * 100_000 for row in range(rows)))
                assert len(await quick.messages(rows)) == rows
            got, missed = [], 0
            while len(got) + missed < batches * rows:
                message = await slow.next()
                assert message["token"]
                if message["type"] == "skipped":
                    missed += message["skipped"]
                else:
                    got.append(message["data"]["message"])
            assert missed > batches * rows // 2
            assert len(set(got)) == len(got)
            assert slow.token == quick.token
            await writer.write("end")
            assert await slow.messages(1) == ["end"]


async def test_what_waits_for_a_client_is_bounded() -> None:
    from query_api.tail.messages import Message, answer_to

    one = Subscription(EVERYTHING, None, None, lambda: None)
    for number in range(3 * subscription.MOST_ROWS):
        one.offer(Message("new_log", "x" * 10, str(number)))
    taken = await one.take()
    assert len(taken) == subscription.MOST_ROWS
    [told] = await one.take()
    assert f'"skipped": {2 * subscription.MOST_ROWS}' in told.text
    for number in range(10):
        one.offer(Message("new_log", "x" * subscription.MOST_BYTES, str(number)))
    assert len(await one.take()) == 1
    assert '"skipped": 9' in (await one.take())[0].text
    for _ in range(2 * subscription.MOST_ROWS + 1):
        one.tell(answer_to(ValueError("no")))
    assert await one.take()
    assert await one.take() == []


@asynccontextmanager
async def tail_of(dsn: str) -> AsyncIterator[Tail]:
    tail = Tail(dsn)
    try:
        yield tail
    finally:
        await tail.close()


@dataclass(frozen=True)
class Endless(Search):
    """A search that PostgreSQL cannot answer in time."""

    def condition(self, found: Found, arguments: Arguments) -> str:
        return "pg_sleep(60) IS NULL"


async def test_a_filter_that_takes_too_long_is_let_go_and_the_others_stay(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listening, "STATEMENT_TIMEOUT_MS", 300)
    connection = await asyncpg.connect(database)
    async with tail_of(database) as tail:
        good = tail.subscribe(EVERYTHING, "good", None)
        bad = tail.subscribe(Endless(LOGS, None, datetime.now(UTC)), "bad", None)
        for each in (good, bad):
            assert [message.kind for message in await each.take()] == ["filter"]
        await add_logs(connection, "one")
        assert [message.kind for message in await asyncio.wait_for(good.take(), PATIENCE)] == ["new_log"]
        [told] = await asyncio.wait_for(bad.take(), PATIENCE)
        assert (told.kind, hub.FAILED in told.text) == ("error", True)
        assert await bad.take() == []
        tail.leave(bad)
        tail.leave(good)
    await connection.close()


async def test_a_client_that_goes_cancels_what_is_read_for_it(database: str) -> None:
    connection = await asyncpg.connect(database)
    async with tail_of(database) as tail:
        one = tail.subscribe(Endless(LOGS, None, datetime.now(UTC)), "bad", None)
        await one.take()
        await add_logs(connection, "one")
        await _until(connection, LISTENING + " AND wait_event = 'PgSleep'", found=True)
        tail.leave(one)
        began = time.monotonic()
        await _until(connection, LISTENING, found=False)
        assert time.monotonic() - began < listening.STATEMENT_TIMEOUT_MS / 1000 / 2
    await connection.close()


async def _until(connection: asyncpg.Connection, query: str, *, found: bool) -> None:
    deadline = time.monotonic() + PATIENCE
    while bool(await connection.fetch(query, "otelgres live tail")) is not found:
        assert time.monotonic() < deadline
        await asyncio.sleep(0.02)


async def test_all_clients_share_one_connection(database: str) -> None:
    with served_api(database) as api:
        async with watching(api.base_url), watching(api.base_url, "level:ERROR"), watching(api.base_url, "x"):
            assert len(sql(database, LISTENING, "otelgres live tail")) == 1


async def test_clients_are_told_when_the_server_goes(server: Callable[..., OtelgresProcess]) -> None:
    process = server()
    async with (
        watching(process.url) as watcher,
        httpx.AsyncClient(timeout=PATIENCE) as client,
        client.stream("GET", f"{process.url}{STREAM}") as events,
    ):
        lines = events.aiter_lines()
        assert await anext(lines) == "retry: 1000"
        process.process.send_signal(signal.SIGTERM)
        with pytest.raises(ConnectionClosed) as closed:
            await watcher.next()
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 1001
        # The stream ends as HTTP wants it; else httpx would raise.
        async for _ in lines:
            pass
    began = time.monotonic()
    assert process.stop() == 0
    assert time.monotonic() - began < 15
    assert "Traceback" not in process.output()
