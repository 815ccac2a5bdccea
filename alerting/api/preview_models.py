"""The shapes of a preview, for OpenAPI and for what clients send."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from alerting.api.rule_models import NewRule
from query_api.moments import EXPECTED
from query_api.partial_answers import PartialAnswer

TIME = "2026-11-23T09:30:00Z"
When = Annotated[str, Field(max_length=100)]


class Preview(BaseModel):
    """A rule, and the times to try it at: from `to` back in steps, not before `from`."""

    model_config = ConfigDict(extra="forbid")

    rule: NewRule
    earliest: When = Field("now-6h", alias="from", description=f"{EXPECTED[0].upper()}{EXPECTED[1:]}.")
    latest: When = Field("now", alias="to", description="The same.", examples=["now", TIME])
    step_seconds: int | None = Field(
        None, ge=1, le=86_400, description="Chosen by the times if not given; at most 120 steps."
    )


class PreviewSeries(BaseModel):
    """A label set over time."""

    model_config = ConfigDict(extra="forbid")

    labels: dict[str, str] = Field(examples=[{"service": "shop"}])
    values: list[float | None] = Field(examples=[[0, 12, None]], description="null where there is no data.")
    met: list[bool] = Field(examples=[[False, True, False]], description="Whether the value meets the condition.")


class PreviewFailure(BaseModel):
    """A time at which the rule could not be measured."""

    model_config = ConfigDict(extra="forbid")

    time: datetime = Field(examples=[TIME])
    error: str = Field(examples=["it took longer than 10 s: narrow the search, or shorten the window"])


class PreviewAnswer(BaseModel):
    """What the rule would have measured. `for_seconds`, windows and cooldown are not looked at: see `met`."""

    model_config = ConfigDict(extra="forbid")

    step_seconds: int = Field(examples=[300])
    times: list[datetime] = Field(examples=[[TIME]], description="Each the end of a window.")
    label_sets: int = Field(examples=[1], description="How many there are; `series` holds 100 at most.")
    series: list[PreviewSeries] = Field(description="Those first that meet the condition most often.")
    failures: list[PreviewFailure]
    partial: PartialAnswer = None
