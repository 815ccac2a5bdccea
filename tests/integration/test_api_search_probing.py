"""Traces of a service, looked into one by one and beyond that by their spans: the same list either way."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from query_api.probing import MOST_SPANS, MOST_TRACES
from tests.conftest import copied
from tests.served_api import served_api, sql

NOW = datetime.now(UTC)
TRACES = 2 * MOST_TRACES + 500
FAILING_EVERY = 97
WIDE = 300
"""The trace, counted from the newest, that has more spans than are looked into."""


@pytest.fixture(scope="module")
def database(postgres_dsn: str, template_database: str) -> Iterator[str]:
    for dsn in copied(postgres_dsn, template_database):
        sql(
            dsn,
            "INSERT INTO enterprise.trace_spans (trace_id, span_id, service_name, operation_name, start_time, status) "
            "SELECT md5(t::text), lpad(to_hex(t), 16, '0'), CASE WHEN t % 2 = 0 THEN 'shop' ELSE 'other' END, 'run', "
            # Two at a time begin at once.
            "$1::timestamptz - (t / 4) * interval '1 second', CASE WHEN t % $2 = 0 THEN 'error' ELSE 'completed' END "
            "FROM generate_series(0, 2 * $3 - 1) AS t",
            NOW,
            FAILING_EVERY,
            TRACES,
        )
        sql(
            dsn,
            "INSERT INTO enterprise.trace_spans (trace_id, span_id, service_name, operation_name, start_time) "
            "SELECT md5($1), lpad(to_hex($3 + s), 16, '0'), 'shop', 'step', $2 FROM generate_series(1, $3) AS s",
            str(2 * WIDE),
            NOW - WIDE / 2 * timedelta(seconds=1),
            MOST_SPANS + 1,
        )
        yield dsn


@pytest.fixture(scope="module")
def api(database: str) -> Iterator[httpx.Client]:
    with served_api(database) as client:
        yield client


def listed(api: httpx.Client, **parameters: object) -> dict[str, Any]:
    answer = api.get("/api/observability/traces", params={name: str(value) for name, value in parameters.items()})
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


def by_hand(database: str, condition: str) -> list[str]:
    statement = (
        "SELECT trace_id FROM enterprise.traces WHERE trace_id IN "
        f"(SELECT trace_id FROM enterprise.trace_spans WHERE {condition}) ORDER BY start_time DESC, trace_id DESC"
    )
    return [row[0] for row in sql(database, statement)]


@pytest.mark.parametrize("limit", [3, 7, 200])
@pytest.mark.parametrize(
    ("q", "condition"),
    [
        ("service:shop status:error", "service_name = 'shop' AND status = 'error'"),
        ("service:shop name:step", "service_name = 'shop' AND operation_name = 'step'"),
        ("service:shop -status:completed", "service_name = 'shop' AND status IS DISTINCT FROM 'completed'"),
        ("service:nobody status:error", "false"),
    ],
)
def test_pages_are_the_whole_list(api: httpx.Client, database: str, q: str, condition: str, limit: int) -> None:
    expected = by_hand(database, condition)
    found: list[str] = []
    cursor = ""
    while cursor is not None:
        body = listed(api, q=q, limit=limit, cursor=cursor)
        assert body["total"] == len(expected)
        found += [trace["trace_id"] for trace in body["traces"]]
        cursor = body["next_cursor"]
    assert found == expected
    assert [trace["trace_id"] for trace in listed(api, q=q, limit=limit, offset=2)["traces"]] == expected[2 : 2 + limit]


def test_all_of_a_service_come_page_by_page(api: httpx.Client, database: str) -> None:
    found: list[str] = []
    cursor = ""
    while cursor is not None:
        body = listed(api, q="service:shop", limit=200, cursor=cursor, total="false")
        found += [trace["trace_id"] for trace in body["traces"]]
        cursor = body["next_cursor"]
    assert found == by_hand(database, "service_name = 'shop'")


def test_other_filters_narrow_them_too(api: httpx.Client, database: str) -> None:
    body = listed(api, q="name:run", status="error", limit=200)
    failing = by_hand(database, "status = 'error' AND operation_name = 'run'")
    assert [trace["trace_id"] for trace in body["traces"]] == failing[:200]
    assert body["total"] == len(failing)
