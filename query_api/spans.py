"""The list of spans, whatever traces they belong to."""

import asyncio
import json
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Query, Request, Response
from pydantic import Field

from query_api.answers import FAILURES, json_answer, json_array
from query_api.cursor import SpanCursor, decode, next_cursor
from query_api.parameters import Now, empty_is
from query_api.snapshot import TOO_SLOW, snapshot
from query_api.span_filters import SpanFilters, span_filters
from query_api.trace_models import SpanList

router = APIRouter(prefix="/spans", tags=["traces"], responses=FAILURES)

MOST_SECONDS = 15.0

Limit = Annotated[Annotated[int, Field(ge=1, le=200)], empty_is(50), Query()]


@router.get("", response_model=SpanList)
async def spans_list(
    request: Request,
    now: Now,
    filters: Annotated[SpanFilters, Depends(span_filters)],
    limit: Limit = 50,
    cursor: SpanCursor = None,
) -> Response:
    """The newest spans that match every given filter, newest first; one that arrived twice is listed twice.

    `min_duration_ms` is inclusive and leaves out spans still in progress. Events, links and what emitted a span come
    with the span alone, at `/traces/{trace_id}/spans/{span_id}`.
    """
    after = decode(cursor)
    async with snapshot(request) as connection:
        try:
            async with asyncio.timeout(MOST_SECONDS):
                rows = await filters.newest(connection, after, now, limit)
        except TimeoutError:
            raise HTTPException(504, TOO_SLOW) from None
    rest = json.dumps({"limit": limit, "next_cursor": next_cursor(rows, limit)})
    return json_answer(f'{{"spans":{json_array(row["item"] for row in rows)},{rest[1:]}')
