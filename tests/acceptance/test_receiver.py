"""What senders are answered, by each transport and in each encoding."""

import asyncio
import gzip
import json
import random
import socket
import struct
import time
import uuid
import zlib
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import grpc
import grpc.aio
import httpx
import pytest
from google.protobuf import json_format
from google.rpc import error_details_pb2, status_pb2
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceResponse
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceRequest,
    ExportMetricsServiceResponse,
)
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse

from tests import payloads, rows
from tests.conftest import copied, execute, run, with_database
from tests.otelgres_process import RECEIVERS, OtelgresProcess
from tests.senders import GrpcSender, Retryable, post, post_async, until_accepted

LIMIT = 2 << 20
PROTOBUF, JSON = "application/x-protobuf", "application/json"
SIGNALS = ("traces", "logs", "metrics")
TABLES = {"traces": "trace_spans", "logs": "structured_logs"}
RESPONSES = {
    "traces": ExportTraceServiceResponse,
    "logs": ExportLogsServiceResponse,
    "metrics": ExportMetricsServiceResponse,
}


@pytest.fixture(scope="module")
def shared(postgres_dsn: str, template_database: str) -> Iterator[OtelgresProcess]:
    """One server for all tests that leave it as it was; each looks at its own service only."""
    for dsn in copied(postgres_dsn, template_database):
        process = OtelgresProcess({"OTELGRES_DSN": dsn, "OTELGRES_MAX_REQUEST_BYTES": str(LIMIT)}, arguments=RECEIVERS)
        try:
            yield process
        finally:
            process.close()


@pytest.fixture
def service() -> str:
    return f"service-{uuid.uuid4().hex[:8]}"


def stored(process: OtelgresProcess, signal: str, service: str) -> int:
    table = TABLES[signal]
    found: int = run(
        rows.value(process.dsn, f"SELECT count(*) FROM enterprise.{table} WHERE service_name = $1", service)
    )
    return found


def request_of(signal: str, count: int, service: str, **more: Any) -> bytes:
    make: Any = payloads.spans if signal == "traces" else payloads.records
    body: bytes = make(count, service=service, **more).SerializeToString()
    return body


def metrics_request() -> ExportMetricsServiceRequest:
    request = ExportMetricsServiceRequest()
    metric = request.resource_metrics.add().scope_metrics.add().metrics.add()
    metric.name = "m"
    now = time.time_ns()
    for number in range(2):
        metric.gauge.data_points.add(as_int=number, time_unix_nano=now + number)
    return request


def span_json(service: str, **fields: Any) -> dict[str, Any]:
    span = {
        "traceId": uuid.uuid4().hex,
        "spanId": uuid.uuid4().hex[:16],
        "name": "s",
        "startTimeUnixNano": str(time.time_ns()),
    }
    return {
        "resourceSpans": [{
            "resource": {"attributes": [{"key": "service.name", "value": {"stringValue": service}}]},
            "scopeSpans": [{"spans": [span | fields, span | {"spanId": "00f067aa0ba902b7"}]}],
        }]
    }  # fmt: skip


def send(process: OtelgresProcess, method: str, path: str, **more: Any) -> httpx.Response:
    return httpx.request(method, f"{process.otlp_http_url}{path}", timeout=30, **more)


def status_of(answer: httpx.Response) -> status_pb2.Status:
    """The google.rpc.Status that the body of every refusal must be, in the encoding that its header names."""
    if answer.headers["content-type"] == JSON:
        return json_format.Parse(answer.content, status_pb2.Status())
    assert answer.headers["content-type"] == PROTOBUF
    return status_pb2.Status.FromString(answer.content)


def details_of(status: status_pb2.Status, kind: Any) -> Any:
    (packed,) = status.details
    unpacked = kind()
    assert packed.Unpack(unpacked)
    return unpacked


@pytest.mark.parametrize("content_type", [PROTOBUF, "application/protobuf", f"{PROTOBUF}; version=1", PROTOBUF.upper()])
@pytest.mark.parametrize("path", ["/v1/traces", "/v1/traces/"])
def test_success_by_protobuf(shared: OtelgresProcess, service: str, content_type: str, path: str) -> None:
    body = request_of("traces", 3, service)
    answer = send(shared, "POST", path, content=body, headers={"content-type": content_type})
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["content-type"] == content_type.partition(";")[0].lower()
    assert stored(shared, "traces", service) == 3


