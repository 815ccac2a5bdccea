"""What a program logged around one of its logs."""

from datetime import timedelta
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, HTTPException, Query, Request, Response
from pydantic import Field

from database.queries import load
from query_api.answers import FAILURES, NOT_FOUND, json_answer, json_array
from query_api.log_places import places
from query_api.models import LogContext
from query_api.parameters import empty_is
from query_api.snapshot import snapshot

SQL = load(__package__)
router = APIRouter(prefix="/logs", tags=["logs"], responses=FAILURES)

FARTHEST = timedelta(hours=24)
Lines = Annotated[Annotated[int, Field(ge=0, le=100)], empty_is(10), Query()]


@router.get("/{log_id}/context", response_model=LogContext, responses=NOT_FOUND)
async def log_context(request: Request, log_id: UUID, before: Lines = 10, after: Lines = 10) -> Response:
    """The logs right before and after one, of the same service and instance (one resource), in order of time.

    They are sought within 24 hours of it.
    """
    async with snapshot(request) as connection:
        for earliest, latest in places(log_id):
            log = await connection.fetchrow(SQL["log_place"], log_id, earliest, latest)
            if log is not None:
                break
        else:
            raise HTTPException(404, "Log not found")
        place = (log["time"], log_id, log["service_name"], log["resource_id"])
        earlier = await connection.fetch(SQL["logs_before"], *place, before, FARTHEST)
        later = await connection.fetch(SQL["logs_after"], *place, after, FARTHEST)
    return json_answer(
        f'{{"before":{json_array(row[0] for row in reversed(earlier))},"after":{json_array(row[0] for row in later)}}}'
    )
