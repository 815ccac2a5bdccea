"""Who changed rules, channels and policies."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import Field

from access.guards import needs
from access.principals import Role
from alerting.api.history_models import Audit
from alerting.api.story_cursor import LEAST, StoryCursor
from database.queries import load
from query_api.answers import FAILURES
from query_api.cursor import decode
from query_api.pages import Asked, Page, page_answer
from query_api.parameters import Now, Text, empty_is
from query_api.snapshot import snapshot
from query_api.window import Window, window

SQL = load(__package__)
router = APIRouter(prefix="/audit", tags=["alerts"], responses=FAILURES, dependencies=[needs(Role.ADMIN)])

Limit = Annotated[Annotated[int, Field(ge=1, le=1000)], empty_is(100), Query()]
OfType = Annotated[Text, Query(alias="object_type", examples=["rule"])]
OfObject = Annotated[Text, Query(alias="object_id", description="An id, or a name where that is the id.")]
OfActor = Annotated[Text, Query(alias="actor", examples=["ann@example.com"])]
OfAction = Annotated[Text, Query(alias="action", examples=["update"])]


@router.get("", response_model=Audit)
async def audit(
    request: Request,
    now: Now,
    window: Annotated[Window, Depends(window)],
    object_type: OfType = None,
    object_id: OfObject = None,
    actor: OfActor = None,
    action: OfAction = None,
    limit: Limit = 100,
    cursor: StoryCursor = None,
) -> Response:
    """Every change of a rule, a channel or a policy, newest first, with what was before and after."""
    asked = Asked(window, now, decode(cursor), limit)
    after = (asked.after.time, asked.after.id) if asked.after else (None, None)
    filters = (object_type, object_id, actor, action)
    async with snapshot(request) as connection:
        rows = await connection.fetch(SQL["audit_matching"], window.earliest, window.latest, *filters, *after, limit)
    return page_answer("audit", Page(rows), asked, LEAST)
