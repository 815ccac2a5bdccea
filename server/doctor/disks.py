"""Free space on the disks that are written to here."""

from pathlib import Path
from typing import Any

import asyncpg

from database.queries import load
from receiver.disk_guard import free_bytes
from server.doctor.finding import Finding, note, ok, problem, warning
from server.doctor.wording import size
from server.settings import Settings
from server.spool_places import spool_directory

SQL = load(__package__)
SCARCE = 4
"""Times the least that must be free."""


def local_disks(settings: Settings) -> list[Finding]:
    """Of the spool, and of the embedded database."""
    places = {}
    if settings.spool_bytes:
        places["the spool"] = spool_directory(settings, _dsn(settings), embedded=settings.dsn is None)
    if settings.dsn is None:
        places["the database"] = settings.data_dir
    return [judge(what, existing(place), _free(place), int(settings.min_free_bytes)) for what, place in places.items()]


async def database_disk(settings: Settings, connection: Any) -> list[Finding]:
    """Where it is on this machine, and its login may know where."""
    if settings.dsn is None:
        return []
    try:
        async with connection.transaction():
            row = await connection.fetchrow(SQL["data_directory"])
    except asyncpg.InsufficientPrivilegeError:
        return []
    place = Path(row["directory"])
    if not row["is_here"] or existing(place) != place:
        return []
    return [judge("the database", place, _free(place), int(settings.min_free_bytes))]


def judge(what: str, place: Path, free: int | None, least: int) -> Finding:
    """free: in bytes; None where it is not known."""
    if free is None:
        return note(f"how much {place} has free is not known", "look at its permissions")
    text = f"the disk of {what}, {place}, has {size(free)} free"
    if free < least:
        consequence = "nothing is spooled" if what == "the spool" else "nothing is taken"
        return problem(
            f"{text}, less than {size(least)}: {consequence}", "free some space, or set OTELGRES_MIN_FREE_BYTES"
        )
    if free < SCARCE * least:
        return warning(
            f"{text}; with less than {size(least)} nothing more is taken", "free some space, or keep fewer days"
        )
    return ok(text)


def existing(place: Path) -> Path:
    """The directory, or the nearest above it that there is."""
    for directory in (place, *place.parents):
        try:
            if directory.is_dir():
                return directory
        except PermissionError:
            continue
    return Path("/")


def _free(place: Path) -> int | None:
    try:
        return free_bytes(existing(place))
    except OSError:
        return None


def _dsn(settings: Settings) -> str:
    return settings.dsn.get_secret_value() if settings.dsn is not None else ""
