"""Is the database of OTELGRES_DSN one that Otelgres can work with?"""

import logging

import asyncpg

from database import queries
from server.errors import OtelgresError
from server.masking import mask_dsn

logger = logging.getLogger(__name__)

SQL = queries.load(__package__)
OLDEST = 15
CONNECT_SECONDS = 15.0


async def check(dsn: str) -> None:
    """Refuse, by an OtelgresError, a database out of reach or too old; warn of transaction pooling."""
    try:
        first = await _connect(dsn)
        try:
            identity = await first.fetchrow(SQL["backend_identity"])
            if identity["version_number"] < OLDEST * 10_000:
                raise OtelgresError(
                    f"OTELGRES_DSN names a PostgreSQL {identity['version']}; Otelgres needs {OLDEST} or newer"
                )
            if await is_pooled_by_transaction(dsn):
                logger.warning(
                    "OTELGRES_DSN leads through a pooler in transaction mode (pgbouncer?), where session "
                    "settings, locks and LISTEN fail: name PostgreSQL itself, or a pool in session mode"
                )
        finally:
            await first.close()
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        reason = str(error) or type(error).__name__
        raise OtelgresError(f"OTELGRES_DSN: cannot use {mask_dsn(dsn)}: {_one_line(reason)}") from None


async def _connect(dsn: str) -> asyncpg.Connection:
    return await asyncpg.connect(dsn, timeout=CONNECT_SECONDS, statement_cache_size=0)


async def is_pooled_by_transaction(dsn: str) -> bool:
    """Whether the backend of an idle connection is lent to another one that is in a transaction."""
    first = await _connect(dsn)
    try:
        before = await _backend(first)
        second = await _connect(dsn)
        try:
            async with second.transaction():
                borrowed = await _backend(second)
                after = await _backend(first)
        finally:
            await second.close()
    finally:
        await first.close()
    return borrowed == before or after != before


async def _backend(connection: asyncpg.Connection) -> int:
    pid: int = (await connection.fetchrow(SQL["backend_identity"]))["pid"]
    return pid


def _one_line(text: str) -> str:
    return " ".join(text.split())
