"""Reads of logs: the newest, page by page, and one by its id."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, HTTPException, Query, Request, Response
from pydantic import Field

from database.queries import load
from query_api.answers import FAILURES, NOT_FOUND, json_answer
from query_api.cursor import LEAST_UUID, LogCursor, decode
from query_api.log_filters import LogFilters, log_filters
from query_api.log_places import places
from query_api.models import LogDetail, LogList
from query_api.pages import Asked, page_answer, read_page
from query_api.parameters import Offset, empty_is
from query_api.snapshot import snapshot

SQL = load(__package__)
router = APIRouter(prefix="/logs", tags=["logs"], responses=FAILURES)

Limit = Annotated[Annotated[int, Field(ge=1, le=1000)], empty_is(100), Query()]


@router.get("", response_model=LogList)
async def logs_list(
    request: Request,
    filters: Annotated[LogFilters, Depends(log_filters)],
    limit: Limit = 100,
    offset: Offset = 0,
    cursor: LogCursor = None,
) -> Response:
    """The newest logs that match every given filter, newest first.

    Unless `to` is given there is no upper bound in time: under one, a row dated in the future would stay unseen until
    its time. The price is an index probe in each of the empty partitions kept ahead.

    A search (`q`, `search`) that time does not suffice for is answered in part, and says so by `partial`; `next_cursor`
    goes on from there.
    """
    asked = Asked(filters.window, filters.search.now, decode(cursor), limit, offset)
    async with snapshot(request) as connection:
        found = await filters.search.found(connection)
        page = await read_page(
            connection,
            asked,
            filters.searched,
            lambda part, rows: filters.page(found, part, asked.after, rows, offset),
        )
    return page_answer("logs", page, asked, LEAST_UUID, offset=offset)


@router.get("/{log_id}", response_model=LogDetail, responses=NOT_FOUND)
async def log_by_id(request: Request, log_id: UUID) -> Response:
    """One log with everything that is known of it."""
    async with snapshot(request) as connection:
        for earliest, latest in places(log_id):
            row = await connection.fetchval(SQL["log_by_id"], log_id, earliest, latest)
            if row is not None:
                return json_answer(row)
    raise HTTPException(404, "Log not found")
