"""How the file of alerts stands, and everything as such a file."""

from datetime import datetime
from typing import Literal

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from access.guards import needs
from access.principals import Role
from alerting.provisioning.exporting import export
from query_api.answers import FAILURES
from query_api.models import START
from query_api.snapshot import snapshot

router = APIRouter(
    prefix="/api/observability/alerts/provisioning",
    tags=["alert policies"],
    dependencies=[needs(Role.VIEWER, to_change=Role.EDITOR)],
)


class ProvisioningAnswer(BaseModel):
    """How it went when this server started."""

    model_config = ConfigDict(extra="forbid")

    file: str | None = Field(examples=["alerts.yaml"], description="Null where the settings name none.")
    state: Literal["none", "waiting", "applied", "refused"] = Field(
        examples=["applied"], description="waiting: for the database. refused: what was there before goes on."
    )
    at: datetime | None = Field(examples=[START])
    mistakes: list[str] = Field(examples=[[]], description="Each with its line and field.")
    counts: dict[str, int] | None = Field(examples=[{"added": 3, "changed": 0, "removed": 0, "unchanged": 12}])


@router.get("", response_model=ProvisioningAnswer)
async def provisioning(request: Request) -> ProvisioningAnswer:
    """Whether the file of OTELGRES_ALERT_FILE was applied when this server started, and what is wrong with it."""
    standing = request.app.state.provisioner.provisioning
    return ProvisioningAnswer(
        file=standing.file,
        state=standing.state.value,
        at=standing.at,
        mistakes=list(standing.mistakes),
        counts=standing.counts,
    )


@router.get(
    "/export",
    response_class=Response,
    responses={**FAILURES, 200: {"content": {"application/yaml": {"schema": {}}}}},
)
async def export_all(request: Request) -> Response:
    """Rules, channels, routes, inhibitions and silences as a file of alerts; secrets are references."""
    async with snapshot(request) as connection:
        return Response(await export(connection), media_type="application/yaml")
