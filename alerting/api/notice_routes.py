"""Routes: which notices go to which channels, grouped and escalated how."""

from fastapi import APIRouter, HTTPException, Request, Response

from alerting.api.policy_changes import CHANGES, Changer, NamePath, answer, policy_change
from alerting.api.policy_models import PolicyDeleted, RouteAnswer, Routes
from alerting.keeping.changing import ROUTE, delete, put_route
from alerting.keeping.routing import NoticeRoute
from database.queries import load
from query_api.answers import FAILURES, NOT_FOUND, json_answer
from query_api.snapshot import snapshot

SQL = load(__package__)
UNKNOWN = "Route not found"
router = APIRouter(prefix="/routes", tags=["alert policies"], responses=FAILURES)


@router.get("", response_model=Routes)
async def routes(request: Request) -> Response:
    """Routes in the order in which they are tried, the first 1,000. Without any, a rule's own channels are told."""
    async with snapshot(request) as connection:
        return json_answer(f'{{"routes":{await connection.fetchval(SQL["routes"])}}}')


@router.get("/{name}", response_model=RouteAnswer, responses=NOT_FOUND)
async def route_by_name(request: Request, name: NamePath) -> Response:
    """A route."""
    async with snapshot(request) as connection:
        row = await connection.fetchval(SQL["route_by_name"], name)
    if row is None:
        raise HTTPException(404, UNKNOWN)
    return answer(row)


@router.put("/{name}", response_model=RouteAnswer, responses=CHANGES)
async def put(request: Request, name: NamePath, route: NoticeRoute, by: Changer) -> Response:
    """Adds a route, or makes it what is given."""
    async with policy_change(request, UNKNOWN) as connection:
        return answer(await put_route(connection, name, route, by))


@router.delete("/{name}", response_model=PolicyDeleted, responses=CHANGES | NOT_FOUND)
async def delete_route(request: Request, name: NamePath, by: Changer) -> PolicyDeleted:
    """Deletes a route."""
    async with policy_change(request, UNKNOWN) as connection:
        await delete(connection, ROUTE, name, by)
    return PolicyDeleted(message="Route deleted")
