"""The shapes of the answers, for OpenAPI. The SQL files select exactly these fields; a test compares them."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from query_api.partial_answers import PartialAnswer

TRACE_ID = "5b8aa5a2d2c872e8321cf37308d69df2"
SPAN_ID = "051581bf3cb55c13"
START = "2026-11-23T09:30:00.123456+00:00"
END = "2026-11-23T09:30:00.998456+00:00"

Nanos = Annotated[int, Field(ge=0, le=999, description="Nanoseconds below the microsecond.")]
Count = Annotated[int | None, Field(description="As reported by the sender.")]


class Origin(BaseModel):
    """What emitted a span or a log; null for rows written by plain SQL."""

    resource_attributes: dict[str, Any] | None = Field(examples=[{"service.name": "shop", "host.name": "a1"}])
    scope_name: str | None = Field(examples=["opentelemetry.instrumentation.fastapi"])
    scope_version: str | None = Field(examples=["0.66b2"])


class Log(BaseModel):
    """One log record."""

    model_config = ConfigDict(extra="forbid")

    id: UUID
    timestamp: datetime = Field(examples=[START])
    level: str = Field(examples=["INFO"], description="DEBUG, INFO, WARNING, ERROR or CRITICAL.")
    logger_name: str = Field(examples=["shop.chat"])
    message: str = Field(examples=["answered in 875 ms"])
    trace_id: str | None = Field(examples=[TRACE_ID])
    span_id: str | None = Field(examples=[SPAN_ID])
    user_email: str | None = Field(examples=["ann@example.com"])
    department: str | None = Field(examples=["sales"])
    session_id: str | None = Field(examples=["s-81"])
    endpoint: str | None = Field(examples=["/chat"])
    extra: Any = Field(examples=[{"tokens": 312}], description="The record's attributes.")
    exception_type: str | None = Field(examples=[None])
    exception_message: str | None = Field(examples=[None])
    service_name: str | None = Field(examples=["shop"])
    severity_number: int = Field(examples=[9], description="OTLP's 1 to 24; 0 where unspecified.")
    severity_text: str | None = Field(examples=["INFO"])
    event_name: str | None = Field(examples=[None])
    body: Any = Field(examples=[None], description="The body where it is no string, else null.")
    observed_time: datetime | None = Field(examples=[START])


class LogDetail(Log, Origin):
    """One log record with every field."""

    exception_traceback: str | None = Field(examples=[None])
    timestamp_nanos: Annotated[int | None, Field(ge=0, le=999)] = Field(
        examples=[0],
        description="Nanoseconds below the microsecond; null where the record carried no time of its own.",
    )
    observed_nanos: Annotated[int | None, Field(ge=0, le=999)] = Field(examples=[0])
    flags: int | None = Field(examples=[1])
    dropped_attributes_count: Count = Field(examples=[None])


NextCursor = Annotated[
    str | None,
    Field(examples=["MjAyNi0xMS0yMyAwOTozMDowMC4xMjM0NTYrMDB8NWI4YQ"], description="Null at the end of the list."),
]


class LogList(BaseModel):
    """A page of logs."""

    model_config = ConfigDict(extra="forbid")

    logs: list[Log]
    limit: int = Field(examples=[100])
    offset: int = Field(examples=[0])
    next_cursor: NextCursor
    partial: PartialAnswer = None


class LogContext(BaseModel):
    """What was logged around a log, in order of time."""

    model_config = ConfigDict(extra="forbid")

    before: list[Log]
    after: list[Log]


LevelCounts = Annotated[dict[str, int], Field(examples=[{"INFO": 812, "ERROR": 3}])]


class LogLevels(BaseModel):
    """How many logs there are by level, the most first."""

    model_config = ConfigDict(extra="forbid")

    period_hours: int = Field(examples=[24])
    levels: LevelCounts


class LogBucket(BaseModel):
    """The logs of one step."""

    model_config = ConfigDict(extra="forbid")

    time: datetime = Field(examples=["2026-11-23T09:30:00+00:00"], description="When it begins.")
    levels: LevelCounts


class LogHistogram(BaseModel):
    """Logs over time, by level; steps without logs too, but none before what was searched."""

    model_config = ConfigDict(extra="forbid")

    from_: datetime = Field(alias="from", examples=["2026-11-23T08:30:00+00:00"])
    to: datetime = Field(examples=["2026-11-23T09:30:00+00:00"])
    step_seconds: int = Field(examples=[60])
    buckets: list[LogBucket]
    partial: PartialAnswer = None


class SearchPartition(BaseModel):
    """A partition that holds rows."""

    model_config = ConfigDict(extra="forbid")

    table: str = Field(examples=["structured_logs"], description="structured_logs or trace_spans.")
    partition: str = Field(examples=["structured_logs_p20261122"])
    from_: datetime | None = Field(
        alias="from", examples=["2026-11-22T00:00:00+00:00"], description="Null for what no other partition holds."
    )
    to: datetime | None = Field(examples=["2026-11-23T00:00:00+00:00"])
    bytes: int = Field(examples=[104857600], description="Of the rows, without indexes and large values.")
    indexed_at: datetime | None = Field(
        examples=["2026-11-23T00:10:42+00:00"], description="When it was finished, some minutes after its time."
    )
    indexed: bool = Field(
        examples=[True],
        description="Whether it has its search indexes, be it while rows still come; else it is read row by row.",
    )
    waiting_seconds: float | None = Field(
        examples=[None],
        description="Since its time was over, while it has no search indexes; they come after 10 minutes.",
    )


class SearchProgress(BaseModel):
    """How far the search indexes are."""

    model_config = ConfigDict(extra="forbid")

    partitions: list[SearchPartition]


class Seen(BaseModel):
    """How often something was seen."""

    seen: int | None = Field(examples=[48210], description="Rows; null for what is known but was in no sample.")
    estimated: bool = Field(examples=[True], description="Counted in a sample; otherwise the count is exact.")
    sampled: int = Field(examples=[964], description="Rows that the estimate rests on.")
    last_seen: datetime | None = Field(examples=[END])


class SearchField(Seen):
    """A field of the search language."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(
        examples=["http.route"],
        description="As a search has it; there a backslash goes before spaces, colons and parentheses.",
    )
    place: str = Field(
        examples=["item"], description="column; or an attribute of the row (item), its resource or its scope."
    )
    types: list[str] = Field(
        examples=[["string"]],
        description="string, number, boolean, array, object, null, the most seen first; columns also duration, time.",
    )
    high_cardinality: bool = Field(examples=[False], description="It has more values than are kept.")


