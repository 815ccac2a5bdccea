"""Alerts that rules raised: listed, and one with all that was decided and told about it."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, HTTPException, Query, Request, Response
from pydantic import Field

from alerting.api.instance_models import InstanceDetail, InstanceList
from database.queries import load
from query_api.answers import FAILURES, NOT_FOUND, json_answer, json_array
from query_api.cursor import LEAST_UUID, LogCursor, decode
from query_api.pages import Asked, Page, page_answer
from query_api.parameters import Now, Text, empty_is
from query_api.snapshot import snapshot
from query_api.window import Window, window

SQL = load(__package__)
UNKNOWN = "Alert not found"
MOST_EVENTS = 1_000
MOST_NOTICES = 200
router = APIRouter(prefix="/instances", tags=["alerts"], responses=FAILURES)

Limit = Annotated[Annotated[int, Field(ge=1, le=200)], empty_is(50), Query()]
OfStatus = Annotated[Text, Query(alias="status", description="firing, acknowledged or resolved.")]
OfRule = Annotated[UUID | None, empty_is(None), Query(alias="rule_id")]
OfSeverity = Annotated[Text, Query(alias="severity", description="info, warning or critical.")]
Active = Annotated[
    bool, empty_is(False), Query(description="All that are not resolved, whatever their age: no times apply.")
]


@router.get("", response_model=InstanceList)
async def instances(
    request: Request,
    now: Now,
    window: Annotated[Window, Depends(window)],
    status: OfStatus = None,
    rule_id: OfRule = None,
    severity: OfSeverity = None,
    active: Active = False,
    limit: Limit = 50,
    cursor: LogCursor = None,
) -> Response:
    """Alerts by when they were triggered, newest first."""
    asked = Asked(window, now, decode(cursor), limit)
    times = (None, None) if active else (window.earliest, window.latest)
    after = (asked.after.time, asked.after.id) if asked.after else (None, None)
    async with snapshot(request) as connection:
        rows = await connection.fetch(
            SQL["instances_matching"], *times, active, status, rule_id, severity, *after, limit
        )
    return page_answer("instances", Page(rows), asked, LEAST_UUID)


@router.get("/{instance_id}", response_model=InstanceDetail, responses=NOT_FOUND)
async def instance_by_id(request: Request, instance_id: UUID) -> Response:
    """An alert, what became of it, and each notice of it with all attempts to send it; both newest first, the newest
    1,000 events and 200 notices."""
    async with snapshot(request) as connection:
        instance = await connection.fetchval(SQL["instance_by_id"], instance_id)
        if instance is None:
            raise HTTPException(404, UNKNOWN)
        history = await connection.fetch(SQL["history_of_instance"], instance_id, MOST_EVENTS)
        notices = await connection.fetch(SQL["notices_of_instance"], instance_id, MOST_NOTICES)
    lists = f'"history":{json_array(row[0] for row in history)},"notices":{json_array(row[0] for row in notices)}'
    return json_answer(f'{{"instance":{instance},{lists}}}')
