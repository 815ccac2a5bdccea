"""`otelgres migrate`: on the database of OTELGRES_DSN, else on the embedded one, started for this."""

import asyncio
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from server import database_check, schema
from server.embedded import EmbeddedPostgres
from server.settings import Settings


def run(settings: Settings, *, check: bool, down_to: int | None) -> int:
    """Do what the options say; return the exit code, 1 for a check that found the schema not up to date."""
    with _database(settings) as dsn:
        return asyncio.run(_run(dsn, settings, check, down_to))


async def _run(dsn: str, settings: Settings, check: bool, down_to: int | None) -> int:
    if check:
        return 0 if await schema.report(dsn) else 1
    if down_to is None:
        await schema.bring_up(dsn, settings.retention_days, settings.days_kept)
        await schema.report(dsn)
    else:
        await schema.take_back(dsn, down_to)
    return 0


@contextmanager
def _database(settings: Settings) -> Iterator[str]:
    if settings.dsn is not None:
        dsn = settings.dsn.get_secret_value()
        asyncio.run(database_check.check(dsn))
        yield dsn
        return
    # An exception instead of an immediate end, so that the server is stopped on the way out.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    with EmbeddedPostgres(settings.data_dir, port=settings.embedded_port) as postgres:
        yield postgres.dsn
