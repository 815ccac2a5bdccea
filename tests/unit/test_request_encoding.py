"""What cannot be encoded is left out alone."""

from collections.abc import Sequence

from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans
from opentelemetry.exporter.postgres.metric_exporter import encode_points
from opentelemetry.exporter.postgres.request_encoding import encode_items
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader, MetricsData
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter


def spans(*names: str) -> Sequence[ReadableSpan]:
    memory = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(memory))
    for name in names:
        provider.get_tracer("t").start_span(name).end()
    return memory.get_finished_spans()


def sums(**values: int) -> MetricsData:
    """A counter named `sold`, by the attribute `what`."""
    reader = InMemoryMetricReader()
    provider = MeterProvider([reader])
    counter = provider.get_meter("t").create_counter("sold")
    for what, value in values.items():
        counter.add(value, {"what": what})
    data = reader.get_metrics_data()
    provider.shutdown()
    assert data is not None
    return data


def values_in(body: bytes) -> list[int]:
    request = ExportMetricsServiceRequest.FromString(body)
    return [
        point.as_int
        for resource in request.resource_metrics
        for scope in resource.scope_metrics
        for metric in scope.metrics
        for point in metric.sum.data_points
    ]


def names_in(body: bytes) -> list[str]:
    request = ExportTraceServiceRequest.FromString(body)
    return [span.name for resource in request.resource_spans for scope in resource.scope_spans for span in scope.spans]


def test_all_in_one() -> None:
    encoding = encode_items(encode_spans, spans("a", "b"))
    assert names_in(encoding.body) == ["a", "b"]
    assert (encoding.items, encoding.unfit) == (2, 0)


def test_a_lone_surrogate_costs_its_own_span() -> None:
    encoding = encode_items(encode_spans, spans("a", "b\ud800", "c"))
    assert names_in(encoding.body) == ["a", "c"]
    assert (encoding.items, encoding.unfit, encoding.error) == (2, 1, "UnicodeEncodeError")


def test_all_points_in_one() -> None:
    encoding = encode_points(sums(a=1, b=2))
    assert values_in(encoding.body) == [1, 2]
    assert (encoding.items, encoding.unfit) == (2, 0)
    assert len(ExportMetricsServiceRequest.FromString(encoding.body).resource_metrics) == 1


def test_a_sum_beyond_64_bits_costs_its_own_point() -> None:
    encoding = encode_points(sums(a=1, b=2**63, c=3))
    assert values_in(encoding.body) == [1, 3]
    assert (encoding.items, encoding.unfit) == (2, 1)


def test_nothing() -> None:
    assert encode_items(encode_spans, ()).items == 0
    assert encode_points(MetricsData([])).items == 0
