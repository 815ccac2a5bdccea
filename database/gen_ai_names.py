"""Under which attributes spans say what about models, retrievals and caches: one table of names, and SQL made from it.

The names of OpenTelemetry come first, newest before older, then those of OpenInference, OpenLLMetry and the Vercel AI
SDK. A value of a type that does not fit counts as absent.
"""

from collections.abc import Mapping, Sequence

# As SQL, of a text x: what is not of the kind is null, and nothing raises an error.
KINDS = {
    "text": "nullif({x}, '')",
    "count": r"CASE WHEN {x} ~ '^\d{{1,12}}(\.\d{{0,100}})?$' THEN round({x}::numeric)::bigint END",
    "number": r"CASE WHEN {x} ~ '^\d{{1,15}}(\.\d{{0,100}})?([eE][-+]?\d{{1,2}})?$' THEN {x}::float END",
    "seconds": r"CASE WHEN {x} ~ '^\d{{1,15}}(\.\d{{0,100}})?([eE][-+]?\d{{1,2}})?$' THEN {x}::float * 1000 END",
    "flag": "CASE WHEN lower({x}) IN ('true', 'false') THEN {x}::boolean END",
}

NAMES: Mapping[str, Sequence[tuple[str, str]]] = {
    "named_operation": [("text", "gen_ai.operation.name")],
    "request_type": [("text", "llm.request.type")],
    "openinference_kind": [("text", "openinference.span.kind")],
    "traceloop_kind": [("text", "traceloop.span.kind")],
    "vercel_operation": [("text", "ai.operationId")],
    "provider": [
        ("text", "gen_ai.provider.name"),
        ("text", "gen_ai.system"),
        ("text", "llm.provider"),
        ("text", "llm.system"),
        ("text", "ai.model.provider"),
    ],
    "request_model": [
        ("text", "gen_ai.request.model"),
        ("text", "llm.request.model_name"),
        ("text", "llm.model_name"),
        ("text", "embedding.model_name"),
        ("text", "reranker.model_name"),
        ("text", "ai.model.id"),
    ],
    "response_model": [
        ("text", "gen_ai.response.model"),
        ("text", "llm.response.model_name"),
        ("text", "ai.response.model"),
    ],
    "input_tokens": [
        ("count", "gen_ai.usage.input_tokens"),
        ("count", "gen_ai.usage.prompt_tokens"),
        ("count", "llm.token_count.prompt"),
        ("count", "llm.usage.prompt_tokens"),
        ("count", "ai.usage.inputTokens"),
        ("count", "ai.usage.promptTokens"),
        ("count", "ai.usage.tokens"),
    ],
    "output_tokens": [
        ("count", "gen_ai.usage.output_tokens"),
        ("count", "gen_ai.usage.completion_tokens"),
        ("count", "llm.token_count.completion"),
        ("count", "llm.usage.completion_tokens"),
        ("count", "ai.usage.outputTokens"),
        ("count", "ai.usage.completionTokens"),
    ],
    "total_tokens": [
        ("count", "gen_ai.usage.total_tokens"),
        ("count", "llm.usage.total_tokens"),
        ("count", "llm.token_count.total"),
        ("count", "ai.usage.totalTokens"),
    ],
    "cache_read_tokens": [
        ("count", "gen_ai.usage.cache_read.input_tokens"),
        ("count", "gen_ai.usage.cache_read_input_tokens"),
        ("count", "llm.token_count.prompt_details.cache_read"),
        ("count", "ai.usage.cachedInputTokens"),
    ],
    "cache_write_tokens": [
        ("count", "gen_ai.usage.cache_creation.input_tokens"),
        ("count", "gen_ai.usage.cache_creation_input_tokens"),
        ("count", "llm.token_count.prompt_details.cache_write"),
    ],
    "reasoning_tokens": [
        ("count", "gen_ai.usage.reasoning.output_tokens"),
        ("count", "gen_ai.usage.reasoning_tokens"),
        ("count", "llm.token_count.completion_details.reasoning"),
        ("count", "ai.usage.reasoningTokens"),
    ],
    "first_token_ms": [
        ("seconds", "gen_ai.response.time_to_first_chunk"),
        ("seconds", "gen_ai.server.time_to_first_token"),
        ("number", "ai.response.msToFirstChunk"),
        ("number", "ai.stream.msToFirstChunk"),
    ],
    "cost_usd": [
        ("number", "operation.cost"),
        ("number", "gen_ai.usage.cost"),
        ("number", "llm.cost.total"),
    ],
    "cache_hit": [("flag", "cache.hit"), ("flag", "gen_ai.cache.hit"), ("flag", "llm.cache.hit")],
    "cache_name": [("text", "cache.name")],
    "data_source": [
        ("text", "gen_ai.data_source.id"),
        ("text", "db.collection.name"),
        ("text", "db.vector.collection.name"),
    ],
    "document_list": [("text", "gen_ai.retrieval.documents")],
    "document_count": [
        ("count", "gen_ai.retrieval.document_count"),
        ("count", "db.vector.query.result_count"),
        ("count", "db.vector.results.count"),
    ],
    # That of a call of a model is something else.
    "top_k": [("count", "gen_ai.request.top_k")],
    "vector_top_k": [("count", "db.vector.query.top_k")],
    "query": [("text", "gen_ai.retrieval.query.text")],
    "error_type": [("text", "error.type")],
    "user_email": [
        ("text", "user.email"),
        ("text", "user_email"),
        ("text", "traceloop.association.properties.user_email"),
    ],
    "department": [("text", "user.department"), ("text", "enduser.department"), ("text", "department")],
    "session_id": [
        ("text", "session.id"),
        ("text", "langfuse.session.id"),
        ("text", "traceloop.association.properties.session_id"),
        ("text", "gen_ai.conversation.id"),
    ],
}

