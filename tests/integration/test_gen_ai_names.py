"""A span says the same under the names of each family of instrumentations."""

from collections.abc import AsyncIterator, Iterator, Mapping
from typing import Any

import pytest

from database import gen_ai_names, pool
from tests.conftest import copied
from tests.gen_ai_spans import AiSpan, add, derive
from tests.served_api import wipe

CHAT = {
    "operation": "chat",
    "provider": "openai",
    "model": "gpt-4o",
    "response_model": "gpt-4o-2024-08-06",
    "input_tokens": 1000,
    "output_tokens": 100,
    "cached_tokens": 400,
}
# Half of the usual 2.50 dollars a million for what the provider had cached.
CHAT_COST = pytest.approx((600 * 2.5 + 400 * 1.25 + 100 * 10) / 1e6)
CHATS: dict[str, dict[str, Any]] = {
    "OpenTelemetry 1.41": {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "openai",
        "gen_ai.request.model": "gpt-4o",
        "gen_ai.response.model": "gpt-4o-2024-08-06",
        "gen_ai.response.finish_reasons": ["stop"],
        "gen_ai.request.top_k": 40,
        "gen_ai.usage.input_tokens": 1000,
        "gen_ai.usage.output_tokens": 100,
        "gen_ai.usage.cache_read.input_tokens": 400,
    },
    "OpenTelemetry 1.26": {
        "gen_ai.operation.name": "chat",
        "gen_ai.system": "openai",
        "gen_ai.request.model": "gpt-4o",
        "gen_ai.response.model": "gpt-4o-2024-08-06",
        "gen_ai.usage.prompt_tokens": 1000,
        "gen_ai.usage.completion_tokens": 100,
        "gen_ai.usage.cache_read_input_tokens": 400,
    },
    "OpenInference": {
        "openinference.span.kind": "LLM",
        "llm.provider": "openai",
        "llm.system": "openai",
        "llm.model_name": "gpt-4o",
        "llm.response.model_name": "gpt-4o-2024-08-06",
        "llm.invocation_parameters": '{"temperature": 0}',
        "llm.input_messages.0.message.role": "user",
        "llm.input_messages.0.message.content": "hello",
        "llm.token_count.prompt": 1000,
        "llm.token_count.completion": 100,
        "llm.token_count.total": 1100,
        "llm.token_count.prompt_details.cache_read": 400,
    },
    "OpenLLMetry": {
        "llm.request.type": "chat",
        "gen_ai.system": "OpenAI",
        "gen_ai.request.model": "gpt-4o",
        "gen_ai.response.model": "gpt-4o-2024-08-06",
        "gen_ai.prompt.0.role": "user",
        "gen_ai.prompt.0.content": "hello",
        "gen_ai.usage.prompt_tokens": 1000,
        "gen_ai.usage.completion_tokens": 100,
        "llm.usage.total_tokens": 1100,
        "gen_ai.usage.cache_read_input_tokens": 400,
        "traceloop.workflow.name": "answer",
    },
    "Vercel": {
        "ai.operationId": "ai.generateText.doGenerate",
        "ai.model.provider": "openai",
        "ai.model.id": "gpt-4o",
        "ai.response.model": "gpt-4o-2024-08-06",
        "ai.usage.promptTokens": 1000,
        "ai.usage.completionTokens": 100,
        "ai.usage.cachedInputTokens": 400,
    },
    "new and old at once": {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "openai",
        "gen_ai.system": "other",
        "gen_ai.request.model": "gpt-4o",
        "gen_ai.response.model": "gpt-4o-2024-08-06",
        "gen_ai.usage.input_tokens": 1000,
        "gen_ai.usage.prompt_tokens": 1,
        "gen_ai.usage.output_tokens": 100,
        "gen_ai.usage.completion_tokens": 1,
        "gen_ai.usage.cache_read.input_tokens": 400,
    },
}
OPERATIONS = [
    ({"gen_ai.operation.name": "generate_content"}, "generate_content"),
    ({"gen_ai.operation.name": "embeddings"}, "embeddings"),
    ({"openinference.span.kind": "EMBEDDING", "embedding.model_name": "m"}, "embeddings"),
    ({"openinference.span.kind": "RERANKER", "reranker.model_name": "m"}, "rerank"),
    ({"llm.request.type": "completion"}, "text_completion"),
    ({"llm.request.type": "rerank"}, "rerank"),
    ({"ai.operationId": "ai.embed.doEmbed", "ai.model.id": "m"}, "embeddings"),
    ({"gen_ai.system": "bedrock", "gen_ai.request.model": "m"}, None),
    ({"traceloop.span.kind": "agent", "llm.usage.total_tokens": 7}, "invoke_agent"),
]
NO_CALLS = [
    {"gen_ai.operation.name": "execute_tool", "gen_ai.tool.name": "search"},
    {"gen_ai.operation.name": "invoke_agent", "gen_ai.agent.name": "helper"},
    {"openinference.span.kind": "CHAIN"},
    {"openinference.span.kind": "TOOL"},
    {"traceloop.span.kind": "workflow", "traceloop.workflow.name": "answer"},
    {"http.request.method": "POST"},
]
RETRIEVALS = {
    "OpenTelemetry": {
        "gen_ai.operation.name": "retrieval",
        "gen_ai.data_source.id": "handbook",
        "gen_ai.request.top_k": 4,
        "gen_ai.retrieval.documents": [{"id": "a", "score": 0.9}, {"id": "b", "score": 0.8}],
    },
    "OpenTelemetry, documents as text": {
        "gen_ai.operation.name": "retrieval",
        "gen_ai.data_source.id": "handbook",
        "gen_ai.request.top_k": 4,
        "gen_ai.retrieval.documents": '[{"id": "a", "metadata": {"id": "x"}}, {"score": 0.8}]',
    },
    "OpenInference": {
        "openinference.span.kind": "RETRIEVER",
        "retrieval.documents.0.document.id": "a",
        "retrieval.documents.0.document.score": 0.9,
        "retrieval.documents.1.document.content": "text",
    },
    "OpenLLMetry": {
        "db.system": "qdrant",
        "db.vector.query.top_k": 4,
        "db.vector.query.result_count": 2,
        "db.collection.name": "handbook",
    },
}


