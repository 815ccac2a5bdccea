"""Searches in rows that have no index: one slice of time after the other, the newest first, within a budget."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from time import monotonic
from typing import Any

import asyncpg

from database.queries import load
from query_api.window import Window

SQL = load(__package__)

SECONDS = 4.0
"""After so long no further slice is begun."""
SLICE_SECONDS = 1.0
"""A slice that takes longer is stopped, and a shorter one tried."""
FIRST = timedelta(minutes=1)
SHORTEST = timedelta(milliseconds=1)
FACTOR = 8
READ_AT_ONCE = 64 * 1024**2
"""Bytes without an index that need no slices: they are read in a fraction of a second."""

Statement = tuple[str, list[object]]
Rows = Sequence[Mapping[str, Any]]


async def needed(connection: Any, table: str | None, window: Window, newest: datetime) -> bool:
    """Whether a search before `newest` reads many of the table's rows without an index."""
    if table is None or window.earliest >= newest:
        return False
    size: int = await connection.fetchval(SQL["unindexed_bytes"], table, window.earliest, newest)
    return size > READ_AT_ONCE


async def newest_first(
    connection: Any,
    window: Window,
    newest: datetime,
    statement: Callable[[Window], Statement],
    enough: Callable[[Rows], bool],
    seconds: float | None = None,
) -> datetime:
    """Hands over the rows of one slice after the other until there are enough, the window is read, or time is up.
    Returns from when on it has been read.

    seconds: after so long no further slice is begun; SECONDS unless given. The first slice begins a minute before
    `newest` and holds all that is later, too. The connection MUST be in a transaction. Raises QueryCanceledError if
    nothing at all could be read in time.
    """
    deadline = monotonic() + (SECONDS if seconds is None else seconds)
    upper, edge, length = window.latest, newest, FIRST
    while edge > window.earliest:
        lower = window.earliest if edge - window.earliest <= length else edge - length
        began = monotonic()
        try:
            rows = await within(SLICE_SECONDS, connection, *statement(Window(lower, upper)))
        except asyncpg.QueryCanceledError:
            length = max(length / FACTOR, SHORTEST)
            if monotonic() < deadline:
                continue
            if edge is newest:
                raise
            break
        upper = edge = lower
        if enough(rows) or monotonic() >= deadline:
            break
        if monotonic() - began < SLICE_SECONDS / FACTOR:
            length *= FACTOR
    return edge


async def within(seconds: float, connection: Any, text: str, arguments: Sequence[object]) -> Rows:
    """The rows of a statement. Raises QueryCanceledError after so long; the transaction goes on."""
    async with connection.transaction():
        await connection.execute(f"SET LOCAL statement_timeout = {max(1, round(seconds * 1000))}")
        rows: Rows = await connection.fetch(text, *arguments)
    return rows
