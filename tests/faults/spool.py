"""The receivers' spool, read from outside."""

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class SpoolState:
    """Requests that wait for the database, and bytes of the files."""

    requests: int = 0
    bytes: int = 0


def state(directory: Path) -> SpoolState:
    """Of all slots below the directory. A spool that cannot be read counts as one request that waits."""
    requests = 0
    for path in directory.glob("*.sqlite"):
        try:
            with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as slot:
                requests += slot.execute("SELECT count(*) FROM requests").fetchone()[0]
        except sqlite3.Error:
            requests += 1
    return SpoolState(requests, sum(_size(path) for path in directory.glob("*.sqlite*")))


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0  # removed meanwhile: nothing is left in it
