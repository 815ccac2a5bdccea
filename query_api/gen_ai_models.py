"""The shapes of the answers about language models and retrieval, for OpenAPI."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from query_api.models import END, SPAN_ID, START, TRACE_ID, NextCursor

Milliseconds = Annotated[float | None, Field(examples=[850.0], description="Null where nothing has a duration.")]
Label = Annotated[str | None, Field(examples=["gpt-4o"], description="Null for what names none.")]
Tokens = Annotated[int | None, Field(examples=[1200], description="Null where not reported.")]


class Summary(BaseModel):
    """The times a summary covers."""

    model_config = ConfigDict(extra="forbid")

    from_: datetime = Field(alias="from", examples=["2026-11-23T08:30:00+00:00"])
    to: datetime = Field(examples=["2026-11-23T09:30:00+00:00"])
    step_seconds: int = Field(examples=[60])


class Figures(BaseModel):
    """What durations and errors are, exactly."""

    model_config = ConfigDict(extra="forbid")

    errors: int = Field(examples=[3])
    error_rate: float = Field(examples=[2.5], description="Percent.")
    avg_ms: Milliseconds
    p50_ms: Milliseconds
    p95_ms: Milliseconds
    p99_ms: Milliseconds


class LlmFigures(Figures):
    """What calls of models cost and took. Sums leave out what was not reported."""

    calls: int = Field(examples=[120])
    cost_usd: float = Field(examples=[1.35], description="Of the calls whose cost is known; 0 where there is none.")
    calls_without_cost: int = Field(examples=[2], description="Not reported, and no price of the model is known.")
    input_tokens: int = Field(examples=[120000])
    output_tokens: int = Field(examples=[14000])
    total_tokens: int = Field(examples=[134000])
    cached_tokens: int = Field(examples=[40000], description="Input tokens from the provider's own cache.")
    cache_hits: int = Field(examples=[7], description="Calls that were answered from a cache of the application.")
    p95_first_token_ms: Milliseconds


class LlmStep(LlmFigures):
    """The calls of one step."""

    time: datetime = Field(examples=["2026-11-23T09:30:00+00:00"], description="When it begins.")


class LlmGroup(LlmFigures):
    """The calls of one group, and over time; steps without calls are left out."""

    group: Label
    steps: list[LlmStep]


class LlmTotals(LlmFigures):
    """All calls, and over time; steps without calls are left out."""

    steps: list[LlmStep]


class CacheFigures(BaseModel):
    """Look-ups in caches of the application. They name no model, so filters by model, provider and operation do not
    narrow them."""

    model_config = ConfigDict(extra="forbid")

    lookups: int = Field(examples=[40])
    hits: int = Field(examples=[10])
    hit_rate: float | None = Field(examples=[25.0], description="Percent; null without look-ups.")


class LlmSummary(Summary):
    """Calls of models by group and over time."""

    group_by: str = Field(examples=["model"])
    totals: LlmTotals
    groups: list[LlmGroup] = Field(description="The dearest first, then those with the most calls.")
    others: LlmFigures | None = Field(description="All groups beyond the limit together; null where there is none.")
    cache: CacheFigures


class LlmCall(BaseModel):
    """One call of a model."""

    model_config = ConfigDict(extra="forbid")

    timestamp: datetime = Field(examples=[START])
    trace_id: str = Field(examples=[TRACE_ID])
    span_id: str = Field(examples=[SPAN_ID])
    service_name: str | None = Field(examples=["shop"])
    operation_name: str = Field(examples=["chat gpt-4o"], description="The name of its span.")
    operation: str | None = Field(examples=["chat"])
    provider: str | None = Field(examples=["openai"], description="In lower case.")
    model: Label
    response_model: str | None = Field(examples=["gpt-4o-2024-08-06"])
    input_tokens: Tokens
    output_tokens: Tokens
    total_tokens: Tokens
    cached_tokens: Tokens
    cache_write_tokens: Tokens
    reasoning_tokens: Tokens
    cost_usd: float | None = Field(examples=[0.0035], description="Null where it is not known.")
    cost_source: str | None = Field(examples=["computed"], description="reported by the span, or computed from prices.")
    latency_ms: Milliseconds
    first_token_ms: Milliseconds
    error: bool
    error_type: str | None = Field(examples=[None])
    cache_hit: bool | None = Field(examples=[None], description="Whether a cache of the application answered.")
    user_email: str | None = Field(examples=["ann@example.com"])
    department: str | None = Field(examples=["sales"])
    session_id: str | None = Field(examples=["s-81"])


class LlmCalls(BaseModel):
    """A page of calls."""

    model_config = ConfigDict(extra="forbid")

    calls: list[LlmCall]
    limit: int = Field(examples=[50])
    offset: int = Field(examples=[0])
    next_cursor: NextCursor


class RagFigures(Figures):
    """What retrievals took and found."""

    retrievals: int = Field(examples=[80])
    avg_documents: float | None = Field(examples=[4.6], description="Of the retrievals that say how many they found.")
    empty: int = Field(examples=[1], description="Retrievals that say they found nothing.")


class RagStep(RagFigures):
    """The retrievals of one step."""

    time: datetime = Field(examples=[END], description="When it begins.")


class RagGroup(RagFigures):
    """The retrievals of one group, and over time; steps without any are left out."""

    group: str | None = Field(examples=["handbook"], description="Null for what names none.")
    steps: list[RagStep]


class RagTotals(RagFigures):
    """All retrievals, and over time; steps without any are left out."""

    steps: list[RagStep]


class RagSummary(Summary):
    """Retrievals by group and over time."""

    group_by: str = Field(examples=["data_source"])
    totals: RagTotals
    groups: list[RagGroup] = Field(description="Those with the most retrievals first.")
    others: RagFigures | None = Field(description="All groups beyond the limit together; null where there is none.")
    cache: CacheFigures
