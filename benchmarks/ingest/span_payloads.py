"""Export requests of spans as one service's SDK sends them: whole traces of about 12 spans, each 8 attributes."""

import random
from struct import pack

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import KeyValue
from opentelemetry.proto.trace.v1.trace_pb2 import ResourceSpans, ScopeSpans, Span, Status

from benchmarks.ingest.catalogue import SERVICE_NAMES, operations_of
from benchmarks.ingest.origins import integer, resource, scope, text
from benchmarks.ingest.template import Template, hole, hole_time, slices

SPANS = 512
_FEWEST, _MOST = 8, 16
_ERRORS = 0.02
_WINDOW_NS = 10_000_000_000


class SpanRequests:
    """Requests of one service. They differ in all ids and times and in one attribute of every span."""

    def __init__(self, service: int, rng: random.Random) -> None:
        self._shape: list[tuple[int, float, float]] = []
        self._traces = 0
        spans = self._spans(service, rng)
        scopes = [ScopeSpans(scope=scope(), spans=spans)]
        message = ExportTraceServiceRequest(
            resource_spans=[ResourceSpans(resource=resource(SERVICE_NAMES[service]), scope_spans=scopes)]
        )
        self._template = Template(message.SerializeToString())

    def make(self, now_ns: int, rng: random.Random) -> bytes:
        """A request of traces that began in the ten seconds before `now_ns`."""
        begins = [now_ns - rng.randrange(_WINDOW_NS) for _ in range(self._traces)]
        pace = [rng.lognormvariate(0, 0.5) for _ in range(self._traces)]
        starts: list[bytes] = []
        ends: list[bytes] = []
        for trace, offset, duration in self._shape:
            start = begins[trace] + int(offset * pace[trace])
            starts.append(pack("<Q", start))
            ends.append(pack("<Q", start + int(duration * pace[trace])))
        return self._template.fill(
            {
                "t": slices(rng.randbytes(16 * self._traces), 16),
                "s": slices(rng.randbytes(8 * SPANS), 8),
                "b": starts,
                "e": ends,
                "u": slices(rng.randbytes(8 * SPANS).hex().encode(), 16),
            }
        )

    def _spans(self, service: int, rng: random.Random) -> list[Span]:
        names, weights = zip(*operations_of(service), strict=True)
        spans: list[Span] = []
        while len(spans) < SPANS:
            root = len(spans)
            size = min(rng.randint(_FEWEST, _MOST), SPANS - root)
            whole = rng.lognormvariate(17.5, 1)
            for number, name in enumerate(rng.choices(names, weights, k=size), root):
                offset = 0.0 if number == root else rng.uniform(0, 0.6) * whole
                duration = whole if number == root else rng.uniform(0.01, 0.4) * whole
                self._shape.append((self._traces, offset, duration))
                spans.append(_span(self._traces, root, number, name, rng))
            self._traces += 1
        return spans


def _span(trace: int, root: int, number: int, name: str, rng: random.Random) -> Span:
    failed = rng.random() < _ERRORS
    attributes = _entry(name, failed, rng) if number == root else _inner(name, rng)
    attributes.append(text("app.request.id", hole("u", number, 16).decode()))
    span = Span(
        trace_id=hole("t", trace, 16),
        span_id=hole("s", number),
        parent_span_id=b"" if number == root else hole("s", rng.randrange(root, number)),
        flags=0x101,
        name=name,
        kind=Span.SPAN_KIND_SERVER if number == root else rng.choice((Span.SPAN_KIND_CLIENT, Span.SPAN_KIND_INTERNAL)),
        start_time_unix_nano=hole_time("b", number),
        end_time_unix_nano=hole_time("e", number),
        attributes=attributes,
    )
    if failed:
        span.status.CopyFrom(Status(code=Status.STATUS_CODE_ERROR, message=f"{name}: upstream timed out"))
    return span


def _entry(name: str, failed: bool, rng: random.Random) -> list[KeyValue]:
    return [
        text("http.request.method", rng.choice(("GET", "GET", "POST", "PUT"))),
        text("http.route", "/" + name.replace(".", "/")),
        integer("http.response.status_code", 500 if failed else 200),
        text("server.address", f"node-{rng.randrange(20):02d}.internal.example"),
        text("client.address", f"10.{rng.randrange(16)}.{rng.randrange(256)}.{rng.randrange(256)}"),
        text("user.email", f"user{rng.randrange(2000):04d}@example.com"),
        text("session.id", f"{rng.getrandbits(64):016x}"),
    ]


def _inner(name: str, rng: random.Random) -> list[KeyValue]:
    return [
        text("db.system.name", rng.choice(("postgresql", "redis", "opensearch"))),
        text("db.namespace", name.partition(".")[0]),
        text("db.operation.name", rng.choice(("SELECT", "INSERT", "UPDATE", "GET"))),
        text("server.address", f"db-{rng.randrange(20):02d}.internal.example"),
        integer("server.port", 5432),
        integer("db.response.returned_rows", rng.randrange(1000)),
        text("code.function.name", f"app.{name}.run"),
    ]
