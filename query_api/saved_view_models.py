"""The shapes of saved views, for OpenAPI and for what clients send."""

from datetime import datetime
from enum import Enum
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from query_api.body_fields import Line
from query_api.models import END, START
from query_api.parameters import without_nul

LONGEST_QUERY = 8_000


class Page(Enum):
    """Pages that views are kept of."""

    TRACES = "traces"
    LOGS = "logs"
    METRICS = "metrics"
    SERVICES = "services"
    LLM = "llm"
    ALERTS = "alerts"


Name = Annotated[Line, Field(examples=["Failed payments"])]
Query = Annotated[
    str,
    Field(
        max_length=LONGEST_QUERY,
        examples=["q=level%3Aerror&hours=6"],
        description="What follows the question mark in the page's address.",
    ),
    AfterValidator(without_nul),
]


class NewView(BaseModel):
    """A view to save. Its owner has no other one of that name for that page."""

    model_config = ConfigDict(extra="forbid")

    name: Name
    page: Page = Field(examples=["logs"])
    query: Query = ""
    shared: bool = False


class ViewChange(BaseModel):
    """What to change of a view; null means as it is."""

    model_config = ConfigDict(extra="forbid")

    name: Name | None = None
    query: Query | None = None
    shared: bool | None = None


class SavedView(BaseModel):
    """A saved view."""

    model_config = ConfigDict(extra="forbid")

    id: UUID
    name: str = Field(examples=["Failed payments"])
    page: str = Field(examples=["logs"])
    query: str = Field(examples=["q=level%3Aerror&hours=6"])
    owner: str = Field(examples=["ann@example.com"])
    shared: bool = Field(examples=[False], description="Everybody sees it; only its owner changes it.")
    created_at: datetime = Field(examples=[START])
    updated_at: datetime = Field(examples=[END])


class SavedViews(BaseModel):
    """Saved views, by page and name."""

    model_config = ConfigDict(extra="forbid")

    views: list[SavedView]


class ViewDeleted(BaseModel):
    """That a view is gone."""

    model_config = ConfigDict(extra="forbid")

    message: str = Field(examples=["View deleted"])
