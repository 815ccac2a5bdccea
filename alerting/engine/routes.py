"""GET /alerts/engine: who evaluates, how late, and what fails, as the database has it; any replica answers."""

from datetime import datetime
from uuid import UUID

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from access.guards import needs
from access.principals import Role
from alerting.engine.lanes import SLOW
from alerting.engine.leadership import NAME
from database.queries import load
from query_api.answers import FAILURES, json_answer
from query_api.snapshot import snapshot

SQL = load(__package__)
MOST_FAILING = 100
AT = "2026-11-23T10:00:00+00:00"
router = APIRouter(
    prefix="/api/observability/alerts",
    tags=["alerts"],
    responses=FAILURES,
    dependencies=[needs(Role.VIEWER, to_change=Role.EDITOR)],
)


class Leader(BaseModel):
    """The process that evaluates."""

    model_config = ConfigDict(extra="forbid")

    holder: str = Field(examples=["host:4711:5b8aa5a2"], description="Host, process, and a name of its own.")
    epoch: int = Field(examples=[3], description="Rises with each change of the leader.")
    expires_at: datetime = Field(examples=[AT], description="Renewed every 2 seconds.")


class Rules(BaseModel):
    """Enabled rules, in numbers."""

    model_config = ConfigDict(extra="forbid")

    fast: int = Field(examples=[980])
    slow: int = Field(examples=[20], description="Whose last evaluation took longer than a second.")
    failing: int = Field(examples=[1])
    late: int = Field(examples=[0], description="Later than two intervals and a minute.")


class FailingRule(BaseModel):
    """A rule whose last evaluation failed."""

    model_config = ConfigDict(extra="forbid")

    id: UUID
    name: str = Field(examples=["High Error Rate"])
    failures: int = Field(examples=[3], description="In a row.")
    failing_since: datetime = Field(examples=[AT])
    last_error: str = Field(examples=["it took longer than 10 s: narrow the search, or shorten the window"])


class EngineState(BaseModel):
    """How evaluation goes."""

    model_config = ConfigDict(extra="forbid")

    leader: Leader | None = Field(description="None while nobody evaluates.")
    rules: Rules
    lag_ms: float = Field(examples=[3.1], description="How late evaluations last began: the median of all rules.")
    highest_lag_ms: float = Field(examples=[812.5])
    missed_runs: int = Field(examples=[0], description="Turns that fell out, of all rules since they were made.")
    notices_waiting: int = Field(examples=[0])
    oldest_notice_seconds: float = Field(examples=[0], description="For how long the oldest of them is due.")
    failing: list[FailingRule] = Field(description=f"Longest first, at most {MOST_FAILING}.")


@router.get("/engine", response_model=EngineState)
async def engine_state(request: Request) -> Response:
    """How evaluation goes: its leader, lag, lanes, and the rules that fail."""
    async with snapshot(request) as connection:
        state = await connection.fetchval(SQL["engine_state"], NAME, SLOW.total_seconds() * 1000, MOST_FAILING)
    return json_answer(state)
