"""How many alerts there are, for badges."""

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from database.queries import load
from query_api.answers import FAILURES, json_answer
from query_api.snapshot import snapshot

SQL = load(__package__)
router = APIRouter(prefix="/counts", tags=["alerts"], responses=FAILURES)


class Open(BaseModel):
    """Alerts that are not resolved."""

    model_config = ConfigDict(extra="forbid")

    firing: int = Field(examples=[2], description="That nobody has acknowledged.")
    acknowledged: int = Field(examples=[1])


class RuleCounts(BaseModel):
    """Rules by how they are."""

    model_config = ConfigDict(extra="forbid")

    total: int = Field(examples=[5])
    enabled: int = Field(examples=[5])
    disabled: int = Field(examples=[0])
    failing: int = Field(examples=[0], description="Enabled ones whose last evaluation failed.")


class Counts(Open):
    """All that is open, whatever its age, and the rules."""

    pending: int = Field(examples=[0], description="Label sets whose condition holds, but not long enough yet.")
    by_severity: dict[str, Open] = Field(
        examples=[{"critical": {"firing": 2, "acknowledged": 1}}], description="Severities without any are left out."
    )
    rules: RuleCounts


@router.get("", response_model=Counts)
async def counts(request: Request) -> Response:
    """Alerts that are open, by severity, and rules."""
    async with snapshot(request) as connection:
        return json_answer(await connection.fetchval(SQL["counts"]))
