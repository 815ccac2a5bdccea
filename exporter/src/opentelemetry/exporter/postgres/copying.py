"""Rows into a leaf partition by COPY."""

from collections.abc import AsyncIterator, Sequence
from operator import itemgetter

import asyncpg
from opentelemetry.exporter.postgres import metrics, rows
from opentelemetry.exporter.postgres.batch import SERIES_OF_ROW
from opentelemetry.exporter.postgres.connecting import Connection
from opentelemetry.exporter.postgres.sql_text import sql

_MAKE_ARRIVING_POINTS = sql("make_arriving_points")
_ADD_NEW_POINTS = sql("add_new_points")
_ROWS_A_CHUNK = 512
_SERIES_AND_TIME = itemgetter(slice(SERIES_OF_ROW.start, SERIES_OF_ROW.stop + 12))


async def copy_rows(
    connection: Connection,
    table: str,
    columns: Sequence[str],
    copy_rows: Sequence[bytes],
    tail: bytes,
    schema: str | None = "enterprise",
) -> None:
    """tail: the last columns, which all rows share."""
    await connection.copy_to_table(
        table, schema_name=schema, columns=columns, source=_stream(copy_rows, tail), format="binary"
    )


async def copy_points(connection: Connection, leaf: str, point_rows: Sequence[bytes], tail: bytes) -> None:
    """Stores the points that are not there yet: of equal series, start and time the first one stays.

    In the order of the key, so that two writers that send the same points do not deadlock.
    """
    ordered = sorted(point_rows, key=_SERIES_AND_TIME)
    await connection.execute("SAVEPOINT points")
    try:
        await copy_rows(connection, leaf, metrics.COLUMNS, ordered, tail)
    except asyncpg.UniqueViolationError:
        await connection.execute("ROLLBACK TO points")
        await connection.execute(_MAKE_ARRIVING_POINTS)
        await copy_rows(connection, "arriving_points", metrics.COLUMNS, ordered, tail, schema=None)
        await connection.execute(_ADD_NEW_POINTS.format(leaf=leaf))
    await connection.execute("RELEASE points")


async def _stream(copy_rows: Sequence[bytes], tail: bytes) -> AsyncIterator[bytes]:
    yield rows.HEADER
    for start in range(0, len(copy_rows), _ROWS_A_CHUNK):
        yield tail.join((*copy_rows[start : start + _ROWS_A_CHUNK], b""))
    yield rows.TRAILER
