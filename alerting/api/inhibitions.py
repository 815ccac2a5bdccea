"""Inhibitions: alerts that nobody needs to be told of while others fire."""

from fastapi import APIRouter, HTTPException, Request, Response

from alerting.api.policy_changes import CHANGES, Changer, NamePath, answer, policy_change
from alerting.api.policy_models import InhibitionAnswer, Inhibitions, PolicyDeleted
from alerting.keeping.changing import INHIBITION, delete, put_inhibition
from alerting.keeping.routing import Inhibition
from database.queries import load
from query_api.answers import FAILURES, NOT_FOUND, json_answer
from query_api.snapshot import snapshot

SQL = load(__package__)
UNKNOWN = "Inhibition not found"
router = APIRouter(prefix="/inhibitions", tags=["alert policies"], responses=FAILURES)


@router.get("", response_model=Inhibitions)
async def inhibitions(request: Request) -> Response:
    """Inhibitions, the first 1,000 by name."""
    async with snapshot(request) as connection:
        return json_answer(f'{{"inhibitions":{await connection.fetchval(SQL["inhibitions"])}}}')


@router.get("/{name}", response_model=InhibitionAnswer, responses=NOT_FOUND)
async def inhibition_by_name(request: Request, name: NamePath) -> Response:
    """An inhibition."""
    async with snapshot(request) as connection:
        row = await connection.fetchval(SQL["inhibition_by_name"], name)
    if row is None:
        raise HTTPException(404, UNKNOWN)
    return answer(row)


@router.put("/{name}", response_model=InhibitionAnswer, responses=CHANGES)
async def put(request: Request, name: NamePath, inhibition: Inhibition, by: Changer) -> Response:
    """Adds an inhibition, or makes it what is given."""
    async with policy_change(request, UNKNOWN) as connection:
        return answer(await put_inhibition(connection, name, inhibition, by))


@router.delete("/{name}", response_model=PolicyDeleted, responses=CHANGES | NOT_FOUND)
async def delete_inhibition(request: Request, name: NamePath, by: Changer) -> PolicyDeleted:
    """Deletes an inhibition."""
    async with policy_change(request, UNKNOWN) as connection:
        await delete(connection, INHIBITION, name, by)
    return PolicyDeleted(message="Inhibition deleted")
