"""GET /traces?q=…: a trace is found by one of its spans, and by what it is itself."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from query_api.trace_models import TraceList
from tests.conftest import copied
from tests.searchable import add_origins, add_traces
from tests.served_api import served_api, sql

TRACES = "/api/observability/traces"
NOW = datetime.now(UTC)


@pytest.fixture(scope="module")
def database(postgres_dsn: str, template_database: str) -> Iterator[str]:
    for dsn in copied(postgres_dsn, template_database):
        add_origins(dsn)
        add_traces(dsn, NOW)
        sql(
            dsn,
            "INSERT INTO enterprise.traces (trace_id, entry_point, start_time, status, user_email) "
            "VALUES ('without spans', 'internal', $1, 'error', 'ann@acme.com')",
            NOW,
        )
        # Its trace keeps this name in pieces.
        sql(
            dsn,
            "INSERT INTO enterprise.trace_spans "
            "(trace_id, span_id, parent_span_id, service_name, operation_name, start_time, status, resource_id) "
            "VALUES (md5('0'), 'aaaaaaaaaaaaaaaa', '0000000000000000', E'in\\x01pieces', 'run', $1, 'completed', 1)",
            NOW,
        )
        yield dsn


@pytest.fixture(scope="module")
def api(database: str) -> Iterator[httpx.Client]:
    with served_api(database) as client:
        yield client


def listed(api: httpx.Client, **parameters: object) -> dict[str, Any]:
    answer = api.get(TRACES, params={"limit": "200"} | {name: str(value) for name, value in parameters.items()})
    assert answer.status_code == 200, answer.text
    TraceList.model_validate_json(answer.text)
    body: dict[str, Any] = answer.json()
    return body


def ids(body: dict[str, Any]) -> list[str]:
    return [trace["trace_id"] for trace in body["traces"]]


def by_hand(database: str, span: str, trace: str = "true") -> list[str]:
    """Traces of which a span meets one condition and which themselves meet another."""
    statement = (
        "SELECT trace_id FROM enterprise.traces AS t WHERE trace_id IN (SELECT s.trace_id FROM enterprise.trace_spans "
        "AS s JOIN enterprise.resources AS r ON r.id = s.resource_id LEFT JOIN enterprise.scopes AS c "
        f"ON c.id = s.scope_id WHERE {span}) AND {trace} ORDER BY start_time DESC"
    )
    return [row[0] for row in sql(database, statement)]


@pytest.mark.parametrize(
    ("q", "span", "trace"),
    [
        ("service:checkout", "s.service_name = 'checkout'", "true"),
        ('service:"in\x01pieces"', "s.service_name = E'in\\x01pieces'", "true"),
        ("service:nobody", "false", "true"),
        ("-service:checkout -service:cart", "s.service_name NOT IN ('checkout', 'cart')", "true"),
        ("chat", "operation_name ILIKE '%chat%'", "true"),
        ("CHAT", "operation_name ILIKE '%chat%'", "true"),
        ("100%", "operation_name = 'SELECT 100%'", "true"),
        ("10_%", "false", "true"),
        ('"select 100"', "operation_name = 'SELECT 100%'", "true"),
        ("rag*eve", "operation_name = 'rag_retrieve'", "true"),
        ("name:rag_retrieve", "operation_name = 'rag_retrieve'", "true"),
        ("operation:chat", "false", "true"),
        ("status:error", "s.status = 'error'", "true"),
        ("kind:server", "kind = 2", "true"),
        ("kind:(server OR client) status:error", "kind IN (2, 3) AND s.status = 'error'", "true"),
        ("duration:>500ms", "s.duration_ms > 500", "true"),
        ("duration:[100ms TO 0.2s}", "s.duration_ms >= 100 AND s.duration_ms < 200", "true"),
        ("parent_span_id:* service:cart", "parent_span_id IS NOT NULL AND s.service_name = 'cart'", "true"),
        ("-parent_span_id:* service:cart", "parent_span_id IS NULL AND s.service_name = 'cart'", "true"),
        ("error_message:boom", "s.error_message ILIKE '%boom%'", "true"),
        ("http.response.status_code:>=500", "tags ->> 'http.response.status_code' = '500'", "true"),
        ("team:blue OR scope.team:green", "s.tags ->> 'team' = 'blue' OR c.attributes ->> 'team' = 'green'", "true"),
        ("k8s.pod.name:pod-1 kind:client", "r.attributes ->> 'k8s.pod.name' = 'pod-1' AND kind = 3", "true"),
        ("scope.name:other", "c.name = 'other'", "true"),
        (
            "service:checkout duration:>50ms http.response.status_code:>=500 user_email:*@acme.com -name:health*",
            "s.service_name = 'checkout' AND s.duration_ms > 50 AND tags ->> 'http.response.status_code' = '500' "
            "AND operation_name NOT LIKE 'health%'",
            "user_email LIKE '%@acme.com'",
        ),
        ("status:error user_email:ann@acme.com", "s.status = 'error'", "user_email = 'ann@acme.com'"),
        (
            "service:cart (status:error OR session_id:s1)",
            "s.service_name = 'cart' AND (s.status = 'error' OR s.trace_id IN "
            "(SELECT trace_id FROM enterprise.traces WHERE session_id = 's1'))",
            "true",
        ),
        ("trace.duration:>500ms", "true", "duration_ms > 500"),
        ("trace.service:cart kind:internal", "kind = 1", "service_name = 'cart'"),
        ("trace.status:error -status:error", "s.status <> 'error'", "status = 'error' AND span_count > 0"),
        ("span_count:>=3 error_count:0", "true", "span_count >= 3 AND error_count = 0"),
    ],
)
def test_a_search_finds_what_sql_by_hand_finds(api: httpx.Client, database: str, q: str, span: str, trace: str) -> None:
    body = listed(api, q=q)
    expected = by_hand(database, span, trace)
    assert ids(body) == expected
    assert body["total"] == len(expected)


def test_a_trace_without_spans_is_found_by_what_it_is_itself(api: httpx.Client) -> None:
    assert "without spans" in ids(listed(api, q="user_email:ann@acme.com trace.status:error"))
    assert ids(listed(api, q="entry_point:internal")) == ["without spans"]
    assert "without spans" not in ids(listed(api, q="-service:nobody"))


def test_one_span_must_match_the_whole_search(api: httpx.Client, database: str) -> None:
    apart = listed(api, q="name:rag_retrieve kind:server")
    assert apart["total"] == 0
    assert listed(api, q="name:rag_retrieve kind:internal")["total"] == 60


def test_a_search_narrows_what_the_other_parameters_leave(api: httpx.Client, database: str) -> None:
    found = listed(api, q="service:cart", status="error", user_email="ann@acme.com", min_duration_ms=100)
    expected = by_hand(
        database, "s.service_name = 'cart'", "status = 'error' AND user_email = 'ann@acme.com' AND duration_ms >= 100"
    )
    assert ids(found) == expected


def test_the_total_is_left_out_when_it_is_not_wanted(api: httpx.Client) -> None:
    body = listed(api, q="service:cart", total="false", limit=5)
    assert (len(body["traces"]), body["total"]) == (5, None)


def test_pages_by_cursor_are_the_whole_list(api: httpx.Client) -> None:
    whole = listed(api, q="service:cart -status:error")
    pages: list[str] = []
    cursor = ""
    while True:
        page = listed(api, q="service:cart -status:error", limit=7, cursor=cursor)
        assert page["total"] == whole["total"]
        pages += ids(page)
        if page["next_cursor"] is None:
            break
        cursor = page["next_cursor"]
    assert pages == ids(whole)


@pytest.mark.parametrize(
    ("q", "position", "expected"),
    [
        ("duration:>abc", 9, "a duration"),
        ("a status:broken", 9, "error"),
        ("(kind:server", 12, ")"),
        ("trace.duration:slow", 15, "a duration"),
        ("http.response.status_code:>=many", 26, "a number"),
    ],
)
def test_a_mistake_is_422_with_its_position_and_what_was_expected(
    api: httpx.Client, q: str, position: int, expected: str
) -> None:
    answer = api.get(TRACES, params={"q": q})
    assert answer.status_code == 422
    [mistake] = answer.json()["detail"]
    assert (mistake["loc"], mistake["ctx"]["position"]) == (["query", "q"], position)
    assert any(each.startswith(expected) for each in mistake["ctx"]["expected"])


@pytest.mark.parametrize(
    "hostile", ["' OR '1'='1", "'; DROP TABLE enterprise.traces; --", "{matches}", "$1", '") ? (1']
)
def test_no_parameter_and_no_part_of_a_search_reaches_sql(api: httpx.Client, hostile: str) -> None:
    everything = listed(api)["total"]
    escaped = "".join(f"\\{character}" for character in hostile)
    for place in ("{}", "service:{}", "name:*{}*", "{}:x", "resource.{}:*", "trace.name:{}", "x:>{}", "duration:{}"):
        answer = api.get(TRACES, params={"q": place.format(escaped)})
        assert answer.status_code == 422 or answer.json()["total"] == 0, place
    for parameter in [
        "q",
        "from",
        "to",
        "cursor",
        "status",
        "user_email",
        "min_duration_ms",
        "hours",
        "limit",
        "offset",
        "total",
    ]:
        assert api.get(TRACES, params={parameter: hostile}).status_code in (200, 422)
    assert listed(api)["total"] == everything
