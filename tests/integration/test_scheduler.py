"""The jobs as the server schedules them."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import asyncpg
import pytest
from opentelemetry.metrics import NoOpMeter

from server import scheduler

DEADLINE_SECONDS = 30


@pytest.fixture
async def connection(database: str) -> AsyncIterator[Any]:
    connection = await asyncpg.connect(database)
    yield connection
    await connection.close()


async def until(condition: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(DEADLINE_SECONDS):
        while not await condition():
            pass


async def test_jobs_run_one_after_the_other_and_are_recorded(
    database: str, connection: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scheduler, "STAGGER", scheduler.STAGGER / 10)
    running = await scheduler.start(database, retention_days=30, meter=NoOpMeter("tests"))
    try:

        async def all_succeeded() -> bool:
            query = "SELECT count(*) FROM enterprise.maintenance_runs WHERE last_succeeded_at IS NOT NULL"
            return bool(await connection.fetchval(query) == 6)

        await until(all_succeeded)
    finally:
        await running.stop()
    assert await connection.fetchval("SELECT expires_at = '-infinity' FROM enterprise.leases")


async def test_of_two_servers_one_works_and_the_other_takes_over(
    database: str, connection: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scheduler, "LEASE_RENEWED_EVERY", scheduler.LEASE_RENEWED_EVERY / 10)

    async def holder() -> str | None:
        found: str | None = await connection.fetchval("SELECT holder FROM enterprise.leases WHERE expires_at > now()")
        return found

    async def somebody_leads() -> bool:
        return await holder() is not None

    first = await scheduler.start(database, retention_days=30, meter=NoOpMeter("tests"))
    await until(somebody_leads)
    leader = await holder()
    second = await scheduler.start(database, retention_days=30, meter=NoOpMeter("tests"))

    async def another_leads() -> bool:
        return await holder() not in (None, leader)

    try:
        await first.stop()
        await until(another_leads)
    finally:
        await second.stop()


async def test_it_starts_without_the_database_and_stops(caplog: pytest.LogCaptureFixture) -> None:
    running = await scheduler.start(
        "postgresql://nobody@127.0.0.1:1/nothing", retention_days=30, meter=NoOpMeter("tests")
    )
    async with asyncio.timeout(DEADLINE_SECONDS):
        await running.stop()
    assert [record for record in caplog.records if record.levelname == "ERROR"] == []


async def test_stopping_waits_for_no_job_that_waits(
    database: str, connection: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scheduler, "STAGGER", scheduler.STAGGER / 10)

    async def folding_waits() -> bool:
        query = "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'enterprise.log_deltas'::regclass"
        return bool(await connection.fetchval(query))

    async with connection.transaction():
        await connection.execute("LOCK TABLE enterprise.log_deltas")
        running = await scheduler.start(database, retention_days=30, meter=NoOpMeter("tests"))
        try:
            await until(folding_waits)
        finally:
            async with asyncio.timeout(2 * scheduler.STOP_SECONDS):
                await running.stop()
        assert not await folding_waits()
    assert await connection.fetchval("SELECT expires_at = '-infinity' FROM enterprise.leases")
