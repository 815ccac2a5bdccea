"""A database as `otelgres serve` leaves it at its start, but for fewer days: each test's copy of a month of partitions
would take a second."""

from datetime import UTC, datetime

from database import migrate, partitions, pool
from server.settings import Settings, variable

RETENTION_DAYS = 4
KEPT = {"retention_days": RETENTION_DAYS, "metric_minutes_days": RETENTION_DAYS, "metric_hours_days": 28}
# Of a server on such a database, which would else make the days that are missing.
ENVIRONMENT = {variable(field): str(days) for field, days in KEPT.items()}


def short_settings() -> Settings:
    """The settings of ENVIRONMENT, the rest by default."""
    return Settings.model_validate(KEPT)


async def prepare(dsn: str, settings: Settings) -> None:
    """Applies all migrations and makes the partitions of today."""
    await migrate.migrate(dsn)
    connection = await pool.connect(dsn)
    await partitions.ensure(connection, datetime.now(UTC), settings.retention_days, days_kept=settings.days_kept)
    await connection.close()
