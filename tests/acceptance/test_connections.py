"""Connections of senders that are slow, old, or many."""

import asyncio
import re
import resource
import time
from collections.abc import Callable

import grpc
import grpc.aio
import httpx
import psutil
from grpc_health.v1 import health_pb2, health_pb2_grpc

from tests import payloads, rows
from tests.otelgres_process import OtelgresProcess
from tests.senders import PROTOBUF, GrpcSender, post_async, until_accepted

Start = Callable[..., OtelgresProcess]
HEAD = (
    "POST /v1/traces HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/x-protobuf\r\n"
    "content-length: {length}\r\n\r\n"
)
SENDERS = 500


async def ended_after(port: int, sent: bytes, trickle: bytes = b"") -> tuple[float, bytes]:
    """Sends, then one byte of `trickle` every half second; the seconds until the server ends the connection, and all
    that it answered."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    begun = time.monotonic()

    async def go_on() -> None:
        for byte in trickle:
            await asyncio.sleep(0.5)
            writer.write(bytes([byte]))

    writer.write(sent)
    slowly = asyncio.create_task(go_on())
    try:
        async with asyncio.timeout(40):
            answer = b""
            try:
                while more := await reader.read(65536):
                    answer += more
            except ConnectionResetError:
                pass
        return time.monotonic() - begun, answer
    finally:
        slowly.cancel()
        writer.transport.abort()


async def test_senders_that_trickle_are_let_go_while_others_are_served(receivers: Start) -> None:
    """Nothing sent, a head byte by byte, a head after a whole request, a body that stops, a gRPC port left alone."""
    process = receivers()
    body = payloads.spans(20).SerializeToString()
    head = HEAD.format(length=len(body)).encode()
    port = process.otlp_http_port
    waiting = [
        asyncio.create_task(each)
        for each in (
            ended_after(port, b""),
            ended_after(port, b"", head),
            ended_after(port, head + body, head),
            ended_after(port, head + body[:100]),
            ended_after(process.otlp_grpc_port, b""),
        )
    ]
    served = 0
    async with httpx.AsyncClient(timeout=10) as client:
        while not all(task.done() for task in waiting):
            request = payloads.spans(1).SerializeToString()
            await post_async(client, f"{process.otlp_http_url}/v1/traces", request)
            served += 1
            await asyncio.sleep(0.1)
    silent, trickling, second, stalled, grpc_port = [task.result() for task in waiting]
    assert all(9 < seconds < 16 for seconds, _ in (silent, trickling, second, stalled, grpc_port))
    assert (silent[1], trickling[1]) == (b"", b"")
    assert second[1].startswith(b"HTTP/1.1 200 ")
    assert second[1].count(b"HTTP/1.1") == 1
    status, _, rest = stalled[1].partition(b"\r\n")
    assert status == b"HTTP/1.1 503 Service Unavailable"
    assert b"connection: close" in rest
    assert re.search(rb"retry-after: [12]\r\n", rest)
    assert served > 20
    assert await rows.value(process.dsn, "SELECT count(*) FROM enterprise.trace_spans") == served + 20


async def test_an_old_connection_ends_with_an_answer_that_says_so(receivers: Start) -> None:
    process = receivers(OTELGRES_CONNECTION_AGE_SECONDS="1")
    async with httpx.AsyncClient() as client:
        closing = []
        begun = time.monotonic()
        while time.monotonic() - begun < 2.5:
            answer = await client.post(
                f"{process.otlp_http_url}/v1/traces", content=payloads.spans(1).SerializeToString(), headers=PROTOBUF
            )
            assert answer.status_code == 200
            closing.append(answer.headers.get("connection") == "close")
            await asyncio.sleep(0.01)
    assert closing[0] is False
    assert 1 <= sum(closing) <= 3


async def test_grpc_senders_move_from_old_connections_without_a_failed_call(receivers: Start) -> None:
    process = receivers(OTELGRES_CONNECTION_AGE_SECONDS="1")
    ports = set()
    begun = time.monotonic()
    sent = 0
    async with GrpcSender(process.otlp_grpc_target) as sender:
        while time.monotonic() - begun < 4:
            await sender.send("traces", payloads.spans(1).SerializeToString())
            sent += 1
            ports |= {
                connection.laddr.port
                for connection in psutil.Process().net_connections("tcp")
                if connection.raddr and connection.raddr.port == process.otlp_grpc_port
            }
    assert len(ports) >= 2
    assert await rows.value(process.dsn, "SELECT count(*) FROM enterprise.trace_spans") == sent


async def test_five_hundred_grpc_senders_at_once_are_all_stored(receivers: Start) -> None:
    process = receivers(OTELGRES_WORKERS="2")

    async def one(body: bytes) -> None:
        # Channels of one process share a connection unless told not to.
        options = [("grpc.use_local_subchannel_pool", 1)]
        async with grpc.aio.insecure_channel(process.otlp_grpc_target, options=options) as channel:
            call = channel.unary_unary(GrpcSender.METHODS["traces"])
            assert await until_accepted(lambda: call(body, timeout=10)) == b""

    await asyncio.gather(*(one(payloads.spans(2).SerializeToString()) for _ in range(SENDERS)))
    assert await rows.value(process.dsn, "SELECT count(*) FROM enterprise.trace_spans") == 2 * SENDERS


async def test_five_hundred_http_senders_at_once_are_all_stored(receivers: Start) -> None:
    process = receivers(OTELGRES_WORKERS="2")

    async def one(body: bytes) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", process.otlp_http_port)
        writer.write(HEAD.format(length=len(body)).encode() + body)
        assert await reader.readline() == b"HTTP/1.1 200 OK\r\n"
        writer.close()

    await asyncio.gather(*(one(payloads.spans(2).SerializeToString()) for _ in range(SENDERS)))
    assert await rows.value(process.dsn, "SELECT count(*) FROM enterprise.trace_spans") == 2 * SENDERS


def test_a_receiver_may_open_as_many_files_as_the_hard_limit_allows(receivers: Start) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(1024, hard - 1), hard))
    try:
        process = receivers()
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    (receiver,) = [
        child for child in psutil.Process(process.pid).children() if "server.worker" in " ".join(child.cmdline())
    ]
    assert receiver.rlimit(psutil.RLIMIT_NOFILE) == (hard, hard)


async def test_grpc_health_says_serving_for_the_whole_and_each_service(receivers: Start) -> None:
    process = receivers()
    async with grpc.aio.insecure_channel(process.otlp_grpc_target) as channel:
        health = health_pb2_grpc.HealthStub(channel)
        for method in ("", *GrpcSender.METHODS.values()):
            service = method.removeprefix("/").removesuffix("/Export")
            answer = await health.Check(health_pb2.HealthCheckRequest(service=service))
            assert answer.status == health_pb2.HealthCheckResponse.SERVING
