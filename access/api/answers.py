"""What these routes answer besides what was asked for."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field


class Failure(BaseModel):
    """What every failure answers, but 422, whose detail is a list of mistakes."""

    detail: str = Field(description="What went wrong, for people.")


class Done(BaseModel):
    """That it was done."""

    model_config = ConfigDict(extra="forbid")

    message: str = Field(examples=["Signed out"])


Responses = dict[int | str, dict[str, Any]]

AWAY: Responses = {503: {"model": Failure, "description": "The database cannot be reached"}}
UNREADABLE: Responses = {400: {"model": Failure, "description": "The body is no JSON"}}
REFUSED: Responses = {403: {"model": Failure, "description": "A page of another site asked, or the role is too low"}}
UNKNOWN: Responses = {404: {"model": Failure, "description": "There is no such account"}}
