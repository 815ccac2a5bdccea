"""The server under the pages, and what it holds: receivers and API as they run, filled by OTLP."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import astuple, dataclass
from typing import Any

from benchmarks.ingest import stage
from benchmarks.ingest.loader import Send, grpc_senders
from benchmarks.ingest.payloads import ITEMS_A_REQUEST, Signal, make_requests
from benchmarks.pages import telemetry
from database.queries import load

SQL = load(__package__)

AGO_NS = 600 * 1_000_000_000
SETTLE_SECONDS = 90.0
POLL_SECONDS = 0.2


@dataclass(frozen=True)
class Volume:
    """How many spans the two traces have, how many logs there are, and how many services that call each other."""

    spans: int = 10_000
    more_spans: int = 100_000
    logs: int = 50_000
    services: int = 51

    @property
    def calls(self) -> int:
        """Among the services, and to each of them by what starts it."""
        return self.services * self.services

    def times(self, share: float) -> "Volume":
        """A share of it."""
        return Volume(*(max(2, round(share * number)) for number in astuple(self)))


@dataclass(frozen=True)
class Place:
    """Where the pages are; traces: ids by the number of their spans; send: a way in for logs."""

    url: str
    volume: Volume
    traces: dict[int, str]
    send: Send


@asynccontextmanager
async def place(dsn: str | None, volume: Volume) -> AsyncIterator[Place]:
    """Filled, and with all calls between services counted. Nothing that was in the server of `dsn` is touched."""
    port = stage.free_ports("api")["api"]
    async with stage.built(dsn) as built, stage.process("api", "server.api", DSN=built.dsn, PORT=str(port)):
        to = (stage.HOST, built.receivers.ports["grpc"], 1, None)
        async with grpc_senders(Signal.SPANS, *to) as (spans,), grpc_senders(Signal.LOGS, *to) as (logs,):
            now = time.time_ns()
            traces = {count: count.to_bytes(16).hex() for count in (volume.spans, volume.more_spans)}
            for count, trace_id in traces.items():
                await _all(spans, telemetry.large_trace(bytes.fromhex(trace_id), count, now - AGO_NS))
            await _all(spans, telemetry.calls(volume.services, now - AGO_NS))
            await _all(logs, make_requests(Signal.LOGS, -(-volume.logs // ITEMS_A_REQUEST), now - AGO_NS))
            await _counted(built.connection, volume.calls)
            yield Place(f"http://{stage.HOST}:{port}/admin", volume, traces, logs)


async def _all(send: Send, requests: Iterable[bytes]) -> None:
    for request in requests:
        await send(request)


async def _counted(connection: Any, calls: int) -> None:
    deadline = time.monotonic() + SETTLE_SECONDS
    while await connection.fetchval(SQL["calls_counted"]) < calls:
        if time.monotonic() > deadline:
            raise SystemExit("benchmark: the calls between services were not counted")
        await asyncio.sleep(POLL_SECONDS)
