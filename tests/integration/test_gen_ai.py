"""Calls of models, retrievals and look-ups as a job derives them from spans, read through the views."""

import random
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from itertools import permutations
from typing import Any

import pytest

from database import pool
from tests.conftest import copied
from tests.gen_ai_spans import NOW, AiSpan, add, derive, span_id, trace_id
from tests.served_api import wipe

CHAT = {
    "gen_ai.operation.name": "chat",
    "gen_ai.provider.name": "openai",
    "gen_ai.request.model": "gpt-4o",
    "gen_ai.usage.input_tokens": 1000,
    "gen_ai.usage.output_tokens": 100,
}
# 2.50 and 10 dollars a million tokens.
CHAT_COST = 0.0035
RETRIEVAL = {"gen_ai.operation.name": "retrieval", "gen_ai.request.top_k": 5}
LLM_COST = "SELECT coalesce(sum(cost_usd), 0) FROM enterprise.llm_call_metrics WHERE timestamp >= now() - $1::interval"
RAG_P95 = (
    "SELECT percentile_cont(0.95) WITHIN GROUP (ORDER BY total_ms) FROM enterprise.rag_metrics "
    "WHERE timestamp >= now() - $1::interval"
)
HIT_RATE = (
    "SELECT coalesce(100.0 * count(*) FILTER (WHERE hit) / nullif(count(*), 0), 100)::float "
    "FROM enterprise.cache_lookups WHERE timestamp >= now() - $1::interval"
)
HOUR = timedelta(hours=1)


@pytest.fixture(scope="module")
def database(postgres_dsn: str, template_database: str) -> Iterator[str]:
    yield from copied(postgres_dsn, template_database)


@pytest.fixture
async def db(database: str) -> AsyncIterator[Any]:
    connections = await pool.connect_pool(database, min_size=0, max_size=4, statement_timeout_ms=60_000)
    yield connections
    await connections.close()
    wipe(database)


async def calls(db: Any) -> list[Any]:
    return list(await db.fetch("SELECT * FROM enterprise.llm_call_metrics ORDER BY timestamp, span_id"))


async def retrievals(db: Any) -> list[Any]:
    return list(await db.fetch("SELECT * FROM enterprise.rag_metrics ORDER BY timestamp, span_id"))


async def test_a_call_has_what_its_span_and_its_trace_say(db: Any) -> None:
    root = {"user.email": "ann@example.com", "user.department": "sales", "session.id": "s-1"}
    more = {
        "gen_ai.response.model": "gpt-4o-2024-08-06",
        "gen_ai.usage.cache_read.input_tokens": 0,
        "gen_ai.response.time_to_first_chunk": 0.2,
    }
    await add(
        db,
        AiSpan("root", None, name="POST /chat", attributes=root),
        AiSpan("llm", name="chat gpt-4o", ms=850.0, attributes=CHAT | more),
    )
    await db.execute(
        "UPDATE enterprise.traces SET user_email = 'ann@example.com', department = 'sales', session_id = 's-1'"
    )
    assert await derive(db) == {"traces": 1}
    (call,) = await calls(db)
    assert call["cost_usd"] == pytest.approx(CHAT_COST)
    assert {name: value for name, value in call.items() if name not in ("cost_usd", "timestamp")} == {
        "provider": "openai",
        "model": "gpt-4o",
        "operation": "chat",
        "input_tokens": 1000,
        "output_tokens": 100,
        "total_tokens": 1100,
        "cached_tokens": 0,
        "cache_write_tokens": None,
        "reasoning_tokens": None,
        "latency_ms": 850.0,
        "first_token_ms": 200.0,
        "error": False,
        "error_type": None,
        "cache_hit": None,
        "cost_source": "computed",
        "response_model": "gpt-4o-2024-08-06",
        "user_email": "ann@example.com",
        "department": "sales",
        "session_id": "s-1",
        "service_name": "shop",
        "operation_name": "chat gpt-4o",
        "trace_id": trace_id("a"),
        "span_id": span_id("llm"),
    }


