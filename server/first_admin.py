"""Whether somebody could sign in and say who else may; for the first start."""

from database.pool import connect
from database.queries import load

SQL = load(__package__)
HINT = "nobody can sign in yet: otelgres user create --role admin you@example.com"


async def is_missing(dsn: str) -> bool:
    connection = await connect(dsn)
    try:
        return not await connection.fetchval(SQL["any_admin"])
    finally:
        await connection.close()
