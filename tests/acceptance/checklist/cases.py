"""A point of the checklist as data: what is sent, what is answered, which rows are there afterwards."""

import json
import os
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import grpc
import httpx
import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse

from tests import rows
from tests.acceptance.checklist.encode import Message, encode
from tests.conftest import run
from tests.otelgres_process import OtelgresProcess
from tests.senders import GrpcSender

PROTOBUF, JSON = "application/x-protobuf", "application/json"
HTTP_PROTOBUF, GRPC, HTTP_JSON = "http/protobuf", "grpc", "http/json"
EVERY_WAY = (HTTP_PROTOBUF, GRPC, HTTP_JSON)
ON_THE_WIRE = (HTTP_PROTOBUF, GRPC)
NOW = time.time_ns() // 10**9 * 10**9
_CLIENT = httpx.Client(timeout=20)
CHECKED: set[int] = set()
"""Numbers that a table or a test of this package stands for."""

GRPC_CODES = {
    200: grpc.StatusCode.OK,
    400: grpc.StatusCode.INVALID_ARGUMENT,
    413: grpc.StatusCode.RESOURCE_EXHAUSTED,
}
QUERIES = {
    "traces": """
        SELECT s.*, r.attributes AS resource, r.schema_url AS resource_schema_url, r.entity_refs,
               r.dropped_attributes_count AS resource_dropped, c.name AS scope, c.version AS scope_version,
               c.attributes AS scope_attributes, c.schema_url AS scope_schema_url,
               c.dropped_attributes_count AS scope_dropped
        FROM enterprise.trace_spans AS s
        LEFT JOIN enterprise.resources AS r ON r.id = resource_id LEFT JOIN enterprise.scopes AS c ON c.id = scope_id
        WHERE trace_id = $1 OR s.service_name = $2 ORDER BY start_time, start_nanos, span_id""",
    "logs": """
        SELECT l.*, r.attributes AS resource, c.name AS scope, c.version AS scope_version,
               c.attributes AS scope_attributes
        FROM enterprise.structured_logs AS l
        LEFT JOIN enterprise.resources AS r ON r.id = resource_id LEFT JOIN enterprise.scopes AS c ON c.id = scope_id
        WHERE trace_id = $1 OR l.service_name = $2 ORDER BY timestamp, timestamp_nanos, severity_number""",
    "metrics": """
        SELECT p.*, p.value::text AS shown, p.sum::text AS shown_sum, p.quantile_values::text AS shown_quantiles,
               s.name, s.type, s.unit, s.description, s.metadata, s.temporality, s.monotonic, s.attributes, b.bounds,
               r.attributes AS resource, c.name AS scope, c.version AS scope_version,
               c.attributes AS scope_attributes
        FROM enterprise.metric_points AS p JOIN enterprise.metric_series AS s ON s.id = series_id
        LEFT JOIN enterprise.metric_bounds AS b ON b.id = bounds_id
        LEFT JOIN enterprise.resources AS r ON r.id = resource_id LEFT JOIN enterprise.scopes AS c ON c.id = scope_id
        WHERE $1::text IS NOT NULL AND s.service_name = $2 ORDER BY s.name, time, time_nanos, start_time""",
}


@dataclass(frozen=True)
class Mark:
    """What tells the rows of one sending from all others."""

    service: str = field(default_factory=lambda: f"s-{uuid.uuid4().hex[:12]}")
    trace_id: str = field(default_factory=lambda: os.urandom(16).hex())

    @property
    def resource(self) -> Message:
        return {"attributes": [{"key": "service.name", "value": {"stringValue": self.service}}]}


Payload = Callable[[Mark], Message | bytes | str]


@dataclass(frozen=True)
class Case:
    """payload: an OTLP/JSON-shaped dictionary, sent in both encodings; or finished bytes; or a finished JSON text.

    rejected: items. message: what the answer's text must hold; none at all where it is empty. rows: the columns to
    find, in the order of time; None where the payload's rows cannot be told from others.
    """

    number: int
    name: str
    payload: Payload
    rows: list[dict[str, Any]] | None = None
    signal: str = "traces"
    ways: tuple[str, ...] = EVERY_WAY
    status: int = 200
    rejected: int = 0
    message: str = ""


@dataclass(frozen=True)
class Answer:
    """status: of HTTP, or the one that stands for gRPC's."""

    status: int
    rejected: int
    message: str


def table(*cases: Case) -> pytest.MarkDecorator:
    """Each case by each of its ways, as the arguments `case` and `way`."""
    CHECKED.update(case.number for case in cases)
    pairs = [pytest.param(case, way, id=f"{case.number} {case.name} {way}") for case in cases for way in case.ways]
    return pytest.mark.parametrize(("case", "way"), pairs)


