"""Matchers as people write them: which alerts a silence, a route or an inhibition is about."""

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from alerting.policy import matching
from query_api.parameters import without_nul

MOST_MATCHERS = 50

LabelName = Annotated[str, Field(min_length=1, max_length=255, examples=["alertname"]), AfterValidator(without_nul)]


class Matcher(BaseModel):
    """A condition on a label; a label that an alert does not have is the empty text. Expressions match the whole."""

    model_config = ConfigDict(extra="forbid")

    name: LabelName
    op: Literal["=", "!=", "=~", "!~"] = Field(default="=", examples=["=~"])
    value: Annotated[str, Field(max_length=1000, examples=["High.*"]), AfterValidator(without_nul)]

    @model_validator(mode="after")
    def _can_be_asked(self) -> Self:
        self.as_policy()
        return self

    def as_policy(self) -> matching.Matcher:
        return matching.Matcher(self.name, self.op, self.value)


def _narrow(matchers: list[Matcher]) -> list[Matcher]:
    if all(matcher.as_policy().matches_empty for matcher in matchers):
        raise ValueError("one of them at least must not match the empty text, else all alerts could be meant")
    return matchers


Matchers = Annotated[list[Matcher], Field(max_length=MOST_MATCHERS)]
NarrowMatchers = Annotated[
    list[Matcher],
    Field(
        min_length=1,
        max_length=MOST_MATCHERS,
        description="All of them have to match; one at least does not match the empty text.",
        examples=[[{"name": "alertname", "op": "=", "value": "High Error Rate"}]],
    ),
    AfterValidator(_narrow),
]
