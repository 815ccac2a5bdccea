"""Query parameters that several reads share. An empty one counts as not given."""

from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import Depends, Path, Query
from pydantic import AfterValidator, BeforeValidator, Field

LARGEST_BIGINT = 2**63 - 1


def empty_is(default: object) -> BeforeValidator:
    """Takes a parameter that is present but empty as if it had not come."""

    def fill(value: Any) -> Any:
        return default if value == "" else value

    return BeforeValidator(fill)


def without_nul(value: str | None) -> str | None:
    if value is not None and "\0" in value:
        raise ValueError("must not contain the character U+0000, which no stored text has")
    return value


def current_time() -> datetime:
    """The time that `hours` counts back from."""
    return datetime.now(UTC)


Now = Annotated[datetime, Depends(current_time)]
Text = Annotated[str | None, AfterValidator(without_nul), empty_is(None), Query()]
Number = Annotated[Annotated[float, Field(allow_inf_nan=False)] | None, empty_is(None), Query()]
TraceId = Annotated[str, AfterValidator(without_nul), Path(examples=["5b8aa5a2d2c872e8321cf37308d69df2"])]
SpanId = Annotated[str, AfterValidator(without_nul), Path(examples=["051581bf3cb55c13"])]
Hours = Annotated[
    Annotated[int, Field(ge=1, le=168)],
    empty_is(24),
    Query(description="How far back from now; rows dated later than now are included."),
]
Offset = Annotated[
    Annotated[int, Field(ge=0, le=LARGEST_BIGINT)],
    empty_is(0),
    Query(description="How many of the newest to leave out."),
]
