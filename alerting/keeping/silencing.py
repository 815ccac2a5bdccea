"""Ending a silence."""

from uuid import UUID

import asyncpg

from alerting.keeping.changing import SILENCE, SQL, By, NotThere, audit, changeable

EXPIRED = "expired"


async def expire(connection: asyncpg.Connection, id_: UUID, by: By) -> None:
    """It is over now, and stays to be read; one that is over already stays as it is. NotThere: there is none."""
    before = await changeable(connection, SILENCE, id_, by)
    if before is None:
        raise NotThere
    if before["state"] != EXPIRED:
        after = await connection.fetchval(SQL["expire_silence"], id_)
        await audit(connection, SILENCE, id_, before, after, by)
