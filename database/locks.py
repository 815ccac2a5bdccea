"""Changing tables that others are using, without holding them up."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import asyncpg

# Whoever waits for a table's lock stops all who come after: give up soon, and come back.
LOCK_TIMEOUT = "200ms"
PAUSES_SECONDS = (0.1, 0.2, 0.4, 0.8)


async def limit_waiting(connection: Any) -> None:
    """Within the connection's transaction, a lock that does not come soon is LockNotAvailableError."""
    await connection.execute(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'")


async def patiently(work: Callable[[], Awaitable[None]]) -> bool:
    """Runs work, which MUST be one transaction, until it gets its locks; False when it never did."""
    for pause in (*PAUSES_SECONDS, None):
        try:
            await work()
        except (asyncpg.LockNotAvailableError, asyncpg.DeadlockDetectedError):
            if pause is not None:
                await asyncio.sleep(pause)
        else:
            return True
    return False
