"""The port for OTLP over HTTP: paths, types, codings, limits, browsers, connections."""

import gzip
import socket
import zlib
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from google.protobuf import json_format
from google.rpc import error_details_pb2, status_pb2
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse

from tests.acceptance.checklist.cases import (
    EVERY_WAY,
    HTTP_JSON,
    JSON,
    ON_THE_WIRE,
    PROTOBUF,
    Case,
    Mark,
    Message,
    checks,
    logs,
    record,
    span,
    spans,
    table,
    verify,
)
from tests.acceptance.checklist.conftest import LIMIT, ORIGIN
from tests.acceptance.checklist.encode import encode
from tests.otelgres_process import OtelgresProcess

SIGNALS = ("traces", "metrics", "logs")
GARBAGE = b"\x0a\xff"
ALL_BAD = "span_id must be 8 bytes"


def ask(process: OtelgresProcess, path: str, body: Any = b"", method: str = "POST", **headers: str) -> httpx.Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx.request(method, process.otlp_http_url + path, content=body, headers=named, timeout=20)


def a_request() -> bytes:
    mark = Mark()
    return encode("traces", spans(mark, span(mark)))


def status_of(answer: httpx.Response) -> status_pb2.Status:
    if answer.headers["content-type"] == JSON:
        return json_format.Parse(answer.content, status_pb2.Status())
    assert answer.headers["content-type"] == PROTOBUF
    return status_pb2.Status.FromString(answer.content)


def resource_alone(mark: Mark) -> Message:
    return {"resourceSpans": [{"resource": mark.resource}]}


def scope_alone(mark: Mark) -> Message:
    return {"resourceSpans": [{"resource": mark.resource, "scopeSpans": [{"scope": {"name": "n"}}]}]}


CASES = table(
    *(
        case
        for signal in SIGNALS
        for case in (
            Case(11, f"no bytes of {signal}", lambda _: b"", signal=signal, ways=ON_THE_WIRE),
            Case(11, f"empty object of {signal}", lambda _: "{}", signal=signal, ways=(HTTP_JSON,)),
            Case(11, f"no JSON of {signal}", lambda _: "", signal=signal, ways=(HTTP_JSON,), status=400),
        )
    ),
    Case(11, "empty list", lambda _: '{"resourceSpans":[]}', ways=(HTTP_JSON,)),
    Case(11, "a resource alone", resource_alone, []),
    Case(11, "a scope alone", scope_alone, []),
    Case(
        12,
        "three of five",
        lambda mark: spans(mark, *(span(mark, **({} if number % 2 else {"spanId": ""})) for number in range(5))),
        [{}, {}],
        rejected=3,
        message=ALL_BAD,
    ),
    Case(13, "a warning", lambda mark: logs(mark, record(timeUnixNano="1")), [{}], "logs", message="retention"),
    Case(
        21,
        "many reasons",
        lambda mark: spans(mark, span(mark), *(span(mark, spanId="ab" * (number % 7)) for number in range(5000))),
        [{}],
        rejected=5000,
        message="more",
        ways=EVERY_WAY,
    ),
)


@CASES
def test_answers(receiver: OtelgresProcess, case: Case, way: str) -> None:
    verify(receiver, case, way)


@checks(1, 2, 10)
@pytest.mark.parametrize(
    "path", [f"{prefix}/v1/{signal}{end}" for signal in SIGNALS for prefix in ("", "/otlp") for end in ("", "/")]
)
def test_paths(receiver: OtelgresProcess, path: str) -> None:
    by_protobuf, by_json = ask(receiver, path, content_type=PROTOBUF), ask(receiver, path, b"{}", content_type=JSON)
    assert (by_protobuf.status_code, by_protobuf.content, by_protobuf.headers["content-type"]) == (200, b"", PROTOBUF)
    assert (by_json.status_code, by_json.content, by_json.headers["content-type"]) == (200, b"{}", JSON)


@checks(3, 7)
@pytest.mark.parametrize(
    ("method", "path", "status", "says"),
    [
        ("POST", "/", 404, "/v1/traces"),
        ("POST", "/v1/traces/v1/traces", 404, "/v1/traces"),
        ("GET", "/otlp", 404, "/v1/traces"),
        ("OPTIONS", "/elsewhere", 404, "/v1/traces"),
        *((method, "/v1/traces", 405, "POST only") for method in ("GET", "PUT", "PATCH", "DELETE")),
    ],
)
def test_other_paths_and_methods(receiver: OtelgresProcess, method: str, path: str, status: int, says: str) -> None:
    answer = ask(receiver, path, method=method)
    assert answer.status_code == status
    assert says in status_of(answer).message
    assert answer.headers.get("allow") == ("POST, OPTIONS" if status == 405 else None)


@checks(4, 5)
@pytest.mark.parametrize(
    "sent",
    [
        PROTOBUF,
        "application/protobuf",
        f"{PROTOBUF}; charset=x",
        "Application/X-Protobuf",
        JSON,
        f"{JSON};charset=utf-8",
    ],
)
def test_content_types(receiver: OtelgresProcess, sent: str) -> None:
    answer = ask(receiver, "/v1/traces", b"{}" if "json" in sent else a_request(), content_type=sent)
    assert (answer.status_code, answer.headers["content-type"]) == (200, sent.partition(";")[0].lower())