@pytest.fixture(scope="module")
def database(postgres_dsn: str, template_database: str) -> Iterator[str]:
    yield from copied(postgres_dsn, template_database)


@pytest.fixture
async def db(database: str) -> AsyncIterator[Any]:
    connections = await pool.connect_pool(database, min_size=0, max_size=4, statement_timeout_ms=60_000)
    yield connections
    await connections.close()
    wipe(database)


async def derived(db: Any, view: str, attributes: Mapping[str, Any]) -> list[Any]:
    await add(db, AiSpan("root", None), AiSpan("span", attributes=attributes))
    await derive(db)
    return list(await db.fetch(f"SELECT * FROM enterprise.{view}"))


@pytest.mark.parametrize("family", CHATS)
async def test_a_chat_reads_alike_under_all_names(db: Any, family: str) -> None:
    (call,) = await derived(db, "llm_call_metrics", CHATS[family])
    assert {name: call[name] for name in CHAT} == CHAT
    assert (call["cost_usd"], call["total_tokens"]) == (CHAT_COST, 1100)


@pytest.mark.parametrize(("attributes", "operation"), OPERATIONS)
async def test_calls_of_models_are_told_by_what_they_do(
    db: Any, attributes: dict[str, Any], operation: str | None
) -> None:
    (call,) = await derived(db, "llm_call_metrics", attributes)
    assert call["operation"] == operation


@pytest.mark.parametrize("attributes", NO_CALLS)
async def test_what_calls_no_model_is_no_call(db: Any, attributes: dict[str, Any]) -> None:
    assert await derived(db, "llm_call_metrics", attributes) == []


@pytest.mark.parametrize("family", RETRIEVALS)
async def test_a_retrieval_reads_alike_under_all_names(db: Any, family: str) -> None:
    (found,) = await derived(db, "rag_metrics", RETRIEVALS[family])
    assert (found["total_ms"], found["documents"]) == (100.0, 2)
    assert found["top_k"] in (4, None)
    assert found["data_source"] in ("handbook", None)
    assert await db.fetch("SELECT FROM enterprise.llm_call_metrics") == []


@pytest.mark.parametrize("name", [name for _, name in gen_ai_names.NAMES["cost_usd"]])
async def test_a_cost_is_read_under_all_names(db: Any, name: str) -> None:
    (call,) = await derived(db, "llm_call_metrics", {name: 0.25})
    assert (call["cost_usd"], call["cost_source"]) == (0.25, "reported")


@pytest.mark.parametrize("name", [name for _, name in gen_ai_names.NAMES["cache_hit"]])
async def test_a_look_up_is_read_under_all_names(db: Any, name: str) -> None:
    (found,) = await derived(db, "cache_lookups", {name: True})
    assert found["hit"] is True


def test_every_name_fits_a_column_of_postgresql() -> None:
    assert [name for sources in gen_ai_names.NAMES.values() for _, name in sources if len(name) > 63] == []
