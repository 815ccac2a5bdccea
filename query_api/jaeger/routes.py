"""Jaeger's query API, below /jaeger: what its page and Grafana's data source of that name ask."""

from collections import defaultdict
from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException, Query, Request, Response
from msgspec.json import encode as to_json
from pydantic import AfterValidator, Field

from access.guards import needs
from access.principals import Role
from database.quarters import OF_EDGES
from database.queries import load
from database.ranges import EPOCH
from query_api.jaeger.asked import LATEST_US, asked_traces
from query_api.jaeger.errors import ERRORS, NOT_FOUND, JaegerRoute
from query_api.jaeger.models import Dependencies, JaegerNames, JaegerOperations, JaegerTraces
from query_api.jaeger.reading import read_trace
from query_api.jaeger.shapes import KINDS
from query_api.pages import Asked
from query_api.parameters import Now, Text, TraceId, empty_is, without_nul
from query_api.rollup_span import RollupSpan
from query_api.search.signals import KIND
from query_api.snapshot import snapshot
from query_api.trace_filters import TraceFilters
from query_api.trace_lookup import stored_trace
from query_api.trace_pages import read_traces
from query_api.window import Window

SQL = load(__package__)
READS = load("query_api")
router = APIRouter(
    prefix="/jaeger/api",
    tags=["jaeger"],
    responses=ERRORS,
    route_class=JaegerRoute,
    dependencies=[needs(Role.VIEWER)],
)

MOST_NAMES = 10_000
MOST_TRACES = 1500
MOST_EDGES = 5000
MOST_SPANS = 100_000
"""Of a trace by its id."""
MOST_SPANS_LISTED = 20_000
"""Of all traces of a list."""
A_DAY_MS = 24 * 3600 * 1000

Limit = Annotated[Annotated[int, Field(ge=1)], empty_is(100), Query(description=f"{MOST_TRACES} at most.")]
Ids = Annotated[list[Annotated[str, AfterValidator(without_nul)]], Query(alias="traceID", max_length=MOST_TRACES)]
Milliseconds = Annotated[Annotated[int, Field(ge=0, lt=LATEST_US // 1000)] | None, empty_is(None), Query()]
OneService = Annotated[str, Field(min_length=1), AfterValidator(without_nul)]


@router.get("/services", response_model=JaegerNames)
async def services(request: Request) -> Response:
    """The names of all services that have sent spans."""
    async with snapshot(request) as connection:
        rows = await connection.fetch(SQL["service_names"], MOST_NAMES)
    return _answer([row["service_name"] for row in rows], len(rows))


@router.get("/services/{service}/operations", response_model=JaegerNames)
async def names_of_operations(request: Request, service: OneService) -> Response:
    """The names of a service's spans."""
    async with snapshot(request) as connection:
        rows = await connection.fetch(SQL["operations_of_service"], service, None, MOST_NAMES)
    names = list(dict.fromkeys(row["operation_name"] for row in rows))
    return _answer(names, len(names))


@router.get("/operations", response_model=JaegerOperations)
async def operations(
    request: Request,
    service: Annotated[OneService, Query()],
    kind: Annotated[Text, Query(alias="spanKind", examples=["server"])] = None,
) -> Response:
    """The names and kinds of a service's spans."""
    if kind is not None and kind not in KIND.names:
        raise HTTPException(400, f"unsupported span kind: {kind}")
    async with snapshot(request) as connection:
        rows = await connection.fetch(
            SQL["operations_of_service"], service, None if kind is None else KIND.names[kind], MOST_NAMES
        )
    found = [{"name": row["operation_name"], "spanKind": KINDS.get(row["kind"], "")} for row in rows]
    return _answer(found, len(found))


@router.get("/traces", response_model=JaegerTraces)
async def traces(
    request: Request,
    filters: Annotated[TraceFilters | None, Depends(asked_traces)],
    limit: Limit = 100,
    ids: Ids = [],  # noqa: B006 FastAPI copies it
) -> Response:
    """The newest traces with a span that is all that is asked for, or those with the ids given.

    The spans of a list are 20,000 at most, the newest traces' first; a trace without all of its spans says so in a
    warning.
    """
    if filters is None and not ids:
        raise HTTPException(400, "parameter 'service' is required")
    found: list[dict[str, Any]] = []
    errors: list[dict[str, Any]] = []
    async with snapshot(request) as connection:
        if not ids and filters is not None:
            ids = await _newest(connection, filters, min(limit, MOST_TRACES))
        left = MOST_SPANS_LISTED
        for trace_id in dict.fromkeys(ids):
            try:
                trace = await stored_trace(connection, _whole(trace_id))
            except HTTPException:
                errors.append({"code": 404, "msg": "trace not found", "traceID": trace_id})
                continue
            found.append(await read_trace(connection, trace, max(left, 1)))
            left -= len(found[-1]["spans"])
    return _answer(found, errors=errors or None)


@router.get("/traces/{trace_id}", response_model=JaegerTraces, responses=NOT_FOUND)
async def trace_by_id(request: Request, trace_id: TraceId) -> Response:
    """A trace with 100,000 of its spans at most."""
    async with snapshot(request) as connection:
        try:
            trace = await stored_trace(connection, _whole(trace_id))
        except HTTPException:
            raise HTTPException(404, "trace not found") from None
        found = await read_trace(connection, trace, MOST_SPANS)
    return _answer([found])


@router.get("/dependencies", response_model=Dependencies)
async def dependencies(
    request: Request,
    now: Now,
    end: Annotated[Milliseconds, Query(alias="endTs", description="Milliseconds since 1970; now unless given.")] = None,
    lookback: Annotated[Milliseconds, Query(description="Milliseconds; a day unless given.")] = None,
    service: Text = None,
) -> Response:
    """Which services call which, and how often."""
    until = now if end is None else EPOCH + timedelta(milliseconds=end)
    length = timedelta(milliseconds=A_DAY_MS if lookback is None else lookback)
    span = RollupSpan.of(Window(until - min(length, until - EPOCH), until), now)
    async with snapshot(request) as connection:
        begun = await span.begin(connection, OF_EDGES)
        rows = await connection.fetch(READS["service_map"], *begun, service, MOST_EDGES)
    calls: dict[tuple[str, str], int] = defaultdict(int)
    for row in rows:
        if row["source_type"] == row["target_type"] == "service":
            calls[row["source"], row["target"]] += row["calls"]
    most_first = sorted(calls.items(), key=lambda call: -call[1])
    return _answer([{"parent": parent, "child": child, "callCount": n} for (parent, child), n in most_first])


async def _newest(connection: Any, filters: TraceFilters, limit: int) -> list[str]:
    asked = Asked(filters.window, filters.search.now, None, limit)
    page = await read_traces(connection, asked, filters, await filters.search.found(connection))
    return [row["id"] for row in page.rows]


def _whole(trace_id: str) -> str:
    """Jaeger leaves out zeros at the beginning."""
    return trace_id.strip().lower().rjust(32, "0")


def _answer(data: object, total: int = 0, errors: list[dict[str, Any]] | None = None) -> Response:
    body = {"data": data, "total": total, "limit": 0, "offset": 0, "errors": errors}
    return Response(to_json(body), media_type="application/json")
