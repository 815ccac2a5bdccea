"""GET /llm/…: figures that are those of the views, and the calls themselves."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import httpx
import pytest

from query_api.gen_ai_models import LlmCalls, LlmSummary
from tests.conftest import copied
from tests.gen_ai_spans import NOW, AiSpan, span_id, stored
from tests.served_api import sql

LLM = "/api/observability/llm"
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def chat(id: str, age: timedelta, ms: float, cost: float | None, **given: Any) -> AiSpan:
    attributes = {
        "gen_ai.operation.name": given.get("operation", "chat"),
        "gen_ai.provider.name": given.get("provider", "openai"),
        "gen_ai.request.model": given.get("model", "alpha"),
        "gen_ai.usage.input_tokens": given.get("input", 100),
        "gen_ai.usage.output_tokens": 10,
        "gen_ai.usage.cache_read.input_tokens": given.get("cached"),
        "operation.cost": cost,
        "user.email": given.get("user"),
        "user.department": given.get("department"),
        "gen_ai.response.time_to_first_chunk": given.get("first"),
    }
    return AiSpan(
        id,
        attributes={name: value for name, value in attributes.items() if value is not None},
        age=age,
        ms=ms,
        name=f"chat {id}",
        service=given.get("service", "shop"),
        status=given.get("status", "completed"),
    )


CALLS = [
    chat("c1", 5 * MINUTE, 100.0, 0.5, user="ann@example.com", department="sales", first=0.05),
    chat("c2", 10 * MINUTE, 200.0, 0.25, user="ann@example.com", department="sales", cached=40),
    chat("c3", 15 * MINUTE, 300.0, None, model="beta", provider="nobody", user="bob@example.com", input=1000),
    chat("c4", 3 * HOUR, 400.0, 2.0, model="beta", provider="nobody", service="batch", status="error"),
    chat("c5", 3 * HOUR, 50.0, None, model="gamma", provider="nobody", operation="embeddings", department="sales"),
    chat("old", 100 * HOUR, 9.0, 99.0),
    AiSpan("hit", attributes={"cache.hit": True}),
    AiSpan("miss", attributes={"cache.hit": False}, age=2 * HOUR, service="batch"),
    AiSpan("root", None, name="POST /chat", age=100 * HOUR),
]


@pytest.fixture(scope="module")
def database(postgres_dsn: str, template_database: str) -> Iterator[str]:
    for dsn in copied(postgres_dsn, template_database):
        stored(dsn, *CALLS)
        yield dsn


def summary(client: httpx.Client, **parameters: object) -> dict[str, Any]:
    answer = client.get(f"{LLM}/summary", params={name: str(value) for name, value in parameters.items()})
    assert answer.status_code == 200, answer.text
    LlmSummary.model_validate_json(answer.text)
    body: dict[str, Any] = answer.json()
    return body


def test_totals_are_those_written_out_by_hand(client: httpx.Client) -> None:
    totals = summary(client)["totals"]
    steps = totals.pop("steps")
    assert totals == {
        "calls": 5,
        "errors": 1,
        "error_rate": 20.0,
        "cost_usd": 2.75,
        "calls_without_cost": 2,
        "input_tokens": 1400,
        "output_tokens": 50,
        "total_tokens": 1450,
        "cached_tokens": 40,
        "cache_hits": 0,
        "avg_ms": 210.0,
        "p50_ms": 200.0,
        "p95_ms": pytest.approx(380.0),
        "p99_ms": pytest.approx(396.0),
        "p95_first_token_ms": 50.0,
    }
    assert sum(step["calls"] for step in steps) == 5
    assert sum(step["cost_usd"] for step in steps) == 2.75
    assert [step["time"] for step in steps] == sorted(step["time"] for step in steps)


def test_totals_are_those_of_the_view(client: httpx.Client, database: str) -> None:
    body = summary(client, hours=168)
    row = sql(
        database,
        "SELECT count(*), sum(cost_usd), sum(input_tokens), sum(total_tokens), "
        "percentile_cont(0.95) WITHIN GROUP (ORDER BY latency_ms) FROM enterprise.llm_call_metrics "
        "WHERE timestamp >= $1 AND timestamp < $2",
        NOW - 168 * HOUR,
        NOW,
    )[0]
    totals = body["totals"]
    shown = [totals[name] for name in ("calls", "cost_usd", "input_tokens", "total_tokens", "p95_ms")]
    assert shown == [pytest.approx(value) for value in row]


@pytest.mark.parametrize(
    ("group_by", "groups"),
    [
        ("model", [("beta", 2, 2.0), ("alpha", 2, 0.75), ("gamma", 1, 0)]),
        ("provider", [("nobody", 3, 2.0), ("openai", 2, 0.75)]),
        ("operation", [("chat", 4, 2.75), ("embeddings", 1, 0)]),
        ("service", [("batch", 1, 2.0), ("shop", 4, 0.75)]),
        ("user", [(None, 2, 2.0), ("ann@example.com", 2, 0.75), ("bob@example.com", 1, 0)]),
        ("department", [(None, 2, 2.0), ("sales", 3, 0.75)]),
        ("session", [(None, 5, 2.75)]),
    ],
)
def test_groups_come_by_cost_and_then_by_calls(
    client: httpx.Client, group_by: str, groups: list[tuple[str | None, int, float]]
) -> None:
    body = summary(client, group_by=group_by)
    assert body["group_by"] == group_by
    assert [(found["group"], found["calls"], found["cost_usd"]) for found in body["groups"]] == groups
    assert body["others"] is None
    for group in body["groups"]:
        assert sum(step["calls"] for step in group["steps"]) == group["calls"]


def test_groups_beyond_the_limit_are_summed_up(client: httpx.Client) -> None:
    body = summary(client, groups=1)
    assert [group["group"] for group in body["groups"]] == ["beta"]
    assert (body["others"]["calls"], body["others"]["cost_usd"]) == (3, 0.75)
    assert body["others"]["calls"] + body["groups"][0]["calls"] == body["totals"]["calls"]


def test_steps_are_as_long_as_asked(client: httpx.Client) -> None:
    body = summary(client, hours=6, step=3600)
    assert body["step_seconds"] == 3600
    steps = body["totals"]["steps"]
    assert sum(step["calls"] for step in steps) == 5
    assert {step["time"][14:19] for step in steps[1:]} <= {"00:00"}
    too_many = client.get(f"{LLM}/summary", params={"hours": 168, "step": 60})
    assert too_many.status_code == 422


@pytest.mark.parametrize(
    ("filters", "calls"),
    [
        ({"model": "alpha"}, 2),
        ({"provider": "nobody", "operation": "chat"}, 2),
        ({"service": "batch"}, 1),
        ({"user_email": "bob@example.com"}, 1),
        ({"department": "sales"}, 3),
        ({"model": "none"}, 0),
    ],
)
def test_filters_narrow_a_summary(client: httpx.Client, filters: dict[str, str], calls: int) -> None:
    assert summary(client, **filters)["totals"]["calls"] == calls


def test_look_ups_are_counted_beside_the_calls(client: httpx.Client) -> None:
    assert summary(client)["cache"] == {"lookups": 2, "hits": 1, "hit_rate": 50.0}
    assert summary(client, service="batch")["cache"] == {"lookups": 1, "hits": 0, "hit_rate": 0.0}
    assert summary(client, department="none")["cache"] == {"lookups": 0, "hits": 0, "hit_rate": None}


def test_without_calls_all_is_zero(client: httpx.Client) -> None:
    body = summary(client, **{"from": "2020-01-01", "to": "2020-01-02"})
    assert (body["totals"]["calls"], body["totals"]["cost_usd"], body["totals"]["p95_ms"]) == (0, 0, None)
    assert (body["groups"], body["totals"]["steps"]) == ([], [])


def listed(client: httpx.Client, **parameters: object) -> dict[str, Any]:
    answer = client.get(f"{LLM}/calls", params={name: str(value) for name, value in parameters.items()})
    assert answer.status_code == 200, answer.text
    LlmCalls.model_validate_json(answer.text)
    body: dict[str, Any] = answer.json()
    return body


def names(body: dict[str, Any]) -> list[str]:
    return [call["operation_name"].removeprefix("chat ") for call in body["calls"]]


def test_calls_are_listed_page_by_page_newest_first(client: httpx.Client) -> None:
    first = listed(client, limit=2)
    second = listed(client, limit=2, cursor=first["next_cursor"])
    third = listed(client, limit=2, cursor=second["next_cursor"])
    assert [names(page) for page in (first, second, third)] == [["c1", "c2"], ["c3", "c5"], ["c4"]]
    assert third["next_cursor"] is None
    assert first["calls"][0]["span_id"] == span_id("c1")
    assert (first["calls"][0]["cost_usd"], first["calls"][0]["cost_source"]) == (0.5, "reported")


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ({"error": "true"}, ["c4"]),
        ({"model": "beta"}, ["c3", "c4"]),
        ({"user_email": "ann@example.com", "hours": 1}, ["c1", "c2"]),
        ({"operation": "embeddings", "department": "sales"}, ["c5"]),
        ({"session_id": "none"}, []),
    ],
)
def test_filters_narrow_the_list(client: httpx.Client, filters: dict[str, object], found: list[str]) -> None:
    assert names(listed(client, **filters)) == found


def test_calls_are_listed_by_what_they_took_and_cost(client: httpx.Client) -> None:
    assert names(listed(client, order="slowest")) == ["c4", "c3", "c2", "c1", "c5"]
    # Those of unknown cost come last, the newest first.
    assert names(listed(client, order="dearest")) == ["c4", "c1", "c2", "c3", "c5"]
    second = listed(client, order="slowest", limit=2, offset=2)
    assert (names(second), second["next_cursor"]) == (["c2", "c1"], None)
    assert names(listed(client, order="slowest", model="alpha")) == ["c2", "c1"]


def test_mistakes_are_422(client: httpx.Client) -> None:
    for path, parameters in (
        ("summary", {"group_by": "cost_usd"}),
        ("summary", {"groups": "0"}),
        ("summary", {"step": "0"}),
        ("calls", {"cursor": "x"}),
        ("calls", {"limit": "201"}),
        ("calls", {"order": "cheapest"}),
        ("calls", {"order": "slowest", "cursor": listed(client, limit=1)["next_cursor"]}),
    ):
        assert client.get(f"{LLM}/{path}", params=parameters).status_code == 422
