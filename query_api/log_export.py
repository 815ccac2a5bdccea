"""Logs as a file, read by a cursor of the database while the client takes it."""

import csv
import io
from asyncio import Semaphore
from collections.abc import AsyncGenerator, Iterable, Mapping, Sequence
from enum import Enum
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Query, Request, Response
from fastapi.responses import StreamingResponse
from msgspec import Raw
from msgspec.json import Decoder
from msgspec.json import decode as from_json
from pydantic import Field

from query_api.answers import FAILURES
from query_api.cursor import LogCursor, decode
from query_api.feed import Feed
from query_api.file_answer import file_answer
from query_api.log_filters import LogFilters, log_filters
from query_api.models import Log
from query_api.parameters import empty_is
from query_api.snapshot import snapshot

router = APIRouter(prefix="/logs", tags=["logs"], responses=FAILURES)

ROWS_AT_ONCE = 100
# Each keeps one of the pool's connections for as long as its client takes.
_places = Semaphore(2)

COLUMNS = list(Log.model_fields)
_values = Decoder(dict[str, Raw])
Limit = Annotated[
    Annotated[int, Field(ge=1, le=100_000)], empty_is(10_000), Query(description="The newest so many, at most.")
]


class Format(Enum):
    NDJSON = "ndjson"
    CSV = "csv"


MEDIA_TYPES = {Format.NDJSON: "application/x-ndjson", Format.CSV: "text/csv"}
EXAMPLE = '{"id": "0198f0a2-5b1c-7000-8000-000000000001", "level": "INFO", "message": "answered in 875 ms"}'


@router.get(
    "/export",
    response_class=StreamingResponse,
    responses={
        200: {
            "description": "The logs, newest first",
            "content": {
                "application/x-ndjson": {"schema": {"type": "string"}, "example": EXAMPLE},
                "text/csv": {"schema": {"type": "string"}, "example": ",".join(COLUMNS)},
            },
        }
    },
)
async def logs_export(
    request: Request,
    filters: Annotated[LogFilters, Depends(log_filters)],
    format: Annotated[Format, empty_is(Format.NDJSON), Query()] = Format.NDJSON,
    limit: Limit = 10_000,
    cursor: LogCursor = None,
) -> Response:
    """The newest logs that match every given filter, as a file: JSON lines, or CSV with a line of names.

    It is sent as it is read, from one moment's state of the database. A file that takes more than a minute is cut off:
    the connection closes before its end. Two exports run at once, a further one is 503.
    """
    if _places.locked():
        raise HTTPException(503, "Other exports are under way; try again shortly")
    feed = Feed(_written(request, filters, limit, cursor, format))
    return await file_answer(feed, f"logs.{format.value}", MEDIA_TYPES[format])


async def _written(
    request: Request, filters: LogFilters, limit: int, cursor: str | None, format: Format
) -> AsyncGenerator[str, None]:
    """The file, piece by piece; at least one, though there be no rows."""
    write = _as_csv if format is Format.CSV else _as_ndjson
    async with _places, snapshot(request) as connection:
        statement, arguments = await filters.listing(connection, decode(cursor), limit, 0)
        reader = await connection.cursor(statement, *arguments)
        rows = await reader.fetch(ROWS_AT_ONCE)
        yield (_csv([COLUMNS]) if format is Format.CSV else "") + write(rows)
        while len(rows) == ROWS_AT_ONCE:
            rows = await reader.fetch(ROWS_AT_ONCE)
            yield write(rows)


def _as_ndjson(rows: Sequence[Mapping[str, str]]) -> str:
    return "".join(row["item"] + "\n" for row in rows)


def _as_csv(rows: Sequence[Mapping[str, str]]) -> str:
    logs = (_values.decode(row["item"]) for row in rows)
    return _csv([[_cell(log[column]) for column in COLUMNS] for log in logs])


def _cell(value: Raw) -> str:
    """Text as it is, null as an empty cell, all else as its JSON, digit for digit."""
    text = bytes(value).decode()
    if text.startswith('"'):
        return from_json(text, type=str)
    return "" if text == "null" else text


def _csv(rows: Iterable[Iterable[object]]) -> str:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue()
