"""GET /traces/stats/summary: equal to SQL by hand, and to the counts made as spans came where there are too many."""

import math
import statistics
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from query_api import trace_stats
from query_api.trace_models import TraceSummary
from tests.conftest import copied
from tests.served_api import sql

SUMMARY = "/api/observability/traces/stats/summary"
NOW = datetime.now(UTC)


@pytest.fixture(scope="module")
def database(postgres_dsn: str, template_database: str) -> Iterator[str]:
    yield from copied(postgres_dsn, template_database)


def summary(api: httpx.Client, **parameters: object) -> dict[str, Any]:
    answer = api.get(SUMMARY, params={name: str(value) for name, value in parameters.items()})
    assert answer.status_code == 200, answer.text
    TraceSummary.model_validate_json(answer.text)
    body: dict[str, Any] = answer.json()
    return body


def add_trace(dsn: str, number: int, age: timedelta, duration: float | None, status: str, spans: int = 1) -> None:
    sql(
        dsn,
        "INSERT INTO enterprise.traces (trace_id, entry_point, start_time, duration_ms, status, span_count) "
        "VALUES (lpad(to_hex($1::int), 32, '0'), 'http', $2, $3, $4, $5)",
        number,
        NOW - age,
        duration,
        status,
        spans,
    )


def add_span(dsn: str, number: int, name: str, age: timedelta, duration: float | None) -> None:
    start = NOW - age
    sql(
        dsn,
        "INSERT INTO enterprise.trace_spans (trace_id, span_id, operation_name, start_time, end_time, duration_ms, "
        "status) VALUES (lpad(to_hex($1::int), 32, '0'), lpad(to_hex($1::int), 16, '0'), $2, $3, $4, $5, 'completed')",
        number,
        name,
        start,
        None if duration is None else start + timedelta(milliseconds=min(duration, 1e6)),
        duration,
    )


def test_nothing_gives_zeros(api: httpx.Client) -> None:
    assert summary(api, hours=3) == {
        "period_hours": 3,
        "total_traces": 0,
        "completed": 0,
        "errors": 0,
        "error_rate": 0,
        "avg_duration_ms": 0,
        "p50_ms": 0,
        "p95_ms": 0,
        "p99_ms": 0,
        "slow_operations": [],
        "slow_operations_estimated": False,
    }


def test_traces_with_a_duration_within_the_hours_count(api: httpx.Client, database: str) -> None:
    durations = [10.04, 20.0, 30.0, 1000.0]
    for number, duration in enumerate(durations):
        add_trace(database, number, timedelta(minutes=number + 1), duration, "completed" if number else "error")
    add_trace(database, 10, timedelta(minutes=1), None, "in_progress")
    add_trace(database, 11, timedelta(minutes=61), 5000.0, "error")
    add_trace(database, 12, -timedelta(minutes=5), 40.0, "in_progress")
    found = summary(api, hours=1)
    assert (found["total_traces"], found["completed"], found["errors"]) == (5, 3, 1)
    assert found["error_rate"] == 20.0
    assert found["avg_duration_ms"] == 220.0
    assert (found["p50_ms"], found["p95_ms"], found["p99_ms"]) == (30.0, 808.0, 961.6)
    assert summary(api, hours=2)["total_traces"] == 6
    assert summary(api)["period_hours"] == 24


def test_percentiles_are_those_of_sql_by_hand(api: httpx.Client, database: str) -> None:
    sql(
        database,
        "INSERT INTO enterprise.traces (trace_id, entry_point, start_time, duration_ms, status) "
        "SELECT md5(i::text), 'http', $1, exp(i % 97 / 9.7) + i / 1000.0, "
        "(ARRAY['completed', 'completed', 'error'])[1 + i % 3] FROM generate_series(1, 3001) AS i",
        NOW - timedelta(hours=2),
    )
    [by_hand] = sql(
        database,
        "SELECT count(*), count(*) FILTER (WHERE status = 'error') AS errors, avg(duration_ms) AS mean, "
        "percentile_cont(0.5) WITHIN GROUP (ORDER BY duration_ms) AS p50, "
        "percentile_cont(0.95) WITHIN GROUP (ORDER BY duration_ms) AS p95, "
        "percentile_cont(0.99) WITHIN GROUP (ORDER BY duration_ms) AS p99 FROM enterprise.traces",
    )
    found = summary(api)
    assert (found["total_traces"], found["errors"]) == (by_hand["count"], by_hand["errors"])
    assert found["error_rate"] == round(100 * by_hand["errors"] / by_hand["count"], 2) == 33.32
    for name, value in (("avg_duration_ms", "mean"), ("p50_ms", "p50"), ("p95_ms", "p95"), ("p99_ms", "p99")):
        assert found[name] == pytest.approx(by_hand[value], abs=0.0501)
        assert round(found[name], 1) == found[name]


