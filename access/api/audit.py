"""GET /api/access/audit: who was let in to what, and who changed that."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from access.api.answers import AWAY, REFUSED
from access.guards import needs
from access.principals import Role
from access.transactions import transaction
from database.queries import load

SQL = load(__package__)
LARGEST_BIGINT = 2**63 - 1
router = APIRouter(prefix="/audit", tags=["access"], dependencies=[needs(Role.ADMIN)], responses=AWAY | REFUSED)

Text = Annotated[str | None, Query(max_length=255, pattern="^[^\\x00]*$")]


class Entry(BaseModel):
    """What happened once."""

    model_config = ConfigDict(extra="forbid")

    id: int = Field(examples=[4711])
    at: datetime = Field(examples=["2026-11-23T09:00:00+00:00"])
    actor: str = Field(examples=["ann@example.com"])
    action: str = Field(examples=["user.role_changed"])
    subject: str = Field(examples=["bob@example.com"])
    detail: dict[str, Any] = Field(examples=[{"before": "viewer", "after": "editor"}])
    client_address: str | None = Field(examples=["192.0.2.7"])


class AccessAudit(BaseModel):
    """A page of them, newest first."""

    model_config = ConfigDict(extra="forbid")

    audit: list[Entry]
    next_cursor: int | None = Field(examples=[4711], description="Null: this is the last page.")


@router.get("", response_model=AccessAudit)
async def access_audit(
    request: Request,
    actor: Text = None,
    action: Annotated[Text, Query(examples=["session.refused"])] = None,
    subject: Text = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    cursor: Annotated[int | None, Query(ge=1, le=LARGEST_BIGINT)] = None,
) -> AccessAudit:
    """Sign-ins and refused ones, and changes of keys and accounts, newest first."""
    async with transaction(request) as connection:
        rows = await connection.fetch(SQL["audit"], actor, action, subject, cursor, limit)
    return AccessAudit(
        audit=[Entry(**dict(row)) for row in rows], next_cursor=rows[-1]["id"] if len(rows) == limit else None
    )
