"""/api/access/users: accounts, for admins."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Annotated, Any, Literal

import asyncpg
from fastapi import APIRouter, HTTPException, Path, Query, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field, SecretStr

from access.api.acting import by
from access.api.answers import AWAY, REFUSED, UNKNOWN, UNREADABLE, Done, Failure, Responses
from access.api.discretion import Discreet
from access.guards import needs
from access.people import accounts
from access.people.accounts import Email, Person
from access.people.passwords import LONGEST, Unfit
from access.principals import Role
from access.transactions import transaction

CHANGES: Responses = {
    **UNREADABLE,
    **REFUSED,
    409: {"model": Failure, "description": "It is there already, or it is the last admin"},
}
RoleName = Annotated[Literal["viewer", "editor", "admin"], Field(examples=["editor"])]
Password = Annotated[SecretStr, Field(max_length=LONGEST)]
router = APIRouter(
    prefix="/users",
    tags=["access"],
    dependencies=[needs(Role.ADMIN)],
    responses=AWAY | REFUSED,
    route_class=Discreet,
)

AT = "2026-11-23T09:00:00+00:00"
WhoPath = Annotated[Email, Path(examples=["ann@example.com"])]
Limit = Annotated[int, Query(ge=1, le=1000)]
After = Annotated[str, Query(max_length=255, description="The `next_cursor` of the page before.")]


class User(BaseModel):
    """An account."""

    model_config = ConfigDict(extra="forbid")

    email: str = Field(examples=["ann@example.com"])
    role: RoleName
    disabled: bool = Field(examples=[False])
    has_password: bool = Field(examples=[True], description="False: signs in by the provider alone.")
    created_at: datetime = Field(examples=[AT])
    signed_in_at: datetime | None = Field(examples=[AT], description="Last.")


class Users(BaseModel):
    """A page of accounts, by e-mail address."""

    model_config = ConfigDict(extra="forbid")

    users: list[User]
    next_cursor: str | None = Field(examples=[None], description="Null: this is the last page.")


class NewUser(BaseModel):
    """An account to make."""

    model_config = ConfigDict(extra="forbid")

    email: Email
    role: RoleName = "viewer"
    password: Password | None = Field(default=None, description="Left out for whoever signs in by the provider.")


class UserChange(BaseModel):
    """What to change of an account; what is left out stays. Each change ends the person's sessions."""

    model_config = ConfigDict(extra="forbid")

    role: RoleName | None = None
    disabled: bool | None = None
    password: Password | None = None


@router.get("", response_model=Users)
async def users(request: Request, limit: Limit = 100, cursor: After = "") -> Users:
    """Accounts by e-mail address."""
    async with transaction(request) as connection:
        rows = await accounts.page(connection, cursor.replace("\0", ""), limit)
    return Users(users=[_shown(row) for row in rows], next_cursor=rows[-1]["email"] if len(rows) == limit else None)


@router.post("", response_model=User, responses=CHANGES)
async def add_user(request: Request, given: NewUser) -> User:
    """Makes an account."""
    password = given.password.get_secret_value() if given.password is not None else None
    async with _change(request) as connection:
        return _shown(await accounts.create(connection, given.email, Role.named(given.role), password, by=by(request)))


@router.patch("/{email}", response_model=User, responses=CHANGES | UNKNOWN)
async def change_user(request: Request, email: WhoPath, given: UserChange) -> User:
    """Changes an account. The last admin who is not disabled stays one."""
    async with _change(request) as connection:
        if given.password is not None:
            await accounts.set_password(connection, email, given.password.get_secret_value(), by=by(request))
        if given.role is not None:
            await accounts.set_role(connection, email, Role.named(given.role), by=by(request))
        if given.disabled is not None:
            await accounts.set_disabled(connection, email, given.disabled, by=by(request))
        return _shown(await accounts.known(connection, email))


@router.delete("/{email}/sessions", response_model=Done, responses=REFUSED | UNKNOWN)
async def end_sessions(request: Request, email: WhoPath) -> Done:
    """Signs a person out everywhere."""
    async with _change(request) as connection:
        await accounts.sign_out_everywhere(connection, email, by=by(request))
    return Done(message="Signed out everywhere")


def _shown(person: Person) -> User:
    fields: dict[str, Any] = {name: person[name] for name in User.model_fields if name != "disabled"}
    return User(**fields, disabled=person["disabled_at"] is not None)


@asynccontextmanager
async def _change(request: Request) -> AsyncIterator[asyncpg.Connection]:
    """As `transaction`; what cannot be done so becomes 404, 409 or 422."""
    try:
        async with transaction(request) as connection:
            yield connection
    except accounts.Unknown:
        raise HTTPException(404, "User not found") from None
    except accounts.Taken:
        raise HTTPException(409, "There is such a user already") from None
    except accounts.LastAdmin as error:
        raise HTTPException(409, str(error)) from None
    except Unfit as error:
        mistake = {"type": "value_error", "loc": ("body", "password"), "msg": str(error), "input": None}
        raise RequestValidationError([mistake]) from None
