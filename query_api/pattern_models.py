"""The shape of the answer about patterns of logs, for OpenAPI."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from query_api.models import END, START, LevelCounts


class PatternExample(BaseModel):
    """A log of a pattern."""

    model_config = ConfigDict(extra="forbid")

    id: UUID
    timestamp: datetime = Field(examples=[START])
    level: str = Field(examples=["INFO"])
    service_name: str | None = Field(examples=["shop"])
    message: str = Field(examples=["answered ann in 875 ms"], description="Its first 1,000 characters.")


class LogPattern(BaseModel):
    """A kind of messages. Where a sample was read, counts are estimates for all that match."""

    model_config = ConfigDict(extra="forbid")

    template: str = Field(
        examples=["answered <*> in <*> ms"],
        description="`<*>` stands for characters without white space, `<...>` for any text. The parameter `pattern` "
        'takes it; an empty one, of messages without text, is sought by `q=pattern:""`.',
    )
    count: int = Field(examples=[48210])
    count_low: int = Field(examples=[47650], description="19 of 20 times the true count is not less,")
    count_high: int = Field(examples=[48775], description="and not more than this. Both are the count if all was read.")
    share: float = Field(examples=[0.4213], description="Of the rows read, from 0 to 1.")
    levels: LevelCounts
    services: list[str] = Field(examples=[["shop", "retrieval"]], description="At most 10, the most frequent first.")
    first_seen: datetime = Field(examples=[START], description="Among the rows read, as the last.")
    last_seen: datetime = Field(examples=[END])
    over_time: list[int] = Field(
        examples=[[0, 812, 790]], description="Counts in equal steps from `from` to `to`, later rows in the last one."
    )
    examples: list[PatternExample] = Field(description="The newest, and the newest with another text.")


class LogPatterns(BaseModel):
    """The kinds of messages among the logs that match, the most frequent first."""

    model_config = ConfigDict(extra="forbid")

    from_: datetime = Field(alias="from", examples=["2026-11-23T08:30:00+00:00"])
    to: datetime = Field(examples=["2026-11-23T09:30:00+00:00"])
    rows_matching: int = Field(examples=[114430], description="Exactly.")
    rows_read: int = Field(examples=[20012])
    sampled: bool = Field(examples=[True], description="Not all that match were read, so counts are estimates.")
    rows_left_out: int = Field(examples=[0], description="Rows read of kinds too rare among too many to be told apart.")
    total: int = Field(examples=[37], description="How many patterns there are.")
    limit: int = Field(examples=[50])
    patterns: list[LogPattern]