# A span with none of these is not looked at. Each costs 20 ns a span, so of each family only what all its spans carry.
MARKERS = [
    *("gen_ai.operation.name", "gen_ai.provider.name", "gen_ai.system", "openinference.span.kind", "llm.request.type"),
    *("ai.operationId", "gen_ai.usage.input_tokens", "gen_ai.usage.output_tokens", "llm.usage.total_tokens"),
    *("operation.cost", "gen_ai.usage.cost", "llm.cost.total", "cache.hit", "gen_ai.cache.hit", "llm.cache.hit"),
    *("gen_ai.retrieval.documents", "db.vector.query.top_k", "db.vector.query.result_count"),
]

# What other families call an operation of OpenTelemetry.
OPERATIONS = {
    "request_type": {
        "chat": "chat",
        "completion": "text_completion",
        "embedding": "embeddings",
        "embeddings": "embeddings",
        "rerank": "rerank",
    },
    "openinference_kind": {
        "LLM": "chat",
        "EMBEDDING": "embeddings",
        "RETRIEVER": "retrieval",
        "RERANKER": "rerank",
        "TOOL": "execute_tool",
        "AGENT": "invoke_agent",
        "CHAIN": "invoke_workflow",
    },
    "traceloop_kind": {"workflow": "invoke_workflow", "agent": "invoke_agent", "tool": "execute_tool"},
    "vercel_operation": {
        "ai.generateText.doGenerate": "chat",
        "ai.streamText.doStream": "chat",
        "ai.generateObject.doGenerate": "chat",
        "ai.streamObject.doStream": "chat",
        "ai.embed.doEmbed": "embeddings",
        "ai.embedMany.doEmbed": "embeddings",
    },
}
# A span of these is a call of a model. Of others it is one if it has tokens or a cost.
CALLS = ("chat", "generate_content", "text_completion", "embeddings", "rerank")


def record() -> str:
    """The attributes as jsonb_to_record takes them, all as text, which no value fails to become."""
    names = dict.fromkeys(name for sources in NAMES.values() for _, name in sources)
    return ", ".join(f'"{name}" text' for name in names)


def columns() -> str:
    """Each column from the first of its attributes that has a value of its kind."""
    return ", ".join(
        "coalesce(" + ", ".join(KINDS[kind].format(x=f'a."{name}"') for kind, name in sources) + f") AS {column}"
        for column, sources in NAMES.items()
    )


def operation() -> str:
    """The operation by its name in OpenTelemetry, from the first family that names one."""
    cases = [
        f"CASE {column} " + " ".join(f"WHEN '{other}' THEN '{ours}'" for other, ours in named.items()) + " END"
        for column, named in OPERATIONS.items()
    ]
    return f"coalesce(named_operation, {', '.join(cases)})"
