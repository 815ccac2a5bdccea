"""Saved views: what a person keeps of a page, for oneself or for all."""

from typing import Annotated
from uuid import UUID

import asyncpg
from fastapi import APIRouter, HTTPException, Query, Request, Response

from database.queries import load
from query_api.answers import FAILURES, NOT_FOUND, REFUSED, UNREADABLE, Failure, Responses, json_answer
from query_api.parameters import empty_is
from query_api.persons import Person, Somebody
from query_api.saved_view_models import NewView, Page, SavedView, SavedViews, ViewChange, ViewDeleted
from query_api.snapshot import change, snapshot

SQL = load(__package__)
UNKNOWN = "View not found"
TAKEN = "You have a view of this name for this page already"
CONFLICT: Responses = {409: {"model": Failure, "description": "The name is taken"}}
router = APIRouter(prefix="/views", tags=["views"], responses=FAILURES)

OfPage = Annotated[Page | None, empty_is(None), Query(alias="page", description="Of this page only.")]


@router.get("", response_model=SavedViews)
async def views(request: Request, user: Somebody, page: OfPage = None) -> Response:
    """One's own views and those that others share, by page and name; the first 1,000."""
    async with snapshot(request) as connection:
        seen = await connection.fetchval(SQL["views_seen"], user, page and page.value)
    return json_answer(f'{{"views":{seen}}}')


@router.post("", response_model=SavedView, responses=UNREADABLE | CONFLICT | REFUSED)
async def add_view(request: Request, view: NewView, owner: Person) -> Response:
    """Saves a view."""
    async with change(request) as connection:
        try:
            added = await connection.fetchval(
                SQL["add_view"], owner, view.page.value, view.name, view.query, view.shared
            )
        except asyncpg.UniqueViolationError:
            raise HTTPException(409, TAKEN) from None
    return json_answer(added)


@router.get("/{view_id}", response_model=SavedView, responses=NOT_FOUND)
async def view_by_id(request: Request, view_id: UUID, user: Somebody) -> Response:
    """A view of one's own, or one that is shared."""
    async with snapshot(request) as connection:
        return _found(await connection.fetchval(SQL["view_by_id"], view_id, user))


@router.put("/{view_id}", response_model=SavedView, responses=UNREADABLE | NOT_FOUND | CONFLICT | REFUSED)
async def change_view(request: Request, view_id: UUID, given: ViewChange, owner: Person) -> Response:
    """Changes a view of one's own."""
    async with change(request) as connection:
        try:
            changed = await connection.fetchval(
                SQL["change_view"], view_id, owner, given.name, given.query, given.shared
            )
        except asyncpg.UniqueViolationError:
            raise HTTPException(409, TAKEN) from None
    return _found(changed)


@router.delete("/{view_id}", response_model=ViewDeleted, responses=NOT_FOUND | REFUSED)
async def delete_view(request: Request, view_id: UUID, owner: Person) -> ViewDeleted:
    """Deletes a view of one's own."""
    async with change(request) as connection:
        if await connection.fetchval(SQL["delete_view"], view_id, owner) is None:
            raise HTTPException(404, UNKNOWN)
    return ViewDeleted(message="View deleted")


def _found(view: str | None) -> Response:
    if view is None:
        raise HTTPException(404, UNKNOWN)
    return json_answer(view)
