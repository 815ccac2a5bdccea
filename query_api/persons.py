"""Who a request is by: the person who is signed in or the key, else whom it names itself."""

from typing import Annotated

from fastapi import Depends, Query, Request
from fastapi.exceptions import RequestValidationError

from access.guards import author
from query_api.body_fields import Line
from query_api.parameters import empty_is

Named = Annotated[
    Line | None,
    empty_is(None),
    Query(
        alias="user_email",
        description="Who asks. Who is signed in, or came by a key, is who they are whatever is said here.",
        examples=["ann@example.com"],
    ),
]


def _somebody(request: Request, named: Named = None) -> str | None:
    return author(request, named)


def _person(request: Request, named: Named = None) -> str:
    """422 where nobody is named who has to be."""
    person = author(request, named)
    if person is None:
        mistake = {"type": "missing", "loc": ("query", "user_email"), "msg": "Field required", "input": None}
        raise RequestValidationError([mistake])
    return person


Somebody = Annotated[str | None, Depends(_somebody)]
Person = Annotated[str, Depends(_person)]
