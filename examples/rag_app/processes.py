"""Child processes: waited for until they are of use, and stopped in order."""

import asyncio
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import IO

ROOT = Path(__file__).parents[2]
_POLL_SECONDS = 0.05

Child = asyncio.subprocess.Process


class StartError(RuntimeError):
    """A process did not come up; the message is for people."""


@asynccontextmanager
async def running(
    command: list[str],
    ready: Callable[[], Awaitable[bool]],
    *,
    env: Mapping[str, str] | None = None,
    output: IO[bytes] | None = None,
    start_seconds: float = 30,
    stop_seconds: float = 15,
) -> AsyncIterator[Child]:
    """Runs command in the repository's root from the moment it is ready; SIGTERM at the end, then SIGKILL.

    output takes stdout and stderr, which else are the caller's; env is added to the caller's environment.
    Raises StartError when the process ends or start_seconds pass before it is ready.
    """
    child = await asyncio.create_subprocess_exec(
        *command,
        cwd=ROOT,
        env={**os.environ, **(env or {})},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=output,
        stderr=output,
        # A group of its own: the terminal's Ctrl-C reaches the caller alone, who stops things in order.
        start_new_session=True,
    )
    try:
        await _until(ready, child, " ".join(command), start_seconds)
        yield child
    finally:
        await _stop(child, stop_seconds)


@asynccontextmanager
async def module(
    name: str, host: str, port: int, *, env: Mapping[str, str] | None = None, output: IO[bytes] | None = None
) -> AsyncIterator[Child]:
    """Runs a Python module that serves on host and port. Raises StartError, also when the port is taken."""
    if await _accepts(host, port):
        raise StartError(f"{name}: port {port} on {host} is in use by another program")
    command = [sys.executable, "-m", name]
    async with running(command, lambda: _accepts(host, port), env=env, output=output) as child:
        yield child


async def _until(ready: Callable[[], Awaitable[bool]], child: Child, command: str, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            while not await ready():
                with suppress(TimeoutError):
                    code = await asyncio.wait_for(child.wait(), _POLL_SECONDS)
                    raise StartError(f"{command} ended with {code} before it was ready")
    except TimeoutError:
        raise StartError(f"{command} was not ready within {seconds:.0f} s") from None


async def _stop(child: Child, seconds: float) -> None:
    if child.returncode is not None:
        return
    child.send_signal(signal.SIGTERM)
    try:
        await asyncio.wait_for(child.wait(), seconds)
    except TimeoutError:
        child.kill()
        await child.wait()


async def _accepts(host: str, port: int) -> bool:
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setblocking(False)
        try:
            await asyncio.get_running_loop().sock_connect(probe, (host, port))
        except OSError:
            return False
    return True
