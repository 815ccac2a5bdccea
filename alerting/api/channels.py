"""Channels: where notices go."""

from fastapi import APIRouter, HTTPException, Request, Response

from access.api.discretion import Discreet
from access.guards import needs
from access.principals import Role
from alerting.api.policy_changes import CHANGES, Changer, NamePath, answer, policy_change
from alerting.api.policy_models import ChannelAnswer, Channels, PolicyDeleted
from alerting.keeping.changing import CHANNEL, delete, put_channel
from alerting.keeping.channels import Channel
from database.queries import load
from query_api.answers import FAILURES, NOT_FOUND, json_answer
from query_api.snapshot import snapshot

SQL = load(__package__)
UNKNOWN = "Channel not found"


router = APIRouter(
    prefix="/channels",
    tags=["alert policies"],
    responses=FAILURES,
    route_class=Discreet,
    dependencies=[needs(Role.VIEWER, to_change=Role.ADMIN)],
)


@router.get("", response_model=Channels)
async def channels(request: Request) -> Response:
    """The channels that are kept here, the first 1,000 by name. `slack` and `email` are known without being kept."""
    async with snapshot(request) as connection:
        return json_answer(f'{{"channels":{await connection.fetchval(SQL["channels"])}}}')


@router.get("/{name}", response_model=ChannelAnswer, responses=NOT_FOUND)
async def channel_by_name(request: Request, name: NamePath) -> Response:
    """A channel."""
    async with snapshot(request) as connection:
        row = await connection.fetchval(SQL["channel_by_name"], name)
    if row is None:
        raise HTTPException(404, UNKNOWN)
    return answer(row)


@router.put("/{name}", response_model=ChannelAnswer, responses=CHANGES)
async def put(request: Request, name: NamePath, channel: Channel, by: Changer) -> Response:
    """Adds a channel, or makes it what is given. A secret that is left out stays as it is; null takes it away."""
    async with policy_change(request, UNKNOWN) as connection:
        return answer(await put_channel(connection, name, channel, by))


@router.delete("/{name}", response_model=PolicyDeleted, responses=CHANGES | NOT_FOUND)
async def delete_channel(request: Request, name: NamePath, by: Changer) -> PolicyDeleted:
    """Deletes a channel with its secrets. Whatever names it finds it unconfigured from then on."""
    async with policy_change(request, UNKNOWN) as connection:
        await delete(connection, CHANNEL, name, by)
    return PolicyDeleted(message="Channel deleted")
