"""How a server fares over time: memory, ledger, spool."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass

import asyncpg
import psutil

from database import pool, queries
from tests.faults import spool
from tests.faults.stage import Stage

SQL = queries.load(__package__)
MIB = 1 << 20
_PATIENCE = 5.0


@dataclass(frozen=True)
class Vitals:
    """At a second of the run. rss: bytes, of all receivers and of the API. stored: items; it and ledger are None while
    the database is away. spooled: requests."""

    second: float
    receivers_rss: int
    api_rss: int
    spooled: int
    spool_bytes: int
    stored: int | None
    ledger: int | None


async def look(stage: Stage, second: float) -> Vitals:
    """The vitals now. Whatever does not answer is left out."""
    stored, ledger = await _counted(stage.dsn)
    waiting = spool.state(stage.spool_directory)
    return Vitals(
        second, _rss(stage.receivers), _rss(stage.api), waiting.requests, waiting.bytes, stored=stored, ledger=ledger
    )


def growth(samples: Sequence[tuple[float, float]]) -> float:
    """Of values at seconds, by least squares: value an hour."""
    if len(samples) < 2:
        return 0.0
    middle = sum(second for second, _ in samples) / len(samples)
    mean = sum(value for _, value in samples) / len(samples)
    spread = sum((second - middle) ** 2 for second, _ in samples)
    return 3600 * sum((second - middle) * (value - mean) for second, value in samples) / spread if spread else 0.0


async def _counted(dsn: str) -> tuple[int | None, int | None]:
    with suppress(OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
        async with asyncio.timeout(_PATIENCE):
            connection = await pool.connect(dsn)
            try:
                return await connection.fetchval(SQL["stored_items"]), await connection.fetchval(SQL["ledger_rows"])
            finally:
                connection.terminate()
    return None, None


def _rss(processes: Callable[[], list[psutil.Process]]) -> int:
    total = 0
    with suppress(RuntimeError, psutil.NoSuchProcess):
        for process in processes():
            with suppress(psutil.NoSuchProcess):
                total += process.memory_info().rss
    return total
