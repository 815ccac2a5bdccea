"""POST /alerts/channels/{name}/test: whether a channel takes notices, seen by sending it one."""

from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Path, Request
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from access.guards import needs
from access.principals import Role
from alerting.delivery import Senders
from alerting.delivery.channels import Unconfigured, Unknown, read_channel
from alerting.delivery.trying import keep, try_channel
from query_api.answers import FAILURES, NOT_FOUND, REFUSED, Failure, Responses
from query_api.parameters import without_nul
from query_api.snapshot import change, snapshot

CONFLICT: Responses = {409: {"model": Failure, "description": "The channel lacks a setting"}}
NOT_TOLD: Responses = {502: {"model": Failure, "description": "The channel did not take it"}}
router = APIRouter(
    prefix="/api/observability/alerts/channels",
    tags=["alert policies"],
    responses=FAILURES,
    dependencies=[needs(Role.VIEWER, to_change=Role.EDITOR)],
)

Name = Annotated[str, Field(min_length=1, max_length=255), AfterValidator(without_nul), Path(examples=["slack"])]


class ChannelTested(BaseModel):
    """That a channel took a test."""

    model_config = ConfigDict(extra="forbid")

    message: str = Field(examples=["Test sent"])
    channel: str = Field(examples=["slack"])
    kind: str = Field(examples=["slack"])
    notice_id: str = Field(examples=["0b8aa5a2-d2c8-42e8-921c-f37308d69df2"])
    duration_ms: float = Field(examples=[182.4])
    error: str | None = Field(
        examples=[None], description="Why some were not told, where a channel has several recipients."
    )
    detail: dict[str, Any] = Field(examples=[{"status": 200}], description="What else the channel said.")


@router.post("/{name}/test", response_model=ChannelTested, responses=NOT_FOUND | CONFLICT | REFUSED | NOT_TOLD)
async def test_channel(request: Request, name: Name) -> ChannelTested:
    """Sends one test notice at once, and keeps what came of it. It takes ten seconds at most."""
    senders: Senders = request.app.state.senders
    try:
        async with snapshot(request) as connection:
            channel = await read_channel(connection, name, senders.environment)
    except Unknown:
        raise HTTPException(404, "Channel not found") from None
    except Unconfigured as reason:
        raise HTTPException(409, _sentence(str(reason))) from None
    message, attempt = await try_channel(channel, senders.messenger)
    async with change(request) as connection:
        await keep(connection, message, attempt)
    outcome = attempt.outcome
    if not outcome.told:
        raise HTTPException(502, _sentence(outcome.error or "The channel did not take it"))
    return ChannelTested(
        message="Test sent",
        channel=name,
        kind=channel.kind,
        notice_id=str(message.id),
        duration_ms=round(attempt.duration_ms, 1),
        error=outcome.error,
        detail=dict(outcome.detail),
    )


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]