async def test_a_reported_cost_goes_before_a_computed_one(db: Any) -> None:
    await add(db, AiSpan("root", None), AiSpan("llm", attributes=CHAT | {"operation.cost": 1e-5}))
    await derive(db)
    (call,) = await calls(db)
    assert (call["cost_usd"], call["cost_source"]) == (1e-5, "reported")


@pytest.mark.parametrize(
    "attributes",
    [
        CHAT | {"gen_ai.request.model": "nobody-knows-me"},
        CHAT | {"gen_ai.provider.name": "somebody"},
        {name: value for name, value in CHAT.items() if "usage" not in name},
    ],
)
async def test_a_cost_that_nobody_knows_is_null(db: Any, attributes: dict[str, Any]) -> None:
    await add(db, AiSpan("root", None), AiSpan("llm", attributes=attributes))
    await derive(db)
    (call,) = await calls(db)
    assert (call["cost_usd"], call["cost_source"]) == (None, None)
    assert await db.fetchval(LLM_COST, HOUR) == 0


# An agent that reports the sum of its two calls, one of them wrapped by a framework's own span, with steps between.
NESTED = [
    AiSpan("root", None, name="POST /chat"),
    AiSpan("agent", "root", attributes=CHAT | {"gen_ai.operation.name": "invoke_agent", "operation.cost": 30.0}),
    AiSpan("step", "agent"),
    AiSpan("wrapper", "step", attributes=CHAT | {"operation.cost": 10.0}),
    AiSpan("http", "wrapper"),
    AiSpan("first", "http", attributes=CHAT | {"operation.cost": 10.5}),
    AiSpan("second", "agent", attributes=CHAT | {"operation.cost": 20.25}),
]


async def test_of_calls_within_one_another_only_the_innermost_count(db: Any) -> None:
    await add(db, *NESTED)
    await derive(db)
    assert [call["cost_usd"] for call in await calls(db)] == [10.5, 20.25]
    assert await db.fetchval(LLM_COST, HOUR) == 30.75
    assert await db.fetchval("SELECT count(*) FROM enterprise.gen_ai_spans") == 4


@pytest.mark.parametrize("order", list(permutations(range(4)))[::5])
async def test_late_spans_in_any_order_end_in_the_same_figures(db: Any, order: tuple[int, ...]) -> None:
    parts = [NESTED[:2], NESTED[2:4], NESTED[4:5], NESTED[5:]]
    for part in order:
        await add(db, *parts[part])
        await derive(db)
    assert [call["cost_usd"] for call in await calls(db)] == [10.5, 20.25]


async def test_of_retrievals_within_one_another_only_the_outermost_counts(db: Any) -> None:
    await add(
        db,
        AiSpan("root", None),
        AiSpan("outer", ms=300.0, attributes=RETRIEVAL | {"gen_ai.retrieval.documents": '[{"id": 1}, {"id": 2}]'}),
        AiSpan("fusion", "outer"),
        AiSpan("inner1", "fusion", ms=90.0, attributes={"db.system": "qdrant", "db.vector.query.top_k": 3}),
        AiSpan("inner2", "fusion", ms=80.0, attributes={"openinference.span.kind": "RETRIEVER"}),
        AiSpan("other", ms=50.0, attributes=RETRIEVAL),
    )
    await derive(db)
    found = await retrievals(db)
    assert sorted((row["total_ms"], row["retrieval_ms"], row["documents"], row["top_k"]) for row in found) == [
        (50.0, 50.0, None, 5),
        (300.0, 300.0, 2, 5),
    ]
    assert await db.fetchval(RAG_P95, HOUR) == pytest.approx(50 + 0.95 * 250)
    assert await db.fetchval(RAG_P95, timedelta(minutes=1)) is None


