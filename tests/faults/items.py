"""Items that carry a number of their own, in Export requests cut from templates."""

from collections.abc import Callable, Sequence
from enum import Enum
from random import Random
from struct import pack

from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue
from opentelemetry.proto.logs.v1.logs_pb2 import LogRecord, ResourceLogs, ScopeLogs, SeverityNumber
from opentelemetry.proto.resource.v1.resource_pb2 import Resource
from opentelemetry.proto.trace.v1.trace_pb2 import ResourceSpans, ScopeSpans, Span

from benchmarks.ingest.origins import integer, scope, text
from benchmarks.ingest.template import Template, hole, hole_time

MOST_ITEMS = 1000
"""Of a request: item numbers of one request share all digits but the last three."""
REQUESTS = 10**9
"""Of one sender's stream."""
_DIGITS = 19
_PACE_NS = 1_000_000


class Stream(Enum):
    """What a sender sends, and how. The value is its place among a sender's streams."""

    TRACES_GRPC = 0
    TRACES_HTTP = 1
    LOGS_GRPC = 2
    LOGS_HTTP = 3

    @property
    def signal(self) -> str:
        return "traces" if self.value < 2 else "logs"

    @property
    def transport(self) -> str:
        return "HTTP" if self.value % 2 else "gRPC"

    def first_request(self, sender: int) -> int:
        """The number of this stream's first request; each request's number is one more. `sender` counts from 1."""
        return (sender * len(Stream) + self.value) * REQUESTS

    @classmethod
    def of(cls, request: int) -> "Stream":
        return cls(request // REQUESTS % len(Stream))


def service_of(sender: int) -> str:
    return f"faults-{sender}"


Make = Callable[[int, int], bytes]


def maker(stream: Stream, sender: int, count: int, rng: Random) -> Make:
    """A function of a request's number and its first item's time (ns) that makes the request of `count` items.

    The spans of a request are one trace.
    """
    if not 0 < count <= MOST_ITEMS:
        raise ValueError(f"a request has 1 to {MOST_ITEMS} items, not {count}")
    resource = Resource(attributes=[text("service.name", service_of(sender))])
    message = _spans(resource, count) if stream.signal == "traces" else _records(resource, count)
    template = Template(message.SerializeToString())

    def make(request: int, time_ns: int) -> bytes:
        numbers = range(request * MOST_ITEMS, request * MOST_ITEMS + count)
        return template.fill(
            {
                "t": [rng.randbytes(16)],
                "s": [number.to_bytes(8, "big") for number in numbers],
                "i": [b"%0*d" % (_DIGITS, number) for number in numbers],
                "b": _times(time_ns, count),
                "e": _times(time_ns + _PACE_NS // 2, count),
            }
        )

    return make


def _times(first_ns: int, count: int) -> Sequence[bytes]:
    return [pack("<Q", first_ns + place * _PACE_NS) for place in range(count)]


def _spans(resource: Resource, count: int) -> ExportTraceServiceRequest:
    spans = [
        Span(
            trace_id=hole("t", 0, 16),
            span_id=hole("s", place),
            parent_span_id=hole("s", 0) if place else b"",
            name=f"step {place % 8}",
            kind=Span.SPAN_KIND_INTERNAL if place else Span.SPAN_KIND_SERVER,
            start_time_unix_nano=hole_time("b", place),
            end_time_unix_nano=hole_time("e", place),
            attributes=[text("faults.item", hole("i", place, _DIGITS).decode()), integer("faults.place", place)],
        )
        for place in range(count)
    ]
    return ExportTraceServiceRequest(
        resource_spans=[ResourceSpans(resource=resource, scope_spans=[ScopeSpans(scope=scope(), spans=spans)])]
    )


def _records(resource: Resource, count: int) -> ExportLogsServiceRequest:
    records = [
        LogRecord(
            time_unix_nano=hole_time("b", place),
            severity_number=SeverityNumber.SEVERITY_NUMBER_INFO,
            body=AnyValue(string_value=f"the order of customer {place} is on its way to the warehouse"),
            attributes=[text("faults.item", hole("i", place, _DIGITS).decode())],
        )
        for place in range(count)
    ]
    return ExportLogsServiceRequest(
        resource_logs=[ResourceLogs(resource=resource, scope_logs=[ScopeLogs(scope=scope(), log_records=records)])]
    )
