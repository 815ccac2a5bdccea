"""GET /traces and /traces/{trace_id}: filters, bounds, order, shape."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from query_api.trace_models import TraceDetail, TraceList
from tests.conftest import copied
from tests.served_api import sql

TRACES = "/api/observability/traces"
# Columns of the contract's table, in its words: all of enterprise.traces but id and created_at.
LISTED = {
    "trace_id",
    "entry_point",
    "endpoint",
    "method",
    "session_id",
    "user_email",
    "department",
    "start_time",
    "end_time",
    "duration_ms",
    "status",
    "error_message",
    "tags",
}
SPAN_COLUMNS = {
    "id",
    "trace_id",
    "span_id",
    "parent_span_id",
    "operation_name",
    "service_name",
    "start_time",
    "end_time",
    "duration_ms",
    "status",
    "error_message",
    "tags",
    "logs",
}
INTERNAL = {"entry_key", "method_key", "session_key", "user_key", "department_key", "entry_status"}
NOW = datetime.now(UTC).replace(microsecond=123456)


@pytest.fixture(scope="module")
def database(postgres_dsn: str, template_database: str) -> Iterator[str]:
    yield from copied(postgres_dsn, template_database)


def hex32(number: int) -> str:
    return f"{number:032x}"


def hex16(number: int) -> str:
    return f"{number:016x}"


def add_trace(dsn: str, number: int, age: timedelta = timedelta(0), **columns: object) -> str:
    """One row of enterprise.traces by plain SQL."""
    row: dict[str, object] = {
        "trace_id": hex32(number),
        "entry_point": "http",
        "start_time": NOW - age,
        **columns,
    }
    places = ", ".join(f"${place}" for place in range(1, len(row) + 1))
    sql(dsn, f"INSERT INTO enterprise.traces ({', '.join(row)}) VALUES ({places})", *row.values())
    return hex32(number)


def add_span(dsn: str, trace: int, span: int, start: datetime, **columns: object) -> None:
    """One row of enterprise.trace_spans by plain SQL."""
    row: dict[str, object] = {
        "trace_id": hex32(trace),
        "span_id": hex16(span),
        "operation_name": f"operation {span}",
        "start_time": start,
        **columns,
    }
    places = ", ".join(f"${place}" for place in range(1, len(row) + 1))
    sql(dsn, f"INSERT INTO enterprise.trace_spans ({', '.join(row)}) VALUES ({places})", *row.values())


def listed(api: httpx.Client, **parameters: object) -> dict[str, Any]:
    answer = api.get(TRACES, params={name: str(value) for name, value in parameters.items()})
    assert answer.status_code == 200, answer.text
    TraceList.model_validate_json(answer.text)
    body: dict[str, Any] = answer.json()
    return body


def ids(body: dict[str, Any]) -> list[str]:
    return [trace["trace_id"] for trace in body["traces"]]


def test_an_empty_database_gives_an_empty_page(api: httpx.Client) -> None:
    assert listed(api) == {"traces": [], "total": 0, "limit": 50, "offset": 0, "next_cursor": None}


def test_a_listed_trace_has_the_contracts_columns_and_no_internal_ones(api: httpx.Client, database: str) -> None:
    add_trace(
        database,
        1,
        endpoint="/chat",
        method="POST",
        session_id="s1",
        user_email="ann@example.com",
        department="sales",
        end_time=NOW + timedelta(milliseconds=1500),
        duration_ms=1500.25,
        status="error",
        error_message="HTTP 500",
        tags='{"a": {"b": [1, "x", null]}}',
    )
    [trace] = listed(api)["traces"]
    assert trace.keys() >= LISTED
    assert not trace.keys() & (INTERNAL | {"id", "created_at"})
    assert {name: trace[name] for name in LISTED} == {
        "trace_id": hex32(1),
        "entry_point": "http",
        "endpoint": "/chat",
        "method": "POST",
        "session_id": "s1",
        "user_email": "ann@example.com",
        "department": "sales",
        "start_time": NOW.isoformat(),
        "end_time": (NOW + timedelta(milliseconds=1500)).isoformat(),
        "duration_ms": 1500.25,
        "status": "error",
        "error_message": "HTTP 500",
        "tags": {"a": {"b": [1, "x", None]}},
    }


def test_pages_run_from_the_newest_and_total_counts_all_that_match(api: httpx.Client, database: str) -> None:
    for number in range(1, 8):
        add_trace(database, number, timedelta(minutes=number))
    first = listed(api, limit=3)
    assert ids(first) == [hex32(1), hex32(2), hex32(3)]
    assert (first["total"], first["limit"], first["offset"]) == (7, 3, 0)
    last = listed(api, limit=3, offset=6)
    assert ids(last) == [hex32(7)]
    assert (last["total"], last["offset"]) == (7, 6)
    assert listed(api, offset=7)["traces"] == []
    assert listed(api, offset=7)["total"] == 7


def test_traces_of_the_same_moment_keep_their_order_over_pages(api: httpx.Client, database: str) -> None:
    for number in range(1, 6):
        add_trace(database, number)
    pages = [ids(listed(api, limit=2, offset=offset)) for offset in (0, 2, 4)]
    assert [trace for page in pages for trace in page] == [hex32(number) for number in (5, 4, 3, 2, 1)]


def test_the_default_page_holds_fifty(api: httpx.Client, database: str) -> None:
    sql(
        database,
        "INSERT INTO enterprise.traces (trace_id, entry_point, start_time) "
        "SELECT lpad(to_hex(i), 32, '0'), 'http', now() FROM generate_series(1, 251) AS i",
    )
    assert len(listed(api)["traces"]) == 50
    assert len(listed(api, limit=200)["traces"]) == 200
    assert len(listed(api, limit=1)["traces"]) == 1
    assert listed(api)["total"] == 251


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        ({"status": "error"}, [2]),
        ({"status": "completed"}, [1, 3]),
        ({"status": "ERROR"}, []),
        ({"status": "no such status"}, []),
        ({"user_email": "ann@example.com"}, [1, 2]),
        ({"user_email": "ANN@example.com"}, []),
        ({"user_email": "ann@example"}, []),
        ({"user_email": "%"}, []),
        ({"min_duration_ms": 100}, [1, 2]),
        ({"min_duration_ms": 100.5}, [2]),
        ({"min_duration_ms": 0}, [1, 2, 3]),
        ({"min_duration_ms": -1}, [1, 2, 3]),
        ({"min_duration_ms": 1e300}, []),
        ({"status": "completed", "user_email": "ann@example.com", "min_duration_ms": 100}, [1]),
        (
            {"status": "", "user_email": "", "min_duration_ms": "", "hours": "", "limit": "", "offset": ""}
            | {"q": "", "from": "", "to": "", "cursor": "", "total": ""},
            [1, 2, 3, 4],
        ),
    ],
)
def test_every_filter_narrows_the_list_and_its_total(
    api: httpx.Client, database: str, parameters: dict[str, object], expected: list[int]
) -> None:
    minute = timedelta(minutes=1)
    add_trace(database, 1, minute, status="completed", user_email="ann@example.com", duration_ms=100.0)
    add_trace(database, 2, 2 * minute, status="error", user_email="ann@example.com", duration_ms=200.0)
    add_trace(database, 3, 3 * minute, status="completed", user_email="ben@example.com", duration_ms=50.0)
    add_trace(database, 4, 4 * minute)
    body = listed(api, **parameters)
    assert ids(body) == [hex32(number) for number in expected]
    assert body["total"] == len(expected)


def test_hours_count_back_from_now(api: httpx.Client, database: str) -> None:
    for number, hours in enumerate((0.9, 1.1, 23.9, 24.1, 167.9, 168.1), start=1):
        add_trace(database, number, timedelta(hours=hours))
    assert ids(listed(api, hours=1)) == [hex32(1)]
    assert ids(listed(api)) == [hex32(number) for number in (1, 2, 3)]
    assert ids(listed(api, hours=168)) == [hex32(number) for number in (1, 2, 3, 4, 5)]


@pytest.mark.parametrize(
    "query",
    [
        "limit=0",
        "limit=201",
        "limit=many",
        "offset=-1",
        "offset=99999999999999999999",
        "hours=0",
        "hours=169",
        "hours=1.5",
        "min_duration_ms=slow",
        "min_duration_ms=nan",
        "min_duration_ms=inf",
        "status=%00",
        "user_email=%00",
    ],
)
def test_a_parameter_out_of_bounds_is_422(api: httpx.Client, query: str) -> None:
    answer = api.get(f"{TRACES}?{query}")
    assert answer.status_code == 422
    assert answer.json()["detail"][0]["loc"] == ["query", query.partition("=")[0]]


def test_a_trace_ahead_of_its_time_is_listed_and_one_of_1970_is_found_by_id(api: httpx.Client, database: str) -> None:
    ahead, past = NOW + timedelta(days=365), datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC)
    add_span(database, 1, 1, ahead, end_time=ahead, duration_ms=0.0)
    add_span(database, 2, 2, past, end_time=past, duration_ms=0.0)
    assert ids(listed(api)) == [hex32(1)]
    for number, start in ((1, ahead), (2, past)):
        body = api.get(f"{TRACES}/{hex32(number)}").json()
        assert datetime.fromisoformat(body["trace"]["start_time"]) == start
        assert [span["span_id"] for span in body["spans"]] == [hex16(number)]


@pytest.mark.parametrize("start", ["0044-03-15 BC", "12026-01-01Z", "infinity", "-infinity"])
def test_times_that_python_cannot_hold_are_read_all_the_same(api: httpx.Client, database: str, start: str) -> None:
    sql(
        database,
        "INSERT INTO enterprise.trace_spans (trace_id, span_id, operation_name, start_time) "
        f"VALUES ($1, $2, 'odd', '{start}')",
        hex32(1),
        hex16(1),
    )
    answer = api.get(f"{TRACES}/{hex32(1)}")
    assert answer.status_code == 200
    assert [span["operation_name"] for span in answer.json()["spans"]] == ["odd"]
    assert api.get(TRACES).status_code == 200


def test_a_trace_comes_whole_with_its_spans_by_start_time(api: httpx.Client, database: str) -> None:
    sql(
        database,
        "INSERT INTO enterprise.resources (id, service_name, attributes) VALUES (7, 'shop', '{\"host.name\": \"a1\"}')",
    )
    sql(
        database,
        "INSERT INTO enterprise.scopes (id, name, version, attributes) VALUES (9, 'my.scope', '1.2', '{}')",
    )
    later = NOW + timedelta(milliseconds=5)
    add_span(database, 1, 2, later, parent_span_id=hex16(1), end_time=later, duration_ms=0.0, status="completed")
    add_span(
        database,
        1,
        1,
        NOW,
        end_time=NOW + timedelta(milliseconds=10),
        duration_ms=10.0,
        status="completed",
        service_name="shop",
        tags='{"http.route": "/chat", "n": 12345678901234567890}',
        logs='[{"timestamp": "t", "message": "m"}]',
        links='[{"trace_id": "aa", "span_id": "bb"}]',
        kind=2,
        status_code=1,
        status_message="fine",
        resource_id=7,
        scope_id=9,
    )
    answer = api.get(f"{TRACES}/{hex32(1)}")
    TraceDetail.model_validate_json(answer.text)
    body = answer.json()
    assert body["trace"].keys() >= LISTED | {"id", "created_at"}
    assert not body["trace"].keys() & INTERNAL
    assert body["trace"]["trace_id"] == hex32(1)
    assert body["trace"]["duration_ms"] == 10.0
    root, child = body["spans"]
    assert root.keys() >= SPAN_COLUMNS
    assert (root["span_id"], root["operation_name"]) == (hex16(1), "operation 1")
    assert root["tags"] == {"http.route": "/chat", "n": 12345678901234567890}
    assert root["logs"] == [{"timestamp": "t", "message": "m"}]
    assert root["links"] == [{"trace_id": "aa", "span_id": "bb"}]
    assert (root["kind"], root["status_code"], root["status_message"]) == (2, 1, "fine")
    assert root["resource_attributes"] == {"host.name": "a1"}
    assert (root["scope_name"], root["scope_version"]) == ("my.scope", "1.2")
    assert root["start_time"] == NOW.isoformat()
    assert (child["parent_span_id"], child["resource_attributes"]) == (hex16(1), None)


def test_spans_in_one_microsecond_come_by_their_nanoseconds(api: httpx.Client, database: str) -> None:
    for span, nanos in ((1, 900), (2, 100), (3, 500)):
        add_span(database, 1, span, NOW, start_nanos=nanos)
    spans = api.get(f"{TRACES}/{hex32(1)}").json()["spans"]
    assert [span["span_id"] for span in spans] == [hex16(2), hex16(3), hex16(1)]


def test_a_span_that_came_twice_is_shown_once_and_rather_ended(api: httpx.Client, database: str) -> None:
    end = NOW + timedelta(milliseconds=3)
    add_span(database, 1, 1, NOW, end_time=end, duration_ms=3.0, status="completed")
    add_span(database, 1, 1, NOW)
    add_span(database, 1, 1, NOW + timedelta(seconds=1), end_time=end, duration_ms=0.0)
    spans = api.get(f"{TRACES}/{hex32(1)}").json()["spans"]
    assert [(span["start_time"], span["duration_ms"]) for span in spans] == [
        (NOW.isoformat(), 3.0),
        ((NOW + timedelta(seconds=1)).isoformat(), 0.0),
    ]


def test_a_long_trace_over_many_days_is_never_cut(api: httpx.Client, database: str) -> None:
    sql(
        database,
        "INSERT INTO enterprise.trace_spans (trace_id, span_id, operation_name, start_time) "
        "SELECT $1, lpad(to_hex(i), 16, '0'), 'step', $2::timestamptz - i * interval '5 minutes' "
        "FROM generate_series(1, 5000) AS i",
        hex32(1),
        NOW,
    )
    spans = api.get(f"{TRACES}/{hex32(1)}").json()["spans"]
    assert [span["span_id"] for span in spans] == [hex16(number) for number in range(5000, 0, -1)]


def test_a_trace_row_without_spans_is_found(api: httpx.Client, database: str) -> None:
    add_trace(database, 1)
    body = api.get(f"{TRACES}/{hex32(1)}").json()
    assert (body["trace"]["trace_id"], body["spans"]) == (hex32(1), [])


@pytest.mark.parametrize("trace_id", [hex32(99), "no-such-trace", "a" * 5000])
def test_an_unknown_trace_is_404(api: httpx.Client, trace_id: str) -> None:
    answer = api.get(f"{TRACES}/{trace_id}")
    assert (answer.status_code, answer.json()) == (404, {"detail": "Trace not found"})
