"""What a route of notices and an inhibition are."""

from typing import Annotated, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from alerting.keeping.matchers import LabelName, Matchers, NarrowMatchers
from query_api.body_fields import each_once
from query_api.parameters import without_nul

WEEK_MINUTES = 7 * 24 * 60
DAY_SECONDS = 24 * 60 * 60
MOST_NAMES = 50

Name = Annotated[
    str,
    Field(
        max_length=255,
        pattern="^[A-Za-z0-9][A-Za-z0-9 _.@+-]*$",
        description="Letters, digits, spaces and any of _ . @ + -, beginning with a letter or digit.",
        examples=["on call"],
    ),
]
ChannelName = Annotated[str, Field(min_length=1, max_length=255, examples=["slack"]), AfterValidator(without_nul)]


Channels = Annotated[list[ChannelName], Field(max_length=MOST_NAMES), AfterValidator(each_once)]
LabelNames = Annotated[list[LabelName], Field(max_length=MOST_NAMES), AfterValidator(each_once)]


class NoticeRoute(BaseModel):
    """Where notices of the alerts that match go. The first route decides, and the ones after it if it goes on."""

    model_config = ConfigDict(extra="forbid")

    place: int | None = Field(
        default=None, ge=0, le=1_000_000, description="Routes are tried by it; null: as it is, a new one last."
    )
    matchers: Matchers = Field(
        default=[],
        description="All of them have to match; none: every alert does.",
        examples=[[{"name": "severity", "op": "=", "value": "critical"}]],
    )
    channels: Channels | None = Field(default=None, description="Null: those of the rule.", examples=[["on call"]])
    group_by: LabelNames | None = Field(
        default=None,
        description="Labels whose values make a group; null: every alert by itself; empty: all together.",
        examples=[["service"]],
    )
    group_wait_seconds: int = Field(default=0, ge=0, le=DAY_SECONDS)
    group_interval_seconds: int = Field(default=0, ge=0, le=DAY_SECONDS)
    reminder_minutes: int | None = Field(
        default=None, ge=0, le=WEEK_MINUTES, description="Between reminders; 0: none; null: as the rule says."
    )
    escalate_after_minutes: int | None = Field(
        default=None, ge=1, le=WEEK_MINUTES, description="Null: nobody else is told when nobody acknowledges."
    )
    escalate_to: Channels = []
    goes_on: bool = Field(default=False, description="Later routes are tried as well.")

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if (self.escalate_after_minutes is None) == bool(self.escalate_to):
            raise ValueError("escalate_after_minutes and escalate_to come together")
        return self


class Inhibition(BaseModel):
    """While an alert fires that the source matches, nobody is told of those that the target matches."""

    model_config = ConfigDict(extra="forbid")

    source_matchers: NarrowMatchers
    target_matchers: NarrowMatchers
    equal_labels: LabelNames = Field(
        default=[], description="Labels whose values have to be the same in both.", examples=[["service"]]
    )
