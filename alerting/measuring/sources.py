"""Where rules are measured: a pool of our own database, and the connection for SQL that people wrote."""

from asyncio import Semaphore
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from alerting.measuring.custom_sql import CustomSql
from database.pool import connect_pool

SECONDS = 10.0
"""What a statement, and a measurement, may take."""
MOST_PREVIEWS = 2


@dataclass(frozen=True)
class Sources:
    """pool: of asyncpg, whose statements end after SECONDS. No more rules are measured at once than it has places.

    previews: held by each preview, so that they leave the places to evaluations.
    """

    pool: Any
    custom_sql: CustomSql
    previews: Semaphore = field(default_factory=lambda: Semaphore(MOST_PREVIEWS))


@asynccontextmanager
async def open_sources(dsn: str, sql_dsn: str | None, most_connections: int = 8) -> AsyncIterator[Sources]:
    """sql_dsn: the login that custom_sql runs by, None where there is none. Both databases MAY be away at first."""
    pool = await connect_pool(dsn, min_size=0, max_size=most_connections, statement_timeout_ms=round(SECONDS * 1000))
    try:
        yield Sources(pool, CustomSql(sql_dsn))
    finally:
        pool.terminate()
