"""A shop of several services over some minutes, as OTLP: traces, and a metric whose exemplars lead to them."""

import hashlib
import random
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import permutations

from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.metrics.v1.metrics_pb2 import AggregationTemporality
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

from tests.otelgres_process import OtelgresProcess
from tests.payloads import attribute
from tests.senders import post

MS = 1_000_000
SECOND = 1000 * MS
BOUNDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)
ROUTES = ("GET /cart", "POST /chat", "GET /items/{id}")
MODELS = (("gpt-4o", 0.012), ("claude-sonnet-4", 0.02), ("text-embedding-3-small", 0.0001))
PEOPLE = (("ann@example.com", "sales"), ("bob@example.com", "support"), ("<b>eve</b>@example.com", "sales"))


@dataclass
class Shop:
    """Requests to a page, a minute apart where `every` says nothing else, up to now."""

    minutes: int = 30
    every_seconds: float = 20.0
    more_services: int = 0
    dice: random.Random = field(default_factory=lambda: random.Random(7))

    def send(self, to: OtelgresProcess) -> None:
        """All of it is stored when this returns."""
        now = time.time_ns()
        starts = [
            now - int(self.minutes * 60 * SECOND) + int(number * self.every_seconds * SECOND)
            for number in range(int(self.minutes * 60 / self.every_seconds))
        ]
        for first in range(0, len(starts), 200):
            request = ExportTraceServiceRequest()
            for number, start in enumerate(starts[first : first + 200], first):
                self._page(request, number, start)
            _accepted(to, "traces", request.SerializeToString())
        _accepted(to, "metrics", self._metrics(starts).SerializeToString())

    def _page(self, request: ExportTraceServiceRequest, number: int, start: int) -> None:
        trace = Trace(request, number, start)
        slow = self.dice.lognormvariate(0, 0.6)
        failed = number % 9 == 0
        route = ROUTES[number % len(ROUTES)]
        page = trace.add("web", route, None, 0, 400 * slow, Span.SPAN_KIND_SERVER, failed)
        call = trace.add("web", "get cart", page, 5, 80 * slow, Span.SPAN_KIND_CLIENT, failed)
        cart = trace.add("cart", "GET /cart/{id}", call, 8, 70 * slow, Span.SPAN_KIND_SERVER, failed)
        database = {"db.system.name": "postgresql", "db.namespace": "shop", "server.address": "db1"}
        trace.add("cart", "SELECT carts", cart, 12, 30 * slow, Span.SPAN_KIND_CLIENT, tags=database)
        queue = {"messaging.system": "kafka", "messaging.destination.name": "orders"}
        sent = trace.add("cart", "orders send", cart, 50, 3, Span.SPAN_KIND_PRODUCER, tags=queue)
        mail = trace.add("mailer", "orders process", sent, 60, 20, Span.SPAN_KIND_CONSUMER, tags=queue)
        smtp = {"server.address": "smtp.example.com", "server.port": 25}
        trace.add("mailer", "smtp", mail, 62, 15, Span.SPAN_KIND_CLIENT, tags=smtp)
        if route == "POST /chat":
            self._chat(trace, page, number, slow)
        for other in range(self.more_services):
            if number % (other + 2) == 0:
                client = trace.add("web", "ask", page, 1, 5, Span.SPAN_KIND_CLIENT)
                server = trace.add(
                    f"backend-{other:03}", "ask", client, 2, 3 + other, Span.SPAN_KIND_SERVER, other == 5
                )
                if other:
                    again = trace.add(f"backend-{other:03}", "pass on", server, 2, 2, Span.SPAN_KIND_CLIENT)
                    trace.add(f"backend-{other // 2:03}", "take", again, 2, 1, Span.SPAN_KIND_SERVER)

    def _chat(self, trace: "Trace", page: bytes, number: int, slow: float) -> None:
        person, department = PEOPLE[number // 3 % len(PEOPLE)]
        who = {"user.email": person, "user.department": department}
        call = trace.add("web", "ask", page, 100, 290 * slow, Span.SPAN_KIND_CLIENT)
        chat = trace.add("assistant", "chat", call, 105, 280 * slow, Span.SPAN_KIND_SERVER, tags=who)
        source = "handbook" if number % 2 else "wiki"
        found = {"gen_ai.operation.name": "retrieval", "gen_ai.data_source.id": source, **who}
        trace.add("assistant", "rag_retrieve", chat, 110, 60 * slow, Span.SPAN_KIND_INTERNAL, tags=found)
        model, cost = MODELS[number // 3 % len(MODELS)]
        said = {
            "gen_ai.operation.name": "embeddings" if "embedding" in model else "chat",
            "gen_ai.provider.name": "openai",
            "gen_ai.request.model": model,
            "gen_ai.usage.input_tokens": 1200 + number % 300,
            "gen_ai.usage.output_tokens": 150,
            "operation.cost": cost * slow,
            **who,
        }
        trace.add(
            "assistant", f"chat {model}", chat, 180, 190 * slow, Span.SPAN_KIND_CLIENT, number % 21 == 1, tags=said
        )

    def _metrics(self, starts: list[int]) -> ExportMetricsServiceRequest:
        request = ExportMetricsServiceRequest()
        for service in ("web", "cart"):
            group = request.resource_metrics.add()
            group.resource.attributes.append(attribute("service.name", service))
            scope = group.scope_metrics.add()
            durations = scope.metrics.add(
                name="http.server.request.duration", unit="s", description="Duration of HTTP server requests."
            )
            durations.histogram.aggregation_temporality = AggregationTemporality.AGGREGATION_TEMPORALITY_DELTA
            waiting = scope.metrics.add(name="queue.length", unit="{item}", description="What waits.")
            for number, start in enumerate(starts):
                value = 0.02 * self.dice.lognormvariate(0, 1)
                point = durations.histogram.data_points.add(
                    start_time_unix_nano=start - SECOND, time_unix_nano=start, count=1, sum=value,
                    explicit_bounds=BOUNDS, bucket_counts=[int(n == sum(b < value for b in BOUNDS)) for n in range(10)],
                )  # fmt: skip
                point.attributes.append(attribute("http.route", ROUTES[number % len(ROUTES)]))
                exemplar = point.exemplars.add(time_unix_nano=start, as_double=value, trace_id=trace_id(number))
                exemplar.span_id = span_id(number, 0)
                waiting.gauge.data_points.add(time_unix_nano=start, as_double=float(self.dice.randrange(40)))
        return request


def send_calls(to: OtelgresProcess, services: int) -> None:
    """One trace in which each of so many services is called by each other one and itself not."""
    request = ExportTraceServiceRequest()
    trace = Trace(request, 0, time.time_ns() - 300 * SECOND)
    names = [f"service-{number:02}" for number in range(services)]
    root = trace.add("start", "start", None, 0, 1000, Span.SPAN_KIND_INTERNAL)
    for place, (one, other) in enumerate(permutations(names, 2)):
        call = trace.add(one, "call", root, 1, 9, Span.SPAN_KIND_CLIENT)
        trace.add(other, "answer", call, 2, 5 + place % 50, Span.SPAN_KIND_SERVER, place % 30 == 0)
    _accepted(to, "traces", request.SerializeToString())


class Trace:
    """One trace; spans come from the service that recorded them."""

    def __init__(self, request: ExportTraceServiceRequest, number: int, start: int) -> None:
        self._request, self._number, self._start = request, number, start
        self._ids: Iterator[int] = iter(range(10_000))

    def add(
        self, service: str, name: str, parent: bytes | None, at_ms: float, ms: float,
        kind: "Span.SpanKind.ValueType", failed: bool = False, tags: Mapping[str, object] | None = None,
    ) -> bytes:  # fmt: skip
        """The new span's id."""
        group = self._request.resource_spans.add()
        group.resource.attributes.append(attribute("service.name", service))
        span = group.scope_spans.add().spans.add(name=name, kind=kind, trace_id=trace_id(self._number))
        span.span_id = span_id(self._number, next(self._ids))
        span.parent_span_id = parent or b""
        span.start_time_unix_nano = self._start + int(at_ms * MS)
        span.end_time_unix_nano = span.start_time_unix_nano + int(ms * MS)
        span.status.code = Status.STATUS_CODE_ERROR if failed else Status.STATUS_CODE_UNSET
        span.attributes.extend(attribute(key, value) for key, value in (tags or {}).items())
        return span.span_id


def trace_id(number: int) -> bytes:
    return hashlib.md5(f"shop {number}".encode(), usedforsecurity=False).digest()


def span_id(number: int, of_trace: int) -> bytes:
    return hashlib.md5(f"shop {number} {of_trace}".encode(), usedforsecurity=False).digest()[:8]


def _accepted(to: OtelgresProcess, signal: str, body: bytes) -> None:
    answer = post(to, signal, body)
    assert answer.status_code == 200, answer.text
