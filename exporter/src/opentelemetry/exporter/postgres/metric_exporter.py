"""Metric points from the SDK into PostgreSQL."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

from opentelemetry.exporter.otlp.proto.common.metrics_encoder import encode_metrics
from opentelemetry.exporter.postgres import metric_preferences
from opentelemetry.exporter.postgres.batch import Signal
from opentelemetry.exporter.postgres.outlet import Outlet
from opentelemetry.exporter.postgres.request_encoding import Encoding, encode_items
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.sdk.metrics.export import AggregationTemporality, MetricExporter, MetricExportResult, MetricsData
from opentelemetry.sdk.metrics.view import Aggregation


class PostgresMetricExporter(MetricExporter):
    """Stores metric points, SUCCESS only after the COMMIT. The arguments that both have, and
    the promises, are those of PostgresSpanExporter.

    temporality_preference and default_histogram_aggregation: names as OTLP's exporters take them, else those of
    OTEL_EXPORTER_POSTGRES_METRICS_TEMPORALITY_PREFERENCE and _DEFAULT_HISTOGRAM_AGGREGATION, else the SDK's default,
    cumulative sums and histograms of fixed buckets. What the dictionaries say of an instrument goes before.
    """

    def __init__(
        self,
        dsn: str | None = None,
        timeout_millis: float | None = None,
        preferred_temporality: dict[type, AggregationTemporality] | None = None,
        preferred_aggregation: dict[type, Aggregation] | None = None,
        attribute_rules: str | None = None,
        attribute_hash_key: str | None = None,
        *,
        temporality_preference: str | None = None,
        default_histogram_aggregation: str | None = None,
    ) -> None:
        super().__init__(
            metric_preferences.temporality(temporality_preference) | (preferred_temporality or {}),
            metric_preferences.aggregation(default_histogram_aggregation) | (preferred_aggregation or {}),
        )
        self._outlet = Outlet(Signal.METRICS, dsn, timeout_millis, attribute_rules, attribute_hash_key)

    # The time that the SDK's reader gives is not heeded: to its last export it gives its interval for it.
    def export(self, metrics_data: MetricsData, timeout_millis: float = 10_000, **_: Any) -> MetricExportResult:
        stored = self._outlet.export(lambda: encode_points(metrics_data))
        return MetricExportResult.SUCCESS if stored else MetricExportResult.FAILURE

    def force_flush(self, timeout_millis: float = 10_000) -> bool:
        return self._outlet.force_flush(timeout_millis)

    def shutdown(self, timeout_millis: float = 30_000, **more: Any) -> None:
        # The SDK's reader calls it `timeout`, in milliseconds all the same.
        self._outlet.shutdown(more.get("timeout", timeout_millis))


def encode_points(data: MetricsData) -> Encoding:
    """All points; where that fails, those that can be encoded alone. A sum beyond 64 bits is enough to fail."""
    with suppress(Exception):
        return Encoding(encode_metrics(data).SerializeToString(), _count(data))
    return encode_items(_encoded, [*_alone(data)])


def _count(data: MetricsData) -> int:
    return sum(
        len(metric.data.data_points)
        for resource in data.resource_metrics
        for scope in resource.scope_metrics
        for metric in scope.metrics
    )


def _alone(data: MetricsData) -> Iterator[MetricsData]:
    """Each point as if it were the only one."""
    for resource in data.resource_metrics:
        for scope in resource.scope_metrics:
            for metric in scope.metrics:
                points: Any = metric.data
                for point in points.data_points:
                    one = replace(metric, data=replace(points, data_points=[point]))
                    yield MetricsData([replace(resource, scope_metrics=[replace(scope, metrics=[one])])])


def _encoded(each: Sequence[MetricsData]) -> ExportMetricsServiceRequest:
    request = ExportMetricsServiceRequest()
    for data in each:
        request.MergeFrom(encode_metrics(data))
    return request
