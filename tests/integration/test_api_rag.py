"""GET /rag/summary: figures that are those of the view."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import httpx
import pytest

from query_api.gen_ai_models import RagSummary
from tests.conftest import copied
from tests.gen_ai_spans import AiSpan, stored

HOUR = timedelta(hours=1)


def retrieval(id: str, ms: float, source: str | None, documents: str | None, **given: Any) -> AiSpan:
    attributes = {
        "gen_ai.operation.name": "retrieval",
        "gen_ai.data_source.id": source,
        "gen_ai.retrieval.documents": documents,
        "user.email": given.get("user"),
    }
    return AiSpan(
        id,
        attributes={name: value for name, value in attributes.items() if value is not None},
        ms=ms,
        name=given.get("name", "rag_retrieve"),
        age=given.get("age", HOUR),
        status=given.get("status", "completed"),
    )


RETRIEVALS = [
    retrieval("r1", 100.0, "handbook", '[{"id": "a"}, {"id": "b"}]', user="ann@example.com"),
    retrieval("r2", 200.0, "handbook", "[]", status="error"),
    retrieval("r3", 300.0, "wiki", '[{"id": "a"}]', name="search"),
    retrieval("r4", 1000.0, None, None, age=3 * HOUR),
    retrieval("old", 1.0, "old", None, age=60 * HOUR),
    AiSpan("inner", "r1", attributes={"db.vector.query.top_k": 3}, ms=7.0),
    AiSpan("root", None),
]


@pytest.fixture(scope="module")
def database(postgres_dsn: str, template_database: str) -> Iterator[str]:
    for dsn in copied(postgres_dsn, template_database):
        stored(dsn, *RETRIEVALS)
        yield dsn


def summary(client: httpx.Client, **parameters: object) -> dict[str, Any]:
    answer = client.get(
        "/api/observability/rag/summary", params={name: str(value) for name, value in parameters.items()}
    )
    assert answer.status_code == 200, answer.text
    RagSummary.model_validate_json(answer.text)
    body: dict[str, Any] = answer.json()
    return body


def test_totals_are_those_written_out_by_hand(client: httpx.Client) -> None:
    body = summary(client)
    steps = body["totals"].pop("steps")
    assert body["totals"] == {
        "retrievals": 4,
        "errors": 1,
        "error_rate": 25.0,
        "avg_documents": 1.0,
        "empty": 1,
        "avg_ms": 400.0,
        "p50_ms": 250.0,
        "p95_ms": pytest.approx(895.0),
        "p99_ms": pytest.approx(979.0),
    }
    assert [step["retrievals"] for step in steps] == [1, 3]
    assert body["cache"] == {"lookups": 0, "hits": 0, "hit_rate": None}


@pytest.mark.parametrize(
    ("group_by", "groups"),
    [
        ("data_source", [("handbook", 2), (None, 1), ("wiki", 1)]),
        ("operation_name", [("rag_retrieve", 3), ("search", 1)]),
        ("service", [("shop", 4)]),
        ("user", [(None, 3), ("ann@example.com", 1)]),
        ("department", [(None, 4)]),
    ],
)
def test_groups_come_by_their_number(client: httpx.Client, group_by: str, groups: list[tuple[str | None, int]]) -> None:
    body = summary(client, group_by=group_by)
    assert [(group["group"], group["retrievals"]) for group in body["groups"]] == groups


def test_groups_beyond_the_limit_are_summed_up(client: httpx.Client) -> None:
    body = summary(client, groups=1)
    assert body["others"]["retrievals"] == 2
    assert body["others"]["p50_ms"] == 650.0


def test_filters_narrow_a_summary(client: httpx.Client) -> None:
    assert summary(client, data_source="wiki")["totals"]["p50_ms"] == 300.0
    assert summary(client, user_email="ann@example.com")["totals"]["retrievals"] == 1
    assert summary(client, service="none")["totals"]["retrievals"] == 0
    assert summary(client, hours=168)["totals"]["retrievals"] == 5
