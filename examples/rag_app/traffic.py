"""A few people who use the chat, over HTTP and WebSocket. `python -m examples.rag_app.traffic`"""

import argparse
import asyncio
import json
import random
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field

import httpx
from websockets.asyncio.client import connect
from websockets.exceptions import WebSocketException

from examples.rag_app.documents import load_corpus
from examples.rag_app.settings import Settings

_PEOPLE = [
    ("ada@example.com", "engineering"),
    ("grace@example.com", "engineering"),
    ("linus@example.com", "operations"),
    ("margaret@example.com", "operations"),
    ("edsger@example.com", "research"),
    ("barbara@example.com", "support"),
]
_QUESTIONS = [
    "How do I find slow queries in PostgreSQL?",
    "When should a health check fail?",
    "How long should a timeout be?",
    "Why do my retries make the outage worse?",
    "What belongs into a structured log line?",
    "How does a trace id travel between services?",
    "Which percentile of latency should I watch?",
    "How do I keep alerts from being ignored?",
    "What do we do first during an incident?",
    "How can a rollback be made safe?",
    "What makes an LLM call expensive?",
    "Is the disk of the database full?",
    "How do I stop a memory leak?",
    "Why is my cache hit rate so low?",
    "How do I drop old data without bloat?",
    "Who is on call tonight?",
    "What is the airspeed of an unladen swallow?",
    *(f"What should I know about {document.title.lower()}?" for document in load_corpus()),
]
# Questions come in Zipf order: the cache hits some and misses others.
_WEIGHTS = [1 / rank for rank in range(1, len(_QUESTIONS) + 1)]


@dataclass(slots=True)
class Counts:
    """What has been sent so far; failed are answers with a status of 400 or more, and error messages."""

    requests: int = 0
    messages: int = 0
    failed: int = 0
    newest_trace_id: str = ""


@dataclass(slots=True)
class Traffic:
    """Bounded by its number of people: each has one question open, then pauses for about `pause` seconds."""

    url: str
    people: int = 6
    pause: float = 1.5
    counts: Counts = field(default_factory=Counts)

    async def run(self) -> None:
        """Goes on until cancelled. Outages of the chat are waited out."""
        async with httpx.AsyncClient(base_url=self.url, timeout=30) as http, asyncio.TaskGroup() as tasks:
            for number in range(self.people):
                person = _PEOPLE[number % len(_PEOPLE)]
                if number % 3 == 2:
                    tasks.create_task(self._converse(*person))
                else:
                    tasks.create_task(self._browse(http, *person))

    async def _browse(self, http: httpx.AsyncClient, email: str, department: str) -> None:
        headers = {"X-User-Email": email, "X-User-Department": department}
        while True:
            with suppress(httpx.TransportError):
                response = await self._request(http, headers)
                self.counts.requests += 1
                self.counts.failed += response.status_code >= 400
                self.counts.newest_trace_id = response.headers.get("X-Trace-ID", "")
            await self._rest()

    async def _request(self, http: httpx.AsyncClient, headers: dict[str, str]) -> httpx.Response:
        chance = random.random()
        if chance < 0.02:
            return await http.get("/broken", headers=headers)
        if chance < 0.05:
            return await http.get("/no-such-page", headers=headers)
        if chance < 0.07:
            return await http.post("/chat", json={"message": ""}, headers=headers)
        return await http.post("/chat", json={"message": _question()}, headers=headers)

    async def _converse(self, email: str, department: str) -> None:
        address = self.url.replace("http", "ws", 1)
        while True:
            messages = [
                {"type": "verify", "email": email, "division": department},
                *({"type": "message", "text": _question()} for _ in range(random.randint(3, 8))),
            ]
            with suppress(OSError, WebSocketException):
                async with connect(f"{address}/ws/{random.randbytes(6).hex()}") as socket:
                    for message in messages:
                        await socket.send(json.dumps(message))
                        reply = json.loads(await socket.recv())
                        self.counts.messages += 1
                        self.counts.failed += reply["type"] == "error"
                        self.counts.newest_trace_id = reply["trace_id"]
                        await self._rest()
            await self._rest()

    async def _rest(self) -> None:
        await asyncio.sleep(random.uniform(0.5, 1.5) * self.pause)


def _question() -> str:
    return random.choices(_QUESTIONS, _WEIGHTS)[0]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--people", type=int, default=6, help="how many use the chat at once (%(default)s)")
    parser.add_argument("--pause", type=float, default=1.5, help="seconds between questions (%(default)s)")
    parser.add_argument("--seconds", type=float, help="end after so long; until Ctrl-C if not given")


def main(arguments: Sequence[str] | None = None) -> None:
    settings = Settings()
    parser = argparse.ArgumentParser(prog="python -m examples.rag_app.traffic", description=__doc__)
    add_arguments(parser)
    parser.add_argument("--url", default=f"http://{settings.host}:{settings.port}", help="of the chat (%(default)s)")
    options = parser.parse_args(arguments)
    traffic = Traffic(options.url, options.people, options.pause)
    with suppress(TimeoutError, KeyboardInterrupt):
        asyncio.run(asyncio.wait_for(traffic.run(), options.seconds))
    print(traffic.counts)


if __name__ == "__main__":
    main()
