"""All checks, one after the other; one that fails is a finding too."""

import asyncio
from collections.abc import Mapping
from typing import Any, NamedTuple

import asyncpg

from database.error_line import error_line
from server.doctor import checks, connecting, schema
from server.doctor.finding import Finding, note, warning
from server.embedded import EmbeddedPostgres
from server.settings import Settings

STATEMENT_TIMEOUT = "5s"
LOCK_TIMEOUT = "1s"


class Looked(NamedTuple):
    """What the check of this name found."""

    check: str
    finding: Finding


async def look(settings: Settings) -> list[Looked]:
    """Changes nothing, whether Otelgres runs or not, and whether the database is there or not."""
    found = []
    for name, check in checks.HERE.items():
        try:
            found += [Looked(name, finding) for finding in await asyncio.to_thread(check, settings)]
        except Exception as error:  # noqa: BLE001 one that fails hides no other
            found.append(_failed(name, error))
    return found + await _look_there(settings)


def dsn_of(settings: Settings) -> str:
    """Of the database of the settings, whether it runs or not."""
    if settings.dsn is not None:
        return settings.dsn.get_secret_value()
    return EmbeddedPostgres(settings.data_dir, port=settings.embedded_port).dsn


async def _look_there(settings: Settings) -> list[Looked]:
    dsn = dsn_of(settings)
    try:
        connection = await connecting.connect(dsn)
    except connecting.FAILURES as error:
        if settings.dsn is None and isinstance(error, OSError):
            return [
                Looked(
                    "database",
                    note("the PostgreSQL of Otelgres does not run", "start `otelgres serve`, and look again"),
                )
            ]
        return [Looked("database", connecting.judge(error, dsn))]
    try:
        return await _look_into(settings, connection)
    finally:
        await connection.close(timeout=connecting.CONNECT_SECONDS)


async def _look_into(settings: Settings, connection: Any) -> list[Looked]:
    # In one transaction a pooler keeps to one backend, and nothing can be changed by mistake.
    async with connection.transaction(readonly=True):
        await connection.execute(
            f"SET LOCAL statement_timeout = '{STATEMENT_TIMEOUT}'; SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'"
        )
        found = await _each(checks.OF_SERVER, settings, connection)
        try:
            async with connection.transaction():
                status, findings = await schema.migrations(settings, connection)
        except asyncpg.PostgresError as error:
            return [*found, _failed("migrations", error)]
        found += [Looked("migrations", finding) for finding in findings]
        if status.ready:
            found += await _each(checks.OF_TABLES, settings, connection)
    return found


async def _each(there: Mapping[str, checks.There], settings: Settings, connection: Any) -> list[Looked]:
    found = []
    for name, check in there.items():
        try:
            async with connection.transaction():
                found += [Looked(name, finding) for finding in await check(settings, connection)]
        except Exception as error:  # noqa: BLE001 one that fails hides no other
            found.append(_failed(name, error))
    return found


def _failed(name: str, error: BaseException) -> Looked:
    return Looked(
        name,
        warning(f"this was not looked at: {error_line(error)}", "look again; OTELGRES_DSN's login may lack rights"),
    )
