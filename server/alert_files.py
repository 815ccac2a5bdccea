"""`otelgres alerts`: files of alerts checked, applied, given back and written, on the database of the settings."""

from datetime import UTC, datetime
from pathlib import Path

import asyncpg

from alerting.links import Links
from alerting.provisioning.applying import UNCHANGED, apply
from alerting.provisioning.exporting import export
from alerting.provisioning.reading import BadFile, Source, read_file
from alerting.provisioning.releasing import release
from server.errors import OtelgresError
from server.on_database import on_database
from server.settings import Settings


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

    return on_database(settings, applied)


def export_file(settings: Settings) -> str:
    return on_database(settings, export)


def release_file(settings: Settings, name: str) -> list[str]:
    return on_database(settings, lambda connection: release(connection, name))
