"""Services and their operations: how much they do, how often they fail, how long they take."""

import json
from collections.abc import Iterator, Mapping
from datetime import timedelta
from itertools import groupby
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import AfterValidator, Field

from database.quarters import OF_OPERATIONS, QUARTER
from database.queries import load
from query_api import steps
from query_api.answers import FAILURES, NO_PATH, json_answer
from query_api.parameters import Now, Text, empty_is, without_nul
from query_api.rollup_span import MINUTE, RollupSpan
from query_api.service_models import Latency, OperationList, RedAnswer, ServiceList
from query_api.sketch import RELATIVE_ERROR, bounds_ms, red_of
from query_api.snapshot import snapshot
from query_api.steps import step_for
from query_api.window import Window, window

SQL = load(__package__)
router = APIRouter(prefix="/services", tags=["services"], responses=FAILURES)

MOST_STEPS = 1500
LEAST_STEP = 60
# Between minutes and quarters there is nothing that is fast over hours.
LENGTHS = tuple(length for length in steps.LENGTHS if length in (LEAST_STEP, 120) or length % 900 == 0)

Limit = Annotated[Annotated[int, Field(ge=1, le=1000)], empty_is(1000), Query()]
Series = Annotated[
    Annotated[int, Field(ge=1, le=1000)], empty_is(100), Query(description="Series at most, those with most spans.")
]
Service = Annotated[Text, Query(description="Of this service only.", examples=["shop"])]
Operation = Annotated[Text, Query(description="Spans of this name only, whatever their kind.", examples=["POST /chat"])]
ServiceName = Annotated[str, AfterValidator(without_nul), Path(examples=["shop"])]
OneService = Annotated[str, AfterValidator(without_nul), Query(examples=["shop"])]
Step = Annotated[
    Annotated[int, Field(ge=LEAST_STEP, le=steps.DAY, multiple_of=LEAST_STEP)] | None,
    empty_is(None),
    Query(description="Seconds, whole minutes; 1,500 steps at most. By default up to 120 steps."),
]
ByOperation = Annotated[bool, empty_is(False), Query(description="A series for each operation, not each service.")]


@router.get("", response_model=ServiceList)
async def services(
    request: Request, now: Now, window: Annotated[Window, Depends(window)], limit: Limit = 1000
) -> Response:
    """All services with their rate, errors and percentiles of durations, the busiest first.

    The figures are of a service's entries, its spans of kind server and consumer, by which others reach it; of all its
    spans where it has no such (`counted` says which). Counts are exact and do not lag behind what was stored; a span
    counts for the time at which it began. The window is widened to whole minutes, from two hours on to quarters of an
    hour.
    """
    span = RollupSpan.of(window, now)
    async with snapshot(request) as connection:
        rows = await connection.fetch(
            SQL["red"].format(figures=SQL["figures_of_services"], limit="$7"),
            *await span.begin(connection, OF_OPERATIONS),
            None,
            None,
            limit,
        )
    found = [
        {"service_name": row["service_name"], "counted": _counted(row), **red_of(row, span.seconds)}
        | {"all_spans": row["all_spans"], "last_seen": row["last_minute"].isoformat()}
        for row in sorted(rows, key=lambda row: -row["spans"])
    ]
    return json_answer(json.dumps({**_head(span), "services": found, "limit": limit}))


@router.get("/red", response_model=RedAnswer)
async def red(
    request: Request,
    now: Now,
    window: Annotated[Window, Depends(window)],
    service: Service = None,
    operation: Operation = None,
    by_operation: ByOperation = False,
    step: Step = None,
    limit: Series = 100,
) -> Response:
    """Rate, errors and percentiles of durations over time, by service; by operation where that is asked for.

    Counted as `/services` counts, of operations all spans. Steps of whole quarters of an hour are much faster over
    many hours than others. Rates are by the seconds of a step that are over.
    """
    step = step or step_for((window.latest or now) - window.earliest, LENGTHS)
    length = timedelta(seconds=step)
    span = RollupSpan.of(window, now, MINUTE if length % QUARTER else QUARTER)
    if (span.latest - span.earliest) / length > MOST_STEPS:
        raise _too_many_steps(step)
    of_operations = by_operation or operation is not None
    figures = SQL["figures_of_operations" if of_operations else "figures_of_services"]
    async with snapshot(request) as connection:
        rows = await connection.fetch(
            SQL["red"].format(figures=figures, limit="$8" if of_operations else "$7"),
            *await span.begin(connection, OF_OPERATIONS, length),
            step,
            service,
            *((operation,) if of_operations else ()),
            limit,
        )
    found = list(_series(rows, span, length, of_operations))
    return json_answer(json.dumps({**_head(span), "step_seconds": step, "series": found, "limit": limit}))


