"""Brings a database to the tables this version needs, says what is missing, and takes everything back."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import asyncpg

from database import pool, queries
from database.migration_files import Migration, known
from database.migration_status import Status, newer_line
from database.roles import PURPOSES

SQL = queries.load(__package__)

OLDEST_SERVER = 15
ROLES = tuple(PURPOSES)
# Names and columns of the views: a relation that has the name but not the columns is somebody else's.
VIEWS = {
    "partitions": ("parent", "child", "lower_bound", "upper_bound", "is_default"),
    "metrics": (
        *("name", "type", "unit", "service_name", "attributes", "time", "value", "value_int", "count", "sum", "min"),
        *("max", "bounds", "bucket_counts", "scale", "zero_count", "zero_threshold", "positive_offset"),
        *("positive_counts", "negative_offset", "negative_counts", "quantiles", "quantile_values", "stale"),
        *("start_time", "temporality", "monotonic", "description", "resource", "scope", "exemplars", "series_id"),
    ),
    "rag_metrics": (
        *("timestamp", "total_ms", "retrieval_ms", "documents", "top_k", "data_source", "cache_hit", "query"),
        *("input_tokens", "model", "provider", "error", "error_type", "user_email", "department", "session_id"),
        *("service_name", "operation_name", "trace_id", "span_id"),
    ),
    "llm_call_metrics": (
        *("timestamp", "cost_usd", "provider", "model", "operation", "input_tokens", "output_tokens", "total_tokens"),
        *("cached_tokens", "cache_write_tokens", "reasoning_tokens", "latency_ms", "first_token_ms", "error"),
        *("error_type", "cache_hit", "cost_source", "response_model", "user_email", "department", "session_id"),
        *("service_name", "operation_name", "trace_id", "span_id"),
    ),
    "cache_lookups": (
        *("timestamp", "hit", "name", "lookup_ms", "user_email", "department", "session_id", "service_name"),
        *("operation_name", "trace_id", "span_id"),
    ),
    "grafana_trace_spans": (
        *("traceID", "spanID", "parentSpanID", "operationName", "serviceName", "startTime", "duration", "serviceTags"),
        *("tags", "logs", "references", "warnings", "stackTraces", "kind", "statusCode", "statusMessage"),
        *("instrumentationLibraryName", "traceState", "start_time"),
    ),
    "grafana_logs": (
        *("time", "body", "level", "id", "tsNs", "service_name", "logger_name", "trace_id", "span_id", "user_email"),
        *("department", "session_id", "endpoint", "exception_type", "exception_message", "exception_traceback"),
        *("attributes", "resource_attributes"),
    ),
    "grafana_operations": (
        *("time", "service_name", "operation_name", "kind", "spans", "errors", "mean_ms"),
        *("p50_ms", "p95_ms", "p99_ms"),
    ),
    "grafana_log_levels": ("time", "service_name", "level", "logs"),
    "grafana_alerts": (
        *("time", "name", "severity", "status", "message", "metric_value", "threshold_value", "metric_type", "labels"),
        *("resolved_at", "acknowledged_at", "acknowledged_by", "id", "rule_id"),
    ),
    "grafana_llm_calls": (
        *("time", "service_name", "provider", "model", "operation", "cost_usd", "cost_source", "input_tokens"),
        *("output_tokens", "total_tokens", "latency_ms", "first_token_ms", "error", "error_type", "user_email"),
        *("department", "session_id", "operation_name", "trace_id", "span_id"),
    ),
}

# A waiting ALTER TABLE stops every reader and writer that comes after it, so it gives up and tries again.
LOCK_TIMEOUT = "3s"
LOCK_ATTEMPTS = 8
FIRST_PAUSE_SECONDS = 0.25


class MigrationError(Exception):
    """The database cannot be brought to this version. The message is one line for a person."""


@dataclass(frozen=True)
class Applied:
    """A migration that was run now, with the warnings it raised."""

    version: int
    name: str
    warnings: tuple[str, ...]


async def migrate(dsn: str) -> list[Applied]:
    """Applies what is pending, in order, and returns it.

    Several programs MAY call it at once: one works, the others wait and find nothing to do.
    Raises MigrationError; what was applied before stays, and a later call goes on from there.
    """
    async with _alone(dsn) as connection:
        recorded = await _recorded(connection)
        steps = known()
        newer = sorted(recorded.keys() - {step.version for step in steps})
        if newer:
            raise MigrationError(newer_line(newer))
        applied = []
        for step in steps:
            if step.version not in recorded:
                warnings = await _execute(connection, str(step), step.up)
                await connection.execute(SQL["make_schema_migrations"])
                await connection.execute(SQL["record_migration"], step.version, step.name, step.checksum)
                applied.append(Applied(step.version, step.name, warnings))
        return applied


async def check(dsn: str) -> Status:
    """Compares without changing anything. Raises MigrationError when the database cannot be asked."""
    async with _connection(dsn) as connection:
        return await compare(connection)


async def compare(connection: Any) -> Status:
    """As check(), over a connection that is there."""
    recorded = await _recorded(connection)
    steps = {step.version: step for step in known()}
    return Status(
        pending=tuple(sorted(steps.keys() - recorded.keys())),
        newer=tuple(sorted(recorded.keys() - steps.keys())),
        drifted=tuple(
            version
            for version, checksum in sorted(recorded.items())
            if version in steps and steps[version].checksum != checksum
        ),
        missing_roles=tuple(row["role"] for row in await connection.fetch(SQL["missing_roles"], list(ROLES))),
        foreign_views=tuple(await _foreign_views(connection)),
    )


async def downgrade(dsn: str, to: int) -> list[int]:
    """Takes back every migration above `to`, newest first, with the data in what they made; returns them.

    When none is left, the record and, if it is empty, the schema go too.
    """
    async with _alone(dsn) as connection:
        steps: list[Migration] = known()
        newer = sorted((await _recorded(connection)).keys() - {step.version for step in steps})
        if newer:
            raise MigrationError(newer_line(newer))
        if not await connection.fetchval(SQL["schema_exists"]):
            return []
        taken_back = [step for step in reversed(steps) if step.version > to]
        await connection.execute(SQL["make_schema_migrations"])
        for step in taken_back:
            await _execute(connection, f"{step} back", step.down)
            await connection.execute(SQL["forget_migration"], step.version)
        if len(taken_back) == len(steps):
            await connection.execute(SQL["drop_schema"])
        return [step.version for step in taken_back]


async def _execute(connection: Any, title: str, text: str) -> tuple[str, ...]:
    warnings: list[str] = []

    def listen(_: object, message: Any) -> None:
        warnings.append(message.message)

    connection.add_log_listener(listen)
    try:
        for attempt in range(LOCK_ATTEMPTS):
            try:
                await connection.execute(text)
                return tuple(warnings)
            except (asyncpg.LockNotAvailableError, asyncpg.DeadlockDetectedError):
                await connection.execute("ROLLBACK")
                warnings.clear()
                await asyncio.sleep(FIRST_PAUSE_SECONDS * 2**attempt if attempt < LOCK_ATTEMPTS - 1 else 0)
    except asyncpg.RaiseError as error:
        raise MigrationError(_one_line(error)) from error
    except asyncpg.PostgresError as error:
        raise MigrationError(f"migration {title}: {_one_line(error)}") from error
    finally:
        connection.remove_log_listener(listen)
    raise MigrationError(f"migration {title}: other sessions hold its tables; end long transactions and try again")


@asynccontextmanager
async def _alone(dsn: str) -> AsyncIterator[Any]:
    # The lock lives in a transaction of its own: a pooler would lose or leak one of a session, and the
    # migrations commit theirs.
    async with _connection(dsn) as guard, guard.transaction():
        await guard.execute(SQL["lock_migrations"])
        async with _connection(dsn) as connection:
            await connection.execute(f"SET lock_timeout = '{LOCK_TIMEOUT}'; SET client_min_messages = warning")
            yield connection


@asynccontextmanager
async def _connection(dsn: str) -> AsyncIterator[Any]:
    try:
        connection = await pool.connect(dsn)
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        raise MigrationError(f"cannot connect to the database: {_one_line(error)}") from error
    try:
        version = connection.get_server_version()
        if version.major < OLDEST_SERVER:
            found = f"{version.major}.{version.minor}"
            raise MigrationError(f"Otelgres needs PostgreSQL {OLDEST_SERVER} or newer, this is {found}")
        yield connection
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        raise MigrationError(f"the database refused: {_one_line(error)}") from error
    finally:
        await connection.close()


async def _recorded(connection: Any) -> dict[int, str]:
    if not await connection.fetchval(SQL["schema_migrations_exists"]):
        return {}
    return {row["version"]: row["checksum"] for row in await connection.fetch(SQL["recorded_migrations"])}


async def _foreign_views(connection: Any) -> list[str]:
    columns = {
        row["relation"]: tuple(row["columns"]) for row in await connection.fetch(SQL["view_columns"], list(VIEWS))
    }
    return [name for name, found in columns.items() if found != VIEWS[name]]


def _one_line(error: BaseException) -> str:
    return " ".join(str(error).split()) or type(error).__name__
