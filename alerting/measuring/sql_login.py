"""The login of custom_sql, made by ourselves where the database is ours alone."""

import secrets
from urllib.parse import urlsplit, urlunsplit

from database.pool import connect
from database.queries import load

SQL = load(__package__)
ROLE = "otelgres_alert_sql"
TEMPORARY_FILES = "256MB"


async def set_up(dsn: str) -> str:
    """The DSN of the login, with a new password. `dsn` MUST be a superuser's, of a migrated database.

    Functions that do more than read are taken from PUBLIC, and given to otelgres_reader and otelgres_writer.
    """
    password = secrets.token_urlsafe(32)
    connection = await connect(dsn)
    try:
        async with connection.transaction():
            await connection.execute(await connection.fetchval(SQL["login_with_password"], ROLE, password))
            await connection.execute(f"ALTER ROLE {ROLE} SET temp_file_limit = '{TEMPORARY_FILES}'")
            revoking = SQL["revoke_restricted_functions"].format(restricted=SQL["restricted_functions"])
            for row in await connection.fetch(revoking):
                await connection.execute(row[0])
    finally:
        await connection.close()
    return _as_user(dsn, f"{ROLE}:{password}")


def _as_user(dsn: str, user: str) -> str:
    url = urlsplit(dsn)
    return urlunsplit(url._replace(netloc=f"{user}@{url.netloc.rpartition('@')[2]}"))