async def test_look_ups_make_the_rate_of_hits(db: Any) -> None:
    assert await db.fetchval(HIT_RATE, HOUR) == 100
    hit, miss = {"cache.hit": True, "cache.name": "answers"}, {"cache.hit": False, "cache.name": "answers"}
    await add(
        db,
        AiSpan("root", None),
        AiSpan("both", attributes=miss),
        AiSpan("second", "both", attributes=hit),
        AiSpan("c2", attributes=miss),
        AiSpan("c3", attributes=miss),
        AiSpan("c4", attributes={"gen_ai.cache.hit": "false"}),
        AiSpan("old", attributes=hit, age=timedelta(hours=3)),
    )
    await derive(db)
    assert await db.fetchval(HIT_RATE, HOUR) == 25
    names = await db.fetch("SELECT name, count(*) FROM enterprise.cache_lookups GROUP BY 1 ORDER BY 1")
    assert [tuple(row) for row in names] == [("answers", 4), (None, 1)]


async def test_a_person_that_the_root_names_late_is_known_after_the_next_run(db: Any) -> None:
    await add(db, AiSpan("llm", attributes=CHAT | {"session.id": "own"}))
    await derive(db)
    assert [(call["user_email"], call["session_id"]) for call in await calls(db)] == [(None, "own")]
    await add(db, AiSpan("root", None))
    await db.execute("UPDATE enterprise.traces SET user_email = 'ann@example.com', session_id = 'of the trace'")
    await derive(db)
    assert [(call["user_email"], call["session_id"]) for call in await calls(db)] == [("ann@example.com", "own")]


async def test_a_repeated_span_counts_once_and_a_run_without_news_changes_nothing(db: Any) -> None:
    llm = AiSpan("llm", attributes=CHAT)
    await add(db, AiSpan("root", None), llm, llm)
    await derive(db)
    before = await calls(db)
    assert len(before) == 1
    await derive(db)
    assert await calls(db) == before


@pytest.mark.parametrize(
    "odd", ["", "many", "-1", "1e999", "NaN", [1, 2], {"a": 1}, True, None, 10**30, "9" * 400, "0." + "0" * 400 + "1"]
)
async def test_values_of_odd_types_are_absent_and_fail_nothing(db: Any, odd: Any) -> None:
    odd_names = ("gen_ai.usage.input_tokens", "operation.cost", "gen_ai.response.time_to_first_chunk", "cache.hit")
    await add(db, AiSpan("root", None), AiSpan("llm", attributes=CHAT | dict.fromkeys(odd_names, odd)))
    await add(db, AiSpan("docs", attributes=RETRIEVAL | {"gen_ai.retrieval.documents": odd}))
    await derive(db)
    (call,) = await calls(db)
    assert (call["input_tokens"], call["first_token_ms"], call["output_tokens"]) == (None, None, 100)
    assert call["cost_usd"] == pytest.approx(0.001)
    assert [row["documents"] for row in await retrievals(db)] == [2 if odd == [1, 2] else None]


async def test_numbers_that_came_as_text_count(db: Any) -> None:
    odd = {"gen_ai.usage.input_tokens": "1000", "gen_ai.usage.output_tokens": 100.0, "operation.cost": "2.5e-3"}
    await add(db, AiSpan("root", None), AiSpan("llm", attributes=CHAT | odd))
    await derive(db)
    assert [(c["input_tokens"], c["output_tokens"], c["cost_usd"]) for c in await calls(db)] == [(1000, 100, 0.0025)]


async def test_parents_in_a_circle_and_tags_that_are_no_object_end_the_run(db: Any) -> None:
    await add(
        db,
        AiSpan("x", "y", attributes=CHAT),
        AiSpan("y", "z"),
        AiSpan("z", "y"),
        AiSpan("self", "self", attributes=CHAT),
    )
    await db.execute("UPDATE enterprise.trace_spans SET tags = '[\"gen_ai.system\"]' WHERE span_id = $1", span_id("y"))
    await derive(db)
    assert {call["span_id"] for call in await calls(db)} == {span_id("x"), span_id("self")}


