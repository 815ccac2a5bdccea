"""Whether this process lives, and whether what it needs is in place."""

import asyncio
import logging
from datetime import UTC, datetime

import asyncpg
from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field

from access.guards import public
from database.migrate import MigrationError, check
from database.queries import load

PROBE_SECONDS = 3.0
KEPT_SECONDS = 1.0

SQL = load(__package__)
_log = logging.getLogger(__name__)
router = APIRouter(tags=["health"], dependencies=[public])


class Alive(BaseModel):
    """The answer of a live process."""

    status: str = Field(examples=["ok"])


class Readiness(BaseModel):
    """Whether telemetry can be stored and read; the reasons, for people, are empty when it can."""

    status: str = Field(examples=["ready"], description="ready or unready.")
    reasons: list[str] = Field(examples=[[]])


class Looks:
    """Looks at the database, one look at a time, whose outcome is kept for a second: everybody may ask for it, and
    each look takes a connection of its own."""

    def __init__(self, pool: asyncpg.Pool, dsn: str) -> None:
        self._pool = pool
        self._dsn = dsn
        self._look: asyncio.Task[list[str]] | None = None
        self._kept_until = 0.0

    async def reasons(self) -> list[str]:
        """Why telemetry cannot be stored or read; empty when it can. It takes PROBE_SECONDS at most."""
        loop = asyncio.get_running_loop()
        if self._look is None or (self._look.done() and loop.time() >= self._kept_until):
            self._look = loop.create_task(self._reasons())
        # Whoever goes away does not end it for the others.
        return await asyncio.shield(self._look)

    def stop(self) -> None:
        if self._look is not None:
            self._look.cancel()

    async def _reasons(self) -> list[str]:
        try:
            async with asyncio.timeout(PROBE_SECONDS):
                return await _missing(self._pool, self._dsn)
        except TimeoutError:
            return [f"the database did not answer within {PROBE_SECONDS:.0f} seconds"]
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, MigrationError) as error:
            _log.warning("not ready: %s", error)
            return ["the database cannot be reached"]
        finally:
            self._kept_until = asyncio.get_running_loop().time() + KEPT_SECONDS


@router.get("/healthz")
async def healthz() -> Alive:
    """200 while this process answers, whatever the state of the database."""
    return Alive(status="ok")


@router.get(
    "/readyz",
    responses={503: {"model": Readiness, "description": "Something is missing; the reasons say what"}},
)
async def readyz(request: Request, response: Response) -> Readiness:
    """200 when the database can be written, its migrations are current and today's partitions exist; right to a
    second."""
    reasons = await request.app.state.looks.reasons()
    if reasons:
        response.status_code = 503
    return Readiness(status="unready" if reasons else "ready", reasons=reasons)


async def _missing(pool: asyncpg.Pool, dsn: str) -> list[str]:
    schema = await check(dsn)
    if not schema.ready:
        return schema.problems()
    async with pool.acquire() as connection:
        if await connection.fetchval("SELECT pg_is_in_recovery()"):
            return ["the database is a standby and takes no writes"]
        try:
            await connection.execute(SQL["write_probe"])
        except (asyncpg.ReadOnlySQLTransactionError, asyncpg.InsufficientPrivilegeError) as error:
            return [f"the database cannot be written: {error}"]
        rows = await connection.fetch(SQL["tables_without_partition"], datetime.now(UTC))
    return [f"enterprise.{row['parent']} has no partition for now" for row in rows]
