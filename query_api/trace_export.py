"""A trace as a file of OTLP."""

from asyncio import Semaphore
from collections.abc import AsyncGenerator
from enum import Enum
from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Query, Request, Response
from fastapi.responses import StreamingResponse
from msgspec.json import encode as to_json

from database.queries import load
from query_api import otlp_spans
from query_api.answers import FAILURES, NOT_FOUND
from query_api.feed import Feed
from query_api.file_answer import file_answer
from query_api.parameters import TraceId, empty_is
from query_api.snapshot import snapshot
from query_api.trace_lookup import stored_trace

SQL = load(__package__)
router = APIRouter(prefix="/traces", tags=["traces"], responses=FAILURES)

ROWS_AT_ONCE = 100
# Each keeps one of the pool's connections for as long as its client takes.
_places = Semaphore(2)
_SPANS = b'"spans":[]'


class TraceFormat(Enum):
    OTLP = "otlp"


@router.get(
    "/{trace_id}/export",
    response_class=StreamingResponse,
    responses={
        **NOT_FOUND,
        200: {
            "description": "The spans as ExportTraceServiceRequest",
            "content": {"application/json": {"schema": {"type": "object"}, "example": {"resourceSpans": []}}},
        },
    },
)
async def trace_export(
    request: Request,
    trace_id: TraceId,
    format: Annotated[TraceFormat, empty_is(TraceFormat.OTLP), Query()] = TraceFormat.OTLP,
) -> Response:
    """All spans of a trace as one request of OTLP's JSON encoding, which `/v1/traces` of a receiver takes.

    Sent to an empty database it gives equal rows. What is not stored cannot be had: the order of attributes, that a
    text was bytes, that a very large whole number was a double. A span that arrived more than once comes once. Rows by
    plain SQL may hold what OTLP cannot say, which is left out. A file that takes more than a minute is cut off: the
    connection closes before its end. Two exports run at once, a further one is 503.
    """
    if _places.locked():
        raise HTTPException(503, "Other exports are under way; try again shortly")
    feed = Feed(_written(request, trace_id))
    return await file_answer(feed, "trace.otlp.json", "application/json")


async def _written(request: Request, trace_id: str) -> AsyncGenerator[str, None]:
    async with _places, snapshot(request) as connection:
        trace = await stored_trace(connection, trace_id)
        reader = await connection.cursor(SQL["exported_spans"], *trace.place)
        yield '{"resourceSpans":['
        writing = _Groups()
        while rows := await reader.fetch(ROWS_AT_ONCE):
            yield "".join(writing.add(row) for row in rows)
        yield writing.end() + "]}"


class _Groups:
    """Spans in their envelopes, a new one wherever the origin changes."""

    def __init__(self) -> None:
        self._origin: tuple[Any, ...] | None = None
        self._close = ""

    def add(self, row: Any) -> str:
        text = to_json(otlp_spans.span(row)).decode()
        origin = (row["resource_id"], row["scope_id"], row["service_name"])
        if origin == self._origin:
            return "," + text
        before = self._close + "," if self._origin else ""
        self._origin = origin
        opening, self._close = _halves(row)
        return before + opening + text

    def end(self) -> str:
        return self._close


def _halves(row: Any) -> tuple[str, str]:
    """An envelope's text before and after its spans, of which it has none and no other list of that name before."""
    before, _, after = to_json(otlp_spans.envelope(row)).rpartition(_SPANS)
    return (before + _SPANS[:-1]).decode(), ("]" + after.decode())