def checks(*numbers: int) -> Callable[[Any], Any]:
    """Marks a test that stands for these numbers."""
    CHECKED.update(numbers)
    return lambda test: test


def span(mark: Mark, **fields: Any) -> dict[Any, Any]:
    """A valid span, with `fields` in place of its own; None leaves a field out."""
    own = {
        "traceId": mark.trace_id,
        "spanId": os.urandom(8).hex(),
        "name": "s",
        "startTimeUnixNano": str(NOW),
        "endTimeUnixNano": str(NOW + 1_000_000),
    }
    return {name: value for name, value in (own | fields).items() if value is not None}


def record(**fields: Any) -> dict[Any, Any]:
    """A log record with a time and a body, as span()."""
    own = {"timeUnixNano": str(NOW), "body": {"stringValue": "m"}}
    return {name: value for name, value in (own | fields).items() if value is not None}


def spans(mark: Mark, *items: Message, resource: Message | None = None, scope: Message | None = None) -> Message:
    scopes = {"spans": list(items)} if scope is None else {"scope": scope, "spans": list(items)}
    return {"resourceSpans": [{"resource": resource or mark.resource, "scopeSpans": [scopes]}]}


def logs(mark: Mark, *items: Message) -> Message:
    return {"resourceLogs": [{"resource": mark.resource, "scopeLogs": [{"logRecords": list(items)}]}]}


def metrics(mark: Mark, *items: Message, resource: Message | None = None, scope: Message | None = None) -> Message:
    scopes = {"metrics": list(items)} if scope is None else {"scope": scope, "metrics": list(items)}
    return {"resourceMetrics": [{"resource": resource or mark.resource, "scopeMetrics": [scopes]}]}


def a_span(**fields: Any) -> Payload:
    return lambda mark: spans(mark, span(mark, **fields))


def a_record(**fields: Any) -> Payload:
    return lambda mark: logs(mark, record(**fields))


def pair(key: str | bytes, **value: Any) -> Message:
    return {"key": key, "value": value}


def at(ns: int) -> datetime:
    return datetime.fromtimestamp(ns // 10**9, UTC) + timedelta(microseconds=ns % 10**9 // 1000)


def bytes_of(case: Case, way: str, mark: Mark) -> bytes:
    payload = case.payload(mark)
    if isinstance(payload, bytes):
        return payload
    if isinstance(payload, str):
        return payload.encode()
    return json.dumps(payload).encode() if way == HTTP_JSON else encode(case.signal, payload)


def send(process: OtelgresProcess, signal: str, way: str, body: bytes) -> Answer:
    """Sends one request, and reads the answer as a sender would."""
    if way == GRPC:
        with grpc.insecure_channel(process.otlp_grpc_target) as channel:
            call = channel.unary_unary(GrpcSender.METHODS[signal])
            try:
                content, code, text = call(body, timeout=20), grpc.StatusCode.OK, ""
            except grpc.RpcError as error:
                content, code, text = b"", error.code(), error.details()
        status = next(status for status, its_code in GRPC_CODES.items() if its_code is code)
        return _read(status, content) if status == 200 else Answer(status, 0, text)
    media = JSON if way == HTTP_JSON else PROTOBUF
    url = f"{process.otlp_http_url}/v1/{signal}"
    answer = _CLIENT.post(url, content=body, headers={"content-type": media})
    assert answer.headers["content-type"] == media
    if answer.status_code != 200:
        return Answer(answer.status_code, 0, answer.text)
    if media == PROTOBUF:
        return _read(200, answer.content)
    partial = answer.json().get("partialSuccess", {})
    rejected = {"traces": "rejectedSpans", "logs": "rejectedLogRecords", "metrics": "rejectedDataPoints"}[signal]
    return Answer(200, int(partial.get(rejected, "0")), partial.get("errorMessage", ""))


def _read(status: int, content: bytes) -> Answer:
    partial = ExportTraceServiceResponse.FromString(content).partial_success
    return Answer(status, partial.rejected_spans, partial.error_message)


def verify(process: OtelgresProcess, case: Case, way: str) -> None:
    """Sends the case that way; fails unless answer and rows are as it says."""
    mark = Mark()
    answer = send(process, case.signal, way, bytes_of(case, way, mark))
    assert (answer.status, answer.rejected) == (case.status, case.rejected), answer
    assert case.message in answer.message
    assert case.status != 200 or bool(answer.message) is bool(case.message), answer
    if case.rows is not None:
        found = run(rows.fetch(process.dsn, QUERIES[case.signal], mark.trace_id, mark.service))
        shown = [{name: row[name] for name in each} for row, each in zip(found, case.rows, strict=True)]
        assert shown == case.rows, shown
