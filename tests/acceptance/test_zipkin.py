"""Zipkin's POST /api/v2/spans against a real server: what is stored, and what senders are answered."""

import gzip
import json
import time
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from tests import rows
from tests.conftest import copied, run
from tests.otelgres_process import RECEIVERS, OtelgresProcess
from tests.zipkin_spans import list_of_spans

LIMIT = 2 << 20
PATH = "/api/v2/spans"
JSON, PROTOBUF = "application/json", "application/x-protobuf"
SPANS = """
    SELECT s.*, r.attributes AS resource
    FROM enterprise.trace_spans AS s JOIN enterprise.resources AS r ON r.id = resource_id
    WHERE trace_id = $1 ORDER BY start_time, operation_name"""


@pytest.fixture(scope="module")
def shared(postgres_dsn: str, template_database: str) -> Iterator[OtelgresProcess]:
    """One server for all tests; each looks at its own traces only."""
    for dsn in copied(postgres_dsn, template_database):
        process = OtelgresProcess({"OTELGRES_DSN": dsn, "OTELGRES_MAX_REQUEST_BYTES": str(LIMIT)}, arguments=RECEIVERS)
        try:
            yield process
        finally:
            process.close()


@pytest.fixture
def trace_id() -> str:
    return uuid.uuid4().hex


def spans_of(trace_id: str, start_us: int) -> list[dict[str, Any]]:
    """A call from one service to another that share the id of a span, as Zipkin's tracers have it by default."""
    client = {
        "traceId": trace_id,
        "id": "00000000000000c1",
        "parentId": "00000000000000a1",
        "kind": "CLIENT",
        "name": "charge",
        "timestamp": start_us + 1_000,
        "duration": 50_000,
        "localEndpoint": {"serviceName": "shop", "ipv4": "10.0.0.1", "port": 8080},
        "remoteEndpoint": {"serviceName": "cards", "ipv6": "2001:db8::2", "port": 443},
        "annotations": [{"timestamp": start_us + 1_500, "value": "ws"}],
        "tags": {"http.method": "POST", "error": "declined"},
    }
    server = client | {
        "kind": "SERVER",
        "name": "post /charge",
        "timestamp": start_us + 2_000,
        "duration": 40_000,
        "localEndpoint": {"serviceName": "cards"},
        "remoteEndpoint": {"ipv4": "10.0.0.1"},
        "annotations": [],
        "tags": {"user.email": "ada@example.com"},
        "shared": True,
    }
    root = {
        "traceId": trace_id,
        "id": "00000000000000a1",
        "name": "order größe",
        "timestamp": start_us,
        "duration": 60_000,
        "localEndpoint": {"serviceName": "shop"},
        "debug": True,
    }
    return [client, server, root]


def send(process: OtelgresProcess, body: bytes, content_type: str | None = JSON, **headers: str) -> httpx.Response:
    named = {} if content_type is None else {"content-type": content_type}
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx.post(f"{process.otlp_http_url}{PATH}", content=body, headers=named | sent, timeout=30)


def stored(process: OtelgresProcess, trace_id: str) -> list[rows.Record]:
    found: list[rows.Record] = run(rows.fetch(process.dsn, SPANS, trace_id))
    return found


def has(row: rows.Record, **expected: Any) -> None:
    assert {name: row[name] for name in expected} == expected


def encoded(spans: list[dict[str, Any]], content_type: str) -> bytes:
    return list_of_spans(spans) if content_type == PROTOBUF else json.dumps(spans).encode()


