"""Hypothesis strategies for OTLP requests, made of the official protobuf classes."""

from hypothesis import strategies as st
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import (
    AnyValue,
    ArrayValue,
    InstrumentationScope,
    KeyValue,
    KeyValueList,
)
from opentelemetry.proto.logs.v1.logs_pb2 import LogRecord, ResourceLogs, ScopeLogs
from opentelemetry.proto.metrics.v1.metrics_pb2 import (
    Exemplar,
    ExponentialHistogram,
    ExponentialHistogramDataPoint,
    Gauge,
    Histogram,
    HistogramDataPoint,
    Metric,
    NumberDataPoint,
    ResourceMetrics,
    ScopeMetrics,
    Sum,
    Summary,
    SummaryDataPoint,
)
from opentelemetry.proto.resource.v1.resource_pb2 import Resource
from opentelemetry.proto.trace.v1.trace_pb2 import ResourceSpans, ScopeSpans, Span, Status


def key_of(pair: KeyValue) -> str:
    return pair.key


uint32 = st.integers(0, 2**32 - 1)
uint64 = st.one_of(st.integers(0, 2**64 - 1), st.integers(1_700_000_000 * 10**9, 1_900_000_000 * 10**9))
text = st.text(st.characters(exclude_categories=("Cs",)), max_size=12)
# Attributes that columns are filled from, and one that is named like a part of an event.
COLUMN_KEYS = (
    "http.route",
    "http.request.method",
    "user.email",
    "session.id",
    "url.scheme",
    "exception.message",
    "message",
)
keys = st.one_of(st.sampled_from(COLUMN_KEYS), text)
scalars = st.one_of(
    st.builds(AnyValue),
    st.builds(AnyValue, string_value=text),
    st.builds(AnyValue, bool_value=st.booleans()),
    st.builds(AnyValue, int_value=st.integers(-(2**63), 2**63 - 1)),
    st.builds(AnyValue, double_value=st.floats()),
    st.builds(AnyValue, bytes_value=st.binary(max_size=12)),
)
any_values = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.builds(AnyValue, array_value=st.builds(ArrayValue, values=st.lists(inner, max_size=3))),
        st.builds(
            AnyValue,
            kvlist_value=st.builds(
                KeyValueList,
                values=st.lists(st.builds(KeyValue, key=text, value=inner), max_size=3, unique_by=key_of),
            ),
        ),
    ),
    max_leaves=6,
)
attributes = st.lists(st.builds(KeyValue, key=keys, value=any_values), max_size=5, unique_by=key_of)
trace_ids = st.one_of(st.binary(min_size=16, max_size=16), st.just(bytes(16)), st.binary(max_size=20))
span_ids = st.one_of(st.binary(min_size=8, max_size=8), st.just(bytes(8)), st.binary(max_size=10))

spans = st.builds(
    Span,
    trace_id=trace_ids,
    span_id=span_ids,
    parent_span_id=span_ids,
    trace_state=text,
    name=text,
    kind=st.integers(0, 5),
    start_time_unix_nano=uint64,
    end_time_unix_nano=uint64,
    attributes=attributes,
    dropped_attributes_count=uint32,
    dropped_events_count=uint32,
    dropped_links_count=uint32,
    flags=uint32,
    status=st.builds(Status, message=text, code=st.integers(0, 2)),
    events=st.lists(
        st.builds(
            Span.Event,
            time_unix_nano=uint64,
            name=st.one_of(text, st.just("exception")),
            attributes=attributes,
            dropped_attributes_count=uint32,
        ),
        max_size=2,
    ),
    links=st.lists(
        st.builds(
            Span.Link,
            trace_id=trace_ids,
            span_id=span_ids,
            trace_state=text,
            attributes=attributes,
            dropped_attributes_count=uint32,
            flags=uint32,
        ),
        max_size=2,
    ),
)
log_records = st.builds(
    LogRecord,
    time_unix_nano=st.one_of(st.just(0), uint64),
    observed_time_unix_nano=st.one_of(st.just(0), uint64),
    severity_number=st.integers(0, 24),
    severity_text=text,
    body=any_values,
    attributes=attributes,
    dropped_attributes_count=uint32,
    flags=uint32,
    trace_id=trace_ids,
    span_id=span_ids,
    event_name=text,
)
resources = st.builds(Resource, attributes=attributes, dropped_attributes_count=uint32)
scopes = st.builds(InstrumentationScope, name=text, version=text, attributes=attributes)

