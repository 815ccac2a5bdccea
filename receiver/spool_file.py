"""One file of spooled requests: SQLite, durable with each add(). All calls MUST come from one thread."""

import json
import os
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from receiver.spool_rows import Damaged, Row

TABLE = """
CREATE TABLE IF NOT EXISTS requests (
    id INTEGER PRIMARY KEY,
    digest BLOB NOT NULL UNIQUE,
    signal INTEGER NOT NULL,
    received_ns INTEGER NOT NULL,
    refusals TEXT NOT NULL,
    size INTEGER NOT NULL,
    deflated INTEGER NOT NULL,
    crc INTEGER NOT NULL,
    due_ns INTEGER NOT NULL DEFAULT 0,
    body BLOB NOT NULL
)
"""
SCHEMA = (
    TABLE,
    "CREATE INDEX IF NOT EXISTS waiting ON requests (received_ns) WHERE due_ns = 0",
    "CREATE INDEX IF NOT EXISTS put_off ON requests (due_ns) WHERE due_ns > 0",
)
COLUMNS = "digest, signal, received_ns, refusals, size, deflated, crc, body"
_INSERT = f"INSERT OR IGNORE INTO requests ({COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
_PRAGMAS = ("page_size = 8192", "journal_mode = WAL", "synchronous = FULL", "journal_size_limit = 0")
_NOT_DONE = "hex(digest) NOT IN (SELECT value FROM json_each(?))"
_DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


class SpoolUnavailable(Exception):
    """Nothing can be spooled now: no room, or the disk refuses."""


class SpoolFile:
    """add() returns only after the rows are on disk. Every call raises SpoolUnavailable, or Damaged."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._stored = 0
        self._done: set[bytes] = set()
        self._connection: sqlite3.Connection | None = None

    def open(self) -> None:
        with _errors_of_ours():
            # SQLite itself would make the file readable for others.
            os.close(os.open(self.path, os.O_CREAT | os.O_RDWR, 0o600))
            connection = sqlite3.connect(self.path, isolation_level=None, check_same_thread=False)
            try:
                for pragma in _PRAGMAS:
                    connection.execute(f"PRAGMA {pragma}").fetchall()
                for statement in SCHEMA:
                    connection.execute(statement)
            except BaseException:
                connection.close()
                raise
            _sync_directory(self.path.parent)
        self._connection = connection
        self._done.clear()
        self._stored = self._value("SELECT count(*) FROM requests") or 0

    def close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    @property
    def _db(self) -> sqlite3.Connection:
        if self._connection is None:
            self.open()
        assert self._connection is not None
        return self._connection

    def check(self) -> None:
        """Reads the whole structure; raises Damaged if something is wrong with it."""
        with _errors_of_ours():
            found = self._db.execute("PRAGMA quick_check(1)").fetchone()[0]
        if found != "ok":
            raise Damaged(found)

    def add(self, rows: Iterable[Row]) -> None:
        """All of them or none. One that is there already stays as it is."""
        with self._transaction() as transaction:
            added = transaction.executemany(_INSERT, rows).rowcount
        self._stored += added

    def oldest(self, now_ns: int, max_bytes: int) -> list[Row]:
        """The oldest rows that are due: inflated up to so many bytes, and one in any case."""
        if self._done:
            self._delete()
        found: list[Row] = []
        size = 0
        with _errors_of_ours():
            query = f"SELECT {COLUMNS} FROM requests WHERE due_ns <= ? AND {_NOT_DONE} ORDER BY id"
            for row in self._db.execute(query, (now_ns, self._done_as_json())):
                size += row[4]
                if found and size > max_bytes:
                    break
                found.append(row)
        return found

    def remove(self, digests: Sequence[bytes]) -> None:
        """Rows are left out from now on, and gone with the next restart at the latest where the disk has no room to
        note it. Once nothing is left the file is made anew, which gives its space back."""
        self._done.update(digests)
        if self.rows:
            self._delete()
        else:
            self.close()
            with _errors_of_ours():
                remove_files(self.path)
            self.open()

    def _delete(self) -> None:
        try:
            with self._transaction() as transaction:
                rows = [(digest,) for digest in self._done]
                removed = transaction.executemany("DELETE FROM requests WHERE digest = ?", rows).rowcount
        except SpoolUnavailable:
            # On a full disk even forgetting fails; what comes again after a restart is in the ledger.
            return
        self._stored -= removed
        self._done.clear()

    def put_off(self, digest: bytes, due_ns: int) -> None:
        """Keeps the row out of oldest() until then."""
        with self._transaction() as transaction:
            transaction.execute("UPDATE requests SET due_ns = ? WHERE digest = ?", (due_ns, digest))

    @property
    def rows(self) -> int:
        return self._stored - len(self._done)

    def waiting(self) -> int:
        """Rows that were never put off, those included that only the disk has not forgotten: a restart brings them
        back."""
        return self._stored - (self._value("SELECT count(*) FROM requests WHERE due_ns > 0") or 0)

    def oldest_received_ns(self) -> int | None:
        """Of the waiting rows; None without any."""
        return self._value("SELECT min(received_ns) FROM requests WHERE due_ns = 0")

    def _done_as_json(self) -> str:
        return json.dumps([digest.hex().upper() for digest in self._done])

    def used_bytes(self) -> int:
        """Without pages that are free to be used again."""
        pages, free, size = (
            self._value(f"PRAGMA {name}") or 0 for name in ("page_count", "freelist_count", "page_size")
        )
        return (pages - free) * size

    def _value(self, query: str) -> int | None:
        with _errors_of_ours():
            value: int | None = self._db.execute(query).fetchone()[0]
        return value

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with _errors_of_ours():
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield self._db
                self._db.execute("COMMIT")
            finally:
                # On a full disk SQLite may have ended the transaction by itself.
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")


def remove_files(path: Path) -> None:
    """A SQLite file and what lies beside it."""
    for suffix in ("-wal", "-shm", ""):
        path.with_name(path.name + suffix).unlink(missing_ok=True)


@contextmanager
def _errors_of_ours() -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        # The low byte is the kind; what else there is tells kinds apart further.
        if getattr(error, "sqlite_errorcode", 0) & 0xFF in _DAMAGED:
            raise Damaged(str(error)) from error
        raise SpoolUnavailable(str(error)) from error
    except OSError as error:
        raise SpoolUnavailable(str(error)) from error


def _sync_directory(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
