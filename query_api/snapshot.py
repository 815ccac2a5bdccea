"""A read, or a change: one connection, one transaction, bounded in time, and what its failures mean to the caller."""

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import asyncpg
from fastapi import HTTPException, Request

from query_api.departure import while_awaited

ACQUIRE_SECONDS = 5.0
AWAY = "The database cannot be reached at the moment; try again shortly"
TOO_SLOW = "The query took too long and was stopped; ask for fewer hours or filter more"

_log = logging.getLogger(__name__)
_UNREACHABLE = (
    OSError,
    asyncio.TimeoutError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    asyncpg.PostgresConnectionError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.CannotConnectNowError,
    asyncpg.TooManyConnectionsError,
)


@asynccontextmanager
async def snapshot(request: Request) -> AsyncIterator[asyncpg.Connection]:
    """A read-only connection from `app.state.pool`; all its queries see the same rows. It ends when the client leaves.

    A database that is away MUST become 503, a query over the time limit 504, anything else it refuses 500:
    each an HTTPException with a `detail` for people.
    """
    with _told():
        async with (
            while_awaited(request),
            _connection(request) as connection,
            connection.transaction(isolation="repeatable_read", readonly=True),
        ):
            yield connection


@asynccontextmanager
async def change(request: Request) -> AsyncIterator[asyncpg.Connection]:
    """A connection in a transaction that may write, and commits unless something is raised; failures as of `snapshot`.

    It goes on when the client leaves, who may not know any more whether to try again.
    """
    with _told():
        async with _connection(request) as connection, connection.transaction():
            yield connection


def _connection(request: Request) -> Any:
    pool: asyncpg.Pool = request.app.state.pool
    return pool.acquire(timeout=ACQUIRE_SECONDS)


@contextmanager
def _told() -> Iterator[None]:
    """Turns what the database does into what the caller is told."""
    try:
        yield
    except asyncpg.QueryCanceledError as error:
        raise HTTPException(504, TOO_SLOW) from error
    except _UNREACHABLE as error:
        _log.warning("request failed, database away: %s", error)
        raise HTTPException(503, AWAY) from error
    except asyncpg.PostgresError as error:
        _log.exception("request refused by the database")
        raise HTTPException(500, f"The database refused the query (SQLSTATE {error.sqlstate})") from error
