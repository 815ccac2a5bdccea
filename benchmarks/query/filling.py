"""Writes the data by SQL straight into its partitions, with rollups and search indexes as they would be by now."""

import asyncio
import os
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from benchmarks.query.catalogue import OPERATION_NAMES, RARE_LOGS, SERVICE_NAMES, WORDS
from benchmarks.query.volume import Volume, chunks
from database.partitions import Leaf, leaves
from database.pool import connect
from database.quarters import OF_EDGES, OF_OPERATIONS, QUARTER, SETTLED
from database.queries import load
from database.ranges import DAY, EPOCH, Range
from database.sealing import ENDED_FOR
from database.search_indexes import MAINTENANCE_WORK_MEM, SEARCH_INDEXES

SQL = load(__package__)
JOBS = load("database")

CHUNK = 100_000
SPANS_A_TRACE = 10
ROLLUPS = {
    "structured_logs": ("fill_log_minutes",),
    "trace_spans": ("fill_operations", "fill_operation_minutes", "fill_edge_minutes"),
}
# Of 10,000 spans.
WIDE_TRACE = "10000" + 27 * "0"

Told = Callable[[int], object]


async def fill(dsn: str, volume: Volume, times: Range, told: Told = lambda rows: None) -> None:
    """Add the rows of all partitions that begin within `times`, the newest first; `told` hears of rows written.

    The schema MUST be up to date, with partitions for all days. A partition whose time is over is left as if sealed.
    """
    connection = await connect(dsn)
    try:
        await connection.execute(SQL["fill_origins"], list(SERVICE_NAMES), volume.until)
        await connection.execute(SQL["fill_edges"], list(SERVICE_NAMES))
        if times.lower <= volume.until - DAY < times.upper:
            await connection.execute(SQL["fill_wide_trace"], WIDE_TRACE, volume.until - DAY)
        found = [leaf for leaf in await leaves(connection) if leaf.parent in ROLLUPS and leaf.range]
    finally:
        await connection.close()
    chosen = [leaf for leaf in found if leaf.range and times.lower <= leaf.range.lower < times.upper]
    chosen.sort(key=lambda leaf: (leaf.range, leaf.parent), reverse=True)
    waiting = iter(chosen)
    await asyncio.gather(*(_fill_leaves(dsn, waiting, volume, told) for _ in range(os.cpu_count() or 1)))


async def _fill_leaves(dsn: str, waiting: Iterator[Leaf], volume: Volume, told: Told) -> None:
    connection = await connect(dsn)
    try:
        await connection.execute(f"SET maintenance_work_mem = '{MAINTENANCE_WORK_MEM}'; SET work_mem = '64MB'")
        for leaf in waiting:
            assert leaf.range is not None
            await connection.execute("SELECT setseed($1)", leaf.range.lower.toordinal() % 1000 / 1000)
            await _fill_leaf(connection, leaf, leaf.range, volume, told)
    finally:
        await connection.close()


async def _fill_leaf(connection: Any, leaf: Leaf, times: Range, volume: Volume, told: Told) -> None:
    if leaf.parent == "structured_logs":
        statement, rows_an_item = SQL["fill_logs"], 1
        more: tuple[object, ...] = (list(WORDS), max(volume.rows // RARE_LOGS, 1))
    else:
        statement, rows_an_item = SQL["fill_spans"], SPANS_A_TRACE
        more = (times.upper,)
    numbers = volume.numbers(times, rows_an_item)
    if not numbers:
        return
    step = (volume.step * rows_an_item).total_seconds()
    for chunk in chunks(numbers, CHUNK // rows_an_item):
        text = statement.format(child=leaf.child)
        names = (list(SERVICE_NAMES), list(OPERATION_NAMES))
        await connection.execute(text, volume.until, step, chunk.start, chunk.stop, *more, *names)
        told(len(chunk) * rows_an_item)
    for rollup in ROLLUPS[leaf.parent]:
        await connection.execute(SQL[rollup].format(child=leaf.child))
    if times.upper <= volume.until - ENDED_FOR:
        await _seal(connection, leaf)


async def _seal(connection: Any, leaf: Leaf) -> None:
    for suffix, on in SEARCH_INDEXES[leaf.parent].items():
        await connection.execute(SQL["build_search_index"].format(child=leaf.child, suffix=suffix, on=on))
    await connection.execute(JOBS["freeze"].format(child=leaf.child))
    await connection.execute(JOBS["record_sealed"], leaf.child)


async def roll_up(dsn: str, volume: Volume, times: Range) -> None:
    """The quarters of an hour within `times` that are over. Whoever fills older times later MUST roll them up too."""
    over = volume.until - SETTLED
    over -= (over - EPOCH) % QUARTER
    end = min(times.upper, over)
    quarters = iter([end - number * QUARTER for number in range(1, (end - times.lower) // QUARTER + 1)])
    await asyncio.gather(*(_roll_up(dsn, quarters) for _ in range(os.cpu_count() or 1)))
    connection = await connect(dsn)
    try:
        for each in (OF_OPERATIONS, OF_EDGES):
            await connection.execute(JOBS["close_quarters"], each.rollup, over)
    finally:
        await connection.close()


async def _roll_up(dsn: str, waiting: Iterator[datetime]) -> None:
    connection = await connect(dsn)
    try:
        for quarter in waiting:
            for query in (*OF_OPERATIONS.queries, *OF_EDGES.queries):
                await connection.execute(JOBS[query], quarter, None)
    finally:
        await connection.close()


async def settle(dsn: str) -> None:
    """Statistics and the visibility map as autovacuum leaves them."""
    connection = await connect(dsn)
    try:
        await connection.execute(SQL["analyze"])
    finally:
        await connection.close()
