"""Every field that OTLP has for metrics has a home: a new field of the official classes makes this fail."""

from collections.abc import Iterator

import pytest
from google.protobuf.descriptor import Descriptor, FieldDescriptor
from opentelemetry.exporter.postgres import metrics
from opentelemetry.exporter.postgres.batch import Resource, Scope, Series
from opentelemetry.proto.metrics.v1.metrics_pb2 import ResourceMetrics

NESTED = "what it nests has homes of its own"
HOMES = {
    "ResourceMetrics": {"resource": NESTED, "scope_metrics": NESTED, "schema_url": "resource.schema_url"},
    "Resource": {
        "attributes": "resource.attributes",
        "dropped_attributes_count": "resource.dropped_attributes_count",
        "entity_refs": "resource.entity_refs",
    },
    "ScopeMetrics": {"scope": NESTED, "metrics": NESTED, "schema_url": "scope.schema_url"},
    "InstrumentationScope": {
        "name": "scope.name",
        "version": "scope.version",
        "attributes": "scope.attributes",
        "dropped_attributes_count": "scope.dropped_attributes_count",
    },
    "Metric": {
        "name": "series.name",
        "description": "series.description",
        "unit": "series.unit",
        "metadata": "series.metadata",
        **dict.fromkeys(("gauge", "sum", "histogram", "exponential_histogram", "summary"), "series.type"),
    },
    "Gauge": {"data_points": NESTED},
    "Sum": {
        "data_points": NESTED,
        "aggregation_temporality": "series.temporality",
        "is_monotonic": "series.monotonic",
    },
    "Histogram": {"data_points": NESTED, "aggregation_temporality": "series.temporality"},
    "ExponentialHistogram": {"data_points": NESTED, "aggregation_temporality": "series.temporality"},
    "Summary": {"data_points": NESTED},
    "NumberDataPoint": {"as_double": "value", "as_int": "value_int", "exemplars": "exemplars"},
    "HistogramDataPoint": {
        **{name: name for name in ("count", "sum", "min", "max", "bucket_counts", "exemplars")},
        "explicit_bounds": "bounds_id",
    },
    "ExponentialHistogramDataPoint": {
        **{name: name for name in ("count", "sum", "min", "max", "scale", "zero_count", "zero_threshold", "exemplars")},
        "positive": "positive_counts",
        "negative": "negative_counts",
    },
    "SummaryDataPoint": {"count": "count", "sum": "sum", "quantile_values": "quantiles"},
    "Buckets": {"offset": "positive_offset", "bucket_counts": "positive_counts"},
    "ValueAtQuantile": {"quantile": "quantiles", "value": "quantile_values"},
    "Exemplar": dict.fromkeys(
        ("filtered_attributes", "time_unix_nano", "as_double", "as_int", "span_id", "trace_id"), "exemplars"
    ),
}
OF_EVERY_POINT = {
    "attributes": "series.attributes",
    "start_time_unix_nano": "start_time",
    "time_unix_nano": "time",
    "flags": "flags",
}
OF_ALL_SIGNALS = frozenset(("KeyValue", "AnyValue", "EntityRef"))
RECORDS: dict[str, type] = {"series": Series, "resource": Resource, "scope": Scope}


def messages(root: Descriptor) -> Iterator[Descriptor]:
    """A message and all that it nests, but for what every signal has."""
    seen = {root.name: root}
    pending = [root]
    while pending:
        message = pending.pop()
        yield message
        for field in message.fields:
            nested = field.message_type
            if nested is not None and nested.name not in seen and nested.name not in OF_ALL_SIGNALS:
                seen[nested.name] = nested
                pending.append(nested)


FIELDS = {
    f"{message.name}.{field.name}": field
    for message in messages(ResourceMetrics.DESCRIPTOR)
    for field in message.fields
}


@pytest.mark.parametrize("field", FIELDS.values(), ids=FIELDS)
def test_a_field_has_a_home(field: FieldDescriptor) -> None:
    message = field.containing_type.name
    homes = HOMES[message] | (OF_EVERY_POINT if message.endswith("DataPoint") else {})
    home = homes[field.name]
    if home is NESTED:
        assert field.message_type.name in HOMES
    elif "." in home:
        record, _, name = home.partition(".")
        assert name in RECORDS[record].__slots__
    else:
        assert home in metrics.COLUMNS
