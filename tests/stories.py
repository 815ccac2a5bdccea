"""Traces told by the real SDK, each with its row of enterprise.traces written out beside it.

A story is a function of (tracer, number, start) that records twelve spans and returns the row it must make. Times are
in ns; the rows hold what the contract promises, computed by nobody.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from opentelemetry import trace
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.sdk.trace.id_generator import IdGenerator
from opentelemetry.trace import Span, SpanKind, Status, StatusCode

MS = 1_000_000
Row = dict[str, Any]


class NumberedIds(IdGenerator):
    """Trace ids that carry a group in their first byte, and else depend on the order alone."""

    def __init__(self, group: int) -> None:
        self._group = group
        self._traces = 0
        self._spans = 0

    def generate_trace_id(self) -> int:
        self._traces += 1
        return self._group << 120 | 0xABCD << 64 | self._traces

    def generate_span_id(self) -> int:
        self._spans += 1
        return 0x1122 << 48 | self._spans


@dataclass(frozen=True)
class Told:
    """One trace: its spans as the SDK holds them, and its row."""

    spans: Sequence[ReadableSpan]
    row: Row


class Teller:
    """Records spans with given times below one root."""

    def __init__(self, tracer: trace.Tracer, start: int) -> None:
        self.tracer = tracer
        self.start = start

    def root(self, name: str, kind: SpanKind, **attributes: Any) -> Span:
        return self.tracer.start_span(
            name, context=trace.set_span_in_context(trace.INVALID_SPAN), kind=kind,
            attributes=dotted(attributes), start_time=self.start,
        )  # fmt: skip

    def child(
        self, parent: Span, name: str, at: int, lasting: int, kind: SpanKind = SpanKind.INTERNAL, **attributes: Any
    ) -> Span:
        span = self.tracer.start_span(
            name, context=trace.set_span_in_context(parent), kind=kind,
            attributes=dotted(attributes), start_time=self.start + at,
        )  # fmt: skip
        span.end(self.start + at + lasting)
        return span

    def fill(self, parent: Span, already: int) -> None:
        """Children up to eleven: each 1 ms, the last one ends 40 ms after the start."""
        for number in range(already, 11):
            self.child(parent, f"step {number}", (29 + number) * MS, MS, step=number, ratio=number / 7)


def dotted(attributes: dict[str, Any]) -> dict[str, Any]:
    return {name.replace("__", "."): value for name, value in attributes.items()}


def page(tell: Teller, number: int) -> Row:
    """A person is named by two children only: the earlier one counts."""
    root = tell.root(
        "GET /items/{item_id}", SpanKind.SERVER, http__request__method="GET", http__route="/items/{item_id}",
        url__path=f"/items/{number}", http__response__status_code=200, user__department="sales",
    )  # fmt: skip
    tell.child(root, "later", 9 * MS, MS, user__email=f"later{number}@example.com")
    tell.child(root, "earlier", 3 * MS, MS, user__email=f"earlier{number}@example.com", session__id=f"s-{number}")
    tell.fill(root, 2)
    root.add_event("cache miss", {"key": f"item-{number}"}, tell.start + 2 * MS)
    root.end(tell.start + 50 * MS + 123)
    return {
        "entry_point": "http", "endpoint": "/items/{item_id}", "method": "GET", "status": "completed",
        "session_id": f"s-{number}", "user_email": f"earlier{number}@example.com", "department": "sales",
        "duration_ms": 50.0, "error_message": None, "error_count": 0,
        "tags": {
            "http.request.method": "GET", "http.route": "/items/{item_id}", "url.path": f"/items/{number}",
            "http.response.status_code": 200, "user.department": "sales",
        },
    }  # fmt: skip


def failure(tell: Teller, number: int) -> Row:
    """Old HTTP names, an exception, a status with a description."""
    root = tell.root(
        "POST /pay", SpanKind.SERVER, http__method="POST", http__target=f"/pay?card={number}", http__status_code=500,
    )  # fmt: skip
    root.record_exception(ValueError(f"no card {number}"), timestamp=tell.start + MS)
    root.set_status(Status(StatusCode.ERROR, f"ValueError: no card {number}"))
    tell.fill(root, 0)
    root.end(tell.start + 45 * MS)
    return {
        "entry_point": "http", "endpoint": "/pay", "method": "POST", "status": "error", "duration_ms": 45.0,
        "session_id": None, "user_email": None, "department": None, "error_count": 1,
        "error_message": f"ValueError: no card {number}",
        "tags": {"http.method": "POST", "http.target": f"/pay?card={number}", "http.status_code": 500},
    }  # fmt: skip


def not_found(tell: Teller, number: int) -> Row:
    """No span is in error, but the root answered 404; the person comes by the names of older conventions."""
    root = tell.root(
        "GET", SpanKind.SERVER, http__method="GET", http__route="/missing", http__status_code="404",
        enduser__id=f"u{number}@example.com", enduser__department="ops",
    )  # fmt: skip
    tell.fill(root, 0)
    root.end(tell.start + 41 * MS)
    return {
        "entry_point": "http", "endpoint": "/missing", "method": "GET", "status": "error", "duration_ms": 41.0,
        "session_id": None, "user_email": f"u{number}@example.com", "department": "ops", "error_count": 0,
        "error_message": "HTTP 404",
        "tags": {
            "http.method": "GET", "http.route": "/missing", "http.status_code": "404",
            "enduser.id": f"u{number}@example.com", "enduser.department": "ops",
        },
    }  # fmt: skip


def chat(tell: Teller, number: int) -> Row:
    """A WebSocket message has no method, whatever its children call."""
    root = tell.root("/ws/chat", SpanKind.SERVER, url__scheme="ws", http__route="/ws/chat", session__id=f"ws-{number}")
    call = tell.child(
        root, "POST", 2 * MS, MS, SpanKind.CLIENT, http__request__method="POST", url__full="http://llm/v1"
    )
    tell.child(call, "llm", 2 * MS, MS, gen_ai__operation__name="chat", gen_ai__usage__input_tokens=number)
    tell.fill(root, 2)
    root.end(tell.start + 60 * MS)
    return {
        "entry_point": "websocket", "endpoint": "/ws/chat", "method": None, "status": "completed",
        "duration_ms": 60.0, "session_id": f"ws-{number}", "user_email": None, "department": None,
        "error_message": None, "error_count": 0,
        "tags": {"url.scheme": "ws", "http.route": "/ws/chat", "session.id": f"ws-{number}"},
    }  # fmt: skip


def handled(tell: Teller, number: int) -> Row:
    """An error that its parent handled changes the span only. A child outlives its root."""
    root = tell.root("nightly job", SpanKind.INTERNAL, rows=number)
    failed = tell.tracer.start_span("try", context=trace.set_span_in_context(root), start_time=tell.start + MS)
    failed.set_status(Status(StatusCode.ERROR, "first attempt"))
    failed.end(tell.start + 2 * MS)
    tell.child(root, "background", 5 * MS, 95 * MS)
    tell.fill(root, 2)
    root.end(tell.start + 55 * MS)
    return {
        "entry_point": "internal", "endpoint": "nightly job", "method": None, "status": "completed",
        "duration_ms": 100.0, "session_id": None, "user_email": None, "department": None, "error_message": None,
        "error_count": 1, "tags": {"rows": number},
    }  # fmt: skip


def call(tell: Teller, number: int) -> Row:
    root = tell.root("pkg.Shop/Buy", SpanKind.SERVER, rpc__system="grpc", rpc__service="pkg.Shop", rpc__method="Buy")
    tell.child(root, "who", 4 * MS, MS, user__id=f"not an address {number}")
    tell.fill(root, 1)
    root.end(tell.start + 44 * MS)
    return {
        "entry_point": "rpc", "endpoint": "pkg.Shop/Buy", "method": None, "status": "completed", "duration_ms": 44.0,
        "session_id": None, "user_email": None, "department": None, "error_message": None, "error_count": 0,
        "tags": {"rpc.system": "grpc", "rpc.service": "pkg.Shop", "rpc.method": "Buy"},
    }  # fmt: skip


def consumed(tell: Teller, number: int) -> Row:
    """Ended before it began, by a clock that jumped: the span's duration is 0."""
    root = tell.root(
        "process orders", SpanKind.CONSUMER, messaging__system="kafka", messaging__destination__name="orders",
        tenant=["a", "b"], big=2**53 + number,
    )  # fmt: skip
    tell.child(root, "backwards", 6 * MS, -MS)
    tell.fill(root, 1)
    root.end(tell.start + 42 * MS)
    return {
        "entry_point": "messaging", "endpoint": "orders", "method": None, "status": "completed", "duration_ms": 42.0,
        "session_id": None, "user_email": None, "department": None, "error_message": None, "error_count": 0,
        "tags": {
            "messaging.system": "kafka", "messaging.destination.name": "orders", "tenant": ["a", "b"],
            "big": 2**53 + number,
        },
    }  # fmt: skip


STORIES: tuple[Callable[[Teller, int], Row], ...] = (page, failure, not_found, chat, handled, call, consumed)


def tell_all(count: int, group: int, start: int, service: str = "shop") -> list[Told]:
    """`count` traces of twelve spans, one every 10 ms from `start`; the same for every group but for the trace ids."""
    memory = InMemorySpanExporter()
    provider = TracerProvider(
        resource=Resource({"service.name": service, "host.name": "h-1", "process.pid": 7}),
        id_generator=NumberedIds(group),
    )
    provider.add_span_processor(SimpleSpanProcessor(memory))
    tracer = provider.get_tracer("stories", "1.2.3", schema_url="https://opentelemetry.io/schemas/1.30.0")
    told: list[Told] = []
    for number in range(count):
        at = start + number * 10 * MS
        row = STORIES[number % len(STORIES)](Teller(tracer, at), number)
        spans = memory.get_finished_spans()
        memory.clear()
        assert len(spans) == 12
        told.append(Told(spans, row | {"service_name": service, "span_count": 12, "services": [service]}))
    return told
