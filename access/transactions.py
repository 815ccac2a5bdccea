"""A transaction for a request, and what it means to the caller when there is none to be had."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
from fastapi import HTTPException
from starlette.requests import HTTPConnection

ACQUIRE_SECONDS = 5.0
AWAY = "The database cannot be reached at the moment; try again shortly"

_log = logging.getLogger(__name__)


@asynccontextmanager
async def borrowed(request: HTTPConnection) -> AsyncIterator[asyncpg.Connection]:
    """A connection of `app.state.pool`. A database that is away, or takes too long, becomes an HTTPException 503."""
    pool: asyncpg.Pool = request.app.state.pool
    try:
        async with pool.acquire(timeout=ACQUIRE_SECONDS) as connection:
            yield connection
    except (
        OSError,
        TimeoutError,
        asyncpg.InterfaceError,
        asyncpg.InternalClientError,
        asyncpg.PostgresConnectionError,
        asyncpg.OperatorInterventionError,
        asyncpg.TooManyConnectionsError,
    ) as error:
        _log.warning("request failed, database away: %s", error)
        raise HTTPException(503, AWAY) from error


@asynccontextmanager
async def transaction(request: HTTPConnection) -> AsyncIterator[asyncpg.Connection]:
    """As `borrowed`, in a transaction that commits unless something is raised."""
    async with borrowed(request) as connection, connection.transaction():
        yield connection
