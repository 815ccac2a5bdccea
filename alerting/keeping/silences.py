"""What a silence is."""

from datetime import datetime, timedelta
from typing import Annotated, Self

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, model_validator

from alerting.keeping.matchers import NarrowMatchers
from query_api.body_fields import Line, not_blank
from query_api.parameters import without_nul

LONGEST = timedelta(days=3660)

Author = Annotated[Line, Field(examples=["ann@example.com"])]
Reason = Annotated[
    str,
    Field(min_length=1, max_length=4000, examples=["The database moves tonight"]),
    AfterValidator(without_nul),
    AfterValidator(not_blank),
]


class Silence(BaseModel):
    """For how long nobody is told of which alerts."""

    model_config = ConfigDict(extra="forbid")

    matchers: NarrowMatchers
    starts_at: AwareDatetime = Field(examples=["2026-11-23T22:00:00+00:00"])
    ends_at: AwareDatetime = Field(examples=["2026-11-24T02:00:00+00:00"])
    created_by: Author
    reason: Reason

    @model_validator(mode="after")
    def _lasts(self) -> Self:
        check_span(self.starts_at, self.ends_at)
        return self


def check_span(starts_at: datetime, ends_at: datetime) -> None:
    if ends_at <= starts_at:
        raise ValueError("ends_at must be later than starts_at")
    if ends_at - starts_at > LONGEST:
        raise ValueError(f"lasts longer than {LONGEST.days} days")
