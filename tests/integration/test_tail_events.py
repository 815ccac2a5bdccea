"""GET /logs/stream: the live tail as server-sent events."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest

from query_api.tail import events
from tests.conftest import copied
from tests.served_api import served_api, sql
from tests.tailing import PATIENCE, STREAM, WriterByHand


@pytest.fixture(scope="module")
def shared(postgres_dsn: str, template_database: str) -> Iterator[str]:
    yield from copied(postgres_dsn, template_database)


@pytest.fixture(scope="module")
def api(shared: str) -> Iterator[httpx.Client]:
    with served_api(shared) as client:
        yield client


@asynccontextmanager
async def stream(
    api: httpx.Client, headers: dict[str, str] | None = None, **parameters: str
) -> AsyncIterator[AsyncIterator[dict[str, str]]]:
    """The blocks of a stream, each by the names of its lines; a comment has the name ''."""

    async def blocks(answer: httpx.Response) -> AsyncIterator[dict[str, str]]:
        block: dict[str, str] = {}
        async for line in answer.aiter_lines():
            if line:
                name, _, value = line.partition(": ")
                block[name] = value
            else:
                yield block
                block = {}

    async with (
        httpx.AsyncClient(base_url=api.base_url, timeout=PATIENCE) as client,
        client.stream("GET", STREAM, params=parameters, headers=headers) as answer,
    ):
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/event-stream")
        assert answer.headers["cache-control"] == "no-store"
        found = blocks(answer)
        assert await anext(found) == {"retry": "1000"}
        yield found


def data_of(block: dict[str, str]) -> dict[str, Any]:
    data: dict[str, Any] = json.loads(block["data"])
    assert (block["event"], block["id"]) == (data["type"], data["token"])
    return data


async def test_events_are_the_messages_of_the_websocket_with_their_tokens_as_ids(
    api: httpx.Client, shared: str
) -> None:
    async with WriterByHand.registered(shared) as writer, stream(api, q="level:ERROR") as blocks:
        assert data_of(await anext(blocks))["q"] == "level:ERROR"
        await writer.write("no", level="INFO")
        await writer.write("one\ntwo\r\n\ndata: three", level="ERROR")
        assert data_of(await anext(blocks))["data"]["message"] == "one\ntwo\r\n\ndata: three"


async def test_a_pattern_narrows_a_stream_too(api: httpx.Client, shared: str) -> None:
    async with WriterByHand.registered(shared) as writer, stream(api, pattern="order <*> accepted") as blocks:
        data_of(await anext(blocks))
        await writer.write("order 1 2 accepted")
        await writer.write("order 17 accepted")
        assert data_of(await anext(blocks))["data"]["message"] == "order 17 accepted"


async def test_who_leaves_a_stream_is_read_for_no_more(api: httpx.Client, shared: str) -> None:
    listening = "SELECT FROM pg_stat_activity WHERE datname = current_database() AND application_name = $1"
    async with stream(api) as blocks:
        data_of(await anext(blocks))
        assert len(sql(shared, listening, "otelgres live tail")) == 1
    deadline = time.monotonic() + PATIENCE
    while sql(shared, listening, "otelgres live tail"):
        assert time.monotonic() < deadline
        await asyncio.sleep(0.02)


@pytest.mark.parametrize("way", ["header", "parameter"])
async def test_a_stream_is_resumed_by_its_last_id(api: httpx.Client, shared: str, way: str) -> None:
    async with WriterByHand.registered(shared) as writer:
        async with stream(api) as blocks:
            data_of(await anext(blocks))
            await writer.write("a", "b")
            first = data_of(await anext(blocks))
        await writer.write("c")
        given: dict[str, Any] = (
            {"headers": {"last-event-id": first["token"]}} if way == "header" else {"token": first["token"]}
        )
        async with stream(api, **given) as blocks:
            assert data_of(await anext(blocks))["type"] == "filter"
            rest = [data_of(await anext(blocks))["data"]["message"] for _ in range(2)]
        assert sorted([first["data"]["message"], *rest]) == ["a", "b", "c"]
        assert rest[-1] == "c"


async def test_a_quiet_stream_says_that_it_lives(api: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "KEEP_ALIVE_SECONDS", 0.1)
    async with stream(api) as blocks:
        data_of(await anext(blocks))
        assert [list(await anext(blocks)) for _ in range(2)] == [[""], [""]]


@pytest.mark.parametrize(
    ("parameters", "headers", "place"),
    [
        ({"q": "level:("}, {}, ["query", "q"]),
        ({"token": "nonsense"}, {}, ["query", "token"]),
        ({"token": "1~5:4:~~"}, {}, ["query", "token"]),
        ({}, {"last-event-id": "1~2"}, ["header", "last-event-id"]),
    ],
)
def test_what_cannot_be_read_is_422(
    api: httpx.Client, parameters: dict[str, str], headers: dict[str, str], place: list[str]
) -> None:
    answer = api.get(STREAM, params=parameters, headers=headers)
    assert (answer.status_code, answer.json()["detail"][0]["loc"]) == (422, place)


def test_openapi_tells_of_the_stream(api: httpx.Client) -> None:
    described = api.get("/api/openapi.json").json()["paths"][STREAM]["get"]
    assert {"200", "422", "503"} <= described["responses"].keys()
    assert described["responses"]["200"]["content"].keys() == {"text/event-stream"}
