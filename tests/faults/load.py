"""Senders as the harness holds them: started, watched, stopped or killed."""

import asyncio
import dataclasses
import json
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from tests.faults.items import Stream
from tests.faults.sender import Counts, Plan
from tests.otelgres_process import plain_environment

ROOT = Path(__file__).parents[2]
START_SECONDS = 30.0
BESIDE_RATE = 500.0
"""Of senders that come to the first one, so that the load stays about what was asked for."""


class SenderProcess:
    """`python -m tests.faults.sender`. Its counts are those of its last report."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.counts = {stream: Counts() for stream in Stream}
        self._process: asyncio.subprocess.Process | None = None
        self._reader: asyncio.Task[None] | None = None
        self._reported = asyncio.Event()

    @property
    def acknowledged(self) -> dict[Stream, int]:
        return {stream: counts.acknowledged for stream, counts in self.counts.items()}

    async def start(self) -> None:
        """Returns with its first report."""
        self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", "tests.faults.sender", json.dumps(dataclasses.asdict(self.plan))),
            cwd=ROOT,
            # Without it gRPC logs what it then reports anyway.
            env=plain_environment() | {"GRPC_VERBOSITY": "ERROR"},
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        self._reader = asyncio.create_task(self._read())
        async with asyncio.timeout(START_SECONDS):
            await self.report()

    async def report(self) -> None:
        """Returns with the next report. Raises ConnectionError when the process has ended."""
        assert self._reader is not None
        self._reported.clear()
        waiting = asyncio.create_task(self._reported.wait())
        await asyncio.wait([waiting, self._reader], return_when=asyncio.FIRST_COMPLETED)
        if not waiting.done():
            waiting.cancel()
            raise ConnectionError(f"sender {self.plan.sender} has ended")

    async def stop(self) -> None:
        """Lets it finish what it has begun, which takes its patience at most."""
        if self._process is None or self._reader is None:
            return
        assert self._process.stdin is not None
        self._process.stdin.close()
        try:
            async with asyncio.timeout(self.plan.patience + START_SECONDS):
                await self._reader
                await self._process.wait()
        except TimeoutError:
            await self.kill()

    async def kill(self) -> None:
        """SIGKILL."""
        if self._process is not None and self._process.returncode is None:
            with suppress(ProcessLookupError):
                self._process.kill()
            await self._process.wait()
        if self._reader is not None:
            await self._reader

    async def _read(self) -> None:
        assert self._process is not None
        assert self._process.stdout is not None
        async for line in self._process.stdout:
            report: dict[str, dict[str, Any]] = json.loads(line)
            self.counts = {Stream[name]: Counts(**counts) for name, counts in report.items()}
            self._reported.set()


class Load:
    """All senders of one trial. Each has a number of its own, counted from `first_sender`."""

    def __init__(self, directory: Path, first_sender: int, **plan: Any) -> None:
        self.first_sender = first_sender
        self.senders: list[SenderProcess] = []
        self._directory = directory
        self._plan = plan

    @property
    def numbers(self) -> range:
        """Of its senders."""
        return range(self.first_sender, self.first_sender + len(self.senders))

    @property
    def journals(self) -> list[Path]:
        return [Path(sender.plan.journal) for sender in self.senders]

    def counts(self) -> dict[Stream, Counts]:
        """Of all senders."""
        return {stream: _sum([sender.counts[stream] for sender in self.senders]) for stream in Stream}

    async def add(self, **more: Any) -> SenderProcess:
        """Starts a sender. `more` are fields of its plan that differ."""
        number = self.first_sender + len(self.senders)
        beside = {"rate": BESIDE_RATE} if self.senders else {}
        journal = str(self._directory / f"sender-{number}.journal")
        sender = SenderProcess(Plan(**{"sender": number, "journal": journal, **self._plan, **beside, **more}))
        self.senders.append(sender)
        await sender.start()
        return sender

    async def until_acknowledged(self, seconds: float) -> None:
        """Returns once every stream of the first sender has more acknowledged than now. Raises TimeoutError."""
        sender = self.senders[0]
        before = sender.acknowledged
        deadline = time.monotonic() + seconds
        while any(now <= before[stream] for stream, now in sender.acknowledged.items()):
            if time.monotonic() > deadline:
                silent = [stream.name for stream, now in sender.acknowledged.items() if now <= before[stream]]
                raise TimeoutError(f"nothing acknowledged within {seconds:.0f} s: {', '.join(silent)}")
            await sender.report()

    async def stop(self) -> None:
        await asyncio.gather(*(sender.stop() for sender in self.senders))

    async def kill(self) -> None:
        await asyncio.gather(*(sender.kill() for sender in self.senders))


def _sum(parts: list[Counts]) -> Counts:
    total = Counts()
    for part in parts:
        total.requests += part.requests
        total.acknowledged += part.acknowledged
        total.refused += part.refused
        total.silent += part.silent
        total.dropped += part.dropped
        total.abandoned += part.abandoned
        total.slowest = max(total.slowest, part.slowest)
        total.reason = total.reason or part.reason
    return total
