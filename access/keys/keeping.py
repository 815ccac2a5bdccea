"""Keys made and revoked, each in one transaction with its row of the audit."""

from typing import Any

import asyncpg

from access import audit
from access.audit import By
from access.keys.key_text import new_key
from access.keys.wish import KeyWish
from database.queries import load

SQL = load(__package__)
MOST_KEYS = 1_000
"""That open at a time: every process reads all of them every few seconds."""


class NameTaken(Exception):
    """A key of this name is there that is not revoked."""


class TooMany(Exception):
    """There are MOST_KEYS keys."""


async def create(connection: Any, wish: KeyWish, by: By) -> tuple[dict[str, Any], str]:
    """The new key's row, and its text, which is not to be had again. Raises NameTaken and TooMany.

    The connection MUST be in a transaction.
    """
    key, text = new_key()
    await connection.execute(SQL["lock_keys"])
    if await connection.fetchval(SQL["open_keys"]) >= MOST_KEYS:
        raise TooMany
    try:
        row = await connection.fetchrow(
            SQL["add_key"], key.id, wish.name, key.digest, wish.scopes, wish.services, by.actor, wish.expires_at
        )
    except asyncpg.UniqueViolationError:
        raise NameTaken from None
    detail = wish.model_dump(mode="json", exclude={"name"}) | {"id": key.id}
    await audit.write(
        connection, actor=by.actor, action="key.created", subject=wish.name, detail=detail, client=by.client
    )
    return dict(row), text


async def revoke(connection: Any, id_: str, by: By) -> dict[str, Any] | None:
    """The key's row; None where there is none of this id. One that is revoked already stays as it is.

    The connection MUST be in a transaction.
    """
    revoked = await connection.fetchrow(SQL["revoke_key"], id_, by.actor)
    if revoked is None:
        found = await connection.fetchrow(SQL["key_by_id"], id_)
        return None if found is None else dict(found)
    await audit.write(
        connection,
        actor=by.actor,
        action="key.revoked",
        subject=revoked["name"],
        detail={"id": id_},
        client=by.client,
    )
    return dict(revoked)


async def page(connection: Any, *, revoked: bool, after: str | None, limit: int) -> list[dict[str, Any]]:
    """Keys, the newest first, without their digests; `after` the one of this id. revoked: those too."""
    return [dict(row) for row in await connection.fetch(SQL["keys_page"], revoked, after, limit)]


async def named(connection: Any, name: str) -> str | None:
    """The id of the key of this name, or of this id, that is not revoked."""
    id_: str | None = await connection.fetchval(SQL["key_named"], name)
    return id_
