"""Matchers as people write them: which alerts a silence, a route or an inhibition is about."""

from collections.abc import Iterable, Mapping
from typing import Annotated, Literal, Self

import re2
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from query_api.parameters import without_nul

MOST_MATCHERS = 50
_QUIET = re2.Options()
_QUIET.log_errors = False

LabelName = Annotated[str, Field(min_length=1, max_length=255, examples=["alertname"]), AfterValidator(without_nul)]


class Matcher(BaseModel):
    """A condition on a label; a label that an alert does not have is the empty text. Expressions match the whole."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: LabelName
    op: Literal["=", "!=", "=~", "!~"] = Field(default="=", examples=["=~"])
    value: Annotated[str, Field(max_length=1000, examples=["High.*"]), AfterValidator(without_nul)]

    @model_validator(mode="after")
    def _is_expression(self) -> Self:
        if "~" in self.op:
            try:
                re2.compile(self.value, _QUIET)
            except re2.error as error:
                reason = error.args[0] if error.args else ""
                reason = reason.decode(errors="replace") if isinstance(reason, bytes) else str(reason)
                raise ValueError(f"{self.value!r} is no regular expression: {reason}") from None
        return self

    def matches(self, labels: Mapping[str, str]) -> bool:
        negative = self.op.startswith("!")
        return self._is(labels.get(self.name, "")) is not negative

    def _is(self, value: str) -> bool:
        if "~" in self.op:
            return re2.compile(self.value, _QUIET).fullmatch(value) is not None
        return value == self.value


def match(matchers: Iterable[Matcher], labels: Mapping[str, str]) -> bool:
    """Whether all of them do."""
    return all(matcher.matches(labels) for matcher in matchers)


def _narrow(matchers: list[Matcher]) -> list[Matcher]:
    if all(matcher.matches({}) for matcher in matchers):
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
