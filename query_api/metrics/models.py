"""The shapes of answers about metrics, for OpenAPI."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

TIME = "2026-11-23T09:30:00+00:00"
Type = Annotated[
    str, Field(examples=["histogram"], description="gauge, sum, histogram, exponential_histogram or summary.")
]
Values = Annotated[
    list[float | None], Field(examples=[[12.5, None, 11.0]], description="One for each step, null where there is none.")
]
Warnings = Annotated[
    list[str],
    Field(
        examples=[["2 series left out: a gauge does not count, so it has no increase"]],
        description="What the values do not cover, or may mislead about.",
    ),
]


class MetricKind(BaseModel):
    """What belongs together: series of one name, type, unit and temporality."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(examples=["http.server.request.duration"])
    type: Type
    unit: str = Field(examples=["s"])
    temporality: str | None = Field(
        examples=["cumulative"], description="cumulative, delta or unspecified; null for gauges and summaries."
    )
    monotonic: bool | None = Field(examples=[None], description="Of sums: whether they only grow.")
    description: str | None = Field(examples=["Duration of HTTP server requests."], description="The last that came.")
    series: int = Field(examples=[42], description="Different sets of attributes, resources and scopes.")
    services: list[str] = Field(examples=[["shop"]], description="At most 100.")
    first_seen: datetime = Field(examples=[TIME])
    last_seen: datetime = Field(examples=[TIME], description="Told once a day, so up to a day before the last point.")


class MetricCatalogue(BaseModel):
    """Metrics by name."""

    model_config = ConfigDict(extra="forbid")

    metrics: list[MetricKind]
    total: int = Field(examples=[180], description="How many match.")
    limit: int = Field(examples=[100])
    offset: int = Field(examples=[0])


class AttributeValue(BaseModel):
    """A value of an attribute."""

    model_config = ConfigDict(extra="forbid")

    value: str = Field(examples=["/chat"], description="As text; at most its first 200 characters.")
    series: int = Field(examples=[12], description="That have it.")


class MetricAttribute(BaseModel):
    """An attribute that series of a metric have."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(examples=["http.route"], description="As a search or a group has it.")
    place: str = Field(examples=["item"], description="Of the series itself (item), its resource or its scope.")
    series: int = Field(examples=[42], description="That have it.")
    values: int = Field(examples=[7], description="How many different ones there are.")
    most: list[AttributeValue] = Field(description="Those that most series have, the most first.")


class MetricAttributes(BaseModel):
    """The attributes of a metric, those with the most values first."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(examples=["http.server.request.duration"])
    series: int = Field(examples=[42], description="That were counted.")
    cut: bool = Field(examples=[False], description="There are more series, which were not counted.")
    attributes: list[MetricAttribute]


class Source(BaseModel):
    """What a part of the window was read from."""

    model_config = ConfigDict(extra="forbid")

    resolution: str = Field(examples=["minutes"], description="points, minutes or hours.")
    from_: datetime = Field(alias="from", examples=[TIME])
    to: datetime = Field(examples=["2026-11-23T10:30:00+00:00"])


class MetricGroup(BaseModel):
    """The values of series with equal labels."""

    model_config = ConfigDict(extra="forbid")

    labels: dict[str, str | None] = Field(examples=[{"service": "shop"}])
    series: int = Field(examples=[3])
    values: Values
    low: Values | None = Field(description="Of a quantile: the true one is not less.")
    high: Values | None = Field(description="Of a quantile: the true one is not greater.")


class MetricQuery(BaseModel):
    """A metric over time, by group."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(examples=["http.server.request.duration"])
    types: list[Type]
    units: list[str] = Field(examples=[["s"]])
    aggregation: str = Field(examples=["p95"])
    from_: datetime = Field(alias="from", examples=[TIME])
    to: datetime = Field(examples=["2026-11-23T10:30:00+00:00"])
    step_seconds: int | None = Field(examples=[60], description="Null where nothing of the window is kept.")
    resolution: str | None = Field(examples=["minutes"], description="That of the greatest part.")
    sources: list[Source]
    times: list[datetime] = Field(examples=[[TIME]], description="When each step begins.")
    series: int = Field(examples=[42], description="That were read.")
    groups_found: int = Field(examples=[3])
    groups: list[MetricGroup]
    warnings: Warnings


class Exemplar(BaseModel):
    """An observation, and where it was made."""

    model_config = ConfigDict(extra="forbid")

    time: datetime = Field(examples=[TIME])
    value: float | None = Field(examples=[1.25], description="Null where it is no finite number.")
    trace_id: str | None = Field(examples=["5b8aa5a2d2c872e8321cf37308d69df2"])
    span_id: str | None = Field(examples=["051581bf3cb55c13"])
    stored: bool = Field(examples=[True], description="The trace is here.")
    attributes: dict[str, Any] = Field(examples=[{"user.id": "7"}], description="Those that the series left out.")
    service_name: str = Field(examples=["shop"])
    labels: dict[str, Any] = Field(examples=[{"http.route": "/chat"}], description="The attributes of the series.")


class MetricExemplars(BaseModel):
    """Exemplars of a metric, the newest first."""

    model_config = ConfigDict(extra="forbid")

    exemplars: list[Exemplar]
    limit: int = Field(examples=[100])
    cut: bool = Field(examples=[False], description="There are older ones in the window.")
