"""Requests on disk while the database is away."""

import asyncio
import logging
import os
import socket
import time
from collections.abc import Callable
from concurrent.futures import Executor
from pathlib import Path
from typing import TypeVar, TypeVarTuple

from receiver.disk_guard import DiskGuard
from receiver.spool_file import SpoolFile, SpoolUnavailable
from receiver.spool_rows import Damaged, Entry, entry_of, row_of
from receiver.spool_salvage import finish_interrupted, salvage

SIZES_LAST = 0.5
"""Seconds that what the other spools of the directory take is not looked up again."""
REFUSED_LASTS = 1.0
"""Seconds that nothing is tried after the disk has refused."""
Given = TypeVarTuple("Given")
Done = TypeVar("Done")
_log = logging.getLogger(__name__)


class Room:
    """What all spools of a directory may take together, and what their disk must keep free."""

    def __init__(self, directory: Path, max_bytes: int, guard: DiskGuard) -> None:
        self._directory = directory
        self._max_bytes = max_bytes
        self._guard = guard
        self._looked_at = float("-inf")
        self._sizes: dict[str, int] = {}

    def check(self, own: Path, wanted: int) -> None:
        """Raises SpoolUnavailable unless the file `own` may come to take so many bytes."""
        if not self._guard.has_room:
            raise SpoolUnavailable("the disk of the spool is almost full")
        now = time.monotonic()
        if now - self._looked_at >= SIZES_LAST:
            self._looked_at = now
            try:
                with os.scandir(self._directory) as files:
                    self._sizes = {file.name: file.stat().st_size for file in files if ".sqlite" in file.name}
            except OSError as error:
                raise SpoolUnavailable(str(error)) from error
        # Its journal and shared memory are its own too, and in `wanted` already.
        others = sum(size for name, size in self._sizes.items() if not name.startswith(own.name))
        if others + wanted > self._max_bytes:
            raise SpoolUnavailable("the spool is full")


class Spool:
    """One file of the spool, on a thread of its own: what comes while one group is written to disk is the next group.

    A file that turns out to be damaged is replaced by what can be read of it.
    """

    def __init__(self, path: Path, thread: Executor, room: Room) -> None:
        self.path = path
        self.name = f"{socket.gethostname()}:{path}"
        self.rows = self.waiting = 0
        self.used_bytes = 0
        self.first_received_ns: int | None = None
        self._file = SpoolFile(path)
        self._thread = thread
        self._room = room
        self._adding: list[tuple[Entry, asyncio.Future[None]]] = []
        self._adding_bytes = 0
        self._under_way: list[Entry] = []
        self._writing: asyncio.Task[None] | None = None
        self._refused_until = float("-inf")
        self._refusal = ""

    async def open(self) -> None:
        """Looks through the file, if there is one. Raises SpoolUnavailable; the spool MAY be used all the same, and
        then tries again."""
        await self._run(self._open)

    def _open(self) -> None:
        finish_interrupted(self.path)
        self._file.check()
        self.first_received_ns = self._file.oldest_received_ns()

    async def close(self) -> None:
        """MUST be called after the last add(). An empty file is removed."""
        if self._writing is not None:
            await self._writing
        await asyncio.get_running_loop().run_in_executor(self._thread, self._file.close)
        if not self.rows:
            self.path.unlink(missing_ok=True)

    async def add(self, entry: Entry) -> None:
        """Returns only after the request is on disk; raises SpoolUnavailable, and MAY have stored it all the same."""
        if time.monotonic() < self._refused_until:
            raise SpoolUnavailable(self._refusal)
        self._room.check(self.path, self.used_bytes + self._adding_bytes + len(entry.body))
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._adding.append((entry, done))
        self._adding_bytes += len(entry.body)
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write())
        await done

    async def _write(self) -> None:
        """Groups until nothing waits."""
        while self._adding:
            group, self._adding = self._adding, []
            self._under_way = [entry for entry, _ in group]
            failure: Exception | None = None
            try:
                await self._run(self._add, self._under_way)
            except Exception as error:  # noqa: BLE001 - whatever it is, those who wait are told to try again
                failure = error if isinstance(error, SpoolUnavailable) else SpoolUnavailable(repr(error))
                self._refused_until, self._refusal = time.monotonic() + REFUSED_LASTS, str(failure)
            self._adding_bytes -= sum(len(entry.body) for entry, _ in group)
            self._under_way = []
            for _, done in group:
                if done.done():
                    continue
                if failure is None:
                    done.set_result(None)
                else:
                    done.set_exception(failure)

    def _add(self, entries: list[Entry]) -> None:
        if not self._file.rows:
            self.first_received_ns = entries[0].received_ns
        self._file.add([row_of(entry) for entry in entries])

    async def next_group(self, max_bytes: int) -> list[Entry]:
        """The oldest requests that are due: up to so many bytes, and one in any case. Raises SpoolUnavailable."""
        return await self._run(self._next_group, max_bytes)

    def _next_group(self, max_bytes: int) -> list[Entry]:
        entries = [entry_of(row) for row in self._file.oldest(time.time_ns(), max_bytes)]
        if entries:
            self.first_received_ns = entries[0].received_ns
        return entries

    async def remove(self, digests: list[bytes]) -> None:
        """Forgets requests that are stored elsewhere. Raises SpoolUnavailable."""
        await self._run(self._file.remove, digests)

    async def put_off(self, digest: bytes, seconds: float) -> None:
        """Leaves a request out for so long. Raises SpoolUnavailable."""
        await self._run(self._file.put_off, digest, time.time_ns() + int(seconds * 1e9))

    async def oldest_received_ns(self) -> int | None:
        """Of all requests that are in the spool or on their way into it, but for those put off. In ns since 1970."""
        coming = [entry.received_ns for entry in (*self._under_way, *(entry for entry, _ in self._adding))]
        stored = await self._run(self._file.oldest_received_ns)
        return min((*coming, stored), default=None) if stored is not None else min(coming, default=None)

    async def _run(self, work: Callable[[*Given], Done], *given: *Given) -> Done:
        try:
            return await asyncio.get_running_loop().run_in_executor(self._thread, self._mended, work, *given)
        except (Damaged, OSError) as error:
            raise SpoolUnavailable(str(error)) from error

    def _mended(self, work: Callable[[*Given], Done], *given: *Given) -> Done:
        try:
            return self._counted(work, *given)
        except Damaged as damage:
            self._file.close()
            salvage(self.path, damage)
            return self._counted(work, *given)

    def _counted(self, work: Callable[[*Given], Done], *given: *Given) -> Done:
        try:
            return work(*given)
        finally:
            self.waiting, self.used_bytes = self._file.waiting(), self._file.used_bytes()
            self.rows = self._file.rows
