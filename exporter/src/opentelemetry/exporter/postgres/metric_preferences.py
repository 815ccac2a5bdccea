"""How an application's instruments are to be added up before they are exported."""

import logging
from collections.abc import Mapping
from typing import TypeVar

from opentelemetry.exporter.postgres.batch import Signal
from opentelemetry.exporter.postgres.export_settings import variable
from opentelemetry.sdk.metrics import Counter, Histogram, ObservableCounter
from opentelemetry.sdk.metrics.export import AggregationTemporality
from opentelemetry.sdk.metrics.view import Aggregation, ExponentialBucketHistogramAggregation

Preference = TypeVar("Preference")

# What is left out of these is the SDK's default: cumulative, and buckets with explicit bounds.
_LOW_MEMORY: dict[type, AggregationTemporality] = dict.fromkeys((Counter, Histogram), AggregationTemporality.DELTA)
_TEMPORALITIES: dict[str, dict[type, AggregationTemporality]] = {
    "cumulative": {},
    "delta": _LOW_MEMORY | {ObservableCounter: AggregationTemporality.DELTA},
    "lowmemory": _LOW_MEMORY,
    "low_memory": _LOW_MEMORY,
}
_AGGREGATIONS: dict[str, dict[type, Aggregation]] = {
    "explicit_bucket_histogram": {},
    "base2_exponential_bucket_histogram": {Histogram: ExponentialBucketHistogramAggregation()},
}
_log = logging.getLogger(__name__)


def temporality(preference: str | None) -> dict[type, AggregationTemporality]:
    """By type of instrument. preference: cumulative, delta or lowmemory as OTLP's exporters understand them, else
    OTEL_EXPORTER_POSTGRES_METRICS_TEMPORALITY_PREFERENCE."""
    return _chosen(_TEMPORALITIES, "TEMPORALITY_PREFERENCE", preference)


def aggregation(preference: str | None) -> dict[type, Aggregation]:
    """By type of instrument. preference: explicit_bucket_histogram or base2_exponential_bucket_histogram, else
    OTEL_EXPORTER_POSTGRES_METRICS_DEFAULT_HISTOGRAM_AGGREGATION."""
    return _chosen(_AGGREGATIONS, "DEFAULT_HISTOGRAM_AGGREGATION", preference)


def _chosen(known: Mapping[str, dict[type, Preference]], name: str, given: str | None) -> dict[type, Preference]:
    default, *_ = known
    text = str(given or variable(Signal.METRICS, name) or default)
    chosen = known.get(text.strip().lower())
    if chosen is None:
        _log.warning("%r is none of %s: %s is used", text, ", ".join(known), default)
        return known[default]
    return chosen
