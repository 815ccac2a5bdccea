"""Hypothesis strategies for OTLP requests, made of the official protobuf classes."""

from hypothesis import strategies as st
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import (
    AnyValue,
    ArrayValue,
    InstrumentationScope,
    KeyValue,
    KeyValueList,
)
from opentelemetry.proto.logs.v1.logs_pb2 import LogRecord, ResourceLogs, ScopeLogs
from opentelemetry.proto.resource.v1.resource_pb2 import Resource
from opentelemetry.proto.trace.v1.trace_pb2 import ResourceSpans, ScopeSpans, Span, Status


def key_of(pair: KeyValue) -> str:
    return pair.key


uint32 = st.integers(0, 2**32 - 1)
uint64 = st.one_of(st.integers(0, 2**64 - 1), st.integers(1_700_000_000 * 10**9, 1_900_000_000 * 10**9))
text = st.text(st.characters(exclude_categories=("Cs",)), max_size=12)
keys = st.one_of(
    st.sampled_from(
        ("http.route", "http.request.method", "user.email", "session.id", "url.scheme", "exception.message", "message")
    ),
    text,
)
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
