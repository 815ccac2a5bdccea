"""POST /alerts/instances/{id}/acknowledge and …/resolve: what people do with alerts."""

from datetime import datetime
from typing import Any
from uuid import UUID

from fastapi import APIRouter, HTTPException, Request
from pydantic import BaseModel, ConfigDict, Field

from access.guards import needs
from access.principals import Role
from alerting.links import Links
from alerting.recording.acting import Act, acknowledge, resolve
from database.queries import load
from query_api.answers import FAILURES, NOT_FOUND, REFUSED, Failure, Responses
from query_api.persons import Person, Somebody
from query_api.snapshot import change

SQL = load(__package__)
UNKNOWN = "Alert not found"
OVER = "The alert is resolved already"
CONFLICT: Responses = {409: {"model": Failure, "description": OVER}}
router = APIRouter(
    prefix="/api/observability/alerts/instances",
    tags=["alerts"],
    responses=FAILURES,
    dependencies=[needs(Role.VIEWER, to_change=Role.EDITOR)],
)


class Acted(BaseModel):
    """That it was done."""

    model_config = ConfigDict(extra="forbid")

    message: str = Field(examples=["Alert acknowledged"])


@router.post("/{instance_id}/acknowledge", response_model=Acted, responses=NOT_FOUND | CONFLICT | REFUSED)
async def acknowledge_alert(request: Request, instance_id: UUID, person: Person) -> Acted:
    """Says that somebody takes care: no reminders and no escalation any more."""
    async with change(request) as connection:
        _check(await acknowledge(connection, instance_id, person, await _now(connection)))
    return Acted(message="Alert acknowledged")


@router.post("/{instance_id}/resolve", response_model=Acted, responses=NOT_FOUND | REFUSED)
async def resolve_alert(request: Request, instance_id: UUID, person: Somebody) -> Acted:
    """Closes the alert. While its condition goes on holding, the next evaluation opens another one, of which nobody is
    told before the cooldown's end. An alert that is resolved already stays as it is."""
    links: Links = request.app.state.links
    async with change(request) as connection:
        act = await resolve(connection, instance_id, person, await _now(connection), links)
        if act is not Act.OVER:
            _check(act)
    return Acted(message="Alert resolved")


async def _now(connection: Any) -> datetime:
    now: datetime = await connection.fetchval(SQL["current_time"])
    return now


def _check(act: Act) -> None:
    if act is Act.UNKNOWN:
        raise HTTPException(404, UNKNOWN)
    if act is Act.OVER:
        raise HTTPException(409, OVER)
