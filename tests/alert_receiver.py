"""A real HTTP server that answers notices as it is told to: Slack, PagerDuty or any other webhook."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

DEADLINE_SECONDS = 30


@dataclass(frozen=True)
class Answer:
    """How one request is answered. hang: not at all; cut: by closing the connection."""

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str = "ok"
    hang: bool = False
    cut: bool = False


HANG, CUT = Answer(hang=True), Answer(cut=True)


@dataclass(frozen=True)
class Request:
    """What came. headers: by lower-case name. at: when, by the monotonic clock."""

    path: str
    headers: Mapping[str, str]
    body: bytes
    at: float = field(default_factory=time.monotonic)

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Receiver:
    """Answers in the order given, the last one for ever."""

    def __init__(self, answers: tuple[Answer, ...]) -> None:
        self.requests: list[Request] = []
        self.url = ""
        self._answers = answers or (Answer(),)
        self._came = asyncio.Condition()

    async def until(self, condition: Callable[[list[Request]], bool]) -> None:
        """Waits until the condition holds of all requests that came."""
        async with asyncio.timeout(DEADLINE_SECONDS), self._came:
            await self._came.wait_for(lambda: condition(self.requests))

    async def has(self, count: int) -> None:
        await self.until(lambda requests: len(requests) >= count)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            try:
                request = await _read(reader)
                answer = self._answers[min(len(self.requests), len(self._answers) - 1)]
                self.requests.append(request)
                async with self._came:
                    self._came.notify_all()
                if answer.hang:
                    await reader.read()
                elif not answer.cut:
                    writer.write(_answered(answer))
                    await writer.drain()
            finally:
                writer.close()


@asynccontextmanager
async def receiver(*answers: Answer) -> AsyncIterator[Receiver]:
    """A receiver at `url` on a free port of 127.0.0.1."""
    receiving = Receiver(answers)
    serving: set[asyncio.Task[None]] = set()

    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(receiving.serve(reader, writer))
        serving.add(task)
        task.add_done_callback(serving.discard)

    server = await asyncio.start_server(accept, "127.0.0.1", 0)
    host, port = server.sockets[0].getsockname()
    receiving.url = f"http://{host}:{port}/services/T0/B0/secret-path"
    try:
        yield receiving
    finally:
        server.close()
        for task in list(serving):
            task.cancel()
        await asyncio.gather(*serving, return_exceptions=True)


async def _read(reader: asyncio.StreamReader) -> Request:
    head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
    pairs = (line.split(":", 1) for line in head[1:] if line)
    headers = {name.strip().lower(): value.strip() for name, value in pairs}
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    return Request(head[0].split(" ")[1], headers, body)


def _answered(answer: Answer) -> bytes:
    body = answer.body.encode()
    headers = {"content-length": str(len(body)), "connection": "close", **answer.headers}
    lines = [f"HTTP/1.1 {answer.status} Answer", *(f"{name}: {value}" for name, value in headers.items())]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body
