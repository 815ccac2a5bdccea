"""What can still be read of a damaged spool goes into a new one; the damaged file stays, under another name."""

import logging
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from receiver.spool_file import COLUMNS, SpoolFile, remove_files
from receiver.spool_rows import Damaged, Row, entry_of

ROWS_AT_ONCE = 200
MAX_FILLED = 1 << 40
MAX_GAP = 100_000
"""Ids in a row that cannot be read, until the rest is given up."""
_log = logging.getLogger(__name__)


def salvage(path: Path, damage: Damaged) -> None:
    """Replaces the file at `path` by one with every row that reads as it was written. It MUST be closed.

    The damaged file is moved aside, once its successor is complete; one line says where it is and how much was carried
    over. Raises SpoolUnavailable, and then leaves all as it was.
    """
    successor = _successor_of(path)
    remove_files(successor)
    carried, lost = _carry_over(path, successor)
    aside = _move_aside(path)
    successor.rename(path)
    _log.error(
        "the spool %s was damaged (%s): %d requests are carried over, %d have a wrong checksum, and others may be "
        "unreadable; the damaged file is kept as %s",
        path,
        damage,
        carried,
        lost,
        aside,
    )


def finish_interrupted(path: Path) -> None:
    """Puts the successor of a damaged file in its place, should a crash have come between. MUST precede any use."""
    successor = _successor_of(path)
    if path.exists():
        remove_files(successor)
    elif successor.exists():
        successor.rename(path)


def _successor_of(path: Path) -> Path:
    return path.with_name(f"{path.stem}.salvaged")


def _carry_over(path: Path, successor: Path) -> tuple[int, int]:
    """How many rows are in the successor now, and how many were not what was written."""
    new = SpoolFile(successor)
    new.open()
    lost = 0
    batch: list[Row] = []
    for row in _readable(path):
        try:
            entry_of(row)
        except Exception:  # noqa: BLE001 - whatever is in it, it is not what was written
            lost += 1
            continue
        batch.append(row)
        if len(batch) >= ROWS_AT_ONCE:
            new.add(batch)
            batch = []
    new.add(batch)
    carried = new.rows
    new.close()
    return carried, lost


def _move_aside(path: Path) -> Path:
    """The file and its log keep belonging together."""
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S.%fZ")
    aside = path.with_name(f"{path.stem}.damaged-{stamp}")
    log = path.with_name(f"{path.name}-wal")
    if log.exists():
        log.rename(aside.with_name(f"{aside.name}-wal"))
    path.with_name(f"{path.name}-shm").unlink(missing_ok=True)
    path.rename(aside)
    return aside


def _fill_up(path: Path) -> None:
    """Puts zeros where the end of the file is missing: SQLite reads nothing of one that is shorter than its header
    says."""
    with path.open("rb") as file:
        header = file.read(32)
    page, pages = int.from_bytes(header[16:18]), int.from_bytes(header[28:32])
    if header.startswith(b"SQLite format 3") and path.stat().st_size < page * pages <= MAX_FILLED:
        os.truncate(path, page * pages)


def _readable(path: Path) -> Iterator[Row]:
    try:
        _fill_up(path)
        with closing(sqlite3.connect(path, isolation_level=None)) as source:
            yield from _rows(source)
    except (sqlite3.Error, OSError):
        return


def _rows(source: sqlite3.Connection) -> Iterator[Row]:
    """Row by row in the order of ids; where one cannot be read the next id is tried."""
    at = gap = 0
    while gap < MAX_GAP:
        try:
            found = source.execute(
                f"SELECT id, {COLUMNS} FROM requests WHERE id > ? ORDER BY id LIMIT 1", (at,)
            ).fetchone()
        except sqlite3.Error:
            found = (at,)
        if found is None:
            return
        if found[0] <= at:
            # SQLite does not notice everything: a page of zeros may give the same row for ever.
            at += 1
            gap += 1
            continue
        at, gap = found[0], 0
        yield found[1:]
