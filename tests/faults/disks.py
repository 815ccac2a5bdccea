"""Full disks. Where mounting is allowed they are small ones of their own; else files may not grow any more."""

import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path

import psutil

from tests.faults.outages import away, drained
from tests.faults.scenario import Trial

SMALL_DISK = "700m"
"""Room for a fresh PostgreSQL with its programs, and for what is written to it in a minute."""
SMALL_SPOOL_DISK = "24m"
_SPOOL_LEFT = 1 << 20
_HEAVY = 4000
_LARGEST_FILE = 256 << 10
_FULL = "No space left"
_LEFT = 32 << 20
"""Bytes that the guard's scenario leaves free, of the 64 MiB that the guard wants."""
GUARDED = "64MiB"


@contextmanager
def mounted(directory: Path, size: str) -> Iterator[bool]:
    """A small filesystem at a directory that does not exist yet; False where mounting is not allowed."""
    directory.mkdir(parents=True)
    command = ["mount", "-t", "tmpfs", "-o", f"size={size},mode=755", "otelgres-faults", str(directory)]
    try:
        done = subprocess.run(command, capture_output=True).returncode == 0
    except FileNotFoundError:
        done = False
    try:
        yield done
    finally:
        if done:
            subprocess.run(["umount", "--lazy", str(directory)], check=True)


async def spool_full(trial: Trial) -> str:
    """PostgreSQL is away until the spool's disk is full: then every request is refused for later. What is spooled
    leaves the disk though nothing else does."""
    stage = trial.stage
    small = _is_small(stage.spool_directory)
    if not small:
        _limit_file_size(stage.receivers(), _LARGEST_FILE)
    with _ballast(stage.spool_directory, _SPOOL_LEFT) if small else nullcontext():
        async with away(trial):
            heavy = await trial.load.add(rate=_HEAVY, items=100)
            filled = await _until_refused(trial)
            await trial.wait()
        await heavy.stop()
        emptied = await drained(trial)
    _limit_file_size(stage.receivers(), None)
    return f"{_way(small)}; full after {filled:.0f} s; {emptied}"


async def database_full(trial: Trial) -> str:
    """No byte is left on the disk of PostgreSQL and of the spool; then there is room again."""
    stage = trial.stage
    small = _is_small(stage.directory)
    if not small:
        stage.postgres.limit_file_size(_LARGEST_FILE)
        _limit_file_size(stage.receivers(), _LARGEST_FILE)
    with _ballast(stage.directory, 0) if small else nullcontext():
        await trial.wait()
    if not small:
        stage.postgres.limit_file_size(None)
        _limit_file_size(stage.receivers(), None)
    return f"{_way(small)}; {await drained(trial)}"


async def disk_guarded(trial: Trial) -> str:
    """The disk of PostgreSQL comes near its end: the guard refuses before PostgreSQL runs into it."""
    stage = trial.stage
    small = _is_small(stage.directory)
    told = stage.log().count(_FULL)
    least = GUARDED if small else str(psutil.disk_usage(str(stage.directory)).total)
    async with stage.restarted(OTELGRES_MIN_FREE_BYTES=least):
        with _ballast(stage.directory, _LEFT) if small else nullcontext():
            waited = await _until_refused(trial)
            await trial.wait()
    return f"refused after {waited:.1f} s; PostgreSQL met a full disk {stage.log().count(_FULL) - told} times"


@contextmanager
def _ballast(directory: Path, left: int) -> Iterator[None]:
    """A file that takes the free bytes of a filesystem but for the last `left`."""
    path = directory / "ballast"
    with path.open("wb") as ballast:
        try:
            while (size := (_free(directory) - left) // 2 >> 12 << 12) > 0:
                # Others take of the same bytes meanwhile.
                with suppress(OSError):
                    os.posix_fallocate(ballast.fileno(), ballast.seek(0, os.SEEK_END), size)
            yield
        finally:
            path.unlink()


def _free(directory: Path) -> int:
    found = os.statvfs(directory)
    return found.f_bavail * found.f_frsize


async def _until_refused(trial: Trial, seconds: float = 60.0) -> float:
    """Seconds until a request of every stream has been refused. Raises TimeoutError."""
    since = time.monotonic()
    before = {stream: counts.refused for stream, counts in trial.load.counts().items()}
    while any(counts.refused <= before[stream] for stream, counts in trial.load.counts().items()):
        if time.monotonic() - since > seconds:
            raise TimeoutError(f"nothing was refused within {seconds:.0f} s")
        await trial.load.senders[0].report()
    return time.monotonic() - since


def _is_small(directory: Path) -> bool:
    return os.path.ismount(directory)


def _limit_file_size(processes: list[psutil.Process], most: int | None) -> None:
    soft = psutil.RLIM_INFINITY if most is None else most
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            process.rlimit(psutil.RLIMIT_FSIZE, (soft, psutil.RLIM_INFINITY))


def _way(small: bool) -> str:
    return "a small disk" if small else "no right to mount: files that may not grow"