@pytest.mark.parametrize("content_type", [JSON, PROTOBUF])
def test_every_field(shared: OtelgresProcess, trace_id: str, content_type: str) -> None:
    start_us = time.time_ns() // 1000
    start = datetime.fromtimestamp(start_us // 1_000_000, UTC) + timedelta(microseconds=start_us % 1_000_000)
    answer = send(shared, encoded(spans_of(trace_id, start_us), content_type), content_type)
    assert (answer.status_code, answer.content) == (202, b"")
    root, client, server = stored(shared, trace_id)
    has(
        root,
        span_id="00000000000000a1",
        parent_span_id=None,
        operation_name="order größe",
        service_name="shop",
        resource={"service.name": "shop"},
        kind=1,
        start_time=start,
        start_nanos=0,
        end_time=start + timedelta(microseconds=60_000),
        duration_ms=60.0,
        status="completed",
        status_code=0,
        tags={"zipkin.debug": True},
        logs=[],
        links=None,
    )
    has(
        client,
        span_id="00000000000000c1",
        parent_span_id="00000000000000a1",
        operation_name="charge",
        service_name="shop",
        kind=3,
        duration_ms=50.0,
        status="error",
        status_code=2,
        status_message="declined",
        error_message="declined",
        tags={
            "http.method": "POST",
            "peer.service": "cards",
            "network.local.address": "10.0.0.1",
            "network.local.port": 8080,
            "network.peer.address": "2001:db8::2",
            "network.peer.port": 443,
        },
    )
    (event,) = client["logs"]
    at = start + timedelta(microseconds=1_500)
    assert (event["message"], datetime.fromisoformat(event["timestamp"])) == ("ws", at)
    has(
        server,
        span_id="00000000000000c1",
        parent_span_id="00000000000000a1",
        operation_name="post /charge",
        service_name="cards",
        kind=2,
        duration_ms=40.0,
        status="completed",
        tags={"user.email": "ada@example.com", "network.peer.address": "10.0.0.1", "zipkin.shared": True},
    )
    query = "SELECT * FROM enterprise.traces WHERE trace_id = $1"
    (trace,) = run(rows.fetch(shared.dsn, query, trace_id))
    has(trace, span_count=3, error_count=1, root_span_id="00000000000000a1", user_email="ada@example.com")


def test_traces_of_64_bits(shared: OtelgresProcess) -> None:
    short = uuid.uuid4().hex[:16]
    spans = spans_of(short, time.time_ns() // 1000)
    assert send(shared, json.dumps(spans).encode()).status_code == 202
    assert send(shared, list_of_spans(spans), PROTOBUF).status_code == 202
    assert len(stored(shared, short.zfill(32))) == 6


@pytest.mark.parametrize("content_type", [JSON, PROTOBUF])
def test_the_same_request_is_stored_once_and_answered_the_same(
    shared: OtelgresProcess, trace_id: str, content_type: str
) -> None:
    spans = spans_of(trace_id, time.time_ns() // 1000)
    del spans[2]["timestamp"]
    whole = encoded(spans, content_type)
    partly = encoded([*spans, {"traceId": trace_id}], content_type)
    for content in (whole, gzip.compress(whole), whole):
        encoding = {} if content is whole else {"content_encoding": "gzip"}
        answer = send(shared, content, content_type, **encoding)
        assert (answer.status_code, answer.content) == (202, b"")
    assert len(stored(shared, trace_id)) == 3
    told = {send(shared, partly, content_type).text for _ in range(3)}
    expected = "1 items were rejected, all others are stored: span 3: id must be 1 to 16 hex digits, not all zero"
    assert told == {expected}
    assert len(stored(shared, trace_id)) == 6


def test_what_is_wrong_is_told_and_the_rest_is_stored(shared: OtelgresProcess, trace_id: str) -> None:
    good = spans_of(trace_id, time.time_ns() // 1000)
    body = json.dumps([good[0], {"traceId": "nonsense", "id": "1"}, None, good[2]]).encode()
    answer = send(shared, body)
    assert (answer.status_code, answer.headers["content-type"]) == (400, "text/plain; charset=utf-8")
    assert answer.text.startswith("2 items were rejected, all others are stored: span 1: traceId must be ")
    assert "; span 2: it must be an object" in answer.text
    assert len(stored(shared, trace_id)) == 2


@pytest.mark.parametrize(
    ("body", "content_type", "reason"),
    [
        (b"", JSON, "not JSON"),
        (b'{"traceId": "1"}', JSON, "the JSON must be a list of Zipkin's spans; this is an object"),
        (b"[" * 100_000, JSON, "nested too deeply"),
        (b"[{}]", PROTOBUF, "not a ListOfSpans of Zipkin: "),
        (b"\x0a\xff", PROTOBUF, "not a ListOfSpans of Zipkin: "),
    ],
)
def test_garbage_is_refused_for_good(shared: OtelgresProcess, body: bytes, content_type: str, reason: str) -> None:
    answer = send(shared, body, content_type)
    assert (answer.status_code, answer.headers["content-type"]) == (400, "text/plain; charset=utf-8")
    assert "retry-after" not in answer.headers
    assert reason in answer.text


def test_nothing_is_a_list_too(shared: OtelgresProcess) -> None:
    assert send(shared, b"[]").status_code == 202
    assert send(shared, b"", PROTOBUF).status_code == 202


@pytest.mark.parametrize("content_type", [None, "application/json; charset=utf-8"])
def test_json_needs_no_name(shared: OtelgresProcess, trace_id: str, content_type: str | None) -> None:
    assert send(shared, json.dumps(spans_of(trace_id, 1)).encode(), content_type).status_code == 202
    assert len(stored(shared, trace_id)) == 3


@pytest.mark.parametrize("content_type", ["application/x-thrift", "text/plain"])
def test_other_media_are_told_what_would_be_taken(shared: OtelgresProcess, content_type: str) -> None:
    answer = send(shared, b"[]", content_type)
    assert (answer.status_code, answer.headers["accept"]) == (415, f"{PROTOBUF}, {JSON}")
    assert answer.text == f"Content-Type '{content_type}' is not supported; send {PROTOBUF} or {JSON}"


def test_other_methods(shared: OtelgresProcess) -> None:
    answer = httpx.get(f"{shared.otlp_http_url}{PATH}")
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST, OPTIONS")
    assert answer.text == "/api/v2/spans takes POST only"


def test_too_large(shared: OtelgresProcess) -> None:
    for body, headers in ((bytes(LIMIT + 1), {}), (gzip.compress(bytes(LIMIT * 20)), {"content_encoding": "gzip"})):
        answer = send(shared, body, **headers)
        assert answer.status_code == 413
        assert str(LIMIT) in answer.text
    assert send(shared, b"no gzip", content_encoding="gzip").status_code == 400
    assert send(shared, b"[]", content_encoding="snappy").status_code == 415


def test_a_large_list(shared: OtelgresProcess, trace_id: str) -> None:
    """Decoded beside the event loop."""
    span = spans_of(trace_id, time.time_ns() // 1000)[0]
    body = json.dumps([span | {"id": f"{number:x}"} for number in range(1, 4_001)]).encode()
    assert 1 << 20 < len(body) < LIMIT
    assert send(shared, body).status_code == 202
    assert len(stored(shared, trace_id)) == 4_000


def test_what_postgresql_cannot_hold(shared: OtelgresProcess, trace_id: str) -> None:
    span = spans_of(trace_id, 1)[2] | {"name": "a\0b", "tags": {"k\0": "\ud800\0"}}
    assert send(shared, json.dumps([span]).encode()).status_code == 202
    (row,) = stored(shared, trace_id)
    has(row, operation_name="a\ufffdb", tags={"k\ufffd": "\ufffd\ufffd", "zipkin.debug": True})
