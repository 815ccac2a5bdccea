"""How many logs there are, by level and over time."""

import json
from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response

from database.queries import load
from database.ranges import EPOCH
from query_api import slices
from query_api.answers import FAILURES, json_answer
from query_api.models import LogHistogram, LogLevels
from query_api.parameters import Hours, Now
from query_api.partial_answers import partial
from query_api.search.arguments import Arguments
from query_api.searching import Search, search_of_logs
from query_api.slices import Rows, Statement
from query_api.snapshot import snapshot
from query_api.steps import MINUTE, step_for
from query_api.window import Window, window

SQL = load(__package__)
router = APIRouter(prefix="/logs/stats", tags=["logs"], responses=FAILURES)

Counts = Counter[tuple[int, str]]


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
    A search that time does not suffice for is counted in part, and says so by `partial`.
    """
    earliest, latest = window.earliest, window.latest or now
    step = step_for(latest - earliest)
    counted_as_they_came = search.expression is None and step >= MINUTE
    if counted_as_they_came:
        earliest, latest = _floor(earliest), _ceiling(latest)
        step = step_for(latest - earliest)
    counts: Counts = Counter()
    begins = earliest
    async with snapshot(request) as connection:
        if counted_as_they_came:
            rows = await connection.fetch(SQL["log_histogram_of_minutes"], earliest, latest, step)
            _add(counts, rows)
        else:
            begins = await _count(connection, search, Window(earliest, latest), step, counts)
    answer = {
        "from": earliest.isoformat(),
        "to": latest.isoformat(),
        "step_seconds": step,
        "buckets": list(_buckets(counts, begins, latest, step)),
        **partial(begins if begins > earliest else None),
    }
    return json_answer(json.dumps(answer))


async def _count(connection: Any, search: Search, window: Window, step: int, counts: Counts) -> datetime:
    """Adds what the rows say, and returns from when on."""
    found = await search.found(connection)
    counted = search.counted()

    def statement(part: Window) -> Statement:
        arguments = Arguments((part.earliest, part.latest, step))
        matches = counted.condition(found, arguments)
        return SQL["log_histogram"].format(matches=matches), arguments.values

    def never_enough(rows: Rows) -> bool:
        _add(counts, rows)
        return False

    assert window.latest is not None
    newest = min(search.now, window.latest)
    if await slices.needed(connection, search.table, window, newest):
        return await slices.newest_first(connection, window, newest, statement, never_enough)
    text, arguments = statement(window)
    _add(counts, await connection.fetch(text, *arguments))
    return window.earliest


def _add(counts: Counts, rows: Rows) -> None:
    for row in rows:
        counts[row["bucket"], row["level"]] += row["logs"]


def _buckets(counts: Counts, earliest: datetime, latest: datetime, step: int) -> Iterable[dict[str, object]]:
    """Every step, also those without logs. The first begins at the earliest time."""
    length = timedelta(seconds=step)
    levels: dict[int, dict[str, int]] = {}
    for (bucket, level), logs in sorted(counts.items()):
        levels.setdefault(bucket, {})[level] = logs
    first, end = (earliest - EPOCH) // length, -((EPOCH - latest) // length)
    for bucket in range(first, end):
        begins = earliest if bucket == first else EPOCH + bucket * length
        yield {"time": begins.isoformat(), "levels": levels.get(bucket, {})}


def _floor(moment: datetime) -> datetime:
    return moment.replace(second=0, microsecond=0)


def _ceiling(moment: datetime) -> datetime:
    floor = _floor(moment)
    return floor if floor == moment else floor + timedelta(minutes=1)
