"""Small OTLP requests for tests, built with the official protobuf classes."""

import os
import time
from collections.abc import Iterable

from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue


def attribute(key: str, value: object) -> KeyValue:
    """A KeyValue of a str, bool, int, float or bytes."""
    kinds = {str: "string_value", bool: "bool_value", int: "int_value", float: "double_value", bytes: "bytes_value"}
    return KeyValue(key=key, value=AnyValue(**{kinds[type(value)]: value}))


def spans(
    count: int, *, service: str = "shop", start_ns: int | None = None, bad: Iterable[int] = (), **attributes: object
) -> ExportTraceServiceRequest:
    """`count` spans of one new trace, the first its root, 1 µs apart; those with an index in `bad` have no span id."""
    request = ExportTraceServiceRequest()
    group = request.resource_spans.add()
    group.resource.attributes.append(attribute("service.name", service))
    scope = group.scope_spans.add()
    scope.scope.name = "payloads"
    trace_id = os.urandom(16)
    root = os.urandom(8)
    start = start_ns if start_ns is not None else time.time_ns()
    for index in range(count):
        span = scope.spans.add()
        span.trace_id = trace_id
        span.span_id = b"" if index in bad else (os.urandom(8) if index else root)
        span.parent_span_id = root if index else b""
        span.name = f"span {index}"
        span.start_time_unix_nano = start + index * 1000
        span.end_time_unix_nano = start + index * 1000 + 500_000
        span.attributes.extend(attribute(key, value) for key, value in attributes.items())
        span.attributes.append(attribute("index", index))
    return request


def records(count: int, *, service: str = "shop", start_ns: int | None = None) -> ExportLogsServiceRequest:
    """`count` log records, 1 µs apart, alternately INFO and ERROR."""
    request = ExportLogsServiceRequest()
    group = request.resource_logs.add()
    group.resource.attributes.append(attribute("service.name", service))
    scope = group.scope_logs.add()
    start = start_ns if start_ns is not None else time.time_ns()
    for index in range(count):
        record = scope.log_records.add()
        record.time_unix_nano = start + index * 1000
        record.severity_number = 9 if index % 2 == 0 else 17
        record.body.string_value = f"record {index}"
        record.attributes.append(attribute("index", index))
    return request


def gauges(
    count: int, *, service: str = "shop", time_ns: int, value: float = 1.0, name: str = "queue.length"
) -> ExportMetricsServiceRequest:
    """One point of each of `count` series of a gauge, which differ in the attribute `queue`."""
    request = ExportMetricsServiceRequest()
    group = request.resource_metrics.add()
    group.resource.attributes.append(attribute("service.name", service))
    metric = group.scope_metrics.add().metrics.add(name=name, unit="1")
    for index in range(count):
        point = metric.gauge.data_points.add(time_unix_nano=time_ns, as_double=value)
        point.attributes.append(attribute("queue", index))
    return request
