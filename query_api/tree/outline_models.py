"""The shape of a trace's outline, as in models."""

from pydantic import BaseModel, ConfigDict, Field

from query_api.models import SPAN_ID
from query_api.trace_models import FullTrace


class OutlineSpans(BaseModel):
    """Spans in columns, depth first, siblings by their start: the n-th of each list is of the n-th span."""

    model_config = ConfigDict(extra="forbid")

    span_ids: list[str] = Field(examples=[[SPAN_ID]])
    depths: list[int] = Field(examples=[[0]])
    names: list[int] = Field(examples=[[0]], description="Places among the names.")
    services: list[int] = Field(examples=[[0]], description="Places among the services.")
    kinds: list[int] = Field(examples=[[2]])
    categories: list[int] = Field(examples=[[2]], description="Places among the categories.")
    starts: list[int] = Field(examples=[[0]], description="Nanoseconds after the first span's start.")
    durations: list[int | None] = Field(examples=[[875000000]], description="Nanoseconds; null while in progress.")
    self_times: list[int] = Field(
        examples=[[120500000]], description="Nanoseconds while none of its children ran, so far where in progress."
    )
    critical_path: list[int] = Field(
        examples=[[120500000]], description="Nanoseconds that it added to the root's; -1 off the critical path."
    )
    events: list[int] = Field(examples=[[1]], description="How many it has.")
    links: list[int] = Field(examples=[[0]], description="How many it has to other spans.")


class TraceOutline(BaseModel):
    """All of a trace that a picture of it needs."""

    model_config = ConfigDict(extra="forbid")

    trace: FullTrace
    span_count: int = Field(examples=[1], description="In the outline; a span that arrived twice counts once.")
    root_missing: bool = Field(examples=[False], description="No span is without a parent.")
    complete: bool = Field(examples=[True], description="False where the outline has only the first 200,000 spans.")
    start_nanos: str = Field(
        examples=["1795447200000000000"], description="The first span's start in nanoseconds since 1970; 0 without any."
    )
    names: list[str] = Field(examples=[["POST /chat"]])
    services: list[str | None] = Field(examples=[["shop"]])
    categories: list[str] = Field(examples=[["rag", "llm", "http", "other"]])
    spans: OutlineSpans
    event_spans: list[int] = Field(examples=[[0]], description="Of each event its span's place; the first 20,000.")
    event_times: list[int] = Field(examples=[[5000000]], description="When: nanoseconds after the first span's start.")
    failed: list[int] = Field(examples=[[]], description="Places of the spans in error.")
    parent_missing: list[int] = Field(examples=[[]], description="Places of spans whose parent has not come.")
    parent_cut: list[int] = Field(examples=[[]], description="Places of spans whose parents run in a circle.")
