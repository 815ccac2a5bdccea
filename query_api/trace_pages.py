"""Pages of the list of traces."""

from dataclasses import replace
from typing import Any

from query_api import slices
from query_api.pages import Asked, Page, read_page
from query_api.probing import probe
from query_api.search.compiling import Found
from query_api.slices import Statement
from query_api.trace_filters import TraceFilters
from query_api.window import Window


async def read_traces(connection: Any, asked: Asked, filters: TraceFilters, origins: Found) -> Page:
    """The page that was asked for: by probing, and what that leaves by the spans of the window."""
    probed = await probe(connection, filters, origins, asked)
    if probed is None:
        return await _searched(connection, asked, filters, origins)
    text, arguments = filters.named(probed.found, asked.limit)
    rows = await connection.fetch(text, *arguments) if probed.found else []
    if probed.rest is None:
        return Page(rows, await slices.needed(connection, filters.search.table, asked.window, asked.newest))
    rest = replace(asked, after=probed.rest, limit=asked.limit - len(rows))
    more = await _searched(connection, rest, filters, origins)
    return replace(more, rows=[*rows, *more.rows])


async def _searched(connection: Any, asked: Asked, filters: TraceFilters, origins: Found) -> Page:
    def listing(part: Window, rows: int) -> Statement:
        return filters.page(origins, part, asked.after, rows, asked.offset)

    return await read_page(connection, asked, filters.search.table, listing)
