"""A sender of OTLP: `python -m benchmarks.ingest.loader SIGNAL TRANSPORT HOST PORT REQUESTS CONCURRENCY`.

It holds all requests as bytes before it is ready, and keeps CONCURRENCY of them in flight. Any answer other than
full success ends it with an error. With a BENCHMARK_KEY in its environment it presents that.
"""

import asyncio
import os
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager

import grpc.aio
import uvloop
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse

from benchmarks.ingest import start_line
from benchmarks.ingest.http_connection import HttpConnection
from benchmarks.ingest.payloads import ITEMS_A_REQUEST, Signal, make_requests
from benchmarks.ingest.sender import KEY_VARIABLE

Send = Callable[[bytes], Awaitable[bytes]]

_METHODS = {
    Signal.SPANS: "/opentelemetry.proto.collector.trace.v1.TraceService/Export",
    Signal.LOGS: "/opentelemetry.proto.collector.logs.v1.LogsService/Export",
    Signal.METRICS: "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export",
}
_PATHS = {Signal.SPANS: "/v1/traces", Signal.LOGS: "/v1/logs", Signal.METRICS: "/v1/metrics"}
PATIENCE = 60.0


class Refused(Exception):
    """The server did not take everything."""


async def load(send: Sequence[Send], requests: Sequence[bytes]) -> int:
    """Send all requests, each of the senders one at a time; return the number of items acknowledged."""
    waiting = iter(requests)
    return sum(await asyncio.gather(*(_send_from(waiting, each) for each in send)))


async def _send_from(requests: Iterator[bytes], send: Send) -> int:
    items = 0
    for request in requests:
        answer = await send(request)
        if answer:
            # The answers of all signals have the same fields.
            partial = ExportTraceServiceResponse.FromString(answer).partial_success
            if partial.rejected_spans or partial.error_message:
                raise Refused(f"{partial.rejected_spans} items rejected: {partial.error_message}")
        items += ITEMS_A_REQUEST
    return items


@asynccontextmanager
async def grpc_senders(
    signal: Signal, host: str, port: int, count: int, authorization: str | None
) -> AsyncIterator[list[Send]]:
    """`count` connections, as of so many processes."""
    metadata = () if authorization is None else (("authorization", authorization),)
    own = (("grpc.use_local_subchannel_pool", 1),)
    channels = [grpc.aio.insecure_channel(f"{host}:{port}", options=own) for _ in range(count)]

    def sender(channel: grpc.aio.Channel) -> Send:
        export = channel.unary_unary(_METHODS[signal])

        async def send(request: bytes) -> bytes:
            answer: bytes = await export(request, timeout=PATIENCE, metadata=metadata)
            return answer

        return send

    try:
        await asyncio.gather(*(channel.channel_ready() for channel in channels))
        yield [sender(channel) for channel in channels]
    finally:
        await asyncio.gather(*(channel.close() for channel in channels))


@asynccontextmanager
async def http_senders(
    signal: Signal, host: str, port: int, count: int, authorization: str | None
) -> AsyncIterator[list[Send]]:
    """`count` connections."""
    connections = [
        await HttpConnection.open(host, port, _PATHS[signal], "application/x-protobuf", authorization)
        for _ in range(count)
    ]

    def sender(connection: HttpConnection) -> Send:
        async def send(request: bytes) -> bytes:
            status, answer = await asyncio.wait_for(connection.post(request), PATIENCE)
            if status != 200:
                raise Refused(f"HTTP {status}: {answer[:200]!r}")
            return answer

        return send

    try:
        yield [sender(connection) for connection in connections]
    finally:
        for connection in connections:
            connection.close()


TRANSPORTS = {"grpc": grpc_senders, "http": http_senders}


async def main(signal: Signal, transport: str, host: str, port: int, requests: int, concurrency: int) -> None:
    """One run."""
    load_of_run = make_requests(signal, requests, time.time_ns())
    key = os.environ.get(KEY_VARIABLE)
    authorization = None if key is None else f"Bearer {key}"
    async with TRANSPORTS[transport](signal, host, port, concurrency, authorization) as senders:
        start_line.ready()
        start_line.done(await load(senders, load_of_run))


if __name__ == "__main__":
    signal, transport, host, port, requests, concurrency = sys.argv[1:]
    uvloop.run(main(Signal(signal), transport, host, int(port), int(requests), int(concurrency)))
