"""Which process has which spool file: a number each, held by a lock on a file beside it."""

import fcntl
import os
from pathlib import Path

SUFFIX = ".sqlite"


def is_held(file: Path) -> bool:
    """Whether a process has this spool file. Raises OSError where its lock cannot be read."""
    try:
        with file.with_suffix(".lock").open() as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    return False


class Slots:
    """The numbered spools of a directory. A lock ends with its process, however that ends."""

    def __init__(self, directory: Path) -> None:
        """Raises OSError where the directory cannot be made."""
        self.directory = directory
        self._held: dict[int, int] = {}
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)

    def path(self, number: int) -> Path:
        return self.directory / f"{number}{SUFFIX}"

    def claim(self) -> int:
        """The first number that nobody holds; from now on ours. Raises OSError."""
        number = 1
        while not self._lock(number):
            number += 1
        return number

    def adopt(self) -> list[int]:
        """Numbers of files that nobody holds, left behind by processes that ended; from now on ours."""
        found = sorted(int(file.stem) for file in self.directory.glob(f"*{SUFFIX}") if file.stem.isdecimal())
        # Its holder may have emptied and removed the file while we looked.
        return [
            number for number in found if number not in self._held and self._lock(number) and self._is_there(number)
        ]

    def _is_there(self, number: int) -> bool:
        if self.path(number).exists():
            return True
        self.release(number)
        return False

    def release(self, number: int) -> None:
        """Gives the number back. Its file MUST be closed."""
        os.close(self._held.pop(number))

    def _lock(self, number: int) -> bool:
        if number in self._held:
            return False
        # The lock file stays: one that is removed could be locked by two.
        descriptor = os.open(self.directory / f"{number}.lock", os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            return False
        except OSError:
            os.close(descriptor)
            raise
        self._held[number] = descriptor
        return True
