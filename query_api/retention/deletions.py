"""Deletions: asked for, counted by a job, confirmed, done by the job."""

import hashlib
from typing import Any

from access import audit
from access.audit import By
from database.queries import load
from query_api.retention.models import Sought, Told

SQL = load(__package__)

MOST_OPEN = 10
# Whoever knows the value can tell that it was deleted; nobody can read it.
DIGEST_CHARACTERS = 32


class TooMany(Exception):
    """MOST_OPEN deletions are not done, and not cancelled either."""


async def ask(connection: Any, sought: Sought, by: By) -> dict[str, Any]:
    """A deletion that counts what it would delete. Raises TooMany. The connection MUST be in a transaction."""
    await connection.execute(SQL["lock_deletions"])
    if await connection.fetchval(SQL["open_deletions"]) >= MOST_OPEN:
        raise TooMany
    told = told_of(sought)
    deletion = await connection.fetchval(
        SQL["add_deletion"],
        told.model_dump(mode="json", exclude_none=True),
        sought.user_email,
        sought.session_id,
        sought.attribute.key if sought.attribute else None,
        sought.attribute.value if sought.attribute else None,
        sought.service,
        sought.since,
        sought.until,
        by.actor,
    )
    await _find(connection, deletion)
    return await _told(connection, "deletion.asked", deletion, by)


async def confirm(connection: Any, deletion: int, by: By) -> dict[str, Any] | None:
    """Has what was counted deleted; None where there is no counted deletion of this id.

    The connection MUST be in a transaction.
    """
    if await connection.fetchval(SQL["confirm_deletion"], deletion, by.actor) is None:
        return None
    await _find(connection, deletion)
    return await _told(connection, "deletion.confirmed", deletion, by)


async def cancel(connection: Any, deletion: int, by: By) -> dict[str, Any] | None:
    """Stops a deletion, and forgets what it sought; None where there is none that is open. What is deleted is gone.

    The connection MUST be in a transaction.
    """
    if await connection.fetchval(SQL["cancel_deletion"], deletion) is None:
        return None
    await connection.execute(SQL["forget_found"], deletion)
    return await _told(connection, "deletion.cancelled", deletion, by)


async def deletion_by_id(connection: Any, deletion: int) -> dict[str, Any] | None:
    row = await connection.fetchrow(SQL["deletion_by_id"], deletion)
    return None if row is None else dict(row)


async def deletions(connection: Any) -> list[dict[str, Any]]:
    """The newest hundred, the newest first."""
    return [dict(row) for row in await connection.fetch(SQL["deletions"])]


def told_of(sought: Sought) -> Told:
    """The same without the values that may name a person."""
    return Told(
        user_email=_digest(sought.user_email),
        session_id=_digest(sought.session_id),
        attribute_key=sought.attribute.key if sought.attribute else None,
        attribute_value=_digest(sought.attribute.value if sought.attribute else None),
        service=sought.service,
        since=sought.since,
        until=sought.until,
    )


def _digest(value: str | None) -> str | None:
    if value is None:
        return None
    return f"sha256:{hashlib.sha256(value.encode()).hexdigest()[:DIGEST_CHARACTERS]}"


async def _find(connection: Any, deletion: int) -> None:
    await connection.execute(SQL["forget_found"], deletion)
    await connection.execute(SQL["find_traces"], deletion)
    await connection.execute(SQL["find_series"], deletion)


async def _told(connection: Any, action: str, deletion: int, by: By) -> dict[str, Any]:
    row = dict(await connection.fetchrow(SQL["deletion_by_id"], deletion))
    await audit.write(
        connection, actor=by.actor, action=action, subject=str(deletion), detail=row["told"], client=by.client
    )
    return row