@router.get("/latency", response_model=Latency)
async def latency(
    request: Request,
    now: Now,
    window: Annotated[Window, Depends(window)],
    service: OneService,
    operation: Operation = None,
) -> Response:
    """How the durations of a service, or of one of its operations, are spread: spans by buckets 4 % wide.

    Counted as `/services` counts, of an operation all spans. Counts and bounds are exact.
    """
    span = RollupSpan.of(window, now)
    figures = SQL["figures_of_services" if operation is None else "figures_of_operations"]
    async with snapshot(request) as connection:
        rows = await connection.fetch(
            SQL["latency"].format(figures=figures),
            *await span.begin(connection, OF_OPERATIONS),
            None,
            service,
            *(() if operation is None else (operation,)),
        )
    buckets = [{**_bounds(row["bucket"]), "spans": row["spans"]} for row in rows]
    answer = {
        "from": span.earliest.isoformat(),
        "to": span.latest.isoformat(),
        "service_name": service,
        "operation_name": operation,
        "spans": sum(row["spans"] for row in rows),
        "buckets": buckets,
    }
    return json_answer(json.dumps(answer))


@router.get("/{service:path}/operations", response_model=OperationList, responses=NO_PATH)
async def operations(
    request: Request,
    now: Now,
    service: ServiceName,
    window: Annotated[Window, Depends(window)],
    limit: Limit = 1000,
) -> Response:
    """What a service does, by name and kind of its spans, the busiest first; none of a service that nobody knows."""
    span = RollupSpan.of(window, now)
    async with snapshot(request) as connection:
        rows = await connection.fetch(
            SQL["red"].format(figures=SQL["figures_of_operations"], limit="$8"),
            *await span.begin(connection, OF_OPERATIONS),
            None,
            service,
            None,
            limit,
        )
    found = [
        {"operation_name": row["operation_name"], "kind": row["kind"], **red_of(row, span.seconds)}
        | {"last_seen": row["last_minute"].isoformat()}
        for row in sorted(rows, key=lambda row: -row["spans"])
    ]
    answer = {**_head(span), "service_name": service, "operations": found, "limit": limit}
    return json_answer(json.dumps(answer))


def _too_many_steps(step: int) -> RequestValidationError:
    message = f"must leave at most {MOST_STEPS} steps in the window"
    return RequestValidationError([{"type": "step", "loc": ("query", "step"), "msg": message, "input": step}])


def _series(rows: list[Any], span: RollupSpan, length: timedelta, of_operations: bool) -> Iterator[dict[str, object]]:
    for (service, operation, kind), points in groupby(
        rows, key=lambda row: (row["service_name"], row["operation_name"], row["kind"])
    ):
        found = list(points)
        yield {
            "service_name": service,
            "operation_name": operation if of_operations else None,
            "kind": kind if of_operations else None,
            "counted": _counted(found[0]),
            "points": [_point(row, span, length) for row in found],
        }


def _point(row: Mapping[str, Any], span: RollupSpan, length: timedelta) -> dict[str, object]:
    begins, ends = span.step(row["step"], length)
    return {"time": begins.isoformat(), **red_of(row, span.seconds_of(begins, ends))}


def _counted(row: Mapping[str, Any]) -> str:
    return "entries" if row["entry"] else "spans"


def _bounds(bucket: int) -> dict[str, float]:
    lower, upper = bounds_ms(bucket)
    return {"from_ms": lower, "to_ms": upper}


def _head(span: RollupSpan) -> dict[str, object]:
    return {"from": span.earliest.isoformat(), "to": span.latest.isoformat(), "relative_error": RELATIVE_ERROR}
