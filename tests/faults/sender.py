"""A sender of four streams as a process of its own: `python -m tests.faults.sender PLAN`, PLAN as JSON.

It sends until its standard input ends, then finishes what it has begun. Every retry has the same bytes. Its counts go
to standard output, a line of JSON each time; acknowledgements go to the journal.
"""

import asyncio
import dataclasses
import json
import os
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from random import Random

import uvloop

from tests.faults.items import Stream, maker
from tests.faults.journal import Journal
from tests.faults.lanes import Lane, Result, open_lane

FIRST_PAUSE, LONGEST_PAUSE = 0.1, 1.0
REPORT_SECONDS = 0.2
CATCH_UP_SECONDS = 1.0


@dataclass(frozen=True)
class Plan:
    """rate: items a second over all streams. connections: a stream. at_once: each connection begins with a request
    that waits for no turn. patience: seconds that a request is sent again. shifts: seconds from now to the items' time,
    taken in turn."""

    sender: int
    journal: str
    grpc_port: int
    http_port: int
    host: str = "127.0.0.1"
    rate: float = 1000.0
    items: int = 20
    connections: int = 4
    at_once: bool = False
    patience: float = 180.0
    shifts: tuple[float, ...] = (0.0,)


@dataclass
class Counts:
    """Of a stream. requests: begun. acknowledged: items. refused, silent: attempts. dropped: items refused for good.
    abandoned: items sent again in vain for too long. slowest: seconds to an answer."""

    requests: int = 0
    acknowledged: int = 0
    refused: int = 0
    silent: int = 0
    dropped: int = 0
    abandoned: int = 0
    slowest: float = 0.0
    reason: str = ""


class StreamSender:
    """One stream over its connections."""

    def __init__(self, plan: Plan, stream: Stream, journal: Journal, stop: asyncio.Event) -> None:
        self.counts = Counts()
        self._plan = plan
        self._stream = stream
        self._journal = journal
        self._stop = stop
        self._rng = Random()
        self._make = maker(stream, plan.sender, plan.items, self._rng)
        self._interval = plan.items * len(Stream) / plan.rate
        self._next_at = time.monotonic() + self._rng.random() * self._interval

    async def run(self) -> None:
        await asyncio.gather(*(self._work() for _ in range(self._plan.connections)))

    async def _work(self) -> None:
        plan = self._plan
        lane = open_lane(self._stream, plan.host, plan.grpc_port, plan.http_port)
        if plan.at_once:
            await self._deliver(lane)
        while not await self._ended_before_my_turn():
            await self._deliver(lane)
        await lane.close()

    async def _ended_before_my_turn(self) -> bool:
        now = time.monotonic()
        turn = max(self._next_at, now - CATCH_UP_SECONDS)
        self._next_at = turn + self._interval
        return await self._ended_within(turn - now)

    async def _ended_within(self, seconds: float) -> bool:
        if seconds > 0:
            try:
                async with asyncio.timeout(seconds):
                    await self._stop.wait()
            except TimeoutError:
                pass
        return self._stop.is_set()

    async def _deliver(self, lane: Lane) -> None:
        counts, plan = self.counts, self._plan
        request = self._stream.first_request(plan.sender) + counts.requests
        shift = plan.shifts[counts.requests % len(plan.shifts)]
        counts.requests += 1
        body = self._make(request, time.time_ns() + int(shift * 1e9))
        begun = time.monotonic()
        pause = FIRST_PAUSE
        while True:
            attempted = time.monotonic()
            answer = await lane.send(body)
            now = time.monotonic()
            if answer.result is not Result.SILENT:
                counts.slowest = max(counts.slowest, now - attempted)
            if answer.result is Result.ACCEPTED:
                self._journal.acknowledged(request, plan.items - answer.rejected)
                counts.acknowledged += plan.items - answer.rejected
                counts.dropped += answer.rejected
                return
            if answer.result is Result.DROPPED:
                counts.dropped += plan.items
                counts.reason = counts.reason or answer.reason
                return
            counts.refused += answer.result is Result.REFUSED
            counts.silent += answer.result is Result.SILENT
            if now - begun > plan.patience:
                counts.abandoned += plan.items
                counts.reason = counts.reason or answer.reason
                return
            await asyncio.sleep(pause * self._rng.uniform(0.5, 1))
            pause = min(2 * pause, LONGEST_PAUSE)


async def run(plan: Plan) -> None:
    """One sender's life."""
    stop = asyncio.Event()
    journal = Journal(Path(plan.journal))
    streams = {stream: StreamSender(plan, stream, journal, stop) for stream in Stream}

    def report() -> None:
        line = json.dumps({stream.name: dataclasses.asdict(each.counts) for stream, each in streams.items()})
        os.write(sys.stdout.fileno(), line.encode() + b"\n")

    async def keep_reporting() -> None:
        while True:
            report()
            await asyncio.sleep(REPORT_SECONDS)

    loop = asyncio.get_running_loop()

    def ended() -> None:
        loop.remove_reader(sys.stdin.fileno())
        stop.set()

    loop.add_reader(sys.stdin.fileno(), ended)
    reporting = asyncio.create_task(keep_reporting())
    await asyncio.gather(*(each.run() for each in streams.values()))
    reporting.cancel()
    report()


if __name__ == "__main__":
    given = json.loads(sys.argv[1])
    uvloop.run(run(Plan(**given | {"shifts": tuple(given["shifts"])})))
