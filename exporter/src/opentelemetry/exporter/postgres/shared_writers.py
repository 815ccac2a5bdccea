"""One writer for all exporters of a process that name the same database, and anew in every forked child."""

import os
import threading
from dataclasses import dataclass

from opentelemetry.exporter.postgres.writer_thread import WriterThread


@dataclass(slots=True)
class _Shared:
    thread: WriterThread
    users: int = 0


_lock = threading.Lock()
_shared: dict[str, _Shared] = {}
# A child shares the selector of its parent's loop: a connection that was collected here would be deaf over there.
_of_ancestors: list[WriterThread] = []


def join(dsn: str) -> None:
    """Has a writer be there until leave() was called as often."""
    with _lock:
        shared = _shared.get(dsn)
        if shared is None:
            shared = _shared[dsn] = _Shared(WriterThread(dsn))
        shared.users += 1


def writer_for(dsn: str) -> WriterThread:
    """The writer of this process. MUST be called between join() and leave()."""
    return _shared[dsn].thread


def leave(dsn: str, seconds: float) -> None:
    """The last to leave ends the writer, which waits for so long for what was accepted to be written."""
    with _lock:
        shared = _shared[dsn]
        shared.users -= 1
        if shared.users:
            return
        del _shared[dsn]
    shared.thread.close(seconds)


def _forked() -> None:
    """Gives the child threads and connections of its own. Another thread of the parent may have held the lock."""
    global _lock
    _lock = threading.Lock()
    for dsn, shared in list(_shared.items()):
        _of_ancestors.append(shared.thread)
        shared.thread = WriterThread(dsn)


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forked)
