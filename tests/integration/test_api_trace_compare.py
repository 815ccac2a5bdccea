"""GET /traces/compare: what changed from one trace to another."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from query_api import trace_compare
from query_api.trace_models import TraceComparison
from tests.conftest import copied
from tests.served_api import sql

NOW = datetime.now(UTC).replace(microsecond=123456)
BEFORE, AFTER = "aa" * 16, "bb" * 16
Drawn = tuple[str, str | None, str, str, float, float]


@pytest.fixture(scope="module")
def database(postgres_dsn: str, template_database: str) -> Iterator[str]:
    yield from copied(postgres_dsn, template_database)


def add(dsn: str, trace_id: str, *spans: Drawn) -> None:
    for span_id, parent, service, name, start, end in spans:
        sql(
            dsn,
            "INSERT INTO enterprise.trace_spans (trace_id, span_id, parent_span_id, service_name, operation_name, "
            "start_time, end_time, duration_ms, status) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'completed')",
            trace_id,
            span_id,
            parent,
            service,
            name,
            NOW + timedelta(milliseconds=start),
            NOW + timedelta(milliseconds=end),
            end - start,
        )


def compared(api: httpx.Client, left: str = BEFORE, right: str = AFTER) -> dict[str, Any]:
    answer = api.get("/api/observability/traces/compare", params={"left": left, "right": right})
    assert answer.status_code == 200, answer.text
    TraceComparison.model_validate_json(answer.text)
    body: dict[str, Any] = answer.json()
    return body


def test_spans_are_matched_by_path_and_added_up(api: httpx.Client, database: str) -> None:
    add(
        database,
        BEFORE,
        ("1", None, "shop", "POST /chat", 0, 100),
        ("2", "1", "rag", "search", 10, 40.5),
        ("3", "1", "shop", "audit", 90, 95),
    )
    add(
        database,
        AFTER,
        ("1", None, "shop", "POST /chat", 500, 640),
        ("2", "1", "rag", "search", 510, 520),
        ("3", "1", "rag", "search", 530, 550),
        ("4", "3", "db", "SELECT", 531, 549),
    )
    body = compared(api)
    assert [body[side]["trace_id"] for side in ("left", "right")] == [BEFORE, AFTER]
    assert body["complete"] is True
    assert body["paths"] == [
        {
            "service_name": "shop",
            "operation_name": "POST /chat",
            "depth": 0,
            "change": "slower",
            "left": {"count": 1, "total_ms": 100.0, "self_ms": 64.5},
            "right": {"count": 1, "total_ms": 140.0, "self_ms": 110.0},
        },
        {
            "service_name": "rag",
            "operation_name": "search",
            "depth": 1,
            "change": "faster",
            "left": {"count": 1, "total_ms": 30.5, "self_ms": 30.5},
            "right": {"count": 2, "total_ms": 30.0, "self_ms": 12.0},
        },
        {
            "service_name": "db",
            "operation_name": "SELECT",
            "depth": 2,
            "change": "only_right",
            "left": None,
            "right": {"count": 1, "total_ms": 18.0, "self_ms": 18.0},
        },
        {
            "service_name": "shop",
            "operation_name": "audit",
            "depth": 1,
            "change": "only_left",
            "left": {"count": 1, "total_ms": 5.0, "self_ms": 5.0},
            "right": None,
        },
    ]


def test_a_trace_beside_itself_is_the_same(api: httpx.Client, database: str) -> None:
    add(database, BEFORE, ("1", None, "shop", "a", 0, 9), ("2", "1", "shop", "b", 1, 2))
    assert [path["change"] for path in compared(api, BEFORE, BEFORE)["paths"]] == ["same", "same"]


def test_of_too_many_paths_the_first_come_and_the_answer_says_so(
    api: httpx.Client, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(database, BEFORE, ("1", None, "shop", "a", 0, 9), ("2", "1", "shop", "b", 1, 2))
    add(database, AFTER, ("1", None, "shop", "a", 0, 9), ("2", "1", "shop", "c", 1, 2))
    monkeypatch.setattr(trace_compare, "MOST_PATHS", 2)
    body = compared(api)
    assert ([path["operation_name"] for path in body["paths"]], body["complete"]) == (["a", "b"], False)


@pytest.mark.parametrize("query", ["left=gone&right=" + BEFORE, f"left={BEFORE}&right=gone"])
def test_an_unknown_trace_is_404(api: httpx.Client, database: str, query: str) -> None:
    add(database, BEFORE, ("1", None, "shop", "a", 0, 9))
    answer = api.get(f"/api/observability/traces/compare?{query}")
    assert (answer.status_code, answer.json()) == (404, {"detail": "Trace not found"})


@pytest.mark.parametrize("query", ["", "left=a", "right=a", "left=%00&right=a"])
def test_both_traces_must_be_given(api: httpx.Client, query: str) -> None:
    assert api.get(f"/api/observability/traces/compare?{query}").status_code == 422
