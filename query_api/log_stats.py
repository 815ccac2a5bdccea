"""How many logs there are, by level and over time."""

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response

from database.queries import load
from query_api.answers import FAILURES, json_answer
from query_api.models import LogHistogram, LogLevels
from query_api.parameters import Hours, Now
from query_api.search.arguments import Arguments
from query_api.searching import Search, search_of_logs
from query_api.snapshot import snapshot
from query_api.window import Window, window

SQL = load(__package__)
router = APIRouter(prefix="/logs/stats", tags=["logs"], responses=FAILURES)

MOST_BUCKETS = 120
MINUTE, DAY = 60, 86_400
STEPS = (1, 2, 5, 10, 15, 30, MINUTE, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, DAY)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@router.get("/levels", response_model=LogLevels)
async def log_levels(
    request: Request, now: Now, search: Annotated[Search, Depends(search_of_logs)], hours: Hours = 24
) -> Response:
    """How many of the logs that match each level has, the most first. The counts are exact."""
    arguments = Arguments((now - timedelta(hours=hours),))
    async with snapshot(request) as connection:
        matches = search.counted().condition(await search.found(connection), arguments)
        levels = await connection.fetchval(SQL["log_levels"].format(matches=matches), *arguments.values)
    return json_answer(f'{{"period_hours":{hours},"levels":{levels}}}')


@router.get("/histogram", response_model=LogHistogram)
async def log_histogram(
    request: Request,
    now: Now,
    window: Annotated[Window, Depends(window)],
    search: Annotated[Search, Depends(search_of_logs)],
) -> Response:
    """How many logs came over time, by level, in at most 120 steps of one length; up to now unless `to` is given.

    With a search, and in steps of less than a minute, the rows themselves are counted. Otherwise it is the counts that
    were made as logs came: `from` and `to` are then widened to whole minutes, and logs deleted since still count.
    """
    earliest, latest = window.earliest, window.latest or now
    step = step_for(latest - earliest)
    counted_as_they_came = search.expression is None and step >= MINUTE
    if counted_as_they_came:
        earliest, latest = _floor(earliest), _ceiling(latest)
        step = step_for(latest - earliest)
    arguments = Arguments((earliest, latest, step))
    async with snapshot(request) as connection:
        if counted_as_they_came:
            query = SQL["log_histogram_of_minutes"]
        else:
            matches = search.counted().condition(await search.found(connection), arguments)
            query = SQL["log_histogram"].format(matches=matches)
        rows = await connection.fetch(query, *arguments.values)
    answer = {
        "from": earliest.isoformat(),
        "to": latest.isoformat(),
        "step_seconds": step,
        "buckets": list(_buckets(rows, earliest, latest, step)),
    }
    return json_answer(json.dumps(answer))


def step_for(span: timedelta) -> int:
    """Seconds of a step, so that the span has at most MOST_BUCKETS of them wherever it begins."""
    for step in STEPS:
        if span <= timedelta(seconds=step) * (MOST_BUCKETS - 1):
            return step
    return -(-span // timedelta(days=MOST_BUCKETS - 1)) * DAY


def _buckets(
    rows: Iterable[Mapping[str, Any]], earliest: datetime, latest: datetime, step: int
) -> Iterable[dict[str, object]]:
    """Every step, also those without logs. The first begins with the window."""
    length = timedelta(seconds=step)
    counted = {
        bucket: {row["level"]: row["logs"] for row in levels}
        for bucket, levels in groupby(rows, key=lambda row: row["bucket"])
    }
    first, end = (earliest - EPOCH) // length, -((EPOCH - latest) // length)
    for bucket in range(first, end):
        begins = earliest if bucket == first else EPOCH + bucket * length
        yield {"time": begins.isoformat(), "levels": counted.get(bucket, {})}


def _floor(moment: datetime) -> datetime:
    return moment.replace(second=0, microsecond=0)


def _ceiling(moment: datetime) -> datetime:
    floor = _floor(moment)
    return floor if floor == moment else floor + timedelta(minutes=1)
