"""What a server lacks that nobody can use yet; for the first start."""

from database.pool import connect
from database.queries import load
from server.access import people_of, takes_keys
from server.process_roles import Role
from server.settings import Settings

SQL = load(__package__)
NO_ADMIN = "nobody can sign in yet: otelgres user create --role admin you@example.com"
NO_KEY = "nobody can send yet: otelgres key create NAME"


async def missing(settings: Settings, role: Role, dsn: str) -> dict[str, str]:
    """What is to be done, by whom it is for: people, senders."""
    asked = {}
    if role.runs_api and people_of(settings) == "accounts":
        asked["people"] = "any_admin", NO_ADMIN
    if role.runs_receivers and takes_keys(settings) and settings.ingest_token is None:
        asked["senders"] = "any_key", NO_KEY
    if not asked:
        return {}
    connection = await connect(dsn)
    try:
        return {who: hint for who, (query, hint) in asked.items() if not await connection.fetchval(SQL[query])}
    finally:
        await connection.close()
