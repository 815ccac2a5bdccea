"""A receiver that stops or is replaced under load: everything acknowledged is stored, once, and nothing is refused for
good."""

import asyncio
import os
import signal
import time
from collections.abc import Awaitable, Callable

import grpc
import grpc.aio
import httpx
import psutil
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc
from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter as GrpcExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter as HttpExporter
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from tests import payloads, rows
from tests.otelgres_process import OtelgresProcess
from tests.senders import RETRYABLE, GrpcSender, Retryable, post_async, until_accepted

Start = Callable[..., OtelgresProcess]
SPANS = 20
STORED = "SELECT count(*) FROM enterprise.trace_spans"
DOUBLED = "SELECT count(*) - count(DISTINCT (trace_id, span_id)) FROM enterprise.trace_spans"


class Load:
    """Eight senders, half of them over gRPC, until stopped; `acknowledged` counts spans."""

    def __init__(self, process: OtelgresProcess) -> None:
        self._process = process
        self.acknowledged = 0
        self.stopping = False

    async def sender(self, number: int, send: Callable[[Callable[[], Awaitable[bytes]]], Awaitable[bool]]) -> None:
        url = f"{self._process.otlp_http_url}/v1/traces"
        async with GrpcSender(self._process.otlp_grpc_target) as by_grpc, httpx.AsyncClient(timeout=10) as client:
            while not self.stopping:
                body = payloads.spans(SPANS, service=f"sender {number}").SerializeToString()

                async def attempt(content: bytes = body) -> bytes:
                    if number % 2:
                        return await by_grpc.send("traces", content)
                    return await post_async(client, url, content)

                if not await send(attempt):
                    break
                self.acknowledged += SPANS

    async def until(self, spans: int) -> None:
        """Returns once so many more are acknowledged."""
        wanted = self.acknowledged + spans
        deadline = time.monotonic() + 30
        while self.acknowledged < wanted:
            assert time.monotonic() < deadline
            await asyncio.sleep(0.01)


async def once(attempt: Callable[[], Awaitable[bytes]]) -> bool:
    """True when acknowledged; False for what its sender would try again. Anything else fails the test."""
    try:
        assert await attempt() == b""
    except grpc.aio.AioRpcError as error:
        if error.code() not in RETRYABLE:
            raise
        return False
    except (httpx.TransportError, Retryable):
        return False
    return True


async def repeatedly(attempt: Callable[[], Awaitable[bytes]]) -> bool:
    assert await until_accepted(attempt) == b""
    return True


async def until_said(process: OtelgresProcess, words: str) -> None:
    deadline = time.monotonic() + 60
    while words not in process.output():
        assert time.monotonic() < deadline, process.output()
        await asyncio.sleep(0.05)


def receivers(process: OtelgresProcess) -> set[int]:
    return {
        child.pid for child in psutil.Process(process.pid).children() if "server.worker" in " ".join(child.cmdline())
    }


async def test_a_stop_in_mid_load_stores_exactly_what_was_acknowledged(server: Start) -> None:
    process = server(OTELGRES_WORKERS="2")
    load = Load(process)
    senders = [asyncio.create_task(load.sender(number, once)) for number in range(8)]
    await load.until(40 * SPANS)
    code = await asyncio.to_thread(process.stop, signal.SIGTERM)
    await asyncio.gather(*senders)
    assert code == 0
    assert "killing it" not in process.output()
    assert await rows.value(process.dsn, STORED) == load.acknowledged
    assert await rows.value(process.dsn, DOUBLED) == 0


