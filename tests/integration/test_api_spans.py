"""GET /spans: filters and search as by SQL, order, pages, shape."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from query_api.trace_models import SpanList
from tests.conftest import copied
from tests.searchable import add_origins, add_traces
from tests.served_api import served_api, sql

SPANS = "/api/observability/spans"
NOW = datetime.now(UTC)


@pytest.fixture(scope="module")
def database(postgres_dsn: str, template_database: str) -> Iterator[str]:
    """180 spans within an hour, one in each of the days before, one of next year."""
    for dsn in copied(postgres_dsn, template_database):
        add_origins(dsn)
        add_traces(dsn, NOW)
        sql(
            dsn,
            "INSERT INTO enterprise.trace_spans (trace_id, span_id, operation_name, service_name, start_time, status, "
            "duration_ms, kind) SELECT md5('old' || i), lpad(to_hex(i), 16, 'a'), 'nightly', 'cron', "
            "$1::timestamptz - i * interval '23 hours', 'completed', i, 1 FROM generate_series(-300, 6, 306) AS i "
            "UNION ALL SELECT md5('day' || i), lpad(to_hex(i), 16, 'b'), 'nightly', 'cron', "
            "$1::timestamptz - i * interval '23 hours', 'completed', i, 1 FROM generate_series(1, 6) AS i",
            NOW,
        )
        yield dsn


@pytest.fixture(scope="module")
def api(database: str) -> Iterator[httpx.Client]:
    with served_api(database) as client:
        yield client


def listed(api: httpx.Client, **parameters: object) -> dict[str, Any]:
    texts = {name.rstrip("_"): str(value) for name, value in parameters.items()}
    answer = api.get(SPANS, params={"limit": "200"} | texts)
    assert answer.status_code == 200, answer.text
    SpanList.model_validate_json(answer.text)
    body: dict[str, Any] = answer.json()
    return body


def ids(body: dict[str, Any]) -> list[str]:
    return [span["id"] for span in body["spans"]]


def by_hand(database: str, condition: str, hours: float = 24) -> list[str]:
    statement = (
        "SELECT s.id::text FROM enterprise.trace_spans AS s "
        "LEFT JOIN enterprise.resources AS r ON r.id = s.resource_id "
        f"WHERE start_time >= now() - $1::float8 * interval '1 hour' AND {condition} "
        "ORDER BY start_time DESC, s.id DESC"
    )
    return [row[0] for row in sql(database, statement, hours)]


@pytest.mark.parametrize(
    ("parameters", "condition"),
    [
        ({}, "true"),
        ({"service": "cart"}, "s.service_name = 'cart'"),
        ({"service": "CART"}, "false"),
        ({"operation": "rag_retrieve"}, "operation_name = 'rag_retrieve'"),
        ({"operation": "rag%"}, "false"),
        ({"status": "error"}, "status = 'error'"),
        ({"status": "broken"}, "false"),
        ({"min_duration_ms": 500}, "duration_ms >= 500"),
        ({"kind": "server"}, "kind = 2"),
        ({"kind": "unspecified"}, "kind = 0"),
        (
            {"service": "cart", "status": "error", "kind": "client"},
            "s.service_name = 'cart' AND status = 'error' AND kind = 3",
        ),
        ({"q": "chat"}, "operation_name ILIKE '%chat%'"),
        ({"q": "duration:>500ms kind:server"}, "duration_ms > 500 AND kind = 2"),
        ({"q": "http.response.status_code:>=500"}, "tags ->> 'http.response.status_code' = '500'"),
        ({"q": "k8s.pod.name:pod-1"}, "r.attributes ->> 'k8s.pod.name' = 'pod-1'"),
        ({"q": "-service:cart", "kind": "client"}, "s.service_name <> 'cart' AND kind = 3"),
        (
            {
                "service": "",
                "operation": "",
                "status": "",
                "min_duration_ms": "",
                "kind": "",
                "q": "",
                "cursor": "",
                "hours": "",
            },
            "true",
        ),
    ],
    ids=str,
)
def test_every_filter_finds_what_sql_by_hand_finds(
    api: httpx.Client, database: str, parameters: dict[str, object], condition: str
) -> None:
    assert ids(listed(api, **parameters)) == by_hand(database, condition)


def test_a_listed_span_says_what_it_is_and_nothing_heavy(api: httpx.Client) -> None:
    [span] = listed(api, q="duration:541", limit=5)["spans"]
    assert span["operation_name"] == "rag_retrieve"
    assert (span["duration_ms"], span["kind"], span["status"]) == (541.0, 1, "completed")
    assert span["tags"].keys() >= {"text"}
    assert not span.keys() & {"logs", "links", "resource_attributes"}


def test_the_newest_come_first_whatever_slices_they_lie_in(api: httpx.Client, database: str) -> None:
    week = listed(api, service="cron", hours=168)
    assert ids(week) == by_hand(database, "s.service_name = 'cron'", 168)
    assert len(week["spans"]) == 8
    assert datetime.fromisoformat(week["spans"][0]["start_time"]) > NOW + timedelta(days=200)


@pytest.mark.parametrize("limit", [1, 7, 200])
def test_pages_by_cursor_are_the_whole_list(api: httpx.Client, database: str, limit: int) -> None:
    found: list[str] = []
    cursor = ""
    while cursor is not None:
        page = listed(api, q="kind:(internal OR client)", hours=168, limit=limit, cursor=cursor)
        assert page["limit"] == limit
        found += ids(page)
        cursor = page["next_cursor"]
    assert found == by_hand(database, "kind IN (1, 3)", 168)


def test_from_and_to_bound_the_list(api: httpx.Client, database: str) -> None:
    found = listed(api, from_=(NOW - timedelta(minutes=20)).isoformat(), to=(NOW - timedelta(minutes=10)).isoformat())
    expected = sql(
        database,
        "SELECT id::text FROM enterprise.trace_spans WHERE start_time >= $1 AND start_time < $2 "
        "ORDER BY start_time DESC, id DESC",
        NOW - timedelta(minutes=20),
        NOW - timedelta(minutes=10),
    )
    assert ids(found) == [row[0] for row in expected]
    assert len(expected) == 30


@pytest.mark.parametrize(
    "query",
    [
        "limit=0",
        "limit=201",
        "kind=4",
        "kind=SERVER",
        "min_duration_ms=x",
        "cursor=abc",
        "hours=0",
        "from=soon",
        "q=(",
        "service=%00",
    ],
)
def test_a_parameter_out_of_bounds_is_422(api: httpx.Client, query: str) -> None:
    answer = api.get(f"{SPANS}?{query}")
    assert answer.status_code == 422
    assert answer.json()["detail"][0]["loc"] == ["query", query.partition("=")[0]]


@pytest.mark.parametrize(
    "hostile", ["' OR '1'='1", "'; DROP TABLE enterprise.traces; --", "{matches}", "$1", '") ? (1']
)
def test_no_parameter_and_no_part_of_a_search_reaches_sql(api: httpx.Client, hostile: str) -> None:
    everything = listed(api)
    for parameter in (
        "q",
        "from",
        "to",
        "cursor",
        "service",
        "operation",
        "status",
        "min_duration_ms",
        "kind",
        "limit",
    ):
        assert api.get(SPANS, params={parameter: hostile}).status_code in (200, 422)
    escaped = "".join(f"\\{character}" for character in hostile)
    for place in ("{}", "service:{}", "name:*{}*", "{}:x", "resource.{}:*", "duration:{}"):
        answer = api.get(SPANS, params={"q": place.format(escaped)})
        assert answer.status_code == 422 or answer.json()["spans"] == [], place
    assert listed(api) == everything
