"""GET /traces/{trace_id}/outline: a whole trace in columns, as it comes over HTTP."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from query_api.tree.outline_models import TraceOutline
from tests.conftest import copied
from tests.served_api import sql

NOW = datetime.now(UTC).replace(microsecond=123456)
TRACE = "5b8aa5a2d2c872e8321cf37308d69df2"
MILLISECOND = timedelta(milliseconds=1)
EVENTS = [
    {"message": "a", "timestamp": (NOW + 55 * MILLISECOND).isoformat()},
    {"message": "b", "timestamp": "soon"},
    {"message": "c", "timestamp": 5},
]


@pytest.fixture(scope="module")
def database(postgres_dsn: str, template_database: str) -> Iterator[str]:
    yield from copied(postgres_dsn, template_database)


def add(dsn: str, name: str, parent: str | None, start: int, end: int | None, **columns: object) -> None:
    row: dict[str, object] = {
        "trace_id": TRACE,
        "span_id": name,
        "parent_span_id": parent,
        "operation_name": f"do {name}",
        "start_time": NOW + start * MILLISECOND,
        "end_time": None if end is None else NOW + end * MILLISECOND,
        "status": "in_progress" if end is None else "completed",
        **columns,
    }
    places = ", ".join(f"${place}" for place in range(1, len(row) + 1))
    sql(dsn, f"INSERT INTO enterprise.trace_spans ({', '.join(row)}) VALUES ({places})", *row.values())


def outline(api: httpx.Client) -> dict[str, Any]:
    answer = api.get(f"/api/observability/traces/{TRACE}/outline")
    assert answer.status_code == 200, answer.text
    TraceOutline.model_validate_json(answer.text)
    body: dict[str, Any] = answer.json()
    return body


def test_a_trace_comes_in_columns(api: httpx.Client, database: str) -> None:
    add(database, "root", None, 0, 100, service_name="shop", kind=2)
    add(database, "b", "root", 50, None, service_name="shop", logs=json.dumps(EVENTS))
    add(database, "a", "root", 10, 40, service_name="store", status="error", start_nanos=7, end_nanos=7)
    add(database, "lost", "gone", 60, 70, links=f'[{{"trace_id": "{TRACE}", "span_id": "root"}}]')
    body = outline(api)
    assert body.pop("trace")["trace_id"] == TRACE
    assert body == {
        "span_count": 4,
        "root_missing": False,
        "complete": True,
        "start_nanos": str(int(NOW.timestamp()) * 10**9 + 123456000),
        "names": ["do root", "do a", "do b", "do lost"],
        "services": ["shop", "store", "enterprise_bot"],
        "categories": ["rag", "llm", "http", "other"],
        "spans": {
            "span_ids": ["root", "a", "b", "lost"],
            "depths": [0, 1, 1, 0],
            "names": [0, 1, 2, 3],
            "services": [0, 1, 0, 2],
            "kinds": [2, 0, 0, 0],
            "categories": [3, 3, 3, 3],
            "starts": [0, 10_000_007, 50_000_000, 60_000_000],
            "durations": [100_000_000, 30_000_000, None, 10_000_000],
            "self_times": [20_000_000, 30_000_000, 50_000_000, 10_000_000],
            "critical_path": [20_000_000, 30_000_000, 50_000_000, -1],
            "events": [0, 0, 3, 0],
            "links": [0, 0, 0, 1],
        },
        "event_spans": [2],
        "event_times": [55_000_000],
        "failed": [1],
        "parent_missing": [3],
        "parent_cut": [],
    }


@pytest.mark.parametrize(
    ("name", "tags", "category"),
    [
        ("POST /chat", {}, "other"),
        ("RAG.lookup", {"http.route": "/x"}, "rag"),
        ("find", {"gen_ai.operation.name": "retrieval"}, "rag"),
        ("find", {"openinference.span.kind": "RETRIEVER"}, "rag"),
        ("callLLM", {"http.route": "/x"}, "llm"),
        ("chat gpt", {"gen_ai.operation.name": "chat"}, "llm"),
        ("HTTP GET", {}, "http"),
        ("GET /", {"http.request.method": "GET"}, "http"),
        ("GET", {"http.status_code": 200}, "http"),
    ],
)
def test_a_category_is_the_first_that_fits(
    api: httpx.Client, database: str, name: str, tags: dict[str, object], category: str
) -> None:
    add(database, "root", None, 0, 100, operation_name=name, tags=json.dumps(tags))
    body = outline(api)
    assert body["categories"][body["spans"]["categories"][0]] == category


def test_an_unknown_trace_has_none(api: httpx.Client) -> None:
    assert api.get("/api/observability/traces/unknown/outline").status_code == 404