async def test_replaced_receivers_fail_no_sender_that_tries_again(server: Start) -> None:
    process = server(OTELGRES_WORKERS="2")
    load = Load(process)
    senders = [asyncio.create_task(load.sender(number, repeatedly)) for number in range(8)]
    exporters: list[SpanExporter] = [
        GrpcExporter(endpoint=process.otlp_grpc_target, insecure=True),
        HttpExporter(endpoint=f"{process.otlp_http_url}/v1/traces"),
    ]
    sdk = [asyncio.create_task(asyncio.to_thread(export_until, exporter, load)) for exporter in exporters]
    before = receivers(process)
    await load.until(20 * SPANS)
    process.process.send_signal(signal.SIGUSR2)
    await until_said(process, "all receivers are replaced")
    await load.until(20 * SPANS)
    load.stopping = True
    await asyncio.gather(*senders)
    exported = sum(await asyncio.gather(*sdk))
    assert exported > 0
    assert len(receivers(process)) == 2
    assert receivers(process).isdisjoint(before)
    assert await rows.value(process.dsn, STORED) == load.acknowledged + exported
    assert await rows.value(process.dsn, DOUBLED) == 0
    assert "ERROR" not in process.output()


def export_until(exporter: SpanExporter, load: Load) -> int:
    """Exports one batch after another by a real SDK, none of which may fail; how many spans that were."""
    exported = 0
    try:
        while not load.stopping:
            spans = ended_spans(5)
            assert exporter.export(spans) is SpanExportResult.SUCCESS
            exported += len(spans)
    finally:
        exporter.shutdown()
    return exported


def ended_spans(count: int) -> tuple[ReadableSpan, ...]:
    memory = InMemorySpanExporter()
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(memory))
    for number in range(count):
        provider.get_tracer("shutdown").start_span(f"span {number}").end()
    return memory.get_finished_spans()


async def test_a_successor_is_kept_alive_as_its_predecessor_was(server: Start) -> None:
    process = server()
    before = receivers(process)
    process.process.send_signal(signal.SIGUSR2)
    await until_said(process, "all receivers are replaced")
    (successor,) = receivers(process) - before
    os.kill(successor, signal.SIGKILL)
    await until_said(process, "the receiver 1 runs again")
    assert process.output().count("the receiver 1 ended (SIGKILL)") == 1
    async with GrpcSender(process.otlp_grpc_target) as sender:
        assert await until_accepted(lambda: sender.send("traces", payloads.spans(1).SerializeToString())) == b""


async def test_a_successor_that_does_not_start_leaves_its_predecessor_at_work(server: Start) -> None:
    process = server()
    (before,) = receivers(process)
    directory = psutil.Process(before).environ()["OTELGRES_METRICS_DIR"]
    os.rename(directory, f"{directory}.aside")
    try:
        process.process.send_signal(signal.SIGUSR2)
        await until_said(process, "not all receivers were replaced: the receiver 1 ended at its start")
    finally:
        os.rename(f"{directory}.aside", directory)
    assert receivers(process) == {before}
    async with GrpcSender(process.otlp_grpc_target) as sender:
        assert await sender.send("traces", payloads.spans(1).SerializeToString()) == b""


async def test_a_watcher_of_health_is_told_before_the_end(server: Start) -> None:
    process = server()
    async with grpc.aio.insecure_channel(process.otlp_grpc_target) as channel:
        watch = health_pb2_grpc.HealthStub(channel).Watch(health_pb2.HealthCheckRequest())
        assert (await watch.read()).status == health_pb2.HealthCheckResponse.SERVING
        begun = time.monotonic()
        stopped = asyncio.create_task(asyncio.to_thread(process.stop, signal.SIGTERM))
        assert (await watch.read()).status == health_pb2.HealthCheckResponse.NOT_SERVING
        assert await stopped == 0
    assert time.monotonic() - begun < 8


@pytest.mark.parametrize("transport", ["grpc", "http"])
async def test_an_open_connection_learns_that_its_request_may_be_sent_again(server: Start, transport: str) -> None:
    process = server()
    body = payloads.spans(1).SerializeToString()
    async with GrpcSender(process.otlp_grpc_target) as by_grpc, httpx.AsyncClient() as client:

        async def attempt() -> bytes:
            if transport == "grpc":
                return await by_grpc.send("traces", body)
            return await post_async(client, f"{process.otlp_http_url}/v1/traces", body)

        assert await once(attempt)
        await asyncio.to_thread(process.stop, signal.SIGTERM)
        assert not await once(attempt)
