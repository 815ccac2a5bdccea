"""The shapes of what the reads of services answer."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from query_api.sketch import RELATIVE_ERROR

MINUTE = "2026-11-23T09:30:00+00:00"

From = Annotated[datetime, Field(alias="from", examples=["2026-11-22T09:30:00+00:00"])]
To = Annotated[datetime, Field(examples=[MINUTE])]
RelativeError = Annotated[
    float,
    Field(
        examples=[RELATIVE_ERROR],
        description="How far percentiles may be from those of the spans, as a part of them; all else is exact.",
    ),
]
Percentile = Annotated[float, Field(examples=[12.7], description="Milliseconds.")]
Service = Annotated[str, Field(examples=["shop"])]


class Figures(BaseModel):
    """Rate, errors and durations."""

    rate: float = Field(examples=[0.1], description="So many a second.")
    errors: int = Field(examples=[12])
    error_rate: float = Field(examples=[0.00139], description="The part that are errors.")
    mean_ms: float = Field(examples=[15.2])
    p50_ms: Percentile
    p95_ms: Percentile
    p99_ms: Percentile


class Red(Figures):
    """Rate, errors and durations of spans."""

    spans: int = Field(examples=[8640], description="Those that the figures are of.")


class ServiceRed(Red):
    """A service."""

    model_config = ConfigDict(extra="forbid")

    service_name: Service
    counted: str = Field(
        examples=["entries"],
        description="entries: its spans of kind server and consumer; spans: all of them, as it has no such.",
    )
    all_spans: int = Field(examples=[91020], description="Of any kind.")
    last_seen: datetime = Field(examples=[MINUTE], description="The minute of its latest span in the window.")


class ServiceList(BaseModel):
    """Services, the busiest first."""

    model_config = ConfigDict(extra="forbid")

    from_: From
    to: To
    relative_error: RelativeError
    services: list[ServiceRed]
    limit: int = Field(examples=[1000])


class OperationRed(Red):
    """An operation."""

    model_config = ConfigDict(extra="forbid")

    operation_name: str = Field(examples=["POST /chat"])
    kind: int = Field(
        examples=[2], description="0 unspecified, 1 internal, 2 server, 3 client, 4 producer, 5 consumer."
    )
    last_seen: datetime = Field(examples=[MINUTE], description="The minute of its latest span in the window.")


class OperationList(BaseModel):
    """Operations of a service, the busiest first."""

    model_config = ConfigDict(extra="forbid")

    from_: From
    to: To
    relative_error: RelativeError
    service_name: Service
    operations: list[OperationRed]
    limit: int = Field(examples=[1000])


class RedPoint(Red):
    """The figures of one step."""

    model_config = ConfigDict(extra="forbid")

    time: datetime = Field(examples=[MINUTE], description="When it begins.")


class RedSeries(BaseModel):
    """A service or operation over time; steps without spans are left out."""

    model_config = ConfigDict(extra="forbid")

    service_name: Service
    operation_name: str | None = Field(examples=[None], description="Null where the series is the service's.")
    kind: int | None = Field(examples=[None], description="Of the operation.")
    counted: str = Field(
        examples=["entries"],
        description="entries: spans of kind server and consumer; spans: all of the service or operation.",
    )
    points: list[RedPoint]


class RedAnswer(BaseModel):
    """Rate, errors and durations over time."""

    model_config = ConfigDict(extra="forbid")

    from_: From
    to: To
    step_seconds: int = Field(examples=[900])
    relative_error: RelativeError
    series: list[RedSeries]
    limit: int = Field(examples=[100])


class LatencyBucket(BaseModel):
    """Spans with a duration above `from_ms`, up to `to_ms`."""

    model_config = ConfigDict(extra="forbid")

    from_ms: float = Field(examples=[12.22])
    to_ms: float = Field(examples=[12.71])
    spans: int = Field(examples=[431])


class Latency(BaseModel):
    """How durations are spread. Bounds and counts are exact; buckets without spans are left out."""

    model_config = ConfigDict(extra="forbid")

    from_: From
    to: To
    service_name: Service
    operation_name: str | None = Field(examples=[None])
    spans: int = Field(examples=[8640])
    buckets: list[LatencyBucket]


class MapNode(BaseModel):
    """An end of calls."""

    model_config = ConfigDict(extra="forbid")

    id: str = Field(examples=["service:shop"])
    type: str = Field(examples=["service"], description="service, database, queue, model or outside.")
    name: str = Field(examples=["shop"])
    system: str | None = Field(
        examples=[None], description="Of a database or queue, or a model's provider, such as postgresql."
    )


class MapEdge(Figures):
    """Calls from one node to another."""

    model_config = ConfigDict(extra="forbid")

    kind: str = Field(
        examples=["client_server"],
        description="client_server; producer_consumer, by parent or link; database; produce and consume, with a queue; "
        "model; outside, a client whose server sent no span.",
    )
    source: str = Field(examples=["service:shop"])
    target: str = Field(examples=["service:retrieval"])
    calls: int = Field(examples=[8640])


class ServiceMapAnswer(BaseModel):
    """Who calls whom."""

    model_config = ConfigDict(extra="forbid")

    from_: From
    to: To
    relative_error: RelativeError
    counted_until: datetime = Field(examples=[MINUTE], description="What came until then is counted.")
    lag_seconds: float = Field(examples=[14.2], description="Since then.")
    nodes: list[MapNode]
    edges: list[MapEdge] = Field(description="The busiest first.")
    limit: int = Field(examples=[1000])
