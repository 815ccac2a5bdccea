"""What the HTTP front of a receiver does with bodies that come too slowly, and with what is no HTTP."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import UTC, datetime

import pytest
from google.protobuf import json_format
from google.rpc import status_pb2
from opentelemetry.exporter.postgres.batch import Signal
from opentelemetry.exporter.postgres.requests import Decoder
from opentelemetry.exporter.postgres.writer import Writer

from receiver import http_front
from receiver.arrivals import Arrival
from receiver.cors import Cors
from receiver.http_front import HttpFront
from receiver.ingest_report import IngestReport
from receiver.intake import Intake, Limits
from receiver.sender_warnings import SenderWarnings
from receiver.telemetry import Telemetry
from server.http_server import HttpServer, shared_socket
from server.metering import Metering

HEAD = b"POST /v1/logs HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n\r\n"


class Front:
    """A receiver's HTTP server on a free port; none of what is sent here gets as far as the database."""

    def __init__(self, dsn: str) -> None:
        decoder = Decoder()
        self.intake = Intake(Writer(dsn, decoder), decoder, Limits(1 << 20), SenderWarnings(dict.fromkeys(Signal, 30)))
        self.telemetry = Telemetry(Metering().meter, IngestReport(lambda: datetime.now(UTC)))
        self.socket = shared_socket("127.0.0.1", 0)
        self.server = HttpServer(
            HttpFront(self.intake, self.telemetry, Cors()),
            lambda refused: self.telemetry.refused(Arrival("http"), refused),
            grpc_port=4317,
            drain_seconds=1,
            connection_age=600,
        )

    async def answer(self, sent: bytes, trickle: bytes = b"", pause: float = 0.0) -> bytes:
        """All that is answered until the connection ends."""
        reader, writer = await asyncio.open_connection(*self.socket.getsockname())
        writer.write(sent)

        async def go_on() -> None:
            for byte in trickle:
                await asyncio.sleep(pause)
                writer.write(bytes([byte]))

        slowly = asyncio.create_task(go_on())
        try:
            async with asyncio.timeout(10):
                return await reader.read()
        finally:
            slowly.cancel()
            with suppress(asyncio.CancelledError):
                await slowly
            writer.transport.abort()

    def reported(self) -> list[tuple[str, str]]:
        return [(place.kind, place.reason) for place, _ in self.telemetry.report.take()]


@pytest.fixture
async def front() -> AsyncIterator[Front]:
    front = Front("postgresql://nobody@127.0.0.1:1/nothing")
    serving = asyncio.create_task(front.server.serve(sockets=[front.socket]))
    yield front
    front.server.should_exit = True
    await serving


async def test_a_body_that_takes_too_long_is_let_go_however_steadily_it_comes(
    front: Front, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http_front, "BODY_SECONDS", 0.5)
    answer = await front.answer(HEAD, b" " * 1000, 0.05)
    assert answer.startswith(b"HTTP/1.1 503 ")
    assert b"connection: close\r\n" in answer
    assert b"retry-after: 1\r\n" in answer
    assert front.intake.admission.held_bytes == 0
    assert front.reported() == [("deferred", "the request's body did not come in time")]


async def test_a_body_that_stops_is_let_go(front: Front, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_front, "PAUSE_SECONDS", 0.2)
    answer = await front.answer(HEAD + b" " * 100)
    assert answer.startswith(b"HTTP/1.1 503 ")
    assert b"retry-after: 1\r\n" in answer
    assert front.intake.admission.held_bytes == 0


async def test_what_is_no_http_is_answered_in_the_form_of_otlp(front: Front) -> None:
    head, _, body = (await front.answer(b"\x16\x03\x01 hello\r\n\r\n")).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 400 ")
    assert b"content-type: application/json" in head
    status = json_format.Parse(body, status_pb2.Status())
    assert (status.code, json.loads(body)["message"]) == (3, "Invalid HTTP request received.")
    assert front.reported() == [("refused", "Invalid HTTP request received.")]


async def test_grpc_at_the_port_for_http_is_told_in_one_line(front: Front, caplog: pytest.LogCaptureFixture) -> None:
    for _ in range(3):
        assert await front.answer(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n") == b""
    assert [record.getMessage() for record in caplog.records if record.name == "receiver.refusal_log"] == [
        "requests are refused (WrongPort): gRPC at the port for HTTP; port 4317 takes it"
    ]


async def test_a_request_that_outlasts_a_stop_is_not_answered_as_a_defect(front: Front) -> None:
    """A 500 would make its sender drop the data."""
    answer = asyncio.create_task(front.answer(HEAD, b" " * 1000, 0.05))
    deadline = time.monotonic() + 10
    while not front.intake.admission.held_bytes:
        assert time.monotonic() < deadline
        await asyncio.sleep(0.01)
    front.server.should_exit = True
    assert (await answer).startswith(b"HTTP/1.1 503 ")
    assert b"retry-after: 1\r\n" in answer.result()
    assert front.reported() == [("deferred", "shutting down")]
