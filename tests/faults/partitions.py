"""Partitions that cannot be made, and readers in the way of those that are made and dropped."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg

from database import partitions, pool
from database.lease import Lease
from database.ranges import DAY, DAYS_AHEAD, Range
from database.retention import Retention
from tests.faults.scenario import Trial

RETENTION_DAYS = 30
_TABLES = ("trace_spans", "structured_logs")
_FURTHER_DAYS = 5


async def in_the_way(trial: Trial) -> str:
    """Midnight: partitions of one more day are due, tables with their names are there, and rows of that day come."""
    connection = await pool.connect(trial.stage.dsn)
    due = max(leaf.range.upper for leaf in await partitions.leaves(connection) if leaf.range)
    midnight_passed = due - DAYS_AHEAD * DAY
    names = [f"enterprise.{Range(due, due + DAY).child_of(table)}" for table in _TABLES]
    try:
        for name in names:
            await connection.execute(f"CREATE TABLE {name} (in_the_way text)")
        sender = await trial.load.add(shifts=((due - datetime.now(UTC)).total_seconds(), 0.0))
        failed = await _care(connection, midnight_passed, trial.seconds)
        for name in names:
            await connection.execute(f"DROP TABLE {name}")
        moved = await _moved(connection, midnight_passed)
        await sender.stop()
    finally:
        await connection.close()
    return f"{failed} tries failed; then {moved} rows moved out of DEFAULT"


async def _care(connection: Any, now: datetime, seconds: float) -> int:
    """Tries to make all partitions for so long; how often it did not come through."""
    failed = 0
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            await partitions.ensure(connection, now, RETENTION_DAYS)
        except asyncpg.DuplicateTableError:
            failed += 1
        await asyncio.sleep(0.2)
    return failed


async def _moved(connection: Any, now: datetime, seconds: float = 60.0) -> int:
    """Makes the partitions, now that nothing is in the way; rows that came out of DEFAULT. Raises TimeoutError."""
    moved = 0
    deadline = time.monotonic() + seconds
    while True:
        care = await partitions.ensure(connection, now, RETENTION_DAYS)
        moved += care.moved
        if not care.postponed:
            return moved
        if time.monotonic() > deadline:
            raise TimeoutError(f"still not made: {', '.join(care.postponed)}")


async def long_reader(trial: Trial) -> str:
    """A transaction reads all partitions for long, while new ones are made and expired ones dropped."""
    rounds = 0
    async with _maintenance(trial.stage.dsn) as maintain:
        async with _reading(trial.stage.dsn):
            with suppress(TimeoutError):
                async with asyncio.timeout(trial.seconds):
                    while True:
                        await maintain()
                        rounds += 1
        made, dropped = await maintain()
    if not dropped:
        raise AssertionError("no expired partition was dropped after the reader had gone")
    return f"{rounds} whole rounds beside the reader; after it {made} made, {dropped} dropped"


@asynccontextmanager
async def _maintenance(dsn: str) -> AsyncIterator[Any]:
    """A function that makes partitions of days that have expired, drops them, and says how many of each."""
    async with await pool.connect_pool(dsn, min_size=1, max_size=4, statement_timeout_ms=60_000) as connections:
        lease = Lease(connections, "faults", "faults", timedelta(hours=1))
        await lease.acquire()
        retention = Retention(connections, lease, RETENTION_DAYS)

        async def maintain() -> tuple[int, int]:
            now = datetime.now(UTC)
            async with connections.acquire() as connection:
                care = await partitions.ensure(connection, now, RETENTION_DAYS + _FURTHER_DAYS)
            report = await retention.run_once(now)
            return care.made, len(report["dropped"])

        yield maintain
        await lease.release()


@asynccontextmanager
async def _reading(dsn: str) -> AsyncIterator[None]:
    connection = await asyncpg.connect(dsn)
    try:
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            for table in _TABLES:
                await connection.fetchval(f"SELECT count(*) FROM enterprise.{table}")
            yield
    finally:
        await connection.close()