@checks(6)
@pytest.mark.parametrize("sent", ["text/plain", "application/x-protobuf2", "application/grpc", "", "*/*"])
def test_other_content_types(receiver: OtelgresProcess, sent: str) -> None:
    answer = ask(receiver, "/v1/traces", b"x", content_type=sent)
    assert (answer.status_code, answer.headers["accept"]) == (415, f"{PROTOBUF}, {JSON}")
    assert "Content-Type" in status_of(answer).message


@checks(8, 9)
@pytest.mark.parametrize("media", [PROTOBUF, JSON])
@pytest.mark.parametrize(
    ("path", "body", "coding", "status", "code"),
    [
        ("/v1/traces", GARBAGE, "identity", 400, 3),
        ("/v1/traces", GARBAGE, "gzip", 400, 3),
        ("/v1/traces", GARBAGE, "zstd", 415, 3),
        ("/v1/traces", bytes(LIMIT + 1), "identity", 413, 8),
        ("/nowhere", b"", "identity", 404, 12),
    ],
)
def test_every_refusal_is_a_status(
    receiver: OtelgresProcess, media: str, path: str, body: bytes, coding: str, status: int, code: int
) -> None:
    answer = ask(receiver, path, body, content_type=media, content_encoding=coding)
    told = status_of(answer)
    assert (answer.status_code, answer.headers["content-type"], told.code) == (status, media, code)
    assert told.message
    assert [detail.type_url for detail in told.details] == (
        [f"type.googleapis.com/{error_details_pb2.BadRequest.DESCRIPTOR.full_name}"] if status in (400, 415) else []
    )


@checks(9)
def test_bad_data_in_json(receiver: OtelgresProcess) -> None:
    told = ask(receiver, "/v1/logs", b"{", content_type=JSON).json()
    (detail,) = told["details"]
    assert (told["code"], detail["@type"]) == (3, "type.googleapis.com/google.rpc.BadRequest")
    assert detail["fieldViolations"] == [{"description": told["message"]}]


@checks(17)
def test_the_limit_is_exact(receiver: OtelgresProcess) -> None:
    filler = LIMIT - len(encode("traces", {8888: b""})) - 2
    exact = encode("traces", {8888: bytes(filler)})
    assert len(exact) == LIMIT
    assert ask(receiver, "/v1/traces", exact, content_type=PROTOBUF).status_code == 200
    for body in (exact + b"\0", iter([exact, b"\0"])):
        answer = ask(receiver, "/v1/traces", body, content_type=PROTOBUF)
        assert (answer.status_code, answer.headers["connection"]) == (413, "close")


def two_members(body: bytes) -> bytes:
    return gzip.compress(body[:40]) + gzip.compress(body[40:])


@checks(18, 19)
@pytest.mark.parametrize(
    ("coding", "pack"),
    [
        ("gzip", gzip.compress),
        ("GZip", gzip.compress),
        ("gzip", two_members),
        ("deflate", zlib.compress),
        ("identity", bytes),
    ],
)
def test_codings(receiver: OtelgresProcess, coding: str, pack: Any) -> None:
    answer = ask(receiver, "/v1/traces", pack(a_request()), content_type=PROTOBUF, content_encoding=coding)
    assert (answer.status_code, answer.content) == (200, b"")


@checks(18, 19)
@pytest.mark.parametrize(
    ("coding", "body", "status"),
    [
        ("zstd", b"x", 415),
        ("br", b"x", 415),
        ("gzip, gzip", b"x", 415),
        ("gzip", b"no gzip", 400),
        ("gzip", gzip.compress(b"cut", mtime=0)[:-5], 400),
        ("gzip", gzip.compress(b"x" * 99, mtime=0)[:20] + bytes(20), 400),
        ("gzip", gzip.compress(b"whole", mtime=0) + gzip.compress(b"cut", mtime=0)[:-1], 400),
        ("gzip", b"", 200),
        ("gzip", gzip.compress(bytes(LIMIT + 1), mtime=0), 413),
        ("deflate", zlib.compress(bytes(50 * LIMIT)), 413),
    ],
)
def test_odd_codings(receiver: OtelgresProcess, coding: str, body: bytes, status: int) -> None:
    answer = ask(receiver, "/v1/traces", body, content_type=PROTOBUF, content_encoding=coding)
    assert answer.status_code == status
    assert answer.headers.get("accept-encoding") == ("gzip, deflate" if status == 415 else None)


def one_by_one(body: bytes) -> Iterator[bytes]:
    for byte in body:
        yield bytes((byte,))


@checks(20)
def test_chunks_without_a_length(receiver: OtelgresProcess) -> None:
    body = gzip.compress(a_request())
    answer = ask(receiver, "/v1/traces", one_by_one(body), content_type=PROTOBUF, content_encoding="gzip")
    assert (answer.status_code, answer.content) == (200, b"")


