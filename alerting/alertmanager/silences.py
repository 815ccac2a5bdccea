"""Silences, as Alertmanager's clients read and write them."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Annotated, Any
from uuid import UUID, uuid4

from fastapi import APIRouter, HTTPException, Query, Request, Response
from pydantic import ValidationError

from access.guards import author
from alerting.alertmanager.errors import ERRORS, NOT_FOUND, REFUSED, PlainErrors
from alerting.alertmanager.filters import given, read_filters, shown
from alerting.alertmanager.shapes import GettableSilence, PostableSilence, SilenceId, SilenceStatus
from alerting.keeping.changing import SILENCE, By, NotThere, Unchangeable, changeable, put_silence
from alerting.keeping.silences import Silence
from alerting.keeping.silencing import EXPIRED, expire
from alerting.policy.matching import matchers_of
from database.queries import load
from query_api.parameters import Now
from query_api.snapshot import change, snapshot

SQL = load(__package__)
UNKNOWN = "silence not found"
KEPT = timedelta(hours=120)
router = APIRouter(tags=["alertmanager"], responses=ERRORS, route_class=PlainErrors)

Filter = Annotated[
    list[str] | None, Query(description="Matchers that it has.", examples=[['alertname="High Error Rate"']])
]
Creator = Annotated[list[str] | None, Query(description="Who made it.")]


@router.get("/silences", response_model=list[GettableSilence], response_model_exclude_none=True)
async def silences(request: Request, now: Now, filter: Filter = None, creator: Creator = None) -> list[GettableSilence]:
    """Silences, and for 120 hours those that are over: active ones first, then those to come."""
    wanted = read_filters(filter or [])
    async with snapshot(request) as connection:
        rows = await connection.fetch(SQL["silences"], now - KEPT, creator or None)
    return [silence for silence in map(_shown, rows) if all(shown(one) in silence.matchers for one in wanted)]


@router.get("/silence/{silence_id}", response_model=GettableSilence, responses=NOT_FOUND)
async def silence_by_id(request: Request, silence_id: UUID) -> GettableSilence:
    """A silence."""
    async with snapshot(request) as connection:
        row = await connection.fetchrow(SQL["silence"], silence_id)
    if row is None:
        raise HTTPException(404, UNKNOWN)
    return _shown(row)


@router.post("/silences", response_model=SilenceId, responses=NOT_FOUND | REFUSED)
async def post_silence(request: Request, now: Now, posted: PostableSilence) -> SilenceId:
    """Makes a silence, or changes the one of this id; of one that is over it makes another."""
    async with change(request) as connection:
        try:
            before = await _before(connection, posted)
            id_ = uuid4() if before is None else UUID(before["id"])
            person = author(request, posted.created_by)
            silence = _silence(posted, person, now, before)
            await put_silence(connection, id_, silence, By(person))
        except Unchangeable as error:
            raise HTTPException(400, str(error)) from None
    return SilenceId(silence_id=str(id_))


@router.delete("/silence/{silence_id}", response_class=Response, responses=NOT_FOUND | REFUSED)
async def delete_silence(request: Request, silence_id: UUID) -> Response:
    """Ends a silence."""
    async with change(request) as connection:
        try:
            await expire(connection, silence_id, By(author(request, None)))
        except NotThere:
            raise HTTPException(404, UNKNOWN) from None
        except Unchangeable as error:
            raise HTTPException(400, str(error)) from None
    return Response()


async def _before(connection: Any, posted: PostableSilence) -> Mapping[str, Any] | None:
    """The silence to change; None where a new one is to be made."""
    if not posted.id:
        return None
    try:
        before = await changeable(connection, SILENCE, UUID(posted.id), By())
    except ValueError:
        before = None
    if before is None:
        raise HTTPException(404, UNKNOWN)
    return None if before["state"] == EXPIRED else before


def _silence(posted: PostableSilence, person: str | None, now: datetime, before: Mapping[str, Any] | None) -> Silence:
    if posted.ends_at <= now:
        raise HTTPException(400, "Failed to create silence: end time can't be in the past")
    try:
        return Silence.model_validate(
            {
                "matchers": [given(matcher) for matcher in posted.matchers],
                "starts_at": posted.starts_at if before else max(posted.starts_at, now),
                "ends_at": posted.ends_at,
                "created_by": person,
                "reason": posted.comment,
            }
        )
    except ValidationError as error:
        raise HTTPException(400, f"silence invalid: {_told(error)}") from None


def _told(error: ValidationError) -> str:
    mistake = error.errors()[0]
    place = {"reason": "comment", "created_by": "createdBy"}.get(str(mistake["loc"][0]) if mistake["loc"] else "", "")
    return f"{place} {mistake['msg'].removeprefix('Value error, ')}".strip()


def _shown(row: Mapping[str, Any]) -> GettableSilence:
    return GettableSilence(
        id=str(row["id"]),
        status=SilenceStatus(state=row["state"]),
        updated_at=row["updated_at"],
        matchers=[shown(matcher) for matcher in matchers_of(row["matchers"])],
        starts_at=row["starts_at"],
        ends_at=row["ends_at"],
        created_by=row["created_by"],
        comment=row["reason"],
    )