async def test_what_is_derived_goes_with_its_trace(db: Any) -> None:
    await add(db, AiSpan("root", None), AiSpan("llm", attributes=CHAT))
    await add(db, AiSpan("root", None, trace="b"), AiSpan("llm", trace="b", attributes=CHAT))
    await derive(db)
    await db.execute("DELETE FROM enterprise.traces WHERE trace_id = $1", trace_id("a"))
    assert {call["trace_id"] for call in await calls(db)} == {trace_id("b")}
    await db.execute("TRUNCATE enterprise.traces")
    assert await calls(db) == []


async def test_what_writers_commit_is_found_by_their_positions_however_long_ago_they_began(db: Any) -> None:
    await add(db, AiSpan("root", None), AiSpan("llm", attributes=CHAT))
    await derive(db)
    writer = await db.fetchval(
        "INSERT INTO enterprise.writers (started_at) VALUES (now() - interval '20 days') RETURNING writer"
    )
    await add(db, *(AiSpan("late", trace=f"t{n}", attributes=CHAT) for n in range(3)))
    for n, days in enumerate((19, 7, 0)):
        batch = "(extract(epoch FROM now() - $2 * interval '1 day') * 1000000)::bigint"
        await db.execute(
            f"UPDATE enterprise.trace_spans SET writer = $1, batch = {batch} WHERE trace_id = $3",
            writer,
            days,
            trace_id(f"t{n}"),
        )
    await db.execute(
        "UPDATE enterprise.writers SET batch = (extract(epoch FROM now()) * 1000000)::bigint WHERE writer = $1", writer
    )
    await derive(db)
    assert len(await calls(db)) == 4
    assert (await derive(db))["traces"] <= 1


@pytest.mark.parametrize("seed", range(4))
async def test_random_trees_in_random_order_count_what_their_shape_says(db: Any, seed: int) -> None:
    dice = random.Random(seed)
    parents = {0: None} | {child: dice.randrange(max(0, child - 6), child) for child in range(1, 40)}
    roles = {span: dice.choice(["llm", "retrieval", "both", None, None]) for span in parents}
    kinds = {"llm": {"operation.cost": 1.0}, "retrieval": RETRIEVAL, "both": RETRIEVAL | {"operation.cost": 1.0}}
    spans = [
        AiSpan(f"s{span}", None if parent is None else f"s{parent}", attributes=kinds.get(roles[span] or "", {}))
        for span, parent in parents.items()
    ]

    def above(span: int) -> Iterator[int]:
        while (parent := parents[span]) is not None:
            yield (span := parent)

    calling = {span for span, role in roles.items() if role in ("llm", "both")}
    retrieving = {span for span, role in roles.items() if role in ("retrieval", "both")}
    innermost = calling - {outer for span in calling for outer in above(span)}
    outermost = {span for span in retrieving if not retrieving & set(above(span))}

    dice.shuffle(spans)
    for first in range(0, 40, 10):
        await add(db, *spans[first : first + 10])
        await derive(db)
    assert {call["span_id"] for call in await calls(db)} == {span_id(f"s{span}") for span in innermost}
    assert {row["span_id"] for row in await retrievals(db)} == {span_id(f"s{span}") for span in outermost}


async def test_a_trace_of_ten_thousand_spans_is_derived_in_time_that_grows_with_it_and_not_its_square(
    db: Any, database: str
) -> None:
    """Three children a span, a third of all calls of models; by nested loops it took 18 s, else one."""
    await db.execute(
        "INSERT INTO enterprise.trace_spans (trace_id, span_id, parent_span_id, operation_name, start_time, tags) "
        "SELECT $1, lpad(to_hex(i), 16, '0'), CASE WHEN i > 0 THEN lpad(to_hex(i / 3), 16, '0') END, 'op', $2, "
        "CASE WHEN i % 3 = 0 THEN '{\"operation.cost\": 1}' ELSE '{}' END::jsonb FROM generate_series(0, 9999) AS i",
        trace_id("wide"),
        NOW,
    )
    connections = await pool.connect_pool(database, min_size=0, max_size=2, statement_timeout_ms=9_000)
    await derive(connections)
    await connections.close()
    assert await db.fetchval(LLM_COST, HOUR) == 2222
