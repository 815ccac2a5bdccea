"""The benchmark's side of a sending process."""

import asyncio
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

ROOT = Path(__file__).parents[2]
PREPARE_SECONDS = 300.0
RUN_SECONDS = 300.0
KEY_VARIABLE = "BENCHMARK_KEY"
"""In the environment of a sender that is to present a key."""


class SenderFailed(Exception):
    """A sender ended before its run did; why stands on its standard error."""


class Sender:
    """`python -m module` as a process that follows benchmarks.ingest.start_line."""

    def __init__(self, module: str, *arguments: str, environment: Mapping[str, str] | None = None) -> None:
        self._module = module
        self._arguments = arguments
        self._environment = os.environ | dict(environment or {})
        self._process: asyncio.subprocess.Process | None = None

    async def __aenter__(self) -> Self:
        """Start the process and return when it has prepared its run."""
        self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            self._module,
            *self._arguments,
            cwd=ROOT,
            env=self._environment,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        try:
            await self._line("ready", PREPARE_SECONDS)
        except BaseException:
            await self._end()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._end()

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    async def run(self) -> int:
        """Say go; return the number of items that were acknowledged, when all were. The process lives on."""
        assert self._process is not None
        assert self._process.stdin is not None
        self._process.stdin.write(b"go\n")
        return int(await self._line("done", RUN_SECONDS))

    async def _line(self, word: str, patience: float) -> str:
        assert self._process is not None
        assert self._process.stdout is not None
        line = (await asyncio.wait_for(self._process.stdout.readline(), patience)).decode()
        if not line.startswith(word):
            raise SenderFailed(f"{self._module} ended before it was {word}")
        return line.removeprefix(word).strip()

    async def _end(self) -> None:
        assert self._process is not None
        if self._process.stdin is not None:
            self._process.stdin.close()
        try:
            await asyncio.wait_for(self._process.wait(), 5)
        except TimeoutError:
            self._process.kill()
            await self._process.wait()
