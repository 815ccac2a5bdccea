"""Answers that cover a part of what was asked for, because a search had no index and no more time."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field


class Partial(BaseModel):
    """What an answer in part covers."""

    model_config = ConfigDict(extra="forbid")

    searched_from: datetime = Field(
        examples=["2026-11-23T07:13:00+00:00"], description="From here on all has been searched."
    )


PartialAnswer = Annotated[
    Partial | None, Field(description="Only where time was up before all of the window was searched; else left out.")
]


def partial(searched_from: datetime | None) -> dict[str, object]:
    """What an answer says besides when it covers no more than the time from there on; nothing where it is whole."""
    return {} if searched_from is None else {"partial": {"searched_from": searched_from.isoformat()}}