@checks(20, 23)
def test_expect_100_continue_twice_on_one_connection(receiver: OtelgresProcess) -> None:
    with socket.create_connection(("127.0.0.1", receiver.otlp_http_port), timeout=20) as connection:
        stream = connection.makefile("rb")
        for _ in range(2):
            body = a_request()
            connection.sendall(
                b"POST /v1/traces HTTP/1.1\r\nHost: h\r\nContent-Type: application/x-protobuf\r\n"
                b"Content-Length: %d\r\nExpect: 100-continue\r\n\r\n" % len(body)
            )
            assert (stream.readline(), stream.readline()) == (b"HTTP/1.1 100 Continue\r\n", b"\r\n")
            connection.sendall(body)
            assert stream.readline() == b"HTTP/1.1 200 OK\r\n"
            while stream.readline() != b"\r\n":
                pass


@checks(21)
def test_answers_are_small_and_not_compressed(receiver: OtelgresProcess) -> None:
    mark = Mark()
    body = encode("traces", spans(mark, span(mark), *(span(mark, spanId="ab" * 7) for _ in range(9000))))
    answer = ask(receiver, "/v1/traces", body, content_type=PROTOBUF, accept_encoding="gzip")
    assert "content-encoding" not in answer.headers
    text = ExportTraceServiceResponse.FromString(answer.content).partial_success.error_message
    assert 0 < len(text.encode()) <= 4096
    for path in ("/" + "x" * 9000, "/" + "%F0%9F%A4%96" * 1000):
        assert len(status_of(ask(receiver, path)).message.encode()) <= 4096


def of_browsers(answer: httpx.Response) -> dict[str, str]:
    return {
        name: value for name, value in answer.headers.items() if name.startswith("access-control-") or name == "vary"
    }


@checks(22)
def test_preflight(receiver: OtelgresProcess) -> None:
    asked = {"access_control_request_method": "POST", "access_control_request_headers": "content-type,x-tenant"}
    for path in ("/v1/traces", "/v1/logs/", "/otlp/v1/metrics"):
        answer = ask(receiver, path, method="OPTIONS", origin=ORIGIN, **asked)
        assert (answer.status_code, answer.content) == (200, b"")
        assert of_browsers(answer) == {
            "vary": "Origin, Access-Control-Request-Headers",
            "access-control-allow-origin": ORIGIN,
            "access-control-expose-headers": "Retry-After",
            "access-control-allow-methods": "POST",
            "access-control-allow-headers": "content-type,x-tenant",
            "access-control-max-age": "7200",
        }
    foreign = ask(receiver, "/v1/traces", method="OPTIONS", origin="https://evil.example", **asked)
    assert of_browsers(foreign) == {"vary": "Origin"}


@checks(22)
@pytest.mark.parametrize(
    ("path", "body", "media", "status"),
    [
        ("/v1/traces", b"{}", JSON, 200),
        ("/v1/traces", b"{", JSON, 400),
        ("/v1/traces", b"{}", "text/plain", 415),
        ("/v1/traces", bytes(LIMIT + 1), JSON, 413),
        ("/nowhere", b"{}", JSON, 404),
    ],
)
def test_web_pages_can_read_every_answer(
    receiver: OtelgresProcess, path: str, body: bytes, media: str, status: int
) -> None:
    answer = ask(receiver, path, body, origin=ORIGIN, content_type=media)
    assert answer.status_code == status
    assert of_browsers(answer) == {
        "vary": "Origin",
        "access-control-allow-origin": ORIGIN,
        "access-control-expose-headers": "Retry-After",
    }
    by_name = ask(receiver, path, body, origin=ORIGIN, host="otel.example.com", content_type=media)
    assert by_name.status_code == status
    foreign = ask(receiver, path, body, origin="https://evil.example", content_type=media)
    assert of_browsers(foreign) == {"vary": "Origin"}


@checks(22, 25)
def test_web_pages_without_a_setting_and_without_a_token(receivers: Any) -> None:
    closed = receivers()
    assert of_browsers(ask(closed, "/v1/traces", b"{}", origin=ORIGIN, content_type=JSON)) == {}
    guarded = receivers(OTELGRES_INGEST_TOKEN="s3cret-of-sixteen", OTELGRES_CORS_ORIGINS="*")
    asked = ask(guarded, "/v1/traces", method="OPTIONS", origin=ORIGIN)
    refused = ask(guarded, "/v1/traces", b"{}", origin=ORIGIN, content_type=JSON)
    assert (asked.status_code, refused.status_code) == (200, 401)
    for answer in (asked, refused):
        assert answer.headers["access-control-allow-origin"] == ORIGIN
    assert asked.headers["access-control-allow-headers"] == "content-type, content-encoding, authorization"


@checks(24)
def test_grpc_at_the_port_for_http(receiver: OtelgresProcess) -> None:
    with socket.create_connection(("127.0.0.1", receiver.otlp_http_port), timeout=20) as connection:
        connection.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
        assert connection.recv(100) == b""
    assert f"port {receiver.otlp_grpc_port} takes it" in receiver.output()