trace_requests = st.builds(
    ExportTraceServiceRequest,
    resource_spans=st.lists(
        st.builds(
            ResourceSpans,
            resource=resources,
            schema_url=text,
            scope_spans=st.lists(
                st.builds(ScopeSpans, scope=scopes, schema_url=text, spans=st.lists(spans, max_size=3)), max_size=2
            ),
        ),
        max_size=2,
    ),
)
log_requests = st.builds(
    ExportLogsServiceRequest,
    resource_logs=st.lists(
        st.builds(
            ResourceLogs,
            resource=resources,
            schema_url=text,
            scope_logs=st.lists(
                st.builds(ScopeLogs, scope=scopes, schema_url=text, log_records=st.lists(log_records, max_size=3)),
                max_size=2,
            ),
        ),
        max_size=2,
    ),
)

int64 = st.integers(-(2**63), 2**63 - 1)
doubles = st.floats()
optional_doubles = st.one_of(st.none(), doubles)
flags = st.one_of(st.just(0), st.just(1), uint32)
temporality = st.integers(0, 2)
exemplars = st.lists(
    st.one_of(
        st.builds(
            Exemplar,
            time_unix_nano=uint64,
            as_int=int64,
            trace_id=trace_ids,
            span_id=span_ids,
            filtered_attributes=attributes,
        ),
        st.builds(Exemplar, time_unix_nano=uint64, as_double=doubles),
        st.builds(Exemplar, time_unix_nano=uint64),
    ),
    max_size=2,
)
point = {"time_unix_nano": uint64, "start_time_unix_nano": uint64, "attributes": attributes, "flags": flags}
number_points = st.lists(
    st.one_of(
        st.builds(NumberDataPoint, as_int=int64, exemplars=exemplars, **point),
        st.builds(NumberDataPoint, as_double=doubles, exemplars=exemplars, **point),
        st.builds(NumberDataPoint, **point),
    ),
    max_size=3,
)
histogram_points = st.lists(
    st.builds(
        HistogramDataPoint,
        count=uint64,
        sum=optional_doubles,
        min=optional_doubles,
        max=optional_doubles,
        explicit_bounds=st.one_of(
            st.lists(st.floats(allow_nan=False), max_size=4, unique=True).map(sorted), st.lists(doubles, max_size=3)
        ),
        bucket_counts=st.lists(uint64, max_size=5),
        exemplars=exemplars,
        **point,
    ),
    max_size=3,
)
buckets = st.builds(
    ExponentialHistogramDataPoint.Buckets,
    offset=st.one_of(st.integers(-200, 200), st.integers(-(2**31), 2**31 - 1)),
    bucket_counts=st.lists(uint64, max_size=4),
)
exponential_points = st.lists(
    st.builds(
        ExponentialHistogramDataPoint,
        count=uint64,
        sum=optional_doubles,
        min=optional_doubles,
        max=optional_doubles,
        scale=st.one_of(st.integers(-10, 20), st.integers(-(2**31), 2**31 - 1)),
        zero_count=uint64,
        zero_threshold=doubles,
        positive=st.one_of(st.none(), buckets),
        negative=st.one_of(st.none(), buckets),
        exemplars=exemplars,
        **point,
    ),
    max_size=3,
)
summary_points = st.lists(
    st.builds(
        SummaryDataPoint,
        count=uint64,
        sum=doubles,
        quantile_values=st.lists(
            st.builds(SummaryDataPoint.ValueAtQuantile, quantile=st.floats(-0.2, 1.2), value=doubles), max_size=3
        ),
        **point,
    ),
    max_size=3,
)
data = st.one_of(
    st.just({}),
    st.builds(Gauge, data_points=number_points).map(lambda data: {"gauge": data}),
    st.builds(Sum, data_points=number_points, aggregation_temporality=temporality, is_monotonic=st.booleans()).map(
        lambda data: {"sum": data}
    ),
    st.builds(Histogram, data_points=histogram_points, aggregation_temporality=temporality).map(
        lambda data: {"histogram": data}
    ),
    st.builds(ExponentialHistogram, data_points=exponential_points, aggregation_temporality=temporality).map(
        lambda data: {"exponential_histogram": data}
    ),
    st.builds(Summary, data_points=summary_points).map(lambda data: {"summary": data}),
)
metrics = st.builds(
    lambda data, **fields: Metric(**fields, **data),
    data,
    name=text,
    description=text,
    unit=text,
    metadata=attributes,
)
metric_requests = st.builds(
    ExportMetricsServiceRequest,
    resource_metrics=st.lists(
        st.builds(
            ResourceMetrics,
            resource=resources,
            schema_url=text,
            scope_metrics=st.lists(
                st.builds(ScopeMetrics, scope=scopes, schema_url=text, metrics=st.lists(metrics, max_size=3)),
                max_size=2,
            ),
        ),
        max_size=2,
    ),
)
