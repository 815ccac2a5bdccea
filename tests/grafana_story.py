"""OTLP of a small shop: one trace with everything that Grafana's Traces panel shows, logs of it, and others."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

from tests.payloads import attribute
from tests.telemetry import SEVERITIES, nanoseconds

TRACE = bytes.fromhex("5b8aa5a2d2c872e8321cf37308d69df2")
ROOT, CALL, FAILED, OPEN = (number.to_bytes(8, "big") for number in range(1, 5))
LINKED = bytes.fromhex("ab" * 16)
LARGE = 2**60
MODEL_CALL = {
    "gen_ai.operation.name": "chat",
    "gen_ai.provider.name": "openai",
    "gen_ai.request.model": "gpt-4o",
    "gen_ai.usage.input_tokens": 1000,
    "gen_ai.usage.output_tokens": 100,
}
STACK = "Traceback (most recent call last):\nValueError: no such order"


def traces(start: datetime) -> bytes:
    """A request to a shop, which calls a model; a step that failed in a service with a quote in its name, and one that
    has not ended."""
    request = ExportTraceServiceRequest()
    shop = _scope(request, "shop")
    root = _span(shop, ROOT, b"", "GET /orders", Span.SPAN_KIND_SERVER, start, 250)
    root.trace_state = "vendor=1"
    root.attributes.extend([attribute("http.route", "/orders"), attribute("large", LARGE), attribute("cached", False)])
    languages = root.attributes.add(key="languages").value.array_value
    for name in ("de", "en"):
        languages.values.add(string_value=name)
    linked = root.links.add(trace_id=LINKED, span_id=CALL)
    linked.attributes.append(attribute("reason", "retry"))
    root.events.add(name="cache missed", time_unix_nano=nanoseconds(start) + 1_500_000).attributes.append(
        attribute("size", 3)
    )
    _span(shop, CALL, ROOT, "chat gpt-4o", Span.SPAN_KIND_CLIENT, start, 200).attributes.extend(
        attribute(key, value) for key, value in MODEL_CALL.items()
    )
    _span(shop, OPEN, ROOT, "stream", Span.SPAN_KIND_INTERNAL, start, None)
    failed = _span(_scope(request, "o'neil"), FAILED, ROOT, "find order", Span.SPAN_KIND_SERVER, start, 20)
    failed.status.code, failed.status.message = Status.STATUS_CODE_ERROR, "no such order"
    raised = failed.events.add(name="exception", time_unix_nano=nanoseconds(start) + 2_000_000)
    raised.attributes.extend(
        attribute(f"exception.{key}", value)
        for key, value in (("type", "ValueError"), ("message", "no such order"), ("stacktrace", STACK))
    )
    lone = _span(_scope(request, "shop"), ROOT, b"", "GET /broken", Span.SPAN_KIND_SERVER, start, 5)
    lone.trace_id, lone.status.code = LINKED, Status.STATUS_CODE_ERROR
    return request.SerializeToString()


def logs(start: datetime, others: Sequence[str]) -> bytes:
    """Two of the trace, 1 and 2 ms and 7 ns after the start, and others of these texts without one."""
    request = ExportLogsServiceRequest()
    group = request.resource_logs.add()
    group.resource.attributes.append(attribute("service.name", "shop"))
    records = group.scope_logs.add(scope={"name": "shop.orders"}).log_records
    of_trace = [("ERROR", "order was not found"), ("INFO", "answered")]
    for number, (level, text) in enumerate([*of_trace, *(("DEBUG", text) for text in others)], 1):
        record = records.add(time_unix_nano=nanoseconds(start + timedelta(milliseconds=number)) + 7)
        record.severity_number = SEVERITIES[level]
        record.body.string_value = text
        record.attributes.append(attribute("order", number))
        if number <= len(of_trace):
            record.trace_id, record.span_id = TRACE, ROOT
    return request.SerializeToString()


def _scope(request: ExportTraceServiceRequest, service: str) -> Any:
    group = request.resource_spans.add()
    group.resource.attributes.extend([attribute("service.name", service), attribute("host.name", "north")])
    return group.scope_spans.add(scope={"name": "shop.web", "version": "1"})


def _span(
    scope: Any, span_id: bytes, parent: bytes, name: str, kind: Span.SpanKind.ValueType, start: datetime, ms: int | None
) -> Span:
    span: Span = scope.spans.add(trace_id=TRACE, span_id=span_id, parent_span_id=parent, name=name, kind=kind)
    span.start_time_unix_nano = nanoseconds(start)
    span.end_time_unix_nano = 0 if ms is None else nanoseconds(start + timedelta(milliseconds=ms))
    return span
