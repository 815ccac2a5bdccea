"""One child process under supervision: started, awaited, restarted when it dies, replaced, stopped in order."""

import asyncio
import contextlib
import logging
import os
import signal
import sys
import time
from collections.abc import Mapping

from server.errors import OtelgresError
from server.lifeline import PARENT_VARIABLE, READY, READY_VARIABLE

logger = logging.getLogger(__name__)

READY_SECONDS = 60.0
FIRST_DELAY = 0.5
LONGEST_DELAY = 30.0
STEADY_SECONDS = 60.0


class Child:
    """`python -m module` as a process of its own session, so that the terminal's Ctrl-C does not reach it.

    It MUST announce itself by server.lifeline, and end on SIGTERM. `parent_fd` is the read end of a pipe of
    which this process alone holds the write end.
    """

    def __init__(self, name: str, module: str, environment: Mapping[str, str], parent_fd: int) -> None:
        self.name = name
        self._module = module
        self._environment = dict(environment)
        self._parent_fd = parent_fd
        self._process: asyncio.subprocess.Process | None = None
        self._leaving: set[asyncio.subprocess.Process] = set()
        self._turn = asyncio.Lock()

    @property
    def pid(self) -> int | None:
        """Process id of the latest incarnation."""
        return self._process.pid if self._process else None

    async def start(self) -> None:
        """Start the process and return once it is ready; an OtelgresError if it ends or stays silent."""
        self._process = await self._started()

    async def replace(self, *, grace: float) -> None:
        """Start a successor, and stop the process once that is ready. If it does not start, an OtelgresError, and
        nothing has changed."""
        async with self._turn:
            process = self._process
            self._process = await self._started()
        if process is not None:
            self._leaving.add(process)
            await _stop(self.name, process, grace)
            self._leaving.discard(process)

    async def keep(self) -> None:
        """Start the process again whenever it ends, more and more slowly while it does not last."""
        delay = FIRST_DELAY
        while True:
            process, since = self._process, time.monotonic()
            ending = _ending(await process.wait()) if process else "not started"
            async with self._turn:
                if process is self._process:
                    if time.monotonic() - since > STEADY_SECONDS:
                        delay = FIRST_DELAY
                    logger.error("the %s ended (%s); starting it again in %.1f s", self.name, ending, delay)
                    delay = await self._revived(delay)

    async def stop(self, *, grace: float) -> None:
        """SIGTERM, and after `grace` seconds SIGKILL; returns when the process has ended."""
        await asyncio.gather(*(_stop(self.name, process, grace) for process in self._processes()))

    def kill(self) -> None:
        """SIGKILL, at once."""
        for process in self._processes():
            _kill(process)

    def _processes(self) -> set[asyncio.subprocess.Process]:
        return self._leaving | ({self._process} if self._process else set())

    async def _revived(self, delay: float) -> float:
        """Starts it, the first time after `delay` seconds; returns how long to wait the next time."""
        while True:
            await asyncio.sleep(delay)
            delay = min(2 * delay, LONGEST_DELAY)
            try:
                await self.start()
            except (OtelgresError, OSError) as error:
                logger.error("the %s did not start: %s; trying again in %.1f s", self.name, error, delay)
            else:
                logger.info("the %s runs again", self.name)
                return delay

    async def _started(self) -> asyncio.subprocess.Process:
        reading, writing = os.pipe()
        try:
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                self._module,
                env=self._environment | {READY_VARIABLE: str(writing), PARENT_VARIABLE: str(self._parent_fd)},
                pass_fds=(writing, self._parent_fd),
                stdin=asyncio.subprocess.DEVNULL,
                start_new_session=True,
            )
        except BaseException:
            os.close(reading)
            raise
        finally:
            os.close(writing)
        try:
            await self._announced(process, reading)
        except BaseException:
            _kill(process)
            await process.wait()
            raise
        return process

    async def _announced(self, process: asyncio.subprocess.Process, reading: int) -> None:
        try:
            announced = await asyncio.wait_for(_read(reading), READY_SECONDS)
        except TimeoutError:
            raise OtelgresError(f"the {self.name} was not ready after {READY_SECONDS:.0f} s") from None
        if announced != READY:
            code = await process.wait()
            raise OtelgresError(f"the {self.name} ended at its start ({_ending(code)})")


async def _stop(name: str, process: asyncio.subprocess.Process, grace: float) -> None:
    if process.returncode is not None:
        return
    with contextlib.suppress(ProcessLookupError):
        process.send_signal(signal.SIGTERM)
    try:
        await asyncio.wait_for(process.wait(), grace)
    except TimeoutError:
        logger.error("the %s did not end within %.0f s; killing it", name, grace)
        _kill(process)
        await process.wait()


def _kill(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            process.kill()


async def _read(descriptor: int) -> bytes:
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader()
    pipe = os.fdopen(descriptor, "rb", buffering=0)
    transport, _ = await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), pipe)
    try:
        return await reader.readline()
    finally:
        transport.close()


def _ending(code: int) -> str:
    return signal.Signals(-code).name if code < 0 else f"exit code {code}"
