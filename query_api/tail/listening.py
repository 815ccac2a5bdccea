"""The one connection that hears of new logs and reads them."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

import asyncpg

from database.pool import connect

CHANNEL = "new_log"
STATEMENT_TIMEOUT_MS = 5_000
CONNECT_SECONDS = 5.0
CLOSE_SECONDS = 1.0

REFUSED = (
    asyncpg.QueryCanceledError,
    asyncpg.DataError,
    asyncpg.SyntaxOrAccessError,
    asyncpg.ProgramLimitExceededError,
)
"""What a filter may meet; the connection is as good as before."""
UNREACHABLE = (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError)
"""Anything else: a connection made anew may help."""


@asynccontextmanager
async def listening(dsn: str, heard: Callable[[], None]) -> AsyncIterator[asyncpg.Connection]:
    """A connection that calls `heard` for every announcement, and when it is lost."""
    connection = await connect(dsn, statement_timeout_ms=STATEMENT_TIMEOUT_MS, connect_seconds=CONNECT_SECONDS)
    try:
        connection.add_termination_listener(lambda _: heard())
        await connection.add_listener(CHANNEL, lambda *_: heard())
        # What comes next is younger than any statistics: a plan that reads whole partitions would be for empty ones.
        await connection.execute("SET enable_seqscan = off; SET application_name = 'otelgres live tail'")
        yield connection
    finally:
        with suppress(OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
            await connection.close(timeout=CLOSE_SECONDS)
