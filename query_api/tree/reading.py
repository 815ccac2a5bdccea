"""The tree of a stored trace."""

import asyncio
from collections.abc import Sequence
from typing import Any

from database.queries import load
from query_api.trace_lookup import StoredTrace
from query_api.tree.forest import Node
from query_api.tree.timing import Tree, tree_of

SQL = load("query_api")

MOST_SPANS = 200_000
# More of them would keep the event loop from others for longer than 10 ms.
AT_ONCE = 4_000
# Each holds up to 200 MB.
_places = asyncio.Semaphore(2)


async def read_tree(connection: Any, trace: StoredTrace) -> Tree:
    """Of a large trace in a thread beside the event loop, two at a time."""
    if trace.span_count <= AT_ONCE:
        return _tree(await _rows(connection, trace))
    async with _places:
        return await asyncio.to_thread(_tree, await _rows(connection, trace))


async def _rows(connection: Any, trace: StoredTrace) -> Sequence[Any]:
    rows: Sequence[Any] = await connection.fetch(SQL["tree_skeleton"], *trace.place, MOST_SPANS + 1)
    return rows


def _tree(rows: Sequence[Any]) -> Tree:
    return tree_of([Node._make(row) for row in rows[:MOST_SPANS]], complete=len(rows) <= MOST_SPANS)
