"""`otelgres alerts`: files of alerts checked, applied, given back and written, on the database of the settings."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import asyncpg

from alerting.links import Links
from alerting.provisioning.applying import UNCHANGED, apply
from alerting.provisioning.exporting import export
from alerting.provisioning.reading import BadFile, Source, read_file
from alerting.provisioning.releasing import release
from database.pool import connect
from server import database_check
from server.embedded import EmbeddedPostgres
from server.errors import OtelgresError
from server.settings import Settings

T = TypeVar("T")
CONNECT_SECONDS = 5.0


class BadAlertFile(OtelgresError):
    """The file of alerts cannot be applied; a line for each mistake."""


def check_file(path: Path) -> Source:
    """Raises BadAlertFile."""
    try:
        return read_file(path, datetime.now(UTC))
    except BadFile as error:
        raise BadAlertFile(str(error)) from None


def apply_file(settings: Settings, path: Path) -> list[str]:
    """What was done, a line for each. Raises BadAlertFile, and then nothing was."""
    source = check_file(path)

    async def applied(connection: asyncpg.Connection) -> list[str]:
        try:
            outcome = await apply(connection, source, datetime.now(UTC), Links(settings.public_url))
        except BadFile as error:
            raise BadAlertFile(str(error)) from None
        changes = [f"{what}: {name}" for what, names in outcome.done.items() if what != UNCHANGED for name in names]
        return [*changes, f"{UNCHANGED}: {outcome.counts[UNCHANGED]}"]

    return _with_database(settings, applied)


def export_file(settings: Settings) -> str:
    return _with_database(settings, export)


def release_file(settings: Settings, name: str) -> list[str]:
    return _with_database(settings, lambda connection: release(connection, name))


def _with_database(settings: Settings, work: Callable[[Any], Awaitable[T]]) -> T:
    async def connected(dsn: str) -> T:
        connection = await connect(dsn)
        try:
            return await work(connection)
        except asyncpg.UndefinedTableError:
            raise OtelgresError("the database has no tables of alerts yet: run `otelgres migrate`") from None
        finally:
            await connection.close()

    with _database(settings) as dsn:
        return asyncio.run(connected(dsn))


@contextmanager
def _database(settings: Settings) -> Iterator[str]:
    """The embedded one as it runs, else started for this."""
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
