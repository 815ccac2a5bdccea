"""Stops whoever writes before a disk is full."""

import logging
import os
import time
from collections.abc import Callable
from pathlib import Path

CHECK_SECONDS = 1.0
ROOM_AGAIN = 1.1
"""Times the least free space: below it a disk that was full once is not taken for free yet."""
_log = logging.getLogger(__name__)


def free_bytes(directory: Path) -> int:
    """What an ordinary user may still write to the file system of `directory`."""
    found = os.statvfs(directory)
    return found.f_bavail * found.f_frsize


class DiskGuard:
    """Whether the file system of a directory has at least `min_free` bytes left; looked up once a second at most.

    One line is logged when that changes. What cannot be looked up counts as free.
    """

    def __init__(
        self, directory: Path, min_free: int, consequence: str, free: Callable[[Path], int] = free_bytes
    ) -> None:
        self._directory = directory
        self._min_free = min_free
        self._consequence = consequence
        self._free = free
        self._has_room = True
        self._checked_at = float("-inf")

    @property
    def has_room(self) -> bool:
        now = time.monotonic()
        if now - self._checked_at >= CHECK_SECONDS:
            self._checked_at = now
            self._check()
        return self._has_room

    def _check(self) -> None:
        try:
            free = self._free(self._directory)
        except OSError:
            return
        if self._has_room and free < self._min_free:
            self._has_room = False
            _log.error(
                "%s has %d MiB left, less than %d: %s; free some space, or set OTELGRES_MIN_FREE_BYTES",
                self._directory,
                free >> 20,
                self._min_free >> 20,
                self._consequence,
            )
        elif not self._has_room and free >= self._min_free * ROOM_AGAIN:
            self._has_room = True
            _log.warning("%s has %d MiB left again", self._directory, free >> 20)