def test_the_ten_slowest_operations_come_slowest_average_first(api: httpx.Client, database: str) -> None:
    expected = []
    for number in range(12):
        for each in range(number + 1):
            add_span(database, number * 100 + each, f"op {number:02}", timedelta(minutes=5), 10.0 * number + each)
        durations = [10.0 * number + each for each in range(number + 1)]
        expected.append(
            {
                "operation_name": f"op {number:02}",
                "count": len(durations),
                "avg_ms": statistics.fmean(durations),
                "max_ms": max(durations),
            }
        )
    add_span(database, 5000, "op 03", timedelta(hours=3), 99999.0)
    add_span(database, 5001, "never ended", timedelta(minutes=5), None)
    assert summary(api, hours=1)["slow_operations"] == expected[:1:-1]


@pytest.mark.parametrize("odd", [math.nan, math.inf, -math.inf])
def test_a_duration_that_is_no_number_is_none(api: httpx.Client, database: str, odd: float) -> None:
    add_span(database, 1, "fine", timedelta(minutes=5), 7.5)
    add_trace(database, 2, timedelta(minutes=5), odd, "completed")
    add_span(database, 3, "odd", timedelta(minutes=5), 1.0)
    sql(database, "UPDATE enterprise.trace_spans SET duration_ms = $1 WHERE operation_name = 'odd'", odd)
    sql(database, "UPDATE enterprise.traces SET duration_ms = $1 WHERE operation_name = 'odd'", odd)
    found = summary(api)
    assert (found["total_traces"], found["p99_ms"]) == (1, 7.5)
    assert found["slow_operations"] == [{"operation_name": "fine", "count": 1, "avg_ms": 7.5, "max_ms": 7.5}]


def test_where_there_are_too_many_spans_the_counts_made_as_they_came_answer(api: httpx.Client, database: str) -> None:
    minute = (NOW - timedelta(minutes=30)).replace(second=0, microsecond=0)
    add_trace(database, 1, timedelta(minutes=30), 1.0, "completed", trace_stats.MOST_SPANS_READ + 1)
    for operation, (name, kind) in enumerate([("slow", 1), ("slow", 2), ("fast", 1)]):
        sql(
            database,
            "INSERT INTO enterprise.operations (id, service_name, operation_name, kind) VALUES ($1, 'shop', $2, $3)",
            operation,
            name,
            kind,
        )
    by_minute = "INSERT INTO enterprise.operation_minutes VALUES ($1, $2, $3, 0, $4, $5, $6)"
    sql(database, by_minute, minute, 0, 3, 30.0, [200, 240], [2, 1])
    sql(database, by_minute, minute - timedelta(hours=1), 0, 1, 99999.0, [500], [1])
    sql(
        database,
        "INSERT INTO enterprise.operation_deltas (writer, batch, minutes, operations, spans, errors, durations_ms, "
        "buckets) VALUES (1, 1, $1, ARRAY[2, 1, 1], ARRAY[1, 2, 1], ARRAY[0, 0, 0], ARRAY[1.0, 18.0, 5.0], "
        "ARRAY[170, 230, 245, 900]::smallint[])",
        [minute, minute, minute - timedelta(hours=2)],
    )
    found = summary(api, hours=1)
    assert found["slow_operations_estimated"] is True
    slow, fast = found["slow_operations"]
    assert (slow["operation_name"], slow["count"], slow["avg_ms"]) == ("slow", 5, 9.6)
    assert slow["max_ms"] == pytest.approx(1.04**245 / 1000, rel=0.021)
    assert (fast["operation_name"], fast["count"], fast["avg_ms"]) == ("fast", 1, 1.0)


@pytest.mark.parametrize("query", ["hours=0", "hours=169", "hours=x"])
def test_hours_out_of_bounds_are_422(api: httpx.Client, query: str) -> None:
    assert api.get(f"{SUMMARY}?{query}").status_code == 422


def test_an_empty_parameter_is_none(api: httpx.Client) -> None:
    assert summary(api, hours="")["period_hours"] == 24
