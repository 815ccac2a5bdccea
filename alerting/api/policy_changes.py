"""What all routes share that change a policy: who asks, from which version, and what refusals are told as."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Annotated, Any

import asyncpg
from fastapi import Depends, Header, HTTPException, Path, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse

from alerting.keeping.changing import By, NotThere, SecretMissing, Stale, Unchangeable
from alerting.keeping.routing import Name
from query_api.answers import REFUSED, UNREADABLE, Failure, Responses
from query_api.persons import Somebody
from query_api.snapshot import change

LARGEST_INTEGER = 2**31 - 1

CONFLICT: Responses = {
    409: {"model": Failure, "description": "It is kept in a file, or over"},
    412: {"model": Failure, "description": "It is not what If-Match says any more"},
}
CHANGES: Responses = UNREADABLE | REFUSED | CONFLICT

NamePath = Annotated[Name, Path()]


def _version_of(if_match: str | None) -> int | None:
    """From an ETag that an answer had; None where anything is right."""
    text = (if_match or "*").strip()
    if text == "*":
        return None
    digits = text.removeprefix("W/").strip('"')
    if not (digits.isascii() and digits.isdigit()) or int(digits) > LARGEST_INTEGER:
        raise ValueError('must be an ETag of an earlier answer, like "3", or *')
    return int(digits)


def _by(
    actor: Somebody,
    if_match: Annotated[
        str | None,
        Header(description="The ETag that is changed, as a read gave it; 412 if there is a newer one."),
    ] = None,
) -> By:
    try:
        return By(actor, _version_of(if_match))
    except ValueError as error:
        raise mistaken(("header", "if-match"), str(error)) from None


Changer = Annotated[By, Depends(_by)]


def mistaken(place: tuple[str, ...], message: str) -> RequestValidationError:
    """A 422 about one field."""
    return RequestValidationError([{"type": "value_error", "loc": place, "msg": message, "input": None}])


@asynccontextmanager
async def policy_change(request: Request, unknown: str) -> AsyncIterator[asyncpg.Connection]:
    """As `change`; what cannot be done so becomes 404 (with `unknown`), 409, 412 or 422."""
    try:
        async with change(request) as connection:
            yield connection
    except NotThere:
        raise HTTPException(404, unknown) from None
    except Stale as error:
        raise HTTPException(412, str(error)) from None
    except Unchangeable as error:
        raise HTTPException(409, str(error)) from None
    except SecretMissing as error:
        raise mistaken(("body", "secrets", str(error)), "This kind of channel needs it") from None


def answer(row: Mapping[str, Any]) -> JSONResponse:
    """The row, and its version as ETag."""
    return JSONResponse(dict(row), headers={"etag": f'"{row["version"]}"'})