@pytest.mark.parametrize("content_type", [JSON, "application/json; charset=utf-8", "APPLICATION/JSON;charset=UTF-8"])
def test_success_by_json(shared: OtelgresProcess, service: str, content_type: str) -> None:
    body = json.dumps(span_json(service))
    for _ in range(2):
        answer = send(shared, "POST", "/v1/traces", content=body, headers={"content-type": content_type})
        assert (answer.status_code, answer.content) == (200, b"{}")
        assert answer.headers["content-type"] == JSON
    assert stored(shared, "traces", service) == 2


@pytest.mark.parametrize("signal", SIGNALS)
def test_requests_of_nothing(shared: OtelgresProcess, signal: str) -> None:
    name = {"traces": "Spans", "logs": "Logs", "metrics": "Metrics"}[signal]
    answer = post(shared, signal, b"")
    assert (answer.status_code, answer.content) == (200, b"")
    for body in ("{}", f'{{"resource{name}": []}}', f'{{"resource{name}": [{{"scope{name}": [{{}}]}}]}}'):
        answer = post(shared, signal, body.encode(), {"content-type": JSON})
        assert (answer.status_code, answer.content) == (200, b"{}")
    assert post(shared, signal, b"", {"content-type": JSON}).status_code == 400


def test_metrics_are_accepted(shared: OtelgresProcess) -> None:
    request = metrics_request()
    by_protobuf = post(shared, "metrics", request.SerializeToString())
    by_json = post(shared, "metrics", json_format.MessageToJson(request).encode(), {"content-type": JSON})
    assert [(answer.status_code, answer.content) for answer in (by_protobuf, by_json)] == [(200, b""), (200, b"{}")]
    assert post(shared, "metrics", b"\x0a\xff").status_code == 400


def test_partial_success(shared: OtelgresProcess, service: str) -> None:
    answer = post(shared, "traces", request_of("traces", 5, service, bad=(1, 3)))
    partial = ExportTraceServiceResponse.FromString(answer.content).partial_success
    assert (answer.status_code, partial.rejected_spans) == (200, 2)
    assert "span 1: span_id must be 8 bytes" in partial.error_message
    assert stored(shared, "traces", service) == 3
    body = json.dumps(span_json(service, endTimeUnixNano={"low": 1, "high": 2})).encode()
    for _ in range(2):
        told = post(shared, "traces", body, {"content-type": JSON}).json()["partialSuccess"]
        assert told["rejectedSpans"] == "1"
        assert "nanoseconds since 1970" in told["errorMessage"]
    assert stored(shared, "traces", service) == 4


@pytest.mark.parametrize("signal", SIGNALS)
def test_garbage_is_refused_for_good(shared: OtelgresProcess, signal: str) -> None:
    for body, content_type in ((b"\x0a\xff\xff", PROTOBUF), (b"[1]", JSON), (b"{", JSON), (b"[" * 10_000, JSON)):
        answer = post(shared, signal, body, {"content-type": content_type})
        assert (answer.status_code, answer.headers["content-type"]) == (400, content_type)
        assert "retry-after" not in answer.headers
        status = status_of(answer)
        (violation,) = details_of(status, error_details_pb2.BadRequest).field_violations
        assert (status.code, status.message) == (grpc.StatusCode.INVALID_ARGUMENT.value[0], violation.description)


def test_logs_sent_to_the_path_of_traces_are_told_so(shared: OtelgresProcess) -> None:
    records = payloads.records(2)
    for record in records.resource_logs[0].scope_logs[0].log_records:
        record.ClearField("attributes")
    answer = post(shared, "traces", records.SerializeToString())
    assert answer.status_code == 400
    assert "logs export?" in status_of(answer).message


