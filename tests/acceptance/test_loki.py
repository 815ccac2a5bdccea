"""Loki's POST /loki/api/v1/push against a real server: what is stored, and what senders are answered."""

import gzip
import json
import logging
import time
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from logging_loki import LokiHandler

from tests import rows
from tests.conftest import copied, run
from tests.loki_push import push, snapped
from tests.otelgres_process import RECEIVERS, OtelgresProcess

LIMIT = 2 << 20
PATH = "/loki/api/v1/push"
JSON, PROTOBUF = "application/json", "application/x-protobuf"
TRACE_ID, SPAN_ID = "5b8efff798038103d269b633813fc60c", "eee19b7ec3c1b174"
LOGS = """
    SELECT l.*, r.attributes AS resource
    FROM enterprise.structured_logs AS l JOIN enterprise.resources AS r ON r.id = resource_id
    WHERE l.service_name = $1 ORDER BY timestamp, timestamp_nanos"""


@pytest.fixture(scope="module")
def shared(postgres_dsn: str, template_database: str) -> Iterator[OtelgresProcess]:
    """One server for all tests; each looks at its own service only."""
    for dsn in copied(postgres_dsn, template_database):
        process = OtelgresProcess({"OTELGRES_DSN": dsn, "OTELGRES_MAX_REQUEST_BYTES": str(LIMIT)}, arguments=RECEIVERS)
        try:
            yield process
        finally:
            process.close()


@pytest.fixture
def service() -> str:
    return f"service-{uuid.uuid4().hex[:8]}"


def send(process: OtelgresProcess, body: bytes, content_type: str | None = JSON, **headers: str) -> httpx.Response:
    named = {} if content_type is None else {"content-type": content_type}
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx.post(f"{process.otlp_http_url}{PATH}", content=body, headers=named | sent, timeout=30)


def by_json(service: str, *values: Any, **labels: str) -> bytes:
    return json.dumps({"streams": [{"stream": {"app": service, **labels}, "values": values}]}).encode()


def by_protobuf(service: str, *entries: tuple[int, str, dict[str, str]], **labels: str) -> bytes:
    told = ", ".join(f"{name}={json.dumps(value)}" for name, value in {"app": service, **labels}.items())
    return snapped(push([(f"{{{told}}}", entries)]))


def stored(process: OtelgresProcess, service: str) -> list[rows.Record]:
    found: list[rows.Record] = run(rows.fetch(process.dsn, LOGS, service))
    return found


def has(row: rows.Record, **expected: Any) -> None:
    assert {name: row[name] for name in expected} == expected


LABELS = {"namespace": "prod", "logger": "shop.orders", "level": "warn"}


