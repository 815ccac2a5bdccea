"""Clients of the live tail: `python -m benchmarks.tail.watchers URL COUNT`.

Says `ready` once all are served. A line on standard input says how many logs each client is to get, in JSON; when they
have come, or nothing came for ten seconds, it tells of each client what it got, in JSON too.
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

QUIET_SECONDS = 10.0


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


async def watch(url: str, q: str, served: asyncio.Barrier, watched: Watched) -> None:
    async with connect(f"{url}?q={quote(q)}", compression=None, max_size=None, proxy=None) as socket:
        _decoder.decode(await socket.recv())
        await served.wait()
        async for text in socket:
            message = _decoder.decode(text)
            watched.skipped += message.skipped
            if message.data is not None:
                batch = int(message.token.rpartition("~")[2].split(".")[1])
                watched.delays.append(time.time() * 1000 - batch / 1000)
                watched.ids.append(message.data.id)


async def main(url: str, count: int) -> None:
    served, clients = asyncio.Barrier(count + 1), [Watched() for _ in range(count)]
    tasks = [
        asyncio.create_task(watch(url, q, served, client))
        for (q, _), client in zip(filters(count), clients, strict=True)
    ]
    await served.wait()
    print("ready", flush=True)
    expected = json.loads(await asyncio.to_thread(sys.stdin.readline))
    had, deadline = -1, 0.0
    while any(len(client.ids) + client.skipped < due for client, due in zip(clients, expected, strict=True)):
        if (have := sum(len(client.ids) for client in clients)) > had:
            had, deadline = have, time.monotonic() + QUIET_SECONDS
        elif time.monotonic() > deadline:
            break
        await asyncio.sleep(0.05)
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)
    print(json.dumps([asdict(client) for client in clients]), flush=True)


if __name__ == "__main__":
    uvloop.run(main(sys.argv[1], int(sys.argv[2])))
