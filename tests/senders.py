"""Senders of raw OTLP requests, without an SDK between."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import ClassVar

import grpc
import grpc.aio
import httpx

from tests.otelgres_process import OtelgresProcess

RETRYABLE = (
    grpc.StatusCode.CANCELLED,
    grpc.StatusCode.DEADLINE_EXCEEDED,
    grpc.StatusCode.ABORTED,
    grpc.StatusCode.OUT_OF_RANGE,
    grpc.StatusCode.UNAVAILABLE,
    grpc.StatusCode.DATA_LOSS,
)
PROTOBUF = {"content-type": "application/x-protobuf"}


def post(process: OtelgresProcess, signal: str, body: bytes, headers: dict[str, str] | None = None) -> httpx.Response:
    """POST to /v1/<signal>; protobuf unless the headers say otherwise."""
    return httpx.post(
        f"{process.otlp_http_url}/v1/{signal}", content=body, headers=PROTOBUF | (headers or {}), timeout=30
    )


class GrpcSender:
    """Unary calls on raw bytes, as `await sender.send("traces", body)`."""

    METHODS: ClassVar = {
        "traces": "/opentelemetry.proto.collector.trace.v1.TraceService/Export",
        "logs": "/opentelemetry.proto.collector.logs.v1.LogsService/Export",
        "metrics": "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export",
    }

    def __init__(self, target: str) -> None:
        self._channel = grpc.aio.insecure_channel(target)

    async def __aenter__(self) -> "GrpcSender":
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._channel.close()

    async def send(
        self,
        signal: str,
        body: bytes,
        metadata: tuple[tuple[str, str], ...] = (),
        seconds: float = 10,
        compression: grpc.Compression | None = None,
    ) -> bytes:
        """The raw answer to a signal, or to a method by its whole name. Raises grpc.aio.AioRpcError."""
        call = self._channel.unary_unary(self.METHODS.get(signal, signal))
        answer: bytes = await call(body, metadata=metadata, timeout=seconds, compression=compression)
        return answer


async def until_accepted(attempt: Callable[[], Awaitable[bytes]], seconds: float = 40) -> bytes:
    """Sends the same request again for as long as the answer is retryable, as SDKs do; the final answer."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            return await attempt()
        except grpc.aio.AioRpcError as error:
            if error.code() not in RETRYABLE or time.monotonic() > deadline:
                raise
        except (httpx.TransportError, Retryable):
            if time.monotonic() > deadline:
                raise
        await asyncio.sleep(0.05)


class Retryable(Exception):
    """An HTTP answer of 429, 502, 503 or 504."""


async def post_async(client: httpx.AsyncClient, url: str, body: bytes) -> bytes:
    """One attempt over HTTP. Raises Retryable; any other answer but 200 fails the test."""
    answer = await client.post(url, content=body, headers=PROTOBUF)
    if answer.status_code in (429, 502, 503, 504):
        raise Retryable(answer.status_code)
    assert answer.status_code == 200, answer.text
    return answer.content
