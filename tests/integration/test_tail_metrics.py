"""What /metrics tells of the live tail."""

import asyncio
import time
from collections.abc import Iterator

import asyncpg
import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from query_api.tail import subscription
from tests.served_api import served_api
from tests.tailing import PATIENCE, WriterByHand, add_logs, watching


@pytest.fixture
def api(database: str) -> Iterator[httpx.Client]:
    with served_api(database) as client:
        yield client


def figures(api: httpx.Client) -> dict[str, float]:
    """Samples of the live tail by their names, without labels and buckets."""
    text = api.get("/metrics").text
    return {
        sample.name.removeprefix("otelgres_tail_"): sample.value
        for family in text_string_to_metric_families(text)
        if family.name.startswith("otelgres_tail_")
        for sample in family.samples
        if not sample.name.endswith("_bucket")
    }


async def until(api: httpx.Client, **expected: float) -> dict[str, float]:
    deadline = time.monotonic() + PATIENCE
    while not (found := figures(api)).items() >= expected.items():
        assert time.monotonic() < deadline, found
        await asyncio.sleep(0.02)
    return found


async def test_clients_logs_and_delays_are_told(api: httpx.Client, database: str) -> None:
    assert figures(api) == {"clients": 0, "read_total": 0, "delivered_total": 0, "skipped_total": 0}
    async with WriterByHand.registered(database) as writer, watching(api.base_url) as all_of_it:
        async with watching(api.base_url, "level:ERROR") as errors:
            await until(api, clients=2)
            await writer.begin("one", "two", level="ERROR")
            began = time.monotonic()
            await writer.commit()
            assert len(await all_of_it.messages(2)) == len(await errors.messages(2)) == 2
            took = time.monotonic() - began
            found = await until(api, read_total=2, delivered_total=4, delay_seconds_count=2)
            assert 0 < found["delay_seconds_sum"] < 2 * (took + 1)
        await writer.write("three")
        assert await all_of_it.messages(1) == ["three"]
        await until(api, clients=1, read_total=3, delivered_total=5)
    await until(api, clients=0, skipped_total=0)


async def test_of_plain_sql_there_is_no_delay(api: httpx.Client, database: str) -> None:
    connection = await asyncpg.connect(database)
    async with watching(api.base_url) as watcher:
        await add_logs(connection, "by hand")
        assert await watcher.messages(1) == ["by hand"]
        assert "delay_seconds_count" not in await until(api, delivered_total=1)
    await connection.close()


async def test_what_a_slow_client_misses_is_counted(
    api: httpx.Client, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(subscription, "MOST_BYTES", 1_000_000)
    async with WriterByHand.registered(database) as writer, watching(api.base_url) as slow:
        for _ in range(20):
            await writer.write(*("x" * 100_000 for _ in range(10)))
        missed = got = 0
        while got + missed < 200:
            message = await slow.next()
            missed += message.get("skipped", 0)
            got += message["type"] == "new_log"
        found = await until(api, read_total=200, skipped_total=missed)
        assert found["skipped_total"] > 0
