"""Whether a database has the tables that this version writes to."""

from opentelemetry.exporter.postgres.connecting import Connection
from opentelemetry.exporter.postgres.faults import UnfitSchema
from opentelemetry.exporter.postgres.sql_text import sql

OLDEST, NEWEST = 17, 35
"""The first migration after which all is there that the writer needs, and the last that this version knows of."""
_APPLIED_MIGRATION = sql("applied_migration")


async def check_schema(connection: Connection) -> None:
    """Raises UnfitSchema, or what PostgreSQL says where there is no such table."""
    applied: int | None = await connection.fetchval(_APPLIED_MIGRATION)
    if applied is None or applied < OLDEST:
        raise UnfitSchema(
            f"its tables are those of migration {applied or 0:03}, not {OLDEST:03}: run `otelgres migrate`"
        )
    if applied > NEWEST:
        raise UnfitSchema(
            f"its tables are newer (migration {applied:03}) than this program knows ({NEWEST:03}): "
            "upgrade opentelemetry-exporter-postgres"
        )
