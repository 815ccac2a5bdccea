"""Metric points from the SDK into PostgreSQL."""

from typing import Any

from opentelemetry.exporter.otlp.proto.common.metrics_encoder import encode_metrics
from opentelemetry.exporter.postgres.batch import Signal
from opentelemetry.exporter.postgres.outlet import Outlet
from opentelemetry.exporter.postgres.request_encoding import Encoding
from opentelemetry.sdk.metrics.export import AggregationTemporality, MetricExporter, MetricExportResult, MetricsData
from opentelemetry.sdk.metrics.view import Aggregation


class PostgresMetricExporter(MetricExporter):
    """Stores metric points, SUCCESS only after the COMMIT. What is preferred is the SDK's default, cumulative sums and
    histograms of fixed buckets; other arguments and promises are those of PostgresSpanExporter."""

    def __init__(
        self,
        dsn: str | None = None,
        timeout_millis: float | None = None,
        preferred_temporality: dict[type, AggregationTemporality] | None = None,
        preferred_aggregation: dict[type, Aggregation] | None = None,
        attribute_rules: str | None = None,
        attribute_hash_key: str | None = None,
    ) -> None:
        super().__init__(preferred_temporality, preferred_aggregation)
        self._outlet = Outlet(Signal.METRICS, dsn, timeout_millis, attribute_rules, attribute_hash_key)

    def export(self, metrics_data: MetricsData, timeout_millis: float = 10_000, **_: Any) -> MetricExportResult:
        stored = self._outlet.export(lambda: _encoded(metrics_data), timeout_millis)
        return MetricExportResult.SUCCESS if stored else MetricExportResult.FAILURE

    def force_flush(self, timeout_millis: float = 10_000) -> bool:
        return self._outlet.force_flush(timeout_millis)

    def shutdown(self, timeout_millis: float = 30_000, **_: Any) -> None:
        self._outlet.shutdown(timeout_millis)


def _encoded(data: MetricsData) -> Encoding:
    points = sum(
        len(metric.data.data_points)
        for resource in data.resource_metrics
        for scope in resource.scope_metrics
        for metric in scope.metrics
    )
    return Encoding(encode_metrics(data).SerializeToString(), points)
