"""Reads of traces: the newest, page by page, and one with all its spans."""

from collections.abc import Sequence
from typing import Annotated, Any

import asyncpg
from fastapi import APIRouter, Depends, HTTPException, Query, Request, Response
from pydantic import Field

from database.queries import load
from query_api import slices
from query_api.answers import FAILURES, NOT_FOUND, json_answer, json_array
from query_api.cursor import LEAST_TEXT, TraceCursor, decode
from query_api.pages import Asked, Page, page_answer
from query_api.parameters import Offset, SpanId, TraceId, empty_is
from query_api.snapshot import snapshot
from query_api.trace_filters import TraceFilters, trace_filters
from query_api.trace_logs import WithLogs, logs_of
from query_api.trace_lookup import stored_trace
from query_api.trace_models import SpanDetail, TraceDetail, TraceList
from query_api.trace_pages import read_traces

SQL = load(__package__)
router = APIRouter(prefix="/traces", tags=["traces"], responses=FAILURES)

Limit = Annotated[Annotated[int, Field(ge=1, le=200)], empty_is(50), Query()]
Total = Annotated[bool, empty_is(True), Query(description="Whether to count all that match, which may take long.")]


@router.get("", response_model=TraceList)
async def traces_list(
    request: Request,
    filters: Annotated[TraceFilters, Depends(trace_filters)],
    limit: Limit = 50,
    offset: Offset = 0,
    cursor: TraceCursor = None,
    total: Total = True,
) -> Response:
    """The newest traces that match every given filter, newest first.

    `total` is the exact number of traces that match, of the same moment as the page. `min_duration_ms` is inclusive and
    leaves out traces still in progress. A trace matches `q` when one of its spans matches the whole of it; the fields
    `user_email`, `session_id`, `department`, `endpoint`, `method`, `entry_point`, `span_count`, `error_count`,
    `root_missing` and those that begin with `trace.` are the trace's own.

    A search that time does not suffice for is answered in part, without `total`, and says so by `partial`;
    `next_cursor` goes on from there.
    """
    asked = Asked(filters.window, filters.search.now, decode(cursor), limit, offset)
    async with snapshot(request) as connection:
        origins = await filters.search.found(connection)
        page = await read_traces(connection, asked, filters, origins)
        count = None
        if total and page.searched_from is None:
            count = await exact_count(connection, page, asked, *filters.count(origins))
    return page_answer("traces", page, asked, LEAST_TEXT, total=count, offset=offset)


async def exact_count(
    connection: Any, page: Page, asked: Asked, statement: str, arguments: Sequence[object]
) -> int | None:
    """How many there are by this statement; None where a search that is read in slices cannot be counted in time."""
    if asked.after is None and not asked.offset and len(page.rows) < asked.limit:
        return len(page.rows)
    if not page.in_slices:
        exact: int = await connection.fetchval(statement, *arguments)
        return exact
    try:
        [row] = await slices.within(slices.SECONDS, connection, statement, arguments)
    except asyncpg.QueryCanceledError:
        return None
    counted: int = row["count"]
    return counted


@router.get("/{trace_id}", response_model=TraceDetail, responses=NOT_FOUND)
async def trace_by_id(request: Request, trace_id: TraceId, logs: WithLogs = False) -> Response:
    """One trace and all its spans by start time, however many they are.

    A span that arrived more than once (same id, same start) is shown once.
    """
    async with snapshot(request) as connection:
        trace = await stored_trace(connection, trace_id)
        rows = await connection.fetch(SQL["spans_of_trace"], *trace.place, None)
        more = (await logs_of(connection, trace)).fields if logs else ""
    return json_answer(f'{{"trace":{trace.item},"spans":{json_array(row[0] for row in rows)}{more}}}')


@router.get("/{trace_id}/spans/{span_id}", response_model=SpanDetail, responses=NOT_FOUND)
async def span_by_id(request: Request, trace_id: TraceId, span_id: SpanId, logs: WithLogs = False) -> Response:
    """The span of a trace that has this id, with everything stored of it; several where an id was given twice."""
    async with snapshot(request) as connection:
        trace = await stored_trace(connection, trace_id)
        rows = await connection.fetch(SQL["spans_of_trace"], *trace.place, span_id)
        if not rows:
            raise HTTPException(404, "Span not found")
        more = (await logs_of(connection, trace, span_id)).fields if logs else ""
    return json_answer(f'{{"spans":{json_array(row[0] for row in rows)}{more}}}')
