"""A client that drops and resumes misses nothing and sees nothing twice."""

import asyncio
import random
from collections import Counter
from collections.abc import Callable, Iterator

import asyncpg
import httpx
import pytest

from query_api.tail import hub, reading, subscription
from tests import payloads
from tests.conftest import copied
from tests.otelgres_process import OtelgresProcess
from tests.senders import post_async
from tests.served_api import served_api, sql
from tests.tailing import PATIENCE, WriterByHand, add_logs, watching

ROWS_A_REQUEST = 40
REQUESTS = 20
SENDERS = 12


@pytest.fixture(scope="module")
def shared(postgres_dsn: str, template_database: str) -> Iterator[str]:
    yield from copied(postgres_dsn, template_database)


@pytest.fixture(scope="module")
def api(shared: str) -> Iterator[httpx.Client]:
    with served_api(shared) as client:
        yield client


async def test_dropped_at_random_while_two_receivers_write_every_log_comes_once(
    server: Callable[..., OtelgresProcess], database: str
) -> None:
    process = server(OTELGRES_WORKERS="2")
    rng = random.Random(7)
    seen: Counter[str] = Counter()
    token = None
    sending = None
    expected = SENDERS * REQUESTS * ROWS_A_REQUEST
    while sum(seen.values()) < expected:
        async with watching(process.url, token=token) as watcher:
            sending = sending or asyncio.create_task(_send_all(process, database))
            for _ in range(rng.randrange(1, 400)):
                message = await watcher.next()
                assert message["type"] in ("new_log", "filter"), message
                if message["type"] == "new_log":
                    seen[message["data"]["id"]] += 1
                    if sum(seen.values()) == expected:
                        break
            token = watcher.token
            # Without a closing handshake, wherever the stream is.
            watcher.socket.transport.abort()
    assert sending is not None
    await sending
    stored = {str(row["id"]) for row in sql(database, "SELECT id FROM enterprise.structured_logs")}
    writers = sql(database, "SELECT count(DISTINCT writer) FROM enterprise.structured_logs WHERE writer <> 0")[0][0]
    assert writers >= 2
    assert set(seen) == stored
    assert set(seen.values()) == {1}


async def _send_all(process: OtelgresProcess, dsn: str) -> None:
    """Over several connections, which spread over the receivers, and some rows by plain SQL."""
    connection = await asyncpg.connect(dsn)

    async def send() -> None:
        async with httpx.AsyncClient(timeout=30) as client:
            for _ in range(REQUESTS):
                body = payloads.records(ROWS_A_REQUEST - 1).SerializeToString()
                await post_async(client, f"{process.otlp_http_url}/v1/logs", body)

    async def insert() -> None:
        for number in range(SENDERS * REQUESTS):
            await add_logs(connection, f"plain {number}")

    await asyncio.gather(insert(), *(send() for _ in range(SENDERS)))
    await connection.close()


async def test_every_place_between_two_rows_can_be_resumed_from(
    api: httpx.Client, shared: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rows of two writers and of plain SQL that are read together, in pages of two."""
    monkeypatch.setattr(reading, "FIRST_ROWS", 2)
    monkeypatch.setattr(reading, "MOST_ROWS", 2)
    connection = await asyncpg.connect(shared)
    async with (
        WriterByHand.registered(shared) as first,
        WriterByHand.registered(shared) as second,
    ):
        await first.write("long before")
        async with watching(api.base_url) as watcher:
            begun = watcher.token
        await first.write("a1", "a2", "a3")
        slow = connection.transaction()
        await slow.start()
        await add_logs(connection, "p1", "p2", "p3")
        await second.write("b1", "b2", "b3")
        await first.write("a4", "a5")
        await slow.commit()
        await second.begin("b4")
        await add_logs(connection, "p4")
        whole = {"a1", "a2", "a3", "a4", "a5", "b1", "b2", "b3", "p1", "p2", "p3", "p4"}
        tokens, order = [begun], []
        async with watching(api.base_url, token=begun) as watcher:
            assert (await watcher.next())["type"] == "filter"
            for _ in whole:
                order += await watcher.messages(1)
                tokens.append(watcher.token)
        assert sorted(order) == sorted(whole)
        # What commits meanwhile, of a transaction that began before the rows were read, comes after all of them.
        await second.commit()
        for place, token in enumerate(tokens):
            async with watching(api.base_url, token=token) as watcher:
                assert (await watcher.next())["type"] == "filter"
                await add_logs(connection, f"end {place}")
                expected = [*order[place:], "b4", *(f"end {each}" for each in range(place + 1))]
                assert sorted(await watcher.messages(len(expected))) == sorted(expected), place
    await connection.close()


async def test_a_filter_holds_for_what_is_resumed_too(api: httpx.Client, shared: str) -> None:
    async with WriterByHand.registered(shared) as writer:
        async with watching(api.base_url, "level:ERROR") as watcher:
            token = watcher.token
        await writer.write("no", level="INFO")
        await writer.write("yes", level="ERROR")
        async with watching(api.base_url, "level:ERROR", token) as watcher:
            assert (await watcher.next())["q"] == "level:ERROR"
            assert await watcher.messages(1) == ["yes"]


async def test_what_is_resumed_is_never_skipped_however_slowly_it_is_taken(
    api: httpx.Client, shared: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(subscription, "MOST_ROWS", 20)
    monkeypatch.setattr(reading, "MOST_ROWS", 10)
    async with watching(api.base_url) as watcher:
        token = watcher.token
    async with WriterByHand.registered(shared) as writer:
        for batch in range(20):
            await writer.write(*(f"{batch}/{row}" for row in range(25)))
        async with watching(api.base_url, token=token) as watcher:
            assert (await watcher.next())["type"] == "filter"
            assert len(set(await watcher.messages(500))) == 500


@pytest.mark.parametrize("older", [True, False], ids=["too old", "of another database"])
async def test_a_token_that_cannot_be_resumed_from_goes_on_from_the_newest(
    api: httpx.Client, shared: str, older: bool
) -> None:
    async with watching(api.base_url) as watcher:
        assert watcher.token
        at, snapshot, rest = watcher.token.split("~", 2)
    past, foreign = f"{int(at) - hub.OLDEST_US - 1}~{snapshot}~{rest}", f"{at}~{10**15}:{10**15}:~{rest}"
    token = past if older else foreign
    async with WriterByHand.registered(shared) as writer:
        await writer.write("missed")
        async with watching(api.base_url, token=token) as watcher:
            assert (await watcher.next())["type"] == "restarted"
            assert (await watcher.next())["type"] == "filter"
            await writer.write("newest")
            assert await watcher.messages(1) == ["newest"]


async def test_an_hour_without_logs_is_passed_at_once(api: httpx.Client, shared: str) -> None:
    async with watching(api.base_url) as watcher:
        assert watcher.token
        at, snapshot, writers, _ = watcher.token.split("~")
    back = hub.OLDEST_US - 60_000_000
    entries = [entry.split(".") for entry in writers.split(",") if entry]
    writers = ",".join(f"{writer}.{int(ahead) + back}" for writer, ahead in entries)
    async with (
        asyncio.timeout(PATIENCE),
        watching(api.base_url, token=f"{int(at) - back}~{snapshot}~{writers}~") as late,
    ):
        assert (await late.next())["type"] == "filter"
        async with WriterByHand.registered(shared) as writer:
            await writer.write("at last")
            assert await late.messages(1) == ["at last"]
