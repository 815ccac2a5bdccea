"""What became of alerts, and who was told or not told."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import Field

from alerting.api.history_models import History
from alerting.api.story_cursor import LEAST, StoryCursor
from database.queries import load
from query_api.answers import FAILURES
from query_api.cursor import decode
from query_api.pages import Asked, Page, page_answer
from query_api.parameters import Now, Text, empty_is
from query_api.snapshot import snapshot
from query_api.window import Window, window

SQL = load(__package__)
router = APIRouter(prefix="/history", tags=["alerts"], responses=FAILURES)

Limit = Annotated[Annotated[int, Field(ge=1, le=1000)], empty_is(100), Query()]
OfRule = Annotated[UUID | None, empty_is(None), Query(alias="rule_id")]
OfInstance = Annotated[UUID | None, empty_is(None), Query(alias="instance_id")]
OfEvent = Annotated[Text, Query(alias="event", examples=["firing"])]


@router.get("", response_model=History)
async def history(
    request: Request,
    now: Now,
    window: Annotated[Window, Depends(window)],
    rule_id: OfRule = None,
    instance_id: OfInstance = None,
    event: OfEvent = None,
    limit: Limit = 100,
    cursor: StoryCursor = None,
) -> Response:
    """Every change of a state and every decision whom to tell, newest first; of rules that are deleted too."""
    asked = Asked(window, now, decode(cursor), limit)
    after = (asked.after.time, asked.after.id) if asked.after else (None, None)
    async with snapshot(request) as connection:
        rows = await connection.fetch(
            SQL["history_matching"], window.earliest, window.latest, rule_id, instance_id, event, *after, limit
        )
    return page_answer("history", Page(rows), asked, LEAST)
