"""The schema at start and for `otelgres migrate`: the database layer's work, told to people."""

import logging
from datetime import UTC, datetime

import asyncpg

from database import migrate, partitions, pool
from server.errors import OtelgresError

logger = logging.getLogger(__name__)


async def bring_up(dsn: str, retention_days: int) -> None:
    """Apply pending migrations and make the partitions that today needs."""
    try:
        for applied in await migrate.migrate(dsn):
            logger.info("applied migration %03d_%s", applied.version, applied.name)
            for warning in applied.warnings:
                logger.warning("migration %03d_%s: %s", applied.version, applied.name, warning)
    except migrate.MigrationError as error:
        raise OtelgresError(str(error)) from None
    try:
        connection = await pool.connect(dsn)
        try:
            care = await partitions.ensure(connection, datetime.now(UTC), retention_days)
        finally:
            await connection.close()
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        raise OtelgresError(f"cannot make the partitions of today: {error}") from None
    for name in care.obstructed:
        logger.error("enterprise.%s is in the way of a partition: rename it; DEFAULT takes the rows until then", name)


async def report(dsn: str) -> bool:
    """Print how the database differs from what this version needs; whether this version may work on it."""
    try:
        status = await migrate.check(dsn)
    except migrate.MigrationError as error:
        raise OtelgresError(str(error)) from None
    for line in status.problems() or ["the database is up to date"]:
        print(line)
    return status.ready


async def take_back(dsn: str, to: int) -> None:
    """Undo every migration above `to`, with the data in what they made."""
    try:
        for version in await migrate.downgrade(dsn, to):
            logger.info("took migration %03d back", version)
    except migrate.MigrationError as error:
        raise OtelgresError(str(error)) from None
