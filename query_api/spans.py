"""The list of spans, whatever traces they belong to."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import Field

from query_api.answers import FAILURES
from query_api.cursor import LEAST_UUID, SpanCursor, decode
from query_api.pages import Asked, page_answer, read_in_slices
from query_api.parameters import empty_is
from query_api.snapshot import snapshot
from query_api.span_filters import SpanFilters, span_filters
from query_api.trace_models import SpanList

router = APIRouter(prefix="/spans", tags=["traces"], responses=FAILURES)

Limit = Annotated[Annotated[int, Field(ge=1, le=200)], empty_is(50), Query()]


@router.get("", response_model=SpanList)
async def spans_list(
    request: Request,
    filters: Annotated[SpanFilters, Depends(span_filters)],
    limit: Limit = 50,
    cursor: SpanCursor = None,
) -> Response:
    """The newest spans that match every given filter, newest first; one that arrived twice is listed twice.

    `min_duration_ms` is inclusive and leaves out spans still in progress. Events, links and what emitted a span come
    with the span alone, at `/traces/{trace_id}/spans/{span_id}`. Where time does not suffice for all of the window, the
    answer says so by `partial`, and `next_cursor` goes on from there.
    """
    asked = Asked(filters.window, filters.search.now, decode(cursor), limit)
    async with snapshot(request) as connection:
        found = await filters.search.found(connection)
        page = await read_in_slices(connection, asked, lambda part, rows: filters.page(found, part, asked.after, rows))
    return page_answer("spans", page, asked, LEAST_UUID)