@pytest.mark.parametrize("content_type", [JSON, PROTOBUF])
def test_every_field(shared: OtelgresProcess, service: str, content_type: str) -> None:
    at = time.time_ns() // 1000 * 1000
    metadata = {"trace_id": TRACE_ID, "span_id": SPAN_ID, "user.email": "ada@example.com", "order": "7"}
    if content_type == JSON:
        values = [str(at + 3), "stock is low: größe 🛒", metadata], [str(at + 4), "", {"detected_level": "critical"}]
        body = by_json(service, *values, **LABELS)
    else:
        entries = (at + 3, "stock is low: größe 🛒", metadata), (at + 4, "", {"detected_level": "critical"})
        body = by_protobuf(service, *entries, **LABELS)
    answer = send(shared, body, content_type)
    assert (answer.status_code, answer.content) == (204, b"")
    assert "content-length" not in answer.headers
    first, second = stored(shared, service)
    time_of = datetime.fromtimestamp(at // 10**9, UTC) + timedelta(microseconds=at % 10**9 // 1000)
    has(
        first,
        timestamp=time_of,
        timestamp_nanos=3,
        observed_time=None,
        message="stock is low: größe 🛒",
        body=None,
        level="WARNING",
        severity_number=13,
        severity_text="warn",
        logger_name="shop.orders",
        resource={"service.name": service, "app": service, "namespace": "prod"},
        trace_id=TRACE_ID,
        span_id=SPAN_ID,
        user_email="ada@example.com",
        extra={"order": "7"},
    )
    has(second, timestamp_nanos=4, message="", level="CRITICAL", severity_text="critical", trace_id=None, extra={})


@pytest.mark.parametrize("content_type", [JSON, PROTOBUF])
def test_the_same_push_is_stored_once_and_answered_the_same(
    shared: OtelgresProcess, service: str, content_type: str
) -> None:
    at = time.time_ns()
    if content_type == JSON:
        whole = by_json(service, [str(at), "a"], [str(at), "a"])
        zipped = gzip.compress(whole)
    else:
        whole = by_protobuf(service, (at, "a", {}), (at, "a", {}))
        zipped = gzip.compress(whole)
        assert send(shared, whole, content_type, content_encoding="snappy").status_code == 204
    assert send(shared, whole, content_type).status_code == 204
    assert send(shared, zipped, content_type, content_encoding="gzip").status_code == 204
    assert len(stored(shared, service)) == 2


def test_protobuf_needs_no_name(shared: OtelgresProcess, service: str) -> None:
    assert send(shared, by_protobuf(service, (time.time_ns(), "line", {})), None).status_code == 204
    assert len(stored(shared, service)) == 1


def test_what_is_wrong_is_told_and_the_rest_is_stored(shared: OtelgresProcess, service: str) -> None:
    body = by_json(service, [str(time.time_ns()), "line"], ["now", "line"], [1])
    told = []
    for _ in range(2):
        answer = send(shared, body)
        assert (answer.status_code, answer.headers["content-type"]) == (400, "text/plain; charset=utf-8")
        told.append(answer.text)
    assert told[0] == told[1]
    assert told[0].startswith("2 items were rejected, all others are stored: stream 0, entry 1: its timestamp must")
    assert "; stream 0, entry 2: it must be [timestamp, line]" in told[0]
    assert len(stored(shared, service)) == 1
    answer = send(shared, snapped(push([("{app}", [(1, "a", {}), (2, "b", {})]), ("{}", [])])), PROTOBUF)
    assert answer.status_code == 400
    assert answer.text.startswith('2 items were rejected, all others are stored: stream 0: labels must be name="value"')


@pytest.mark.parametrize(
    ("body", "content_type", "reason"),
    [
        (b"", JSON, "not JSON"),
        (b"[]", JSON, "the JSON must be an object with a list `streams`; this is a list"),
        (b"[" * 100_000, JSON, "nested too deeply"),
        (b"", PROTOBUF, "the snappy data is damaged"),
        (b'{"streams": []}', PROTOBUF, "the snappy data is damaged"),
        (snapped(b"\x0a\xff"), PROTOBUF, "not a PushRequest of Loki: "),
    ],
)
def test_garbage_is_refused_for_good(shared: OtelgresProcess, body: bytes, content_type: str, reason: str) -> None:
    answer = send(shared, body, content_type)
    assert (answer.status_code, answer.headers["content-type"]) == (400, "text/plain; charset=utf-8")
    assert "retry-after" not in answer.headers
    assert reason in answer.text


def test_nothing_is_a_push_too(shared: OtelgresProcess) -> None:
    assert send(shared, b'{"streams": []}').status_code == 204
    assert send(shared, snapped(b""), PROTOBUF).status_code == 204


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded"])
def test_other_media_are_told_what_would_be_taken(shared: OtelgresProcess, content_type: str) -> None:
    answer = send(shared, b"", content_type)
    assert (answer.status_code, answer.headers["accept"]) == (415, f"{PROTOBUF}, {JSON}")
    assert send(shared, b"{}", JSON, content_encoding="snappy").status_code == 415


def test_other_methods_and_what_else_loki_has(shared: OtelgresProcess) -> None:
    answer = httpx.get(f"{shared.otlp_http_url}{PATH}")
    assert (answer.status_code, answer.text) == (405, "/loki/api/v1/push takes POST only")
    assert httpx.get(f"{shared.otlp_http_url}/loki/api/v1/labels").status_code == 404


def test_too_large(shared: OtelgresProcess) -> None:
    """By what comes, by what it inflates to, and by what it says it would inflate to."""
    bomb = snapped(bytes(LIMIT + 1))
    assert len(bomb) < LIMIT // 10
    boast = b"\xff\xff\xff\xff\x0f" + b"a" * 20
    for body, headers in (
        (bytes(LIMIT + 1), {}),
        (bomb, {}),
        (boast, {}),
        (gzip.compress(bomb), {"content_encoding": "gzip"}),
        (gzip.compress(bytes(LIMIT * 20)), {"content_encoding": "gzip"}),
    ):
        answer = send(shared, body, PROTOBUF, **headers)
        assert answer.status_code == 413
        assert str(LIMIT) in answer.text


def test_a_large_push(shared: OtelgresProcess, service: str) -> None:
    """Decoded beside the event loop."""
    at = time.time_ns()
    body = by_protobuf(service, *((at + number, "line " * 10, {"number": str(number)}) for number in range(15_000)))
    assert send(shared, body, PROTOBUF).status_code == 204
    assert len(stored(shared, service)) == 15_000


def test_what_postgresql_cannot_hold(shared: OtelgresProcess, service: str) -> None:
    at = time.time_ns()
    assert send(shared, by_json(service, [str(at), "a\0b\ud800", {"k\0": "\0"}], level="\0")).status_code == 204
    assert send(shared, by_protobuf(service, (at + 1, "a\0b", {}), pod="\0"), PROTOBUF).status_code == 204
    first, second = stored(shared, service)
    has(first, message="a\ufffdb\ufffd", extra={"k\ufffd": "\ufffd"}, level="INFO", severity_text="\ufffd")
    has(second, message="a\ufffdb", resource={"service.name": service, "app": service, "pod": "\ufffd"})


def test_a_stream_of_long_labels_and_many_lines_is_written_once(shared: OtelgresProcess, service: str) -> None:
    """Labels repeated in each line would make gigabytes of this."""
    at = time.time_ns()
    long = "x" * 500_000
    body = by_json(service, *([str(at + number), ""] for number in range(20_000)), level=long, pod=long)
    assert send(shared, body).status_code == 204
    query = "SELECT count(*), max(length(severity_text)) FROM enterprise.structured_logs WHERE service_name = $1"
    (row,) = run(rows.fetch(shared.dsn, query, service))
    assert tuple(row.values()) == (20_000, None)


def test_pythons_logging(shared: OtelgresProcess, service: str) -> None:
    handler = LokiHandler(
        url=f"{shared.otlp_http_url}{PATH}", tags={"app": service, "zone": 7}, auth=("anybody", "nothing")
    )
    log = logging.Logger("shop.orders")
    log.addHandler(handler)
    log.error("stock is low: %s", "größe 🛒", extra={"tags": {"order.id": "7"}})
    log.critical("sold out")
    handler.close()
    low, out = stored(shared, service)
    resource = {"service.name": service, "app": service, "zone": "7"}
    has(
        low,
        message="stock is low: größe 🛒",
        level="ERROR",
        severity_number=17,
        severity_text="error",
        logger_name="shop.orders",
        resource=resource | {"order_id": "7"},
        extra={},
    )
    assert abs(low["timestamp"] - datetime.now(UTC)) < timedelta(minutes=1)
    has(out, message="sold out", level="CRITICAL", severity_number=21, resource=resource)
