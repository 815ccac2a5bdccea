"""A look into a spool file from outside, whoever has it, that changes nothing."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

_FIGURES = "SELECT count(*), count(*) FILTER (WHERE due_ns > 0), min(received_ns) FROM requests"


class Glance(NamedTuple):
    """requests: all in it; put_off: those of them that failed for their own sake. oldest_ns: since 1970."""

    requests: int
    put_off: int
    oldest_ns: int | None
    size: int


def glance(file: Path) -> Glance:
    """Raises OSError where it cannot be read, and sqlite3.Error where it is damaged."""
    size = file.stat().st_size
    with file.open("rb"):
        pass
    # Without a log beside it the file is whole; SQLite would make one to look whether others write.
    way = "mode=ro" if file.with_name(f"{file.name}-wal").exists() else "immutable=1"
    with closing(sqlite3.connect(f"{file.as_uri()}?{way}", uri=True)) as connection:
        requests, put_off, oldest_ns = connection.execute(_FIGURES).fetchone()
    return Glance(requests, put_off, oldest_ns, size)
