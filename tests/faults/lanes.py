"""One connection of a sender, and what each of its attempts came to."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum
from typing import Protocol

import grpc
import grpc.aio
from google.rpc.status_pb2 import Status
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse

from benchmarks.ingest.http_connection import HttpConnection
from tests.faults.items import Stream

ATTEMPT_SECONDS = 5.0
"""As the Collector's exporters wait."""
_METHODS = {
    "traces": "/opentelemetry.proto.collector.trace.v1.TraceService/Export",
    "logs": "/opentelemetry.proto.collector.logs.v1.LogsService/Export",
}
_RETRYABLE_CODES = (
    grpc.StatusCode.CANCELLED,
    grpc.StatusCode.DEADLINE_EXCEEDED,
    grpc.StatusCode.ABORTED,
    grpc.StatusCode.OUT_OF_RANGE,
    grpc.StatusCode.UNAVAILABLE,
    grpc.StatusCode.DATA_LOSS,
)
_RETRYABLE_STATUS = (429, 502, 503, 504)
_CHANNEL = (
    ("grpc.use_local_subchannel_pool", 1),
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.max_reconnect_backoff_ms", 1000),
)


class Result(Enum):
    """ACCEPTED: a success answer. REFUSED: to be sent again. DROPPED: never to be sent again. SILENT: no answer."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    DROPPED = "dropped"
    SILENT = "silent"


@dataclass(frozen=True, slots=True)
class Answer:
    """rejected: items that a partial success says were not stored. reason: of a refusal."""

    result: Result
    rejected: int = 0
    reason: str = ""


class Lane(Protocol):
    """A connection that carries one request at a time."""

    async def send(self, body: bytes) -> Answer: ...

    async def close(self) -> None: ...


def open_lane(stream: Stream, host: str, grpc_port: int, http_port: int) -> Lane:
    """A lane connects with its first request, and again whenever its connection is lost."""
    if stream.transport == "gRPC":
        return GrpcLane(f"{host}:{grpc_port}", stream.signal)
    return HttpLane(host, http_port, stream.signal)


class GrpcLane:
    def __init__(self, target: str, signal: str) -> None:
        self._channel = grpc.aio.insecure_channel(target, options=_CHANNEL)
        self._export = self._channel.unary_unary(_METHODS[signal])

    async def send(self, body: bytes) -> Answer:
        try:
            return _accepted(await self._export(body, timeout=ATTEMPT_SECONDS))
        except grpc.aio.AioRpcError as error:
            code, reason = error.code(), f"{error.code().name}: {error.details()}"
            trailers = {key for key, _ in error.trailing_metadata() or ()}
        if code in _RETRYABLE_CODES:
            # A server's own refusal carries its status; one that the client made up for a lost connection does not.
            answered = "grpc-status-details-bin" in trailers
            return Answer(Result.REFUSED if answered else Result.SILENT, reason=reason)
        return Answer(Result.DROPPED, reason=reason)

    async def close(self) -> None:
        await self._channel.close()


class HttpLane:
    def __init__(self, host: str, port: int, signal: str) -> None:
        self._host, self._port, self._path = host, port, f"/v1/{signal}"
        self._connection: _Connection | None = None

    async def send(self, body: bytes) -> Answer:
        try:
            async with asyncio.timeout(ATTEMPT_SECONDS):
                status, content = await (await self._connected()).post(body)
        except (OSError, TimeoutError) as error:
            await self.close()
            return Answer(Result.SILENT, reason=str(error) or type(error).__name__)
        if status == 200:
            return _accepted(content)
        if status in _RETRYABLE_STATUS:
            return Answer(Result.REFUSED, reason=_reason(status, content))
        return Answer(Result.DROPPED, reason=_reason(status, content))

    async def close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    async def _connected(self) -> "_Connection":
        if self._connection is None or not self._connection.is_open:
            self._connection = await _Connection.open(self._host, self._port, self._path, "application/x-protobuf")
        return self._connection


class _Connection(HttpConnection):
    @property
    def is_open(self) -> bool:
        return self._transport is not None and not self._transport.is_closing()


def _accepted(content: bytes) -> Answer:
    # Both signals' answers have the same fields.
    rejected = ExportTraceServiceResponse.FromString(content).partial_success.rejected_spans if content else 0
    return Answer(Result.ACCEPTED, rejected)


def _reason(status: int, content: bytes) -> str:
    message = ""
    with suppress(ValueError):
        message = Status.FromString(content).message
    return f"HTTP {status}: {message}"
