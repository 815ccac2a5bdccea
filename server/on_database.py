"""Work of the command line on the database of the settings, whether Otelgres runs or not."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import asyncpg

from database.pool import connect
from server import database_check
from server.embedded import EmbeddedPostgres
from server.errors import OtelgresError
from server.settings import Settings

T = TypeVar("T")
CONNECT_SECONDS = 5.0


def on_database(settings: Settings, work: Callable[[Any], Awaitable[T]]) -> T:
    """What the work on a connection gives. Raises OtelgresError where tables are missing."""

    async def connected(dsn: str) -> T:
        connection = await connect(dsn)
        try:
            return await work(connection)
        except (asyncpg.UndefinedTableError, asyncpg.UndefinedFunctionError, asyncpg.InvalidSchemaNameError):
            raise OtelgresError("the database does not have all tables yet: run `otelgres migrate`") from None
        finally:
            await connection.close()

    with database_of(settings) as dsn:
        return asyncio.run(connected(dsn))


@contextmanager
def database_of(settings: Settings) -> Iterator[str]:
    """Its DSN. The embedded one is taken as it runs, else started for this."""
    if settings.dsn is not None:
        dsn = settings.dsn.get_secret_value()
        asyncio.run(database_check.check(dsn))
        yield dsn
        return
    embedded = EmbeddedPostgres(settings.data_dir, port=settings.embedded_port)
    if asyncio.run(_answers(embedded.dsn)):
        yield embedded.dsn
        return
    with embedded:
        yield embedded.dsn


async def _answers(dsn: str) -> bool:
    try:
        connection = await connect(dsn, connect_seconds=CONNECT_SECONDS)
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
        return False
    await connection.close()
    return True
