"""SQL that people wrote, as a rule's metric: run by a login that may only read, and bounded in all it costs."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from math import inf
from time import monotonic
from typing import Any

import asyncpg

from alerting.measurements import Measured
from alerting.measuring.asked import Asked, Unmeasurable
from alerting.measuring.samples import MOST_LABELS, MOST_SAMPLES, samples_of
from alerting.measuring.sql_login import ROLE
from database.pool import target_of
from database.queries import load

SQL = load(__package__)

FIELD = "custom_sql"
SET_UP = (
    f"custom_sql needs a login of its own: give the role {ROLE} LOGIN and a password, and set OTELGRES_ALERT_SQL_DSN "
    "to it"
)
MOST_AT_ONCE = 4
CHECKED_SECONDS = 60.0
CONNECT_SECONDS = 5.0
LONGEST_LABEL = 500
SESSION = {
    "application_name": "otelgres custom_sql",
    "default_transaction_read_only": "on",
    "statement_timeout": "10s",
    "lock_timeout": "1s",
    "idle_in_transaction_session_timeout": "15s",
    "work_mem": "16MB",
    "max_parallel_workers_per_gather": "0",
    "jit": "off",
    "timezone": "UTC",
}
NUMBERS = frozenset({"int2", "int4", "int8", "float4", "float8", "numeric"})
TEXTS = frozenset({"text", "varchar", "bpchar", "name", "uuid"})

# Both parameters have their type from here, whether the statement takes them or not.
BEGINS = "WITH bounds AS (SELECT $1::timestamptz, $2::timestamptz) SELECT {columns} FROM (\n"
OBSTACLES = SQL["login_obstacles"].format(restricted=SQL["restricted_functions"])


class CustomSql:
    """Runs statements over the login that `dsn` names, each over a connection of its own: a statement may leave its
    session's settings changed.

    What the login may do is looked at first, and again after CHECKED_SECONDS.
    """

    def __init__(self, dsn: str | None) -> None:
        self._dsn = dsn
        self._slots = asyncio.Semaphore(MOST_AT_ONCE)
        self._trusted_until = -inf

    async def measure(self, asked: Asked) -> Measured:
        """The first numeric column is the value, text columns are labels. $1 is the window's begin, $2 its end.

        Raises Unmeasurable, also while the login may do more than read.
        """
        text = (asked.rule.custom_sql or "").rstrip().rstrip(";")
        if not text:
            raise Unmeasurable("custom_sql: the statement is missing", FIELD)
        async with self._connection() as connection:
            value, labels, names = await _columns(connection, text)
            try:
                rows = await connection.fetch(_bounded(text, value, labels), asked.since, asked.until)
            except asyncpg.QueryCanceledError:
                raise
            except asyncpg.PostgresError as error:
                raise Unmeasurable(f"custom_sql: {_one_line(error)}", FIELD) from None
        _refuse_unclear(rows, names)
        return samples_of(rows, names, nothing=None)

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[Any]:
        """In a read-only transaction."""
        if self._dsn is None:
            raise Unmeasurable(SET_UP, FIELD)
        async with self._slots:
            connection = await _connect(self._dsn)
            try:
                async with connection.transaction(isolation="repeatable_read", readonly=True):
                    await self._check(connection)
                    yield connection
            finally:
                connection.terminate()

    async def _check(self, connection: Any) -> None:
        if monotonic() < self._trusted_until:
            return
        for obstacle in await connection.fetch(OBSTACLES):
            raise Unmeasurable(
                f"custom_sql is refused, since of its login is true: {obstacle['problem']}. "
                f"As an owner: {obstacle['remedy']}",
                FIELD,
            )
        self._trusted_until = monotonic() + CHECKED_SECONDS


async def _connect(dsn: str) -> Any:
    try:
        return await asyncpg.connect(
            dsn,
            timeout=CONNECT_SECONDS,
            server_settings=SESSION,
            statement_cache_size=0,
            target_session_attrs=target_of(dsn),
        )
    except TimeoutError:
        raise Unmeasurable(f"custom_sql: its login had no connection within {CONNECT_SECONDS:.0f} s", FIELD) from None


async def _columns(connection: Any, text: str) -> tuple[int, list[int], list[str]]:
    """Where the value and the labels are, and the labels' names."""
    begins = BEGINS.format(columns="*")
    try:
        prepared = await connection.prepare(f"{begins}{text}\n) AS measured")
    except asyncpg.PostgresError as error:
        place = error.position
        position = None if place is None else min(max(int(place) - 1 - len(begins), 0), len(text))
        raise Unmeasurable(f"custom_sql: {_one_line(error)}", FIELD, position) from None
    if len(prepared.get_parameters()) > 2:
        raise Unmeasurable("custom_sql: there are two parameters, $1 and $2: where the window begins and ends", FIELD)
    columns = prepared.get_attributes()
    numbers = [place for place, column in enumerate(columns) if column.type.name in NUMBERS]
    labels = [place for place, column in enumerate(columns) if column.type.name in TEXTS]
    names = [columns[place].name for place in labels]
    if not numbers:
        raise Unmeasurable("custom_sql: no column is a number, which the value would be", FIELD)
    if len(names) > MOST_LABELS or len(set(names)) < len(names) or "?column?" in names:
        raise Unmeasurable(f"custom_sql: text columns are labels: at most {MOST_LABELS}, each with its name", FIELD)
    return numbers[0], labels, names


def _bounded(text: str, value: int, labels: Sequence[int]) -> str:
    """Only those columns, and no more rows and characters than are taken."""
    values = ", ".join(f"coalesce(left(c{place}::text, {LONGEST_LABEL + 1}), '')" for place in labels)
    aliases = ", ".join(f"c{place}" for place in range(max(value, *labels, 0) + 1))
    begins = BEGINS.format(columns=f"c{value}::float8 AS value, ARRAY[{values}]::text[] AS labels")
    return f"{begins}{text}\n) AS measured({aliases}) LIMIT {MOST_SAMPLES + 1}"


def _refuse_unclear(rows: Sequence[Any], names: Sequence[str]) -> None:
    if not names and len(rows) > 1:
        raise Unmeasurable("custom_sql: several rows, and no text column to tell them apart", FIELD)
    if any(len(value) > LONGEST_LABEL for row in rows for value in row["labels"]):
        raise Unmeasurable(f"custom_sql: a label has more than {LONGEST_LABEL} characters", FIELD)
    if len({tuple(row["labels"]) for row in rows}) < len(rows):
        raise Unmeasurable("custom_sql: two rows have the same labels", FIELD)


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())
