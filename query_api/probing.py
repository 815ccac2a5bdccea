"""Searches for traces by their spans: the newest that may match, looked into one after the other.

That takes less than reading all spans of the window where something narrows which traces may match: either a page is
full soon, or they are few.
"""

from dataclasses import dataclass
from typing import Any

from query_api.cursor import Cursor
from query_api.pages import Asked
from query_api.search.compiling import Found
from query_api.trace_filters import TraceFilters

MOST_TRACES = 1000
MOST_SPANS = 20_000
"""Of all these traces together: what is read in some 40 ms."""


@dataclass(frozen=True)
class Probed:
    """found: ids of traces that match, the newest. rest: where those begin that were not looked into, if there are."""

    found: list[str]
    rest: Cursor | None


async def probe(connection: Any, filters: TraceFilters, origins: Found, asked: Asked) -> Probed | None:
    """What the newest traces give for a page; None where probing is not worth it."""
    statement = filters.probing(origins, asked.after, asked.limit, MOST_TRACES, MOST_SPANS)
    if asked.offset or statement is None:
        return None
    text, arguments = statement
    row = await connection.fetchrow(text, *arguments)
    if len(row["found"]) == asked.limit or row["whole"]:
        return Probed(row["found"], None)
    return Probed(row["found"], Cursor(row["time"], row["id"]) if row["time"] else asked.after)
