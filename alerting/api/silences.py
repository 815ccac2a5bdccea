"""Silences: for how long nobody is told of which alerts."""

from datetime import datetime
from enum import Enum
from typing import Annotated
from uuid import UUID, uuid4

from fastapi import APIRouter, HTTPException, Query, Request, Response
from fastapi.encoders import jsonable_encoder
from fastapi.responses import JSONResponse
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from access.guards import actor, author
from alerting.api.policy_changes import CHANGES, Changer, answer, mistaken, policy_change
from alerting.api.policy_models import MutedInstances, PolicyDeleted, SilenceAnswer, Silences
from alerting.keeping.changing import SILENCE, changeable, put_silence
from alerting.keeping.matchers import NarrowMatchers
from alerting.keeping.silences import Author, Reason, Silence
from alerting.keeping.silencing import EXPIRED, expire
from alerting.policy.matching import all_match
from database.queries import load
from query_api.answers import FAILURES, NOT_FOUND, UNREADABLE, json_answer
from query_api.parameters import Now, empty_is
from query_api.snapshot import snapshot

SQL = load(__package__)
UNKNOWN = "Silence not found"
MOST_SHOWN = 100
router = APIRouter(prefix="/silences", tags=["alert policies"], responses=FAILURES)


class State(Enum):
    ACTIVE = "active"
    PENDING = "pending"
    EXPIRED = "expired"


class NewSilence(BaseModel):
    """A silence to make; it begins now unless it says when."""

    model_config = ConfigDict(extra="forbid")

    matchers: NarrowMatchers
    starts_at: AwareDatetime | None = Field(default=None, description="Null: now.")
    ends_at: AwareDatetime = Field(examples=["2036-11-24T02:00:00+00:00"])
    created_by: Author
    reason: Reason


class SilenceChange(BaseModel):
    """What to change of a silence; null means as it is."""

    model_config = ConfigDict(extra="forbid")

    matchers: NarrowMatchers | None = None
    starts_at: AwareDatetime | None = None
    ends_at: AwareDatetime | None = None
    created_by: Author | None = None
    reason: Reason | None = None


class Mutable(BaseModel):
    """Matchers to look what they are about."""

    model_config = ConfigDict(extra="forbid")

    matchers: NarrowMatchers


OfState = Annotated[State | None, empty_is(None), Query(alias="state", description="In this state only.")]
Limit = Annotated[Annotated[int, Field(ge=1, le=1000)], empty_is(200), Query()]


@router.get("", response_model=Silences)
async def silences(request: Request, state: OfState = None, limit: Limit = 200) -> Response:
    """Silences, those that end last first."""
    async with snapshot(request) as connection:
        found = await connection.fetchval(SQL["silences"], state and state.value, limit)
    return json_answer(f'{{"silences":{found},"limit":{limit}}}')


@router.post("", response_model=SilenceAnswer, responses=CHANGES)
async def add_silence(request: Request, now: Now, given: NewSilence, by: Changer) -> Response:
    """Makes a silence."""
    fields = {"starts_at": given.starts_at or now, "created_by": author(request, given.created_by)}
    silence = _silence(given.model_dump() | fields, now)
    async with policy_change(request, UNKNOWN) as connection:
        return answer(await put_silence(connection, uuid4(), silence, by))


@router.post("/preview", response_model=MutedInstances, responses=UNREADABLE)
async def preview(request: Request, given: Mutable) -> Response:
    """The open alerts that a silence with these matchers would be about now."""
    async with snapshot(request) as connection:
        rows = await connection.fetch(SQL["open_instances"])
    matchers = [matcher.as_policy() for matcher in given.matchers]
    muted = [dict(row) for row in rows if all_match(matchers, row["labels"])]
    return JSONResponse(jsonable_encoder({"total": len(muted), "instances": muted[:MOST_SHOWN]}))


@router.get("/{silence_id}", response_model=SilenceAnswer, responses=NOT_FOUND)
async def silence_by_id(request: Request, silence_id: UUID) -> Response:
    """A silence."""
    async with snapshot(request) as connection:
        row = await connection.fetchval(SQL["silence_by_id"], silence_id)
    if row is None:
        raise HTTPException(404, UNKNOWN)
    return answer(row)


@router.put("/{silence_id}", response_model=SilenceAnswer, responses=CHANGES | NOT_FOUND)
async def change_silence(request: Request, now: Now, silence_id: UUID, given: SilenceChange, by: Changer) -> Response:
    """Changes a silence that has not ended."""
    async with policy_change(request, UNKNOWN) as connection:
        before = await changeable(connection, SILENCE, silence_id, by)
        if before is None:
            raise HTTPException(404, UNKNOWN)
        if before["state"] == EXPIRED:
            raise HTTPException(409, "This silence has ended: make a new one")
        fields = {name: before[name] for name in Silence.model_fields} | given.model_dump(exclude_none=True)
        if actor(request) is not None:
            fields["created_by"] = before["created_by"]
        return answer(await put_silence(connection, silence_id, _silence(fields, now), by))


@router.delete("/{silence_id}", response_model=PolicyDeleted, responses=CHANGES | NOT_FOUND)
async def expire_silence(request: Request, silence_id: UUID, by: Changer) -> PolicyDeleted:
    """Ends a silence now; it is kept. One that has ended stays as it is."""
    async with policy_change(request, UNKNOWN) as connection:
        await expire(connection, silence_id, by)
    return PolicyDeleted(message="Silence expired")


def _silence(fields: dict[str, object], now: datetime) -> Silence:
    try:
        silence = Silence.model_validate(fields)
    except ValidationError as error:
        raise mistaken(("body",), error.errors()[0]["msg"].removeprefix("Value error, ")) from None
    if silence.ends_at <= now:
        raise mistaken(("body", "ends_at"), "must lie in the future")
    return silence
