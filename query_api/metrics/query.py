"""GET /metrics/query: a metric over time, by group."""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import Field

from query_api.answers import FAILURES, json_answer
from query_api.metrics.aggregation import Aggregation, obstacle
from query_api.metrics.frame import Frame, framed
from query_api.metrics.labels import By
from query_api.metrics.models import MetricQuery
from query_api.metrics.resolution import Reach, reach
from query_api.metrics.series import MetricName, Series, matching
from query_api.metrics.values import Found, read
from query_api.parameters import Now, empty_is
from query_api.searching import Search, search_of_metrics
from query_api.snapshot import snapshot
from query_api.steps import DAY
from query_api.window import Window, window

router = APIRouter(prefix="/metrics", tags=["metrics"], responses=FAILURES)

NOTHING = Found([], 0, None, 0.0)

How = Annotated[
    Annotated[Aggregation, empty_is(Aggregation.AVG)],
    Query(
        description="avg, min, max: of all points (histograms: of all observations). sum: of the last values of the "
        "series; of deltas and histograms, of all that was added. last: the newest value. count: of points, or of "
        "observations. increase: by how much counters, or counts of histograms, grew. rate: that in a second, series "
        "by series, then summed. p50 to p99: of all observations of histograms."
    ),
]
Step = Annotated[
    Annotated[int, Field(ge=1, le=366 * DAY)] | None,
    empty_is(None),
    Query(description="Seconds of a step; steps begin at multiples of it in UTC. Chosen by the window if not given."),
]
Limit = Annotated[Annotated[int, Field(ge=1, le=100)], empty_is(20), Query(description="Groups at most.")]


@router.get("/query", response_model=MetricQuery)
async def metric_query(
    request: Request,
    now: Now,
    name: MetricName,
    window: Annotated[Window, Depends(window)],
    search: Annotated[Search, Depends(search_of_metrics)],
    by: By = [],  # noqa: B006 - FastAPI copies defaults
    aggregation: How = Aggregation.AVG,
    step: Step = None,
    limit: Limit = 20,
) -> Response:
    """A metric's values over time by group, those with the greatest values first; the window widened to whole steps.

    Points count in the step that holds their time, an increase too. Counters are followed through resets, which are a
    new start time or a lesser value, and both temporalities; what a series counted before we first saw it is left out,
    unless it began within five minutes before. A rate divides by the length of the step, or by the time since the point
    before where that is longer. A point that says no more than that its series ended is none.

    Steps of whole hours are read from hours, those of whole minutes from minutes, what is newer from finer tables: see
    `sources`. Values are the same from each, but for histograms whose bounds changed within an hour or minute.

    A quantile takes observations for spread evenly within their bucket. The true one lies between `low` and `high`,
    null where the bucket has no such edge.
    """
    async with snapshot(request) as connection:
        reached = await reach(connection, now)
        found = await matching(connection, name, search, by, window.earliest)
        series = [each for each in found if obstacle(aggregation, each) is None]
        frame = framed(window, now, reached, step, len(series), aggregation.bounds.rows, name)
        values = NOTHING
        if frame is not None and frame.segments and series:
            most = aggregation.bounds.values
            groups = max(1, min(limit, most // frame.steps))
            values = await read(connection, name, series, frame, aggregation, now, groups)
    warnings = [*_left_out(found, aggregation), *_of_window(window, frame, reached), *_of_values(values, frame)]
    answer = {
        "name": name,
        "types": sorted({each.type for each in found}),
        "units": sorted({each.unit for each in found}),
        "aggregation": aggregation.value,
        **_framing(window, frame, now),
        "series": len(series),
        "groups_found": values.total,
        "groups": [
            {
                "labels": dict(zip(by, group.labels, strict=True)),
                "series": group.series,
                "values": group.values,
                "low": group.low or None,
                "high": group.high or None,
            }
            for group in values.groups
        ],
        "warnings": warnings,
    }
    return json_answer(json.dumps(answer))


def _framing(window: Window, frame: Frame | None, now: datetime) -> dict[str, object]:
    if frame is None:
        latest = window.latest or max(now, window.earliest)
        return {
            "from": window.earliest.isoformat(),
            "to": latest.isoformat(),
            "step_seconds": None,
            "resolution": None,
            "sources": [],
            "times": [],
        }
    return {
        "from": frame.since.isoformat(),
        "to": frame.until.isoformat(),
        "step_seconds": frame.step,
        "resolution": frame.resolution.value if frame.segments else None,
        "sources": [
            {"resolution": part.resolution.value, "from": part.since.isoformat(), "to": part.until.isoformat()}
            for part in frame.segments
        ],
        "times": frame.times,
    }


def _left_out(found: Sequence[Series], aggregation: Aggregation) -> Iterator[str]:
    reasons = Counter(reason for each in found if (reason := obstacle(aggregation, each)))
    for reason, count in reasons.most_common():
        yield f"{count} series left out: {reason}"
    kinds = {(each.type, each.temporality, each.unit) for each in found if obstacle(aggregation, each) is None}
    if len(kinds) > 1:
        yield "series of several types, units or temporalities are put together here: narrow them with `q`"


def _of_window(window: Window, frame: Frame | None, reached: Reach) -> Iterator[str]:
    begins = frame.segments[0].since if frame and frame.segments else reached.earliest
    if window.earliest < begins:
        yield f"nothing that such a step can be read from is kept from before {begins.isoformat()}"


def _of_values(values: Found, frame: Frame | None) -> Iterator[str]:
    if len(values.groups) < values.total:
        yield f"of {values.total} groups the {len(values.groups)} with the greatest values are shown"
    if frame and values.interval and values.interval > 1.5 * frame.step:
        yield (
            f"a series has a point every {values.interval:.0f} seconds, which is longer than a step: steps without "
            "points are empty, and sums lack the series that have none"
        )
    if values.missing > 0.001:
        yield f"{values.missing:.1%} of the observations are in no bucket that is kept"
