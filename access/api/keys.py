"""/api/access/keys: keys of senders and scripts, for admins."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Path, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from access.api.acting import by
from access.api.answers import AWAY, REFUSED, UNREADABLE, Failure, Responses
from access.guards import needs
from access.keys import keeping
from access.keys.keeping import MOST_KEYS, NameTaken, TooMany
from access.keys.scopes import Scope
from access.keys.wish import KeyWish
from access.principals import Role
from access.transactions import transaction

NOT_FOUND: Responses = {404: {"model": Failure, "description": "There is no such key"}}
TAKEN: Responses = {409: {"model": Failure, "description": "The name is taken, or there are too many keys"}}
ID = r"^[0-9a-f]{12}$"
AN_ID, AT = "3f9a0c51d7e2", "2026-11-23T09:00:00+00:00"
router = APIRouter(prefix="/keys", tags=["access"], dependencies=[needs(Role.ADMIN)], responses=AWAY | REFUSED)


class ShownKey(BaseModel):
    """A key, without what opens."""

    model_config = ConfigDict(extra="forbid")

    id: str = Field(examples=[AN_ID], description="The part of the key that is no secret: `otg_<id>_<secret>`.")
    name: str = Field(examples=["checkout"])
    scopes: list[Scope] = Field(examples=[["traces", "logs", "metrics"]])
    services: list[str] | None = Field(examples=[["checkout"]], description="Null: all.")
    created_at: datetime = Field(examples=[AT])
    created_by: str | None = Field(examples=["ann@example.com"])
    expires_at: datetime | None = Field(examples=[None])
    last_used_at: datetime | None = Field(examples=[AT], description="Right to two minutes.")
    revoked_at: datetime | None = Field(examples=[None])
    revoked_by: str | None = Field(examples=[None])


class NewKey(ShownKey):
    """A key with what opens, which no later answer has."""

    key: str = Field(examples=[f"otg_{AN_ID}_<secret>"], description="Sent as `Authorization: Bearer <key>`.")


class Keys(BaseModel):
    """A page of keys, the newest first."""

    model_config = ConfigDict(extra="forbid")

    keys: list[ShownKey]
    next_cursor: str | None = Field(examples=[None], description="Null: this is the last page.")


@router.get("", response_model=Keys)
async def keys(
    request: Request,
    revoked: Annotated[bool, Query(description="Those that are revoked too.")] = False,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    cursor: Annotated[str | None, Query(pattern=ID, description="The `next_cursor` of the page before.")] = None,
) -> Keys:
    """Keys, the newest first, without what opens, which is not kept."""
    async with transaction(request) as connection:
        rows = await keeping.page(connection, revoked=revoked, after=cursor, limit=limit)
    shown = [ShownKey(**row) for row in rows]
    return Keys(keys=shown, next_cursor=shown[-1].id if len(shown) == limit else None)


@router.post("", response_model=NewKey, status_code=201, responses=UNREADABLE | TAKEN)
async def create_key(request: Request, wish: KeyWish) -> NewKey:
    """Makes a key. Receivers let it in from the next second on."""
    try:
        async with transaction(request) as connection:
            row, text = await keeping.create(connection, wish, by(request))
    except NameTaken:
        raise HTTPException(409, "There is a key of this name already") from None
    except TooMany:
        raise HTTPException(409, f"There are {MOST_KEYS} keys already; revoke some first") from None
    return NewKey(**row, key=text)


@router.delete("/{key_id}", response_model=ShownKey, responses=NOT_FOUND)
async def revoke_key(request: Request, key_id: Annotated[str, Path(pattern=ID, examples=[AN_ID])]) -> ShownKey:
    """Has a key open nothing any more, from the next second on. One that is revoked already stays as it is."""
    async with transaction(request) as connection:
        row: dict[str, Any] | None = await keeping.revoke(connection, key_id, by(request))
    if row is None:
        raise HTTPException(404, "Key not found")
    return ShownKey(**row)
