"""The tree of a stored trace."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from database.queries import load
from query_api.trace_lookup import StoredTrace
from query_api.tree.forest import Forest, Node
from query_api.tree.timing import critical_path, ends, self_times

SQL = load("query_api")

MOST_SPANS = 200_000
# More of them would keep the event loop from others for longer than 10 ms.
AT_ONCE = 1_000
# Each holds up to 200 MB.
_places = asyncio.Semaphore(2)


@dataclass(frozen=True)
class Tree:
    """A trace's spans and what their places say; times in nanoseconds.

    complete: False where the trace has more than the first MOST_SPANS.
    """

    forest: Forest
    ends: Sequence[int]
    self_times: Sequence[int]
    critical_path: dict[int, int]
    complete: bool


async def read_tree(connection: Any, trace: StoredTrace) -> Tree:
    """Of a large trace in a thread beside the event loop, two at a time."""
    if trace.span_count <= AT_ONCE:
        return _tree(await _rows(connection, trace))
    async with _places:
        return await asyncio.to_thread(_tree, await _rows(connection, trace))


def tree_of(nodes: Sequence[Node], *, complete: bool = True) -> Tree:
    """The tree of nodes that come by their start."""
    forest = Forest(nodes)
    ended = ends(nodes)
    return Tree(forest, ended, self_times(forest, ended), critical_path(forest, ended), complete)


async def _rows(connection: Any, trace: StoredTrace) -> Sequence[Any]:
    rows: Sequence[Any] = await connection.fetch(SQL["tree_skeleton"], *trace.place, MOST_SPANS + 1)
    return rows


def _tree(rows: Sequence[Any]) -> Tree:
    return tree_of([Node._make(row) for row in rows[:MOST_SPANS]], complete=len(rows) <= MOST_SPANS)