class FieldList(BaseModel):
    """Fields to search by."""

    model_config = ConfigDict(extra="forbid")

    fields_: list[SearchField] = Field(alias="fields")
    limit: int = Field(examples=[100])


class FieldValue(Seen):
    """A value of a field."""

    model_config = ConfigDict(extra="forbid")

    value: str = Field(examples=["/chat/{id}"])
    cut: bool = Field(examples=[False], description="The value is longer; these are its first 200 characters.")


class FieldValues(BaseModel):
    """Values of a field, the most seen first."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(examples=["http.route"])
    high_cardinality: bool = Field(examples=[False], description="The field has more values than are kept.")
    values: list[FieldValue]
    limit: int = Field(examples=[100])


IngestKind = Annotated[
    str,
    Field(
        examples=["refused"],
        description="refused: never stored; deferred: the sender was told to try again; altered: stored with a change; "
        "repeated: the request was stored before.",
    ),
]
IngestSignal = Annotated[
    str | None, Field(examples=["traces"], description="traces, logs, metrics, or null where it is not known.")
]
Requests = Annotated[int, Field(examples=[3])]
Items = Annotated[
    int, Field(examples=[20], description="Spans, records or data points, where the request could be read; else 0.")
]


class IngestTotal(BaseModel):
    """What became of one signal's requests and items. A request with several reasons counts for each."""

    model_config = ConfigDict(extra="forbid")

    signal: IngestSignal
    kind: IngestKind
    requests: Requests
    items: Items


class IngestReason(IngestTotal):
    """One reason, without the values that came with it; the newest case is the sample."""

    transport: str = Field(
        examples=["grpc"],
        description="grpc or http; spool for what PostgreSQL refused of a request that was accepted earlier.",
    )
    reason: str = Field(examples=["span …: trace_id must be … bytes, not all zero"])
    first_seen: datetime = Field(examples=[START])
    last_seen: datetime = Field(examples=[END])
    services: list[str] = Field(examples=[["shop"]], description="Where it is known who sent the items.")
    sample: dict[str, str] = Field(examples=[{"answer": "span 3: trace_id must be 16 bytes, not all zero"}])


class IngestReport(BaseModel):
    """What the receivers did not simply store."""

    model_config = ConfigDict(extra="forbid")

    period_hours: int = Field(examples=[24])
    totals: list[IngestTotal]
    reasons: list[IngestReason]
