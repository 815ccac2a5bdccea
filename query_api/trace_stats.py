"""How traces did as a whole: counts, durations, and the slowest operations."""

import json
from datetime import timedelta

from fastapi import APIRouter, Request, Response

from database.queries import load
from query_api.answers import FAILURES, json_answer
from query_api.parameters import Hours, Now
from query_api.snapshot import snapshot
from query_api.trace_models import TraceSummary

SQL = load(__package__)
router = APIRouter(prefix="/traces/stats", tags=["traces"], responses=FAILURES)

# What can be read within the time limit on two cores; beyond that the rollups answer.
MOST_SPANS_READ = 3_000_000


@router.get("/summary", response_model=TraceSummary)
async def trace_summary(request: Request, now: Now, hours: Hours = 24) -> Response:
    """Counts and durations of the traces that have a duration, and the ten operations with the slowest average span.

    All figures of traces are exact, their percentiles interpolated between neighbours. Operations are exact while the
    time holds at most three million spans. Beyond that `slow_operations_estimated` is true: they come from the counts
    made as spans came, by OTLP or an SDK exporter, from the whole minute on in which the time begins; averages are
    those of all spans, `max_ms` is within 2 %.
    """
    earliest = now - timedelta(hours=hours)
    async with snapshot(request) as connection:
        found = await connection.fetchrow(SQL["trace_summary"], earliest)
        estimated = found["spans"] > MOST_SPANS_READ
        if estimated:
            minute = earliest.replace(second=0, microsecond=0)
            operations = await connection.fetch(SQL["slow_operations_of_minutes"], minute)
        else:
            operations = await connection.fetch(SQL["slow_operations"], earliest)
    total, errors = found["total"], found["errors"]
    p50, p95, p99 = (round(value, 1) for value in found["percentiles"])
    answer = {
        "period_hours": hours,
        "total_traces": total,
        "completed": found["completed"],
        "errors": errors,
        "error_rate": round(100 * errors / total, 2) if total else 0.0,
        "avg_duration_ms": float(found["mean"]),
        "p50_ms": p50,
        "p95_ms": p95,
        "p99_ms": p99,
        "slow_operations": [dict(row) for row in operations],
        "slow_operations_estimated": estimated,
    }
    return json_answer(json.dumps(answer))
