"""The port for OTLP over gRPC: codes, limits, compression, deadlines, what is not served."""

import socket
from typing import Any

import grpc
import pytest
from google.rpc import status_pb2

from tests.acceptance.checklist.cases import EVERY_WAY, ON_THE_WIRE, Case, Mark, checks, span, spans, table, verify
from tests.acceptance.checklist.conftest import LIMIT
from tests.acceptance.checklist.encode import encode
from tests.otelgres_process import OtelgresProcess
from tests.senders import GrpcSender

PROFILES = "/opentelemetry.proto.collector.profiles.v1development.ProfilesService/Export"


async def refused(process: OtelgresProcess, method: str, body: bytes, **more: Any) -> grpc.aio.AioRpcError:
    async with GrpcSender(process.otlp_grpc_target) as sender:
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await sender.send(method, body, **more)
    return caught.value


def a_request() -> bytes:
    mark = Mark()
    return encode("traces", spans(mark, span(mark)))


CASES = table(
    *(
        case
        for signal in ("traces", "metrics", "logs")
        for case in (
            Case(26, f"empty message of {signal}", lambda _: b"", signal=signal, ways=ON_THE_WIRE),
            Case(29, f"garbage for {signal}", lambda _: b"\x0a\xff", signal=signal, ways=ON_THE_WIRE, status=400),
            Case(30, f"too large for {signal}", lambda _: bytes(LIMIT + 1), signal=signal, ways=EVERY_WAY, status=413),
        )
    ),
)


@CASES
def test_codes(receiver: OtelgresProcess, case: Case, way: str) -> None:
    verify(receiver, case, way)


@checks(29)
async def test_bad_data_is_named_in_the_details(receiver: OtelgresProcess) -> None:
    error = await refused(receiver, "traces", b"\x0a\xff")
    trailers = dict(error.trailing_metadata())
    status = status_pb2.Status.FromString(trailers["grpc-status-details-bin"])
    assert (status.code, status.message) == (3, error.details())
    assert [detail.type_url for detail in status.details] == ["type.googleapis.com/google.rpc.BadRequest"]
    assert "google.rpc.retryinfo-bin" not in trailers


@checks(30, 32)
@pytest.mark.parametrize(
    "compression", [grpc.Compression.NoCompression, grpc.Compression.Gzip, grpc.Compression.Deflate]
)
async def test_compression(receiver: OtelgresProcess, compression: grpc.Compression) -> None:
    async with GrpcSender(receiver.otlp_grpc_target) as sender:
        assert await sender.send("traces", a_request(), compression=compression) == b""
    error = await refused(receiver, "traces", bytes(20 * LIMIT), compression=compression)
    assert error.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
    assert "google.rpc.retryinfo-bin" not in dict(error.trailing_metadata())


def frame(kind: int, content: bytes) -> bytes:
    """An HTTP/2 frame of the connection, without flags."""
    return len(content).to_bytes(3) + bytes((kind, 0)) + bytes(4) + content


@checks(34)
def test_pings_in_quick_succession_are_no_offence(receiver: OtelgresProcess) -> None:
    """The Collector pings every ten seconds; gRPC's own default allows one in five minutes."""
    settings, ping, go_away = 4, 6, 7
    with socket.create_connection(("127.0.0.1", receiver.otlp_grpc_port), timeout=20) as connection:
        connection.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + frame(settings, b""))
        stream = connection.makefile("rb")
        for number in range(20):
            connection.sendall(frame(ping, number.to_bytes(8)))
            answered = -1
            while answered != number:
                head = stream.read(9)
                content = stream.read(int.from_bytes(head[:3]))
                assert head[3] != go_away
                if head[3] == ping and head[4] == 1:
                    answered = int.from_bytes(content)


@checks(37)
@pytest.mark.parametrize(
    "method",
    [
        "/opentelemetry.proto.collector.trace.v1.TraceService/Import",
        "/opentelemetry.proto.collector.trace.v2.TraceService/Export",
        "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo",
    ],
)
async def test_unknown_methods(receiver: OtelgresProcess, method: str) -> None:
    assert (await refused(receiver, method, b"")).code() is grpc.StatusCode.UNIMPLEMENTED


@checks(104)
async def test_profiles_over_grpc(receiver: OtelgresProcess) -> None:
    """They are refused, and the other signals of the same sender are not."""
    async with GrpcSender(receiver.otlp_grpc_target) as sender:
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await sender.send(PROFILES, b"")
        assert caught.value.code() is grpc.StatusCode.UNIMPLEMENTED
        assert "profiles are not taken" in (caught.value.details() or "")
        assert await sender.send("traces", a_request()) == b""
