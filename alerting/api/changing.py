"""What every change here has in common: who makes it, of which version, and that it is written down."""

from collections.abc import Mapping
from typing import Annotated, Any
from uuid import UUID

from fastapi import Header, HTTPException, Query
from pydantic import AfterValidator, Field

from database.queries import load
from query_api.answers import Failure
from query_api.parameters import empty_is, without_nul

SQL = load(__package__)
Refusals = dict[int | str, dict[str, Any]]

Actor = Annotated[
    Annotated[str, Field(max_length=255), AfterValidator(without_nul)] | None,
    empty_is(None),
    Query(alias="user_email", description="Who makes the change, for the audit.", examples=["ann@example.com"]),
]
IfMatch = Annotated[
    str | None,
    Header(alias="If-Match", description="The ETag that is changed, as a read gave it; 412 if there is a newer one."),
]

UNREADABLE: Refusals = {400: {"model": Failure, "description": "The body is no JSON"}}
FOREIGN: Refusals = {403: {"model": Failure, "description": "A page of another site asked"}}
CONFLICT: Refusals = {
    409: {"model": Failure, "description": "It is kept in a file, or was changed meanwhile"},
    412: {"model": Failure, "description": "It is not what If-Match says any more"},
}


def etag(version: int) -> str:
    return f'"{version}"'


def check_version(held: int, version: int | None, if_match: str | None) -> None:
    """409 or 412 if what is to be changed has another version than whoever changes it has read."""
    if version is not None and version != held:
        raise HTTPException(409, f"It was changed meanwhile: its version is {held}, not {version}")
    if if_match is not None and not _matches(held, if_match):
        raise HTTPException(412, f"It was changed meanwhile: its ETag is {etag(held)}", {"ETag": etag(held)})


def check_kept_here(provisioned_from: str | None) -> None:
    """409 for what only a file may change."""
    if provisioned_from is not None:
        raise HTTPException(409, f"It is kept in the file {provisioned_from}; change it there")


async def record_change(
    connection: Any,
    actor: str | None,
    action: str,
    object_type: str,
    object_id: UUID | str,
    name: str | None,
    before: Mapping[str, Any] | None,
    after: Mapping[str, Any] | None,
) -> None:
    """Writes a change down for good; MUST be called in its transaction, with nothing secret."""
    await connection.execute(SQL["record_change"], actor, action, object_type, str(object_id), name, before, after)


def _matches(held: int, if_match: str) -> bool:
    tags = {tag.strip().removeprefix("W/") for tag in if_match.split(",")}
    return bool(tags & {"*", etag(held), str(held)})