@pytest.mark.parametrize("path", ["/", "/v1", "/v1/spans", "/v1/traces/more", "/api/v1/spans"])
@pytest.mark.parametrize("content_type", [PROTOBUF, JSON])
def test_unknown_paths_are_told_where_to_post(shared: OtelgresProcess, path: str, content_type: str) -> None:
    answer = send(shared, "POST", path, content=b"", headers={"content-type": content_type})
    assert (answer.status_code, answer.headers["content-type"]) == (404, content_type)
    assert "/v1/traces" in status_of(answer).message


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH"])
def test_other_methods(shared: OtelgresProcess, method: str) -> None:
    answer = send(shared, method, "/v1/logs")
    assert answer.status_code == 405
    assert "POST" in answer.headers["allow"].split(", ")
    assert "/v1/logs takes POST only" in status_of(answer).message
    assert send(shared, method, "/nowhere").status_code == 404


@pytest.mark.parametrize("content_type", ["text/plain", "application/grpc", "", None])
def test_other_media_are_told_what_would_be_taken(shared: OtelgresProcess, content_type: str | None) -> None:
    headers = {} if content_type is None else {"content-type": content_type}
    answer = send(shared, "POST", "/v1/traces", content=b"", headers=headers)
    assert (answer.status_code, answer.headers["content-type"]) == (415, JSON)
    assert answer.headers["accept"] == f"{PROTOBUF}, {JSON}"
    assert status_of(answer).code == grpc.StatusCode.INVALID_ARGUMENT.value[0]


@pytest.mark.parametrize(
    ("encoding", "compress"), [("gzip", gzip.compress), ("GZIP", gzip.compress), ("deflate", zlib.compress)]
)
def test_compressed_requests(shared: OtelgresProcess, service: str, encoding: str, compress: Any) -> None:
    body = request_of("logs", 4, service)
    for content in (compress(body), compress(body[:100]) + compress(body[100:])):
        answer = post(shared, "logs", content, {"content-encoding": encoding})
        assert (answer.status_code, answer.content) == (200, b"")
    assert stored(shared, "logs", service) == 4


def test_damaged_and_unknown_compression(shared: OtelgresProcess, service: str) -> None:
    body = gzip.compress(request_of("logs", 4, service))
    for damaged in (body[:-9], b"no gzip"):
        assert post(shared, "logs", damaged, {"content-encoding": "gzip"}).status_code == 400
    answer = post(shared, "logs", body, {"content-encoding": "zstd"})
    assert (answer.status_code, answer.headers["accept-encoding"]) == (415, "gzip, deflate")
    assert stored(shared, "logs", service) == 0


def in_chunks(content: bytes) -> Iterator[bytes]:
    for start in range(0, len(content), 65536):
        yield content[start : start + 65536]


@pytest.mark.parametrize("content_type", [PROTOBUF, JSON])
def test_too_large(shared: OtelgresProcess, content_type: str) -> None:
    """By Content-Length, by what comes in chunks, and by what it inflates to."""
    over = bytes(LIMIT + 1)
    zipped = gzip.compress(bytes(LIMIT * 20))
    assert len(zipped) < LIMIT
    for content, more in ((over, {}), (in_chunks(over), {}), (zipped, {"content-encoding": "gzip"})):
        answer = send(shared, "POST", "/v1/traces", content=content, headers={"content-type": content_type} | more)
        assert (answer.status_code, answer.headers["content-type"]) == (413, content_type)
        status = status_of(answer)
        assert status.code == grpc.StatusCode.RESOURCE_EXHAUSTED.value[0]
        assert str(LIMIT) in status.message
        assert not status.details


