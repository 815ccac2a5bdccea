"""What processes have used so far."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress

import psutil


def cpu_seconds(pid: int) -> float:
    """User and system time of a process and all its descendants, those that have ended included."""
    return sum(_cpu_seconds(process) for process in _tree(pid))


def resident_bytes(pids: Sequence[int]) -> int:
    """Memory that the largest of these processes holds in RAM, shared pages included."""
    largest: int = max(psutil.Process(pid).memory_info().rss for pid in pids)
    return largest


def parent_named(pid: int, name: str) -> int | None:
    """The parent of a process on this machine if its program is called `name`, else None."""
    with suppress(psutil.NoSuchProcess, psutil.AccessDenied):
        parent = psutil.Process(pid).parent()
        if parent is not None and parent.name() == name:
            return int(parent.pid)
    return None


def usage(groups: Mapping[str, Sequence[int]]) -> dict[str, float]:
    """CPU seconds by group, a group being processes with their descendants."""
    return {name: sum(map(cpu_seconds, pids)) for name, pids in groups.items()}


def _tree(pid: int) -> Iterator[psutil.Process]:
    process = psutil.Process(pid)
    yield process
    yield from process.children(recursive=True)


def _cpu_seconds(process: psutil.Process) -> float:
    with suppress(psutil.NoSuchProcess):
        times = process.cpu_times()
        return float(times.user + times.system + times.children_user + times.children_system)
    return 0.0
