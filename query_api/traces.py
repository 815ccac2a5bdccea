"""Reads of traces: the newest, page by page, and one with all its spans."""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, HTTPException, Query, Request, Response
from pydantic import Field

from database.queries import load
from query_api.answers import FAILURES, NOT_FOUND, json_answer, json_array
from query_api.models import TraceDetail, TraceList
from query_api.parameters import Hours, Now, Number, Offset, Text, TraceId, empty_is
from query_api.snapshot import snapshot

SQL = load(__package__)
router = APIRouter(prefix="/traces", tags=["traces"], responses=FAILURES)

Limit = Annotated[Annotated[int, Field(ge=1, le=200)], empty_is(50), Query()]


@router.get("", response_model=TraceList)
async def traces_list(
    request: Request,
    now: Now,
    limit: Limit = 50,
    offset: Offset = 0,
    status: Text = None,
    user_email: Text = None,
    min_duration_ms: Number = None,
    hours: Hours = 24,
) -> Response:
    """The newest traces that match every given filter, newest first.

    `total` is the exact number of traces that match, of the same moment as the page.
    `min_duration_ms` is inclusive and leaves out traces still in progress.
    """
    filters = (now - timedelta(hours=hours), status, user_email, min_duration_ms)
    async with snapshot(request) as connection:
        rows = await connection.fetch(SQL["traces_list"], *filters, limit, offset)
        total = await connection.fetchval(SQL["traces_count"], *filters)
    traces = json_array(row[0] for row in rows)
    return json_answer(f'{{"traces":{traces},"total":{total},"limit":{limit},"offset":{offset}}}')


@router.get("/{trace_id}", response_model=TraceDetail, responses=NOT_FOUND)
async def trace_by_id(request: Request, trace_id: TraceId) -> Response:
    """One trace and all its spans by start time, however many they are.

    A span that arrived more than once (same id, same start) is shown once.
    """
    async with snapshot(request) as connection:
        trace = await connection.fetchrow(SQL["trace_by_id"], trace_id)
        if trace is None:
            raise HTTPException(404, "Trace not found")
        # The range of the trace's own row, as dates known to the planner, prunes the partitions.
        rows = await connection.fetch(SQL["spans_of_trace"], trace_id, trace["earliest"], trace["latest"])
    return json_answer(f'{{"trace":{trace["trace"]},"spans":{json_array(row[0] for row in rows)}}}')
