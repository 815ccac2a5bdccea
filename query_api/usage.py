"""Who sends how much, and what it takes on disk."""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import Field

from database.queries import load
from query_api.answers import FAILURES, json_answer
from query_api.parameters import Now, empty_is
from query_api.snapshot import snapshot
from query_api.usage_models import Usage
from query_api.window import Window, window

SQL = load(__package__)
router = APIRouter(prefix="/usage", tags=["usage"], responses=FAILURES)

HOUR = timedelta(hours=1)
Limit = Annotated[Annotated[int, Field(ge=1, le=1000)], empty_is(100), Query()]


@router.get("", response_model=Usage)
async def usage(request: Request, now: Now, window: Annotated[Window, Depends(window)], limit: Limit = 100) -> Response:
    """Rows and bytes by service and signal; `from` is taken down to a whole hour, `to` is now unless given.

    Rows are those counted as they came, so spans written by plain SQL, rows deleted since and, for metrics, the last
    minute make a difference. Bytes are estimated: rows times the average size of a row in its partition, with indexes.
    """
    earliest, latest = window.earliest.replace(minute=0, second=0, microsecond=0), window.latest or now
    # Hours of metrics are made once they are over.
    by_minute = now.replace(minute=0, second=0, microsecond=0) - HOUR
    async with snapshot(request) as connection:
        found = await connection.fetchrow(SQL["usage"], earliest, latest, by_minute, limit)
    return json_answer(
        f'{{"from":"{earliest.isoformat()}","to":"{latest.isoformat()}","estimated":true,'
        f'"signals":{found["signals"]},"services":{found["services"]},"limit":{limit}}}'
    )