def test_large_requests(shared: OtelgresProcess, service: str) -> None:
    """In chunks without a length, and just under the limit; by protobuf and JSON."""
    request = payloads.spans(2, service=service, filler="x" * (LIMIT // 2 - 10_000))
    body = request.SerializeToString()
    assert LIMIT * 0.9 < len(body) < LIMIT
    answer = send(shared, "POST", "/v1/traces", content=in_chunks(body), headers={"content-type": PROTOBUF})
    assert (answer.status_code, answer.content) == (200, b"")
    by_json = json.dumps(span_json(service, name="n" * (LIMIT - 10_000))).encode()
    assert post(shared, "traces", by_json, {"content-type": JSON}).content == b"{}"
    assert stored(shared, "traces", service) == 4


def test_expect_100_continue(shared: OtelgresProcess, service: str) -> None:
    body = request_of("logs", 2, service)
    with socket.create_connection(("127.0.0.1", shared.otlp_http_port), timeout=20) as connection:
        head = (
            f"POST /v1/logs HTTP/1.1\r\nHost: otelgres\r\nContent-Type: {PROTOBUF}\r\n"
            f"Content-Length: {len(body)}\r\nExpect: 100-continue\r\n\r\n"
        )
        connection.sendall(head.encode())
        stream = connection.makefile("rb")
        assert stream.readline() == b"HTTP/1.1 100 Continue\r\n"
        assert stream.readline() == b"\r\n"
        connection.sendall(body)
        assert stream.readline() == b"HTTP/1.1 200 OK\r\n"
    assert stored(shared, "logs", service) == 2


def test_connections_are_kept_and_a_refusal_does_not_end_them(shared: OtelgresProcess, service: str) -> None:
    """Every request on one connection: none of the answers leaves anything behind that spoils the next."""
    with httpx.Client(base_url=shared.otlp_http_url, limits=httpx.Limits(max_connections=1)) as client:
        ports = set()
        for number in range(6):
            body = request_of("logs", 1, service) if number % 2 else b"\x0a\xff"
            with client.stream("POST", "/v1/logs", content=body, headers={"content-type": PROTOBUF}) as answer:
                ports.add(answer.extensions["network_stream"].get_extra_info("client_addr")[1])
                answer.read()
            assert answer.status_code == (200 if number % 2 else 400)
    assert len(ports) == 1
    assert stored(shared, "logs", service) == 3


def test_a_sender_that_hangs_up_midway_harms_nobody(shared: OtelgresProcess, service: str) -> None:
    body = request_of("logs", 2, service)
    for _ in range(3):
        with socket.create_connection(("127.0.0.1", shared.otlp_http_port), timeout=20) as connection:
            head = (
                f"POST /v1/logs HTTP/1.1\r\nHost: h\r\nContent-Type: {PROTOBUF}\r\nContent-Length: {len(body)}\r\n\r\n"
            )
            connection.sendall(head.encode() + body[:-1])
    assert post(shared, "logs", body).status_code == 200
    assert stored(shared, "logs", service) == 2
    assert "Traceback" not in shared.output()


async def refused(sender: GrpcSender, signal: str, body: bytes, **more: Any) -> grpc.aio.AioRpcError:
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await sender.send(signal, body, **more)
    return caught.value


def grpc_status_of(error: grpc.aio.AioRpcError) -> status_pb2.Status:
    return status_pb2.Status.FromString(dict(error.trailing_metadata())["grpc-status-details-bin"])


async def test_grpc_success(shared: OtelgresProcess, service: str) -> None:
    async with GrpcSender(shared.otlp_grpc_target) as sender:
        for signal in SIGNALS:
            assert await sender.send(signal, b"") == b""
        assert await sender.send("metrics", metrics_request().SerializeToString()) == b""
        assert await sender.send("traces", request_of("traces", 3, service)) == b""
        for compression in (grpc.Compression.Gzip, grpc.Compression.Deflate):
            assert await sender.send("logs", request_of("logs", 3, service), compression=compression) == b""
        answer = await sender.send("traces", request_of("traces", 3, service, bad=(2,)))
        assert ExportTraceServiceResponse.FromString(answer).partial_success.rejected_spans == 1
    assert stored(shared, "traces", service) == 5
    assert stored(shared, "logs", service) == 6


async def test_grpc_refusals(shared: OtelgresProcess) -> None:
    unknown = "/opentelemetry.proto.collector.trace.v1.TraceService/Import"
    profiles = "/opentelemetry.proto.collector.profiles.v1development.ProfilesService/Export"
    async with GrpcSender(shared.otlp_grpc_target) as sender:
        for signal in SIGNALS:
            error = await refused(sender, signal, b"\x0a\xff\xff")
            assert error.code() is grpc.StatusCode.INVALID_ARGUMENT
            status = grpc_status_of(error)
            assert details_of(status, error_details_pb2.BadRequest).field_violations
            assert status.message == error.details()
            for compression in (grpc.Compression.NoCompression, grpc.Compression.Gzip):
                error = await refused(sender, signal, bytes(LIMIT + 1), compression=compression)
                assert error.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
                assert "google.rpc.retryinfo-bin" not in dict(error.trailing_metadata())
        for method in (unknown, profiles):
            assert (await refused(sender, method, b"")).code() is grpc.StatusCode.UNIMPLEMENTED
        assert await sender.send("traces", b"") == b""


def frame(kind: int, flags: int, stream: int, content: bytes) -> bytes:
    return struct.pack(">I", len(content))[1:] + struct.pack(">BBI", kind, flags, stream) + content


def frames_answered(port: int, path: str, message: bytes) -> list[tuple[int, int]]:
    """Kinds and flags of the HTTP/2 frames that answer a unary gRPC call, up to the end of its stream."""
    headers = {
        ":method": "POST", ":scheme": "http", ":path": path, ":authority": "h", "te": "trailers",
        "content-type": "application/grpc",
    }  # fmt: skip
    plain = b"".join(
        b"\0" + bytes((len(name),)) + name.encode() + bytes((len(value),)) + value.encode()
        for name, value in headers.items()
    )
    answered: list[tuple[int, int]] = []
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        connection.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + frame(4, 0, 0, b"") + frame(1, 4, 1, plain))
        connection.sendall(frame(0, 1, 1, b"\0" + struct.pack(">I", len(message)) + message))
        stream = connection.makefile("rb")
        while not (answered and answered[-1][1] & 1):
            head = stream.read(9)
            assert len(head) == 9, "the server hung up"
            stream.read(int.from_bytes(head[:3]))
            if int.from_bytes(head[5:]) == 1 and head[3] in (0, 1):
                answered.append((head[3], head[4]))
    return answered


def test_a_grpc_refusal_is_trailers_only(shared: OtelgresProcess) -> None:
    """Java reads whether it may retry from the first HEADERS frame and nowhere else."""
    data, headers, end_of_stream = 0, 1, 1
    success = frames_answered(shared.otlp_grpc_port, GrpcSender.METHODS["traces"], b"")
    assert [kind for kind, _ in success] == [headers, data, headers]
    ((kind, flags),) = frames_answered(shared.otlp_grpc_port, GrpcSender.METHODS["traces"], b"\x0a\xff")
    assert kind == headers
    assert flags & end_of_stream


@pytest.mark.parametrize("media", [PROTOBUF, JSON])
def test_a_page_whose_name_was_made_to_lead_here_cannot_send(shared: OtelgresProcess, service: str, media: str) -> None:
    """To its browser it is a page of the host that it sends to."""
    body = request_of("traces", 1, service) if media != JSON else json.dumps(span_json(service)).encode()

    def sent(**headers: str) -> httpx.Response:
        return send(shared, "POST", "/v1/traces", content=body, headers={"content-type": media, **headers})

    for host in ("evil.example", f"evil.example:{shared.otlp_http_port}", "127.0.0.1.evil.example"):
        refused = sent(host=host, origin=f"http://{host}")
        assert (refused.status_code, refused.headers["content-type"]) == (403, media)
        assert "OTELGRES_ALLOWED_HOSTS" in refused.text
    assert stored(shared, "traces", service) == 0
    assert sent(host=f"localhost:{shared.otlp_http_port}", origin="http://localhost:5173").status_code == 200
    # Programs name no page; they may know this machine by any name.
    assert sent(host="otel.internal").status_code == 200


async def test_without_the_token_nothing_is_taken(receivers: Any, service: str) -> None:
    process = receivers(OTELGRES_INGEST_TOKEN="s3cret-of-sixteen")
    body = request_of("traces", 1, service)
    wrong: tuple[dict[str, str], ...] = (
        {},
        {"authorization": "Bearer wrong"},
        {"authorization": "s3cret-of-sixteen"},
        {"authorization": "Basic s3cret-of-sixteen"},
    )
    for headers in wrong:
        answer = await asyncio.to_thread(post, process, "traces", body, headers)
        assert answer.status_code == 401
        assert status_of(answer).code == grpc.StatusCode.UNAUTHENTICATED.value[0]
        answer = await asyncio.to_thread(post, process, "metrics", b"{}", headers | {"content-type": JSON})
        assert (answer.status_code, answer.headers["content-type"]) == (401, JSON)
    async with GrpcSender(process.otlp_grpc_target) as sender:
        for headers in wrong:
            error = await refused(sender, "traces", body, metadata=tuple(headers.items()))
            assert error.code() is grpc.StatusCode.UNAUTHENTICATED
        assert await asyncio.to_thread(stored, process, "traces", service) == 0
        assert await sender.send("traces", body, (("authorization", "Bearer s3cret-of-sixteen"),)) == b""
    other = request_of("traces", 1, service)
    answer = await asyncio.to_thread(post, process, "traces", other, {"authorization": "bearer s3cret-of-sixteen"})
    assert answer.status_code == 200
    assert await asyncio.to_thread(stored, process, "traces", service) == 2
    assert "s3cret-of-sixteen" not in process.output()


async def test_while_the_database_is_away_senders_are_told_to_retry(
    receivers: Any, postgres_dsn: str, database: str, service: str
) -> None:
    """Without a spool. No retryable trouble looks permanent; afterwards the same requests are stored, once each."""
    process = receivers(OTELGRES_SPOOL_BYTES="0")
    name = urlsplit(database).path.removeprefix("/")
    by_http, by_grpc = request_of("traces", 3, service), request_of("traces", 4, service)
    by_json = json.dumps(span_json(service)).encode()
    elsewhere = with_database(postgres_dsn, "postgres")
    async with GrpcSender(process.otlp_grpc_target) as sender, httpx.AsyncClient(timeout=30) as client:
        assert await sender.send("traces", request_of("traces", 1, service)) == b""
        await execute(elsewhere, f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
        await execute(elsewhere, f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")
        protobuf_answer, json_answer, error, metrics_answer = await asyncio.gather(
            asyncio.to_thread(post, process, "traces", by_http),
            asyncio.to_thread(post, process, "traces", by_json, {"content-type": JSON}),
            refused(sender, "traces", by_grpc),
            asyncio.to_thread(post, process, "metrics", metrics_request().SerializeToString()),
        )
        for answer in (protobuf_answer, json_answer, metrics_answer):
            assert answer.status_code == 503
            assert answer.headers["retry-after"] in ("1", "2")
            assert details_of(status_of(answer), error_details_pb2.RetryInfo).retry_delay.seconds in (1, 2)
        assert error.code() is grpc.StatusCode.UNAVAILABLE
        alone = dict(error.trailing_metadata())["google.rpc.retryinfo-bin"]
        hint = details_of(grpc_status_of(error), error_details_pb2.RetryInfo)
        assert hint == error_details_pb2.RetryInfo.FromString(alone)
        assert hint.retry_delay.seconds in (1, 2)
        await execute(elsewhere, f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")

        async def json_attempt() -> bytes:
            answer = await client.post(
                f"{process.otlp_http_url}/v1/traces", content=by_json, headers={"content-type": JSON}
            )
            if answer.status_code == 503:
                raise Retryable(503)
            return answer.content

        url = f"{process.otlp_http_url}/v1/traces"
        assert await until_accepted(lambda: post_async(client, url, by_http)) == b""
        assert await until_accepted(lambda: sender.send("traces", by_grpc)) == b""
        assert await until_accepted(json_attempt) == b"{}"
    assert await asyncio.to_thread(stored, process, "traces", service) == 1 + 3 + 4 + 2
    assert await rows.value(database, "SELECT sum(span_count)::int FROM enterprise.traces") == 10


def test_random_bytes_are_never_answered_as_retryable(shared: OtelgresProcess) -> None:
    """An unforeseen error would be answered by 503, and its sender would try for ever."""
    source = random.Random(7)
    good = payloads.spans(3, service="fuzz").SerializeToString()
    with httpx.Client(base_url=shared.otlp_http_url) as client:
        for number in range(150):
            body = bytearray(good) if number % 2 else bytearray(source.randbytes(60))
            for _ in range(3):
                body[source.randrange(len(body))] = source.randrange(256)
            content_type = JSON if number % 5 == 0 else PROTOBUF
            answer = client.post("/v1/traces", content=bytes(body), headers={"content-type": content_type})
            assert answer.status_code in (200, 400), (bytes(body).hex(), answer.content)
