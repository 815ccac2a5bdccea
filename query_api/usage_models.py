"""The shapes of the answer about usage, for OpenAPI."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Bytes = Annotated[
    int | None,
    Field(
        examples=[27262976],
        description="With indexes, reckoned from the size of their partitions; null where that is not known.",
    ),
]
Rows = Annotated[int, Field(examples=[48210])]
Share = Annotated[float | None, Field(examples=[61.2], description="Percent of the bytes of all.")]


class SignalUsage(BaseModel):
    """What one signal takes."""

    model_config = ConfigDict(extra="forbid")

    signal: str = Field(examples=["spans"], description="spans, logs or metrics, whose rows are data points.")
    rows: Rows
    bytes: Bytes
    share: Share


class ServiceUsage(SignalUsage):
    """What one signal of a service takes."""

    service: str = Field(examples=["shop"])


class Usage(BaseModel):
    """Who sent how much."""

    model_config = ConfigDict(extra="forbid")

    from_: datetime = Field(alias="from", examples=["2026-11-22T09:00:00+00:00"])
    to: datetime = Field(examples=["2026-11-23T09:30:00+00:00"])
    estimated: bool = Field(
        examples=[True], description="Always: rows are counted, but their bytes follow from averages."
    )
    signals: list[SignalUsage] = Field(description="Those that take most first.")
    services: list[ServiceUsage] = Field(description="Those that take most first.")
    limit: int = Field(examples=[100])
