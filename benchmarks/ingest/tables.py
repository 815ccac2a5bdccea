"""The tables under measurement: emptied before a run, counted and sized after it."""

import asyncio
import time
from dataclasses import dataclass
from typing import Any

from benchmarks.ingest.payloads import Signal
from database import queries

SQL = queries.load(__package__)

_TABLES = {Signal.SPANS: "trace_spans", Signal.LOGS: "structured_logs", Signal.METRICS: "metric_points"}
VISIBLE_SECONDS = 10.0
_PAUSE_SECONDS = 0.02


class RowsMissing(Exception):
    """Items were acknowledged that are no rows, or rows came from elsewhere."""


@dataclass(frozen=True)
class Size:
    """Bytes of the leaves that hold a run's rows; total includes their indexes."""

    heap: int
    total: int


async def make_fresh(connection: Any) -> None:
    """Empty all that grows, and write out what the run before left in memory.

    Resources, scopes, operations and series stay: a writer knows what it has stored of them.
    """
    await connection.execute(SQL["empty_tables"])
    await connection.execute("CHECKPOINT")


async def seen_at(connection: Any, signal: Signal, rows: int) -> float:
    """Wait until exactly `rows` rows are visible; return when (time.perf_counter) the count that saw them began."""
    deadline = time.perf_counter() + VISIBLE_SECONDS
    while True:
        began = time.perf_counter()
        found = await connection.fetchval(SQL["count_rows"].format(table=_TABLES[signal]))
        if found == rows:
            return began
        if began > deadline or found > rows:
            raise RowsMissing(f"{rows} {signal} were acknowledged, {found} are in the database")
        await asyncio.sleep(_PAUSE_SECONDS)


async def size(connection: Any, signal: Signal) -> Size:
    row = await connection.fetchrow(SQL["size_of_leaves"], _TABLES[signal])
    return Size(row["heap"], row["total"])


async def transactions(connection: Any) -> int:
    """How many transactions stored the run's requests."""
    count: int = await connection.fetchval(SQL["count_transactions"])
    return count
