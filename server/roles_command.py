"""`otelgres roles`: the group roles of the database of the settings."""

from typing import Any

import asyncpg

from database import roles
from server.errors import OtelgresError
from server.on_database import on_database
from server.settings import Settings


def script(settings: Settings) -> str:
    """SQL for somebody who may create roles."""
    return on_database(settings, roles.script)


def apply(settings: Settings) -> list[str]:
    """A line for each role that was made, and one for the grants."""

    async def applied(connection: Any) -> list[str]:
        async with connection.transaction():
            return await roles.apply(connection)

    try:
        made = on_database(settings, applied)
    except asyncpg.InsufficientPrivilegeError as error:
        raise OtelgresError(f"{error}: give what `otelgres roles` prints to somebody who may") from None
    return [*(f"created: {role}" for role in made), "granted: each what it needs"]
