"""Clients of the live tail: `python -m benchmarks.tail.watchers URL COUNT`.

Says `ready` once all are served; at a line on standard input it ends as soon as nothing came for two seconds, and
tells of each client the ids of the logs it got, how many it was told were skipped, and each log's delay in ms.
"""

import asyncio
import json
import sys
import time
from dataclasses import asdict, dataclass, field
from urllib.parse import quote

import msgspec
import uvloop
from websockets.asyncio.client import connect

from benchmarks.tail.filters import filters

QUIET_SECONDS = 2.0


class _Log(msgspec.Struct):
    id: str


class _Message(msgspec.Struct):
    type: str
    token: str
    data: _Log | None = None
    skipped: int = 0


_decoder = msgspec.json.Decoder(_Message)


@dataclass
class Watched:
    """What one client got. delays: from the begin of a log's transaction, by the writer's clock, in ms."""

    ids: list[str] = field(default_factory=list)
    skipped: int = 0
    delays: list[float] = field(default_factory=list)


async def watch(url: str, q: str, served: asyncio.Barrier, end: asyncio.Event) -> Watched:
    watched = Watched()
    async with connect(f"{url}?q={quote(q)}", compression=None, max_size=None, proxy=None) as socket:
        _decoder.decode(await socket.recv())
        await served.wait()
        while True:
            try:
                async with asyncio.timeout(QUIET_SECONDS):
                    message = _decoder.decode(await socket.recv())
            except TimeoutError:
                if end.is_set():
                    return watched
                continue
            watched.skipped += message.skipped
            if message.data is not None:
                batch = int(message.token.rpartition("~")[2].split(".")[1])
                watched.delays.append(time.time() * 1000 - batch / 1000)
                watched.ids.append(message.data.id)


async def main(url: str, count: int) -> None:
    served, end = asyncio.Barrier(count + 1), asyncio.Event()
    clients = [asyncio.create_task(watch(url, q, served, end)) for q, _ in filters(count)]
    await served.wait()
    print("ready", flush=True)
    await asyncio.to_thread(sys.stdin.readline)
    end.set()
    print(json.dumps([asdict(each) for each in await asyncio.gather(*clients)]), flush=True)


if __name__ == "__main__":
    uvloop.run(main(sys.argv[1], int(sys.argv[2])))
