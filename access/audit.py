"""The record of who was let in to what, and of who changed that. It is only added to."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from database.queries import load

SQL = load(__package__)


@dataclass(frozen=True, slots=True)
class By:
    """Who does it, and from which address."""

    actor: str
    client: str | None = None


async def write(
    connection: Any, *, actor: str, action: str, subject: str, detail: Mapping[str, Any], client: str | None = None
) -> None:
    """Adds a row, in the transaction of what it tells, so that neither is there without the other.

    connection: one of database.pool. action: as 'key.created' or 'user.role_changed'. client: the address it came from.
    detail MUST hold no secret.
    """
    await connection.execute(SQL["write_audit"], actor, action, subject, dict(detail), client)
