"""The times a list covers: `from` and `to`, or `hours` back."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated

from fastapi import Query
from fastapi.exceptions import RequestValidationError

from query_api.moments import EXPECTED, moment
from query_api.parameters import Hours, Now, Text

From = Annotated[
    Text,
    Query(alias="from", description=f"The earliest time, in place of `hours`: {EXPECTED}.", examples=["now-15m"]),
]
To = Annotated[
    Text,
    Query(
        alias="to",
        description=f"The time before which to look: {EXPECTED}. `hours` counts back from it.",
        examples=["2026-11-23T09:30:00Z"],
    ),
]


@dataclass(frozen=True)
class Window:
    """From earliest on, before latest; None where there is no upper bound."""

    earliest: datetime
    latest: datetime | None


async def window(now: Now, hours: Hours = 24, since: From = None, until: To = None) -> Window:
    """The window that a request asks for; 422 for times that cannot be read or leave nothing between them."""
    latest = _read("to", until, now) if until else None
    if since:
        earliest = _read("from", since, now)
    else:
        try:
            earliest = (latest or now) - timedelta(hours=hours)
        except OverflowError:
            raise _unprocessable("to", until, "must not be the beginning of time") from None
    if latest is not None and earliest >= latest:
        raise _unprocessable("to", until, "must be later than `from`")
    return Window(earliest, latest)


def _read(name: str, text: str, now: datetime) -> datetime:
    try:
        return moment(text, now)
    except ValueError as error:
        raise _unprocessable(name, text, str(error)) from None


def _unprocessable(name: str, text: str | None, message: str) -> RequestValidationError:
    return RequestValidationError([{"type": "time", "loc": ("query", name), "msg": message, "input": text}])
