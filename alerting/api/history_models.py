"""The shapes of what was decided, and of who changed what."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from query_api.models import START, NextCursor

Place = Annotated[int, Field(examples=[81])]


class HistoryEvent(BaseModel):
    """A change of an alert's state, or a decision whom to tell."""

    model_config = ConfigDict(extra="forbid")

    id: Place
    at: datetime = Field(examples=[START])
    rule_id: UUID = Field(description="Also of a rule that is deleted.")
    rule_name: str = Field(examples=["High Error Rate"], description="As it was then.")
    fingerprint: str = Field(examples=[""])
    labels: Any = Field(examples=[{}])
    instance_id: UUID | None
    event: str = Field(
        examples=["firing"],
        description="pending, firing, recovering, still_firing, resolved, inactive, no_data, data_again, flapping, "
        "steady; acknowledged; told, reminded, silenced, unsilenced, inhibited, uninhibited, escalated, held_back; of "
        "the rule itself failing, working, late, punctual.",
    )
    value: float | None = Field(examples=[11])
    threshold: float | None = Field(examples=[10])
    actor: str | None = Field(examples=[None], description="Who, where it was a person.")
    detail: Any = Field(examples=[{"reason": "condition"}])


class History(BaseModel):
    """A page of what happened, the newest first."""

    model_config = ConfigDict(extra="forbid")

    history: list[HistoryEvent]
    limit: int = Field(examples=[100])
    next_cursor: NextCursor


class AuditEntry(BaseModel):
    """A change that a person or a file made. Secrets are in none."""

    model_config = ConfigDict(extra="forbid")

    id: Place
    at: datetime = Field(examples=[START])
    actor: str | None = Field(examples=["ann@example.com"], description="As whoever made it said.")
    action: str = Field(examples=["update"], description="create, update, delete, acknowledge, resolve, and the like.")
    object_type: str = Field(examples=["rule"])
    object_id: str = Field(examples=["7c0ac9ae-8a3c-4b7d-a2d4-60e7a16d5a4e"])
    object_name: str | None = Field(examples=["High Error Rate"])
    before: Any = Field(examples=[{"threshold": 10}], description="Null for what was not there.")
    after: Any = Field(examples=[{"threshold": 20}], description="Null for what is gone.")


class Audit(BaseModel):
    """A page of changes, the newest first."""

    model_config = ConfigDict(extra="forbid")

    audit: list[AuditEntry]
    limit: int = Field(examples=[100])
    next_cursor: NextCursor
