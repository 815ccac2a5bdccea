"""The shapes of the answers about traces and spans, as in models."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from query_api.models import END, SPAN_ID, START, TRACE_ID, Count, Log, Nanos, NextCursor, Origin
from query_api.partial_answers import PartialAnswer


class Trace(BaseModel):
    """One trace: its entry, its outcome, and counts over its spans."""

    model_config = ConfigDict(extra="forbid")

    trace_id: str = Field(examples=[TRACE_ID])
    entry_point: str = Field(examples=["http"], description="http, websocket, rpc, messaging, internal and others.")
    endpoint: str | None = Field(examples=["/chat"])
    method: str | None = Field(examples=["POST"])
    session_id: str | None = Field(examples=["s-81"])
    user_email: str | None = Field(examples=["ann@example.com"])
    department: str | None = Field(examples=["sales"])
    start_time: datetime = Field(examples=[START])
    end_time: datetime | None = Field(examples=[END], description="Null while in progress.")
    duration_ms: float | None = Field(examples=[875.0], description="Null while in progress.")
    status: str | None = Field(examples=["completed"], description="in_progress, completed or error.")
    error_message: str | None = Field(examples=[None])
    tags: Any = Field(examples=[{"http.response.status_code": 200}], description="The root span's attributes.")
    service_name: str | None = Field(examples=["shop"], description="Of the root span, else of the earliest.")
    operation_name: str | None = Field(examples=["POST /chat"])
    root_span_id: str | None = Field(examples=[SPAN_ID], description="Null while no root span has come.")
    span_count: int = Field(examples=[12])
    error_count: int = Field(examples=[0], description="Spans in error.")
    services: list[str] = Field(examples=[["retrieval", "shop"]])
    root_missing: bool = Field(examples=[False], description="Closed after five idle minutes without a root span.")
    updated_at: datetime = Field(examples=[END])


class FullTrace(Trace):
    """One trace with every field."""

    id: UUID
    created_at: datetime | None = Field(examples=[END])
    latest_start: datetime | None = Field(examples=[END], description="Start of the last of its spans.")


class SpanTiming(BaseModel):
    """What a span is called, and when it ran."""

    id: UUID
    span_id: str = Field(examples=[SPAN_ID])
    parent_span_id: str | None = Field(examples=[None], description="Null for a root.")
    operation_name: str = Field(examples=["rag_retrieve"])
    service_name: str | None = Field(examples=["shop"])
    start_time: datetime = Field(examples=[START])
    end_time: datetime | None = Field(examples=[END])
    duration_ms: float | None = Field(examples=[875.0])
    status: str | None = Field(examples=["completed"], description="in_progress, completed or error.")
    error_message: str | None = Field(examples=[None])
    kind: int = Field(
        examples=[2], description="0 unspecified, 1 internal, 2 server, 3 client, 4 producer, 5 consumer."
    )
    start_nanos: Nanos = Field(examples=[0])
    end_nanos: Nanos = Field(examples=[0])


class ListedSpan(SpanTiming):
    """One span without its events, its links and what emitted it."""

    model_config = ConfigDict(extra="forbid")

    trace_id: str = Field(examples=[TRACE_ID])
    tags: Any = Field(examples=[{"chunks": 5}], description="The span's attributes.")
    status_code: int = Field(examples=[0], description="0 unset, 1 ok, 2 error.")
    status_message: str | None = Field(examples=[None])


class Span(ListedSpan, Origin):
    """One span of a trace."""

    model_config = ConfigDict(extra="forbid")

    logs: Any = Field(examples=[[{"timestamp": START, "message": "cache miss"}]], description="The span's events.")
    trace_state: str | None = Field(examples=[None])
    flags: int | None = Field(examples=[257])
    links: Any = Field(examples=[None], description="Links to other spans, each with trace_id and span_id.")
    dropped_attributes_count: Count = Field(examples=[None])
    dropped_events_count: Count = Field(examples=[None])
    dropped_links_count: Count = Field(examples=[None])


class TraceList(BaseModel):
    """A page of traces."""

    model_config = ConfigDict(extra="forbid")

    traces: list[Trace]
    total: int | None = Field(
        examples=[1342],
        description="Exactly how many traces match; null when not wanted, or where a search cannot be counted in time.",
    )
    limit: int = Field(examples=[50])
    offset: int = Field(examples=[0])
    next_cursor: NextCursor
    partial: PartialAnswer = None


class TraceDetail(BaseModel):
    """A trace and all its spans by start time."""

    model_config = ConfigDict(extra="forbid")

    trace: FullTrace
    spans: list[Span]
    logs: list[Log] | None = Field(default=None, description="By time, when asked for.")
    more_logs: bool | None = Field(default=None, examples=[False], description="There are others than these.")


Milliseconds = Annotated[float, Field(examples=[875.0])]


class SlowOperation(BaseModel):
    """An operation by its name, in whatever services."""

    model_config = ConfigDict(extra="forbid")

    operation_name: str = Field(examples=["rag_retrieve"])
    count: int = Field(examples=[812], description="Spans with a duration.")
    avg_ms: Milliseconds
    max_ms: Milliseconds


class TraceSummary(BaseModel):
    """The traces of a time that have a duration."""

    model_config = ConfigDict(extra="forbid")

    period_hours: int = Field(examples=[24])
    total_traces: int = Field(examples=[1342])
    completed: int = Field(examples=[1321])
    errors: int = Field(examples=[21])
    error_rate: float = Field(examples=[1.56], description="Percent of all.")
    avg_duration_ms: Milliseconds = Field(description="0 without any, as are the others.")
    p50_ms: Milliseconds
    p95_ms: Milliseconds
    p99_ms: Milliseconds
    slow_operations: list[SlowOperation] = Field(description="The ten with the slowest average, the slowest first.")
    slow_operations_estimated: bool = Field(
        examples=[False], description="There are too many spans to read them: `max_ms` is within 2 %."
    )


class SpanList(BaseModel):
    """A page of spans."""

    model_config = ConfigDict(extra="forbid")

    spans: list[ListedSpan]
    limit: int = Field(examples=[50])
    next_cursor: NextCursor
    partial: PartialAnswer = None


class TreeSpan(SpanTiming):
    """A span in its place, of the fields of spans those that a waterfall shows."""

    model_config = ConfigDict(extra="forbid")

    events: int = Field(examples=[1], description="How many it has.")
    links: int = Field(examples=[0], description="How many it has to other spans.")
    depth: int = Field(examples=[0], description="0 for what has no parent here.")
    children: int = Field(examples=[2])
    descendants: int = Field(examples=[11], description="Children, their children, and so on.")
    self_ms: float | None = Field(
        examples=[120.5], description="While none of its children ran; null while it is in progress."
    )
    critical_path_ms: float | None = Field(
        examples=[120.5], description="What it added to the duration of the root; null off the critical path."
    )
    errors_below: int = Field(examples=[0], description="Spans in error among its descendants.")
    parent_missing: bool = Field(examples=[False], description="Its parent has not come.")
    parent_cut: bool = Field(examples=[False], description="Its parents run in a circle, which is cut here.")


class TraceTree(BaseModel):
    """A page of a trace as a tree, depth first, siblings by their start."""

    model_config = ConfigDict(extra="forbid")

    trace: FullTrace
    span_count: int = Field(examples=[12], description="In the tree; a span that arrived twice counts once.")
    root_missing: bool = Field(examples=[False], description="No span is without a parent.")
    missing_parents: int = Field(examples=[0], description="Spans whose parent has not come.")
    complete: bool = Field(examples=[True], description="False where the tree has only the first 200,000 spans.")
    spans: list[TreeSpan]
    limit: int = Field(examples=[500])
    next_cursor: NextCursor


class SpanDetail(BaseModel):
    """The spans of a trace that bear an id."""

    model_config = ConfigDict(extra="forbid")

    spans: list[Span] = Field(description="One, but for ids that were given twice.")
    logs: list[Log] | None = Field(default=None, description="When asked for.")
    more_logs: bool | None = Field(default=None, examples=[False])


class Link(BaseModel):
    """A link from one span to another."""

    model_config = ConfigDict(extra="forbid")

    from_trace_id: str = Field(examples=[TRACE_ID])
    from_span_id: str = Field(examples=[SPAN_ID])
    from_operation_name: str = Field(examples=["consume"])
    from_service_name: str | None = Field(examples=["shop"])
    from_start_time: datetime = Field(examples=[START])
    to_trace_id: str = Field(examples=["0af7651916cd43dd8448eb211c80319c"])
    to_span_id: str = Field(examples=["b7ad6b7169203331"])
    attributes: Any = Field(examples=[{}])


class TraceLinks(BaseModel):
    """Links of a trace or a span, both ways."""

    model_config = ConfigDict(extra="forbid")

    outgoing: list[Link] = Field(description="By the start of the span that links.")
    incoming: list[Link]
    complete: bool = Field(examples=[True], description="False where there are more than 1,000 either way.")


class PathSums(BaseModel):
    """The spans of a path in one trace."""

    model_config = ConfigDict(extra="forbid")

    count: int = Field(examples=[3])
    total_ms: Milliseconds
    self_ms: Milliseconds = Field(description="While none of their children ran.")


class TracePath(BaseModel):
    """A service and operation in its place: below the nearest path before it with a depth of one less."""

    model_config = ConfigDict(extra="forbid")

    service_name: str | None = Field(examples=["shop"])
    operation_name: str = Field(examples=["rag_retrieve"])
    depth: int = Field(examples=[1])
    change: str = Field(examples=["slower"], description="only_left, only_right, slower, faster or same.")
    left: PathSums | None
    right: PathSums | None


class TraceComparison(BaseModel):
    """Two traces, matched by their paths."""

    model_config = ConfigDict(extra="forbid")

    left: FullTrace
    right: FullTrace
    paths: list[TracePath]
    complete: bool = Field(examples=[True], description="False where there are more paths than the first 5,000.")
