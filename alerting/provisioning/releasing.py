"""Giving back to people what a file kept."""

from typing import Any

from alerting.keeping.changing import CHANNEL, INHIBITION, ROUTE, RULE, SILENCE, By, audit
from database.queries import load

SQL = load(__package__)
KINDS = (
    (CHANNEL, SQL["release_channels"]),
    (ROUTE, SQL["release_routes"]),
    (INHIBITION, SQL["release_inhibitions"]),
    (SILENCE, SQL["release_silences"]),
    (RULE, SQL["release_rules"]),
)


async def release(connection: Any, file: str) -> list[str]:
    """Whatever was applied from a file of this name stays, and everybody may change it again; what that is."""
    released = []
    async with connection.transaction():
        await connection.execute(SQL["lock_provisioning"])
        for kind, statement in KINDS:
            for row in await connection.fetch(statement, file):
                after = await connection.fetchval(kind.row, row["key"])
                before = {**after, "provisioned_from": file, "version": after["version"] - 1}
                await audit(connection, kind, row["key"], before, after, By(actor=file))
                released.append(f"{kind.name} {row['name']}")
    return released
