"""Which kinds of messages there are among logs, and how many of each."""

import asyncio
import json
from asyncio import Semaphore
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException, Query, Request, Response
from pydantic import Field

from query_api.answers import FAILURES, json_answer
from query_api.departure import while_awaited
from query_api.log_filters import LogFilters, log_filters
from query_api.parameters import Now, empty_is
from query_api.pattern_models import LogPatterns
from query_api.patterns.allowance import Allowance
from query_api.patterns.estimating import Sample
from query_api.patterns.finding import Pattern, patterns
from query_api.patterns.masking import LONGEST
from query_api.snapshot import TOO_SLOW, snapshot

router = APIRouter(prefix="/logs", tags=["logs"], responses=FAILURES)

ROWS_READ = 20_000
STEPS = 30
MOST_SERVICES = 10
WORK_SECONDS = 10.0
WAIT_SECONDS = 10.0
BUSY = "Patterns are being worked out for others; try again shortly"

# Python runs one thread at a time, so two would only keep each other, and everybody else, waiting.
_turns = Semaphore(1)

Limit = Annotated[Annotated[int, Field(ge=1, le=200)], empty_is(50), Query(description="The most frequent so many.")]
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Reading:
    """Rows read, newest first, of those that match, in the time they were sought in."""

    rows: Sequence[Row]
    sample: Sample
    earliest: datetime
    latest: datetime


@router.get("/patterns", response_model=LogPatterns)
async def log_patterns(
    request: Request,
    now: Now,
    filters: Annotated[LogFilters, Depends(log_filters)],
    limit: Limit = 50,
) -> Response:
    """The templates of the messages that match every given filter: literal text, and wildcards for what differs.

    Of more than 20,000 logs so many are read, each as likely as any other and the same ones each time. Counts are
    estimates then: a share is within 0.7 of 100, `count_low` and `count_high` say more, and what one log in 5,000 is
    like is found 98 of 100 times. Numbers, ids, addresses, times and quoted text count as different; of a message its
    first line counts, up to 1,000 characters. A log is counted under one pattern, though others may describe it too.
    """
    async with _turn():
        reading = await _read(request, filters, now)
        async with while_awaited(request):
            answer = await worked_out(reading, limit)
    return json_answer(answer)


@asynccontextmanager
async def _turn() -> AsyncIterator[None]:
    try:
        async with asyncio.timeout(WAIT_SECONDS):
            await _turns.acquire()
    except TimeoutError:
        raise HTTPException(503, BUSY) from None
    try:
        yield
    finally:
        _turns.release()


async def _read(request: Request, filters: LogFilters, now: datetime) -> Reading:
    filters = replace(filters, search=filters.search.counted())
    earliest = filters.window.earliest
    latest = filters.window.latest or max(now, earliest + timedelta(seconds=STEPS))
    async with snapshot(request) as connection:
        found = await filters.search.found(connection)
        statement, arguments = filters.statement("logs_count", found, filters.window)
        matching: int = await connection.fetchval(statement, *arguments)
        place = (_bound(matching), 2 * ROWS_READ, LONGEST + 1, earliest, latest, STEPS)
        statement, arguments = filters.statement("logs_sample", found, filters.window, *place)
        rows = await connection.fetch(statement, *arguments)
    return Reading(rows, Sample(len(rows), matching), earliest, latest)


def _bound(matching: int) -> int | None:
    """Below which the hashes of ROWS_READ rows are, more or less; None for all rows."""
    return None if matching <= ROWS_READ else (ROWS_READ << 64) // matching - (1 << 63)


async def worked_out(reading: Reading, limit: int) -> str:
    """The answer, made in a thread, which ends when this is cancelled."""
    allowance = Allowance(WORK_SECONDS)
    try:
        return await asyncio.to_thread(_answer, reading, limit, allowance)
    except TimeoutError:
        raise HTTPException(504, TOO_SLOW) from None
    finally:
        allowance.end()


def _answer(reading: Reading, limit: int, allowance: Allowance) -> str:
    found = patterns([row["message"] for row in reading.rows], allowance)
    answer = {
        "from": reading.earliest.isoformat(),
        "to": reading.latest.isoformat(),
        "rows_matching": reading.sample.matching,
        "rows_read": reading.sample.read,
        "sampled": not reading.sample.is_all,
        "rows_left_out": reading.sample.read - sum(len(pattern.places) for pattern in found),
        "total": len(found),
        "limit": limit,
        "patterns": [_described(pattern, reading) for pattern in found[:limit]],
    }
    return json.dumps(answer)


def _described(pattern: Pattern, reading: Reading) -> dict[str, object]:
    rows = [reading.rows[place] for place in pattern.places]
    sample = reading.sample
    low, high = sample.interval(len(rows))
    levels = Counter(row["level"] for row in rows)
    services = Counter(row["service_name"] for row in rows if row["service_name"] is not None)
    steps = Counter(min(row["step"], STEPS) for row in rows)
    another = next((row for row in rows if row["message"] != rows[0]["message"]), None)
    return {
        "template": pattern.template,
        "count": sample.count(len(rows)),
        "count_low": low,
        "count_high": high,
        "share": round(len(rows) / sample.read, 6),
        "levels": {level: sample.count(seen) for level, seen in _most_first(levels)},
        "services": [service for service, _ in _most_first(services)[:MOST_SERVICES]],
        "first_seen": json.loads(rows[-1]["time"]),
        "last_seen": json.loads(rows[0]["time"]),
        "over_time": [sample.count(steps[step]) for step in range(1, STEPS + 1)],
        "examples": [_example(row) for row in (rows[0], another) if row is not None],
    }


def _most_first(counted: Counter[str]) -> list[tuple[str, int]]:
    return sorted(counted.items(), key=lambda item: (-item[1], item[0]))


def _example(row: Row) -> dict[str, object]:
    return {
        "id": row["id"],
        "timestamp": json.loads(row["time"]),
        "level": row["level"],
        "service_name": row["service_name"],
        "message": row["message"][:LONGEST],
    }
