"""Claiming ports before any worker binds them.

Workers share a port by SO_REUSEPORT, which would also let a stranger's server share it unnoticed. So each
port is tried without that flag first, and a file lock keeps a second Otelgres out from then on.
"""

import asyncio
import contextlib
import errno
import fcntl
import logging
import os
import socket
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import ExitStack, asynccontextmanager
from pathlib import Path
from typing import IO

from server.errors import OtelgresError
from server.runtime_dir import runtime_directory

logger = logging.getLogger(__name__)

PREDECESSOR_SECONDS = 40.0
POLL_SECONDS = 0.05


@asynccontextmanager
async def claimed(host: str, ports: Mapping[str, int]) -> AsyncIterator[None]:
    """Hold these ports (variable -> port) on the host; an OtelgresError names the first one in use."""
    with ExitStack() as stack:
        for variable, port in ports.items():
            lock = stack.enter_context(_locked(variable, port))
            stack.callback(os.unlink, lock.name)
            # An orderly end removes the file: the name in one that nobody holds is of one that was killed.
            killed = lock.read().strip()
            await _until_free(host, variable, port, patience=PREDECESSOR_SECONDS if killed else 0)
            lock.truncate(0)
            print(os.getpid(), file=lock, flush=True)
        yield


def holder_of(port: int) -> int | None:
    """The process id of the Otelgres that holds a port."""
    path = runtime_directory() / f"port-{port}.lock"
    with contextlib.suppress(OSError, ValueError), path.open() as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return int(lock.read())
    return None


def _locked(variable: str, port: int) -> IO[str]:
    path = runtime_directory() / f"port-{port}.lock"
    while True:
        lock = path.open("a+")
        lock.seek(0)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = lock.read().strip()
            lock.close()
            raise OtelgresError(
                f"port {port} is in use by another Otelgres (pid {holder}): stop it, or choose another by {variable}"
            ) from None
        if _is_at(path, lock):
            return lock
        lock.close()


def _is_at(path: Path, lock: IO[str]) -> bool:
    """Whether the locked file is still the one at the path, and not one that its last holder has removed."""
    with contextlib.suppress(FileNotFoundError):
        return os.path.samestat(path.stat(), os.fstat(lock.fileno()))
    return False


async def _until_free(host: str, variable: str, port: int, *, patience: float) -> None:
    deadline = time.monotonic() + patience
    told = False
    while not is_free(host, variable, port):
        if time.monotonic() >= deadline:
            raise OtelgresError(
                f"port {port} on {host} is in use by another program: stop it, or choose another by {variable}"
            )
        if not told:
            logger.info("waiting for the processes of a killed Otelgres to give port %d back", port)
            told = True
        await asyncio.sleep(POLL_SECONDS)


def is_free(host: str, variable: str, port: int) -> bool:
    """Whether the port can be bound. Raises OtelgresError where that fails for another reason than its use."""
    for family, kind, protocol, _, address in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
        with socket.socket(family, kind, protocol) as probe:
            # With this flag a predecessor's connections in TIME_WAIT do not count; a listening socket does.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if family == socket.AF_INET6:
                probe.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            try:
                probe.bind(address)
                probe.listen(1)
            except OSError as error:
                if error.errno == errno.EADDRINUSE:
                    return False
                raise OtelgresError(
                    f"cannot bind port {port} ({variable}) on OTELGRES_HOST={host}: {error.strerror}"
                ) from None
    return True
