"""Reads of what the receivers did not simply store."""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from pydantic import Field

from database.queries import load
from query_api.answers import FAILURES, json_answer, json_array
from query_api.models import IngestReport
from query_api.parameters import Hours, Now, empty_is
from query_api.snapshot import snapshot

SQL = load(__package__)
router = APIRouter(prefix="/ingest", tags=["ingest"], responses=FAILURES)

Limit = Annotated[Annotated[int, Field(ge=1, le=1000)], empty_is(100), Query()]


@router.get("", response_model=IngestReport)
async def ingest_report(request: Request, now: Now, limit: Limit = 100, hours: Hours = 24) -> Response:
    """What was refused, put off, altered or taken for a repetition, and why; the latest reason first.

    Counts are exact for whole minutes, up to ten seconds behind. They are kept for seven days.
    """
    since = (now - timedelta(hours=hours)).replace(second=0, microsecond=0)
    async with snapshot(request) as connection:
        totals = await connection.fetchval(SQL["ingest_totals"], since)
        reasons = await connection.fetch(SQL["ingest_reasons"], since, limit)
    listed = json_array(row[0] for row in reasons)
    return json_answer(f'{{"period_hours":{hours},"totals":{totals},"reasons":{listed}}}')
