"""The schema at start and for `otelgres migrate`: the database layer's work, told to people."""

import logging
from collections.abc import Mapping
from datetime import UTC, datetime
from types import MappingProxyType

import asyncpg

from database import migrate, partitions, pool
from server.errors import OtelgresError

logger = logging.getLogger(__name__)


# Of a new database, where all partitions at once would take as long as everything else.
DAYS_AT_START = 1


async def start(dsn: str) -> None:
    """Apply pending migrations and make the partitions from yesterday on. The job partition_care makes the rest."""
    await bring_up(dsn, DAYS_AT_START, dict.fromkeys(partitions.PARENTS, DAYS_AT_START))


async def bring_up(dsn: str, retention_days: int, days_kept: Mapping[str, int] = MappingProxyType({})) -> None:
    """Apply pending migrations and make the partitions of the whole retention."""
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
            care = await partitions.ensure(connection, datetime.now(UTC), retention_days, days_kept=days_kept)
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
