"""The contract's parameters of both lists, in any combination: the rows that SQL written by hand gives."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.conftest import copied
from tests.searchable import LEVELS, USERS, add_logs, add_origins, add_traces
from tests.served_api import served_api, sql

API = "/api/observability"
NOW = datetime.now(UTC)
NONE = st.sampled_from([None, ""])
HOSTILE = st.sampled_from(["' OR '1'='1", "%", "_", "$1", "\\", "'; DROP TABLE enterprise.traces; --", "{matches}"])
HOURS = st.one_of(NONE, st.integers(1, 168))
OFFSETS = st.one_of(NONE, st.integers(0, 70))

LOG_PARAMETERS = {
    "level": st.one_of(NONE, st.sampled_from([*LEVELS, "error", "TRACE"]), HOSTILE),
    "logger_name": st.one_of(NONE, st.sampled_from(["app", "p.d", "App", "health.check", "00% a"]), HOSTILE),
    "trace_id": st.one_of(NONE, NONE, st.sampled_from(["c4ca4238a0b923820dcc509a6f75849b", "c4ca"]), HOSTILE),
    "user_email": st.one_of(NONE, st.sampled_from([*filter(None, USERS), "ann"]), HOSTILE),
    "search": st.one_of(NONE, st.sampled_from(["connections", "reset connection", "the", "TIMED out 500"]), HOSTILE),
    "hours": HOURS,
    "limit": st.one_of(NONE, st.integers(1, 1000)),
    "offset": OFFSETS,
}
LOGS_BY_HAND = """
    SELECT id::text FROM enterprise.structured_logs
    WHERE ($1::text IS NULL OR level = $1) AND ($2::text IS NULL OR position($2 IN logger_name) > 0)
      AND ($3::text IS NULL OR trace_id = $3) AND ($4::text IS NULL OR user_email = $4)
      AND ($5::text IS NULL OR to_tsvector('english', message) @@ plainto_tsquery('english', $5))
      AND timestamp >= now() - $6 * interval '1 hour'
    ORDER BY timestamp DESC
"""

TRACE_PARAMETERS = {
    "status": st.one_of(NONE, st.sampled_from(["completed", "error", "in_progress", "ERROR", "ok"]), HOSTILE),
    "user_email": st.one_of(NONE, st.sampled_from([*filter(None, USERS), "ann"]), HOSTILE),
    "min_duration_ms": st.one_of(NONE, st.sampled_from([0, -1, 300, 300.5, 302, 1e9])),
    "hours": HOURS,
    "limit": st.one_of(NONE, st.integers(1, 200)),
    "offset": OFFSETS,
}
TRACES_BY_HAND = """
    SELECT trace_id FROM enterprise.traces
    WHERE ($1::text IS NULL OR status = $1) AND ($2::text IS NULL OR user_email = $2)
      AND ($3::float IS NULL OR duration_ms >= $3) AND start_time >= now() - $4 * interval '1 hour'
    ORDER BY start_time DESC
"""


@pytest.fixture(scope="module")
def database(postgres_dsn: str, template_database: str) -> Iterator[str]:
    for dsn in copied(postgres_dsn, template_database):
        add_origins(dsn)
        add_logs(dsn, NOW)
        add_traces(dsn, NOW)
        # Of every age, half an hour from any bound.
        for table, column, key in (("structured_logs", "timestamp", "id"), ("traces", "start_time", "trace_id")):
            sql(
                dsn,
                f"UPDATE enterprise.{table} AS row SET {column} = $1::timestamptz - n * interval '1 second' "
                "- interval '30 minutes' - (ARRAY[0, 0, 0, 5, 30, 100, 166, 200])[1 + n % 8] * interval '1 hour' "
                f"FROM (SELECT {key} AS key, row_number() OVER (ORDER BY {column})::int AS n FROM enterprise.{table}) "
                f"AS numbered WHERE row.{key} = numbered.key",
                NOW,
            )
        yield dsn


@pytest.fixture(scope="module")
def api(database: str) -> Iterator[httpx.Client]:
    with served_api(database) as client:
        yield client


def asked(api: httpx.Client, path: str, parameters: dict[str, Any]) -> dict[str, Any]:
    given_ones = {name: str(value) for name, value in parameters.items() if value is not None}
    answer = api.get(f"{API}/{path}", params=given_ones)
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


def page(ids: list[str], parameters: dict[str, Any], usual: int) -> tuple[list[str], int, int]:
    limit, offset = parameters["limit"] or usual, parameters["offset"] or 0
    return ids[offset : offset + limit], limit, offset


@given(parameters=st.fixed_dictionaries(LOG_PARAMETERS))
@settings(max_examples=60, deadline=None)
def test_logs_are_those_that_sql_by_hand_finds(api: httpx.Client, database: str, parameters: dict[str, Any]) -> None:
    names = ("level", "logger_name", "trace_id", "user_email", "search")
    values = [parameters[name] or None for name in names]
    ids = [row[0] for row in sql(database, LOGS_BY_HAND, *values, parameters["hours"] or 24)]
    body = asked(api, "logs", parameters)
    assert ([log["id"] for log in body["logs"]], body["limit"], body["offset"]) == page(ids, parameters, 100)


@given(parameters=st.fixed_dictionaries(TRACE_PARAMETERS))
@settings(max_examples=60, deadline=None)
def test_traces_are_those_that_sql_by_hand_finds(api: httpx.Client, database: str, parameters: dict[str, Any]) -> None:
    shortest = None if parameters["min_duration_ms"] in (None, "") else float(parameters["min_duration_ms"])
    values = [parameters["status"] or None, parameters["user_email"] or None, shortest]
    ids = [row[0] for row in sql(database, TRACES_BY_HAND, *values, parameters["hours"] or 24)]
    body = asked(api, "traces", parameters)
    found = [trace["trace_id"] for trace in body["traces"]]
    assert (found, body["limit"], body["offset"]) == page(ids, parameters, 50)
    assert body["total"] == len(ids)


@pytest.mark.parametrize("hours", [1, 24, 168])
def test_levels_are_counted_as_sql_by_hand_counts_them(api: httpx.Client, database: str, hours: int) -> None:
    by_hand = sql(
        database,
        "SELECT level, count(*) FROM enterprise.structured_logs WHERE timestamp >= now() - $1 * interval '1 hour' "
        "GROUP BY 1",
        hours,
    )
    body = asked(api, "logs/stats/levels", {"hours": hours})
    assert body == {"period_hours": hours, "levels": {row[0]: row[1] for row in by_hand}}
    assert list(body["levels"].values()) == sorted(body["levels"].values(), reverse=True)


def test_a_static_path_wins_over_the_one_with_an_id(api: httpx.Client) -> None:
    for path in ("logs/export", "logs/patterns", "logs/stats/levels", "logs/stats/histogram"):
        assert api.get(f"{API}/{path}").status_code == 200
    with api.stream("GET", f"{API}/logs/stream") as answer:
        assert answer.status_code == 200
