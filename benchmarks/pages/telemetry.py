"""What the pages show: large traces, and calls among many services, as requests of OTLP."""

import random
from collections.abc import Iterator

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import ScopeSpans, Span, Status

from benchmarks.ingest.origins import integer, resource, scope, text

MS = 1_000_000
SPANS_A_REQUEST = 2_000
_BRANCHES = 8
_OPERATIONS = ("GET /orders/{id}", "rag_retrieve", "llm answer", "SELECT orders", "cache get", "publish order", "parse")
_SERVICES = ("shop", "orders", "assistant", "inventory", "payments", "mailer", "search")
_FAILED_OF = 50
_WITH_EVENTS_OF = 5


def large_trace(trace_id: bytes, spans: int, start: int) -> Iterator[bytes]:
    """A trace of so many spans, each the parent of up to eight; start: nanoseconds since 1970."""
    dice = random.Random(spans)
    for first in range(0, spans, SPANS_A_REQUEST):
        request = _Request()
        for number in range(first, min(first + SPANS_A_REQUEST, spans)):
            request.add(_SERVICES[number % len(_SERVICES)], _step(trace_id, number, spans, start, dice))
        yield request.bytes()


def calls(services: int, start: int) -> Iterator[bytes]:
    """Calls of each service by each other one, and of each by what starts it: a trace for each that calls."""
    names = [f"service-{number:02}" for number in range(services)]
    for place, caller in enumerate(names):
        request = _Request()
        trace_id = random.Random(place).randbytes(16)
        root = _span(trace_id, 0, None, "start", start, 1000 * MS, Span.SPAN_KIND_INTERNAL)
        request.add("start", root)
        called = [("start", caller), *((caller, other) for other in names if other != caller)]
        for number, (source, target) in enumerate(called, 1):
            began = start + number * MS
            call = _span(trace_id, 2 * number, root.span_id, "call", began, 99 * MS, Span.SPAN_KIND_CLIENT)
            took = (5 + (place + number) % 50) * MS
            answer = _span(trace_id, 2 * number + 1, call.span_id, "answer", began, took, Span.SPAN_KIND_SERVER)
            if (place + number) % 30 == 0:
                answer.status.code = Status.STATUS_CODE_ERROR
            request.add(source, call)
            request.add(target, answer)
        yield request.bytes()


class _Request:
    def __init__(self) -> None:
        self._spans: dict[str, ScopeSpans] = {}
        self._message = ExportTraceServiceRequest()

    def add(self, service: str, span: Span) -> None:
        if service not in self._spans:
            group = self._message.resource_spans.add(resource=resource(service))
            self._spans[service] = group.scope_spans.add(scope=scope())
        self._spans[service].spans.append(span)

    def bytes(self) -> bytes:
        return self._message.SerializeToString()


def _step(trace_id: bytes, number: int, spans: int, start: int, dice: random.Random) -> Span:
    parent = _span_id(trace_id, (number - 1) // _BRANCHES) if number else None
    began = start + number * MS
    name = _OPERATIONS[number % len(_OPERATIONS)]
    kind = Span.SPAN_KIND_CLIENT if number % 2 else Span.SPAN_KIND_SERVER
    span = _span(trace_id, number, parent, name, began, (spans - number + dice.randrange(50)) * MS, kind)
    span.attributes.extend(
        [
            text("http.request.method", dice.choice(("GET", "POST"))),
            text("http.route", "/orders/{id}"),
            integer("http.response.status_code", 200),
            text("server.address", f"node-{number % 20:02}.internal.example"),
            text("user.email", "ann@example.com"),
            integer("order.id", number),
            text("code.function.name", "app.orders.step"),
            text("thread.name", f"worker-{number % 16}"),
        ]
    )
    if number % _WITH_EVENTS_OF == 0:
        span.events.add(name="retrying", time_unix_nano=began + MS // 2)
    if number % _FAILED_OF == 1:
        span.status.CopyFrom(Status(code=Status.STATUS_CODE_ERROR, message="upstream timed out"))
    return span


def _span(
    trace_id: bytes,
    number: int,
    parent: bytes | None,
    name: str,
    start: int,
    took: int,
    kind: "Span.SpanKind.ValueType",
) -> Span:
    return Span(
        trace_id=trace_id,
        span_id=_span_id(trace_id, number),
        parent_span_id=parent or b"",
        name=name,
        kind=kind,
        start_time_unix_nano=start,
        end_time_unix_nano=start + took,
    )


def _span_id(trace_id: bytes, number: int) -> bytes:
    return random.Random(f"{trace_id.hex()} {number}").randbytes(8)
