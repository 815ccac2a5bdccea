"""Metrics are counted by their data points, whatever their kind and encoding."""

import json

import pytest
from google.protobuf import json_format
from hypothesis import given, settings
from hypothesis import strategies as st
from opentelemetry.exporter.postgres.wire import DecodeError
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.metrics.v1 import metrics_pb2 as pb

from receiver.metrics import count_points, count_points_json
from receiver.refusals import Invalid

numbers = st.lists(st.builds(pb.NumberDataPoint, as_int=st.integers(0, 9)), max_size=4)
histograms = st.lists(st.builds(pb.HistogramDataPoint, explicit_bounds=st.just([1.0, 2.0])), max_size=4)
exponential = st.lists(st.builds(pb.ExponentialHistogramDataPoint, scale=st.integers(0, 3)), max_size=4)
summaries = st.lists(
    st.builds(
        pb.SummaryDataPoint,
        quantile_values=st.lists(st.builds(pb.SummaryDataPoint.ValueAtQuantile, value=st.just(1.0)), max_size=2),
    ),
    max_size=4,
)
metrics = st.one_of(
    st.builds(pb.Metric, name=st.text(max_size=5)),
    st.builds(pb.Metric, name=st.just("g"), gauge=st.builds(pb.Gauge, data_points=numbers)),
    st.builds(pb.Metric, unit=st.just("s"), sum=st.builds(pb.Sum, data_points=numbers, is_monotonic=st.booleans())),
    st.builds(pb.Metric, histogram=st.builds(pb.Histogram, data_points=histograms)),
    st.builds(
        pb.Metric, exponential_histogram=st.builds(pb.ExponentialHistogram, data_points=exponential)
    ),
    st.builds(pb.Metric, summary=st.builds(pb.Summary, data_points=summaries)),
)  # fmt: skip
requests = st.builds(
    ExportMetricsServiceRequest,
    resource_metrics=st.lists(
        st.builds(
            pb.ResourceMetrics,
            schema_url=st.text(max_size=5),
            scope_metrics=st.lists(st.builds(pb.ScopeMetrics, metrics=st.lists(metrics, max_size=3)), max_size=2),
        ),
        max_size=2,
    ),
)


def points_of(request: ExportMetricsServiceRequest) -> int:
    return sum(
        len(getattr(metric, kind).data_points)
        for resource in request.resource_metrics
        for scope in resource.scope_metrics
        for metric in scope.metrics
        if (kind := metric.WhichOneof("data")) is not None
    )


@settings(max_examples=100, deadline=None)
@given(requests, st.booleans())
def test_every_point_is_counted_once(request: ExportMetricsServiceRequest, snake_case: bool) -> None:
    expected = points_of(request)
    assert count_points(request.SerializeToString()) == expected
    body = json_format.MessageToJson(request, preserving_proto_field_name=snake_case).encode()
    assert count_points_json(body) == expected


def test_what_is_no_request_is_refused() -> None:
    request = ExportMetricsServiceRequest()
    request.resource_metrics.add().scope_metrics.add().metrics.add().gauge.data_points.add(as_int=1)
    whole = request.SerializeToString()
    assert count_points(whole) == 1
    for damaged in (whole[:-1], b"\x0a\xff", b"not protobuf"):
        with pytest.raises(DecodeError):
            count_points(damaged)
    for body in (b"", b"[]", b"{", whole):
        with pytest.raises(Invalid):
            count_points_json(body)


@pytest.mark.parametrize(
    "value", [None, 1, "text", [1, None, "x"], {"scopeMetrics": {"metrics": [{"gauge": {"dataPoints": {}}}]}}], ids=str
)
def test_odd_json_counts_nothing(value: object) -> None:
    assert count_points_json(json.dumps({"resourceMetrics": value}).encode()) == 0
