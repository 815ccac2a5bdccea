"""Two pipes between a parent and its child process: "I am ready" upwards, "I am alive" downwards."""

import os
import signal
import threading

READY_VARIABLE = "OTELGRES_READY_FD"
PARENT_VARIABLE = "OTELGRES_PARENT_FD"
READY = b"ready\n"
GRACE_SECONDS = 35.0


def announce_ready() -> None:
    """Tell the parent that this process does its work now; without a parent that asks, do nothing."""
    descriptor = os.environ.pop(READY_VARIABLE, None)
    if descriptor is not None:
        with os.fdopen(int(descriptor), "wb") as pipe:
            pipe.write(READY)


def hold() -> None:
    """End with the parent: when it is gone, send ourselves SIGTERM, and exit if that has no effect in time.

    Call once, at the start of a process whose SIGTERM means an orderly end.
    """
    descriptor = os.environ.pop(PARENT_VARIABLE, None)
    if descriptor is not None:
        threading.Thread(target=_watch, args=(int(descriptor),), name="lifeline", daemon=True).start()


def _watch(descriptor: int) -> None:
    # Nothing is ever written to this pipe: a read returns when the last writer, the parent, is gone.
    os.read(descriptor, 1)
    os.kill(os.getpid(), signal.SIGTERM)
    threading.Event().wait(GRACE_SECONDS)
    os._exit(1)
