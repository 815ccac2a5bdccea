"""The messages of OTLP by the names their fields have in JSON."""

from collections.abc import Callable
from dataclasses import dataclass

from receiver import json_values as values


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a message: a scalar by its encoder (tag included), or a message by its name.

    An item that cannot be read is refused alone; a spare one is left out without a word.
    """

    number: int
    encode: values.Encode | None = None
    message: str = ""
    repeated: bool = False
    item: bool = False
    spare: bool = False


_SEVERITIES = (
    "UNSPECIFIED",
    *(f"{name}{n}" for name in ("TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL") for n in ("", "2", "3", "4")),
)
_TEMPORALITIES = ("UNSPECIFIED", "DELTA", "CUMULATIVE")
_KINDS = ("UNSPECIFIED", "INTERNAL", "SERVER", "CLIENT", "PRODUCER", "CONSUMER")


def _several(number: int, message: str, *, item: bool = False) -> Field:
    return Field(number, message=message, repeated=True, item=item)


def _each(number: int) -> Field:
    return Field(number, values.text(number), repeated=True)


def _scalar(number: int, kind: Callable[[int], values.Encode]) -> Field:
    return Field(number, kind(number))


_TEMPORALITY = Field(2, values.enum(2, "AGGREGATION_TEMPORALITY_", _TEMPORALITIES))


def _exemplars(number: int) -> Field:
    return Field(number, message="Exemplar", repeated=True, spare=True)


def _points(message: str) -> Field:
    return Field(1, message=message, repeated=True, item=True)


MESSAGES: dict[str, dict[str, Field]] = {
    "traces": {"resourceSpans": _several(1, "ResourceSpans")},
    "logs": {"resourceLogs": _several(1, "ResourceLogs")},
    "metrics": {"resourceMetrics": _several(1, "ResourceMetrics")},
    "ResourceSpans": {
        "resource": Field(1, message="Resource"),
        "scopeSpans": _several(2, "ScopeSpans"),
        "schemaUrl": _scalar(3, values.text),
    },
    "ResourceLogs": {
        "resource": Field(1, message="Resource"),
        "scopeLogs": _several(2, "ScopeLogs"),
        "schemaUrl": _scalar(3, values.text),
    },
    "ScopeSpans": {
        "scope": Field(1, message="Scope"),
        "spans": _several(2, "Span", item=True),
        "schemaUrl": _scalar(3, values.text),
    },
    "ScopeLogs": {
        "scope": Field(1, message="Scope"),
        "logRecords": _several(2, "LogRecord", item=True),
        "schemaUrl": _scalar(3, values.text),
    },
    "Resource": {
        "attributes": _several(1, "KeyValue"),
        "droppedAttributesCount": _scalar(2, values.uint32),
        "entityRefs": _several(3, "EntityRef"),
    },
    "EntityRef": {
        "schemaUrl": _scalar(1, values.text),
        "type": _scalar(2, values.text),
        "idKeys": _each(3),
        "descriptionKeys": _each(4),
    },
    "Scope": {
        "name": _scalar(1, values.text),
        "version": _scalar(2, values.text),
        "attributes": _several(3, "KeyValue"),
        "droppedAttributesCount": _scalar(4, values.uint32),
    },
    "Span": {
        "traceId": _scalar(1, values.hex_id),
        "spanId": _scalar(2, values.hex_id),
        "traceState": _scalar(3, values.text),
        "parentSpanId": _scalar(4, values.hex_id),
        "name": _scalar(5, values.text),
        "kind": Field(6, values.enum(6, "SPAN_KIND_", _KINDS)),
        "startTimeUnixNano": _scalar(7, values.time_ns),
        "endTimeUnixNano": _scalar(8, values.time_ns),
        "attributes": _several(9, "KeyValue"),
        "droppedAttributesCount": _scalar(10, values.uint32),
        "events": _several(11, "Event"),
        "droppedEventsCount": _scalar(12, values.uint32),
        "links": _several(13, "Link"),
        "droppedLinksCount": _scalar(14, values.uint32),
        "status": Field(15, message="Status"),
        "flags": _scalar(16, values.fixed32),
    },
    "Event": {
        "timeUnixNano": _scalar(1, values.time_ns),
        "name": _scalar(2, values.text),
        "attributes": _several(3, "KeyValue"),
        "droppedAttributesCount": _scalar(4, values.uint32),
    },
    "Link": {
        "traceId": _scalar(1, values.hex_id),
        "spanId": _scalar(2, values.hex_id),
        "traceState": _scalar(3, values.text),
        "attributes": _several(4, "KeyValue"),
        "droppedAttributesCount": _scalar(5, values.uint32),
        "flags": _scalar(6, values.fixed32),
    },
    "Status": {
        "message": _scalar(2, values.text),
        "code": Field(3, values.enum(3, "STATUS_CODE_", ("UNSET", "OK", "ERROR"))),
    },
    "LogRecord": {
        "timeUnixNano": _scalar(1, values.time_ns),
        "severityNumber": Field(2, values.enum(2, "SEVERITY_NUMBER_", _SEVERITIES)),
        "severityText": _scalar(3, values.text),
        "body": Field(5, message="AnyValue"),
        "attributes": _several(6, "KeyValue"),
        "droppedAttributesCount": _scalar(7, values.uint32),
        "flags": _scalar(8, values.fixed32),
        "traceId": _scalar(9, values.hex_id),
        "spanId": _scalar(10, values.hex_id),
        "observedTimeUnixNano": _scalar(11, values.time_ns),
        "eventName": _scalar(12, values.text),
    },
    "ResourceMetrics": {
        "resource": Field(1, message="Resource"),
        "scopeMetrics": _several(2, "ScopeMetrics"),
        "schemaUrl": _scalar(3, values.text),
    },
    "ScopeMetrics": {
        "scope": Field(1, message="Scope"),
        "metrics": _several(2, "Metric"),
        "schemaUrl": _scalar(3, values.text),
    },
    "Metric": {
        "name": _scalar(1, values.text),
        "description": _scalar(2, values.text),
        "unit": _scalar(3, values.text),
        "gauge": Field(5, message="Gauge"),
        "sum": Field(7, message="Sum"),
        "histogram": Field(9, message="Histogram"),
        "exponentialHistogram": Field(10, message="ExponentialHistogram"),
        "summary": Field(11, message="Summary"),
        "metadata": _several(12, "KeyValue"),
    },
    "Gauge": {"dataPoints": _points("NumberDataPoint")},
    "Sum": {
        "dataPoints": _points("NumberDataPoint"),
        "aggregationTemporality": _TEMPORALITY,
        "isMonotonic": _scalar(3, values.bool_field),
    },
    "Histogram": {"dataPoints": _points("HistogramDataPoint"), "aggregationTemporality": _TEMPORALITY},
    "ExponentialHistogram": {
        "dataPoints": _points("ExponentialHistogramDataPoint"),
        "aggregationTemporality": _TEMPORALITY,
    },
    "Summary": {"dataPoints": _points("SummaryDataPoint")},
    "NumberDataPoint": {
        "startTimeUnixNano": _scalar(2, values.time_ns),
        "timeUnixNano": _scalar(3, values.time_ns),
        "asDouble": _scalar(4, values.double),
        "exemplars": _exemplars(5),
        "asInt": Field(6, values.int_number(6, beside=4)),
        "attributes": _several(7, "KeyValue"),
        "flags": _scalar(8, values.uint32),
    },
    "HistogramDataPoint": {
        "startTimeUnixNano": _scalar(2, values.time_ns),
        "timeUnixNano": _scalar(3, values.time_ns),
        "count": _scalar(4, values.fixed64),
        "sum": _scalar(5, values.double),
        "bucketCounts": Field(6, values.fixed64(6), repeated=True),
        "explicitBounds": Field(7, values.doubles(7), repeated=True),
        "exemplars": _exemplars(8),
        "attributes": _several(9, "KeyValue"),
        "flags": _scalar(10, values.uint32),
        "min": _scalar(11, values.double),
        "max": _scalar(12, values.double),
    },
    "ExponentialHistogramDataPoint": {
        "attributes": _several(1, "KeyValue"),
        "startTimeUnixNano": _scalar(2, values.time_ns),
        "timeUnixNano": _scalar(3, values.time_ns),
        "count": _scalar(4, values.fixed64),
        "sum": _scalar(5, values.double),
        "scale": _scalar(6, values.sint32),
        "zeroCount": _scalar(7, values.fixed64),
        "positive": Field(8, message="Buckets"),
        "negative": Field(9, message="Buckets"),
        "flags": _scalar(10, values.uint32),
        "exemplars": _exemplars(11),
        "min": _scalar(12, values.double),
        "max": _scalar(13, values.double),
        "zeroThreshold": _scalar(14, values.double),
    },
    "Buckets": {"offset": _scalar(1, values.sint32), "bucketCounts": Field(2, values.uint64_field(2), repeated=True)},
    "SummaryDataPoint": {
        "startTimeUnixNano": _scalar(2, values.time_ns),
        "timeUnixNano": _scalar(3, values.time_ns),
        "count": _scalar(4, values.fixed64),
        "sum": _scalar(5, values.double),
        "quantileValues": _several(6, "ValueAtQuantile"),
        "attributes": _several(7, "KeyValue"),
        "flags": _scalar(8, values.uint32),
    },
    "ValueAtQuantile": {"quantile": _scalar(1, values.double), "value": _scalar(2, values.double)},
    "Exemplar": {
        "timeUnixNano": _scalar(2, values.time_ns),
        "asDouble": _scalar(3, values.double),
        "spanId": _scalar(4, values.hex_id),
        "traceId": _scalar(5, values.hex_id),
        "asInt": Field(6, values.int_number(6, beside=3)),
        "filteredAttributes": _several(7, "KeyValue"),
    },
    "KeyValue": {"key": _scalar(1, values.text), "value": Field(2, message="AnyValue")},
    "AnyValue": {
        "stringValue": _scalar(1, values.text),
        "boolValue": Field(2, values.bool_value),
        "intValue": Field(3, values.int_value),
        "doubleValue": Field(4, values.double_value),
        "arrayValue": Field(5, message="ArrayValue"),
        "kvlistValue": Field(6, message="KeyValueList"),
        "bytesValue": Field(7, values.bytes_value),
    },
    "ArrayValue": {"values": _several(1, "AnyValue")},
    "KeyValueList": {"values": _several(1, "KeyValue")},
}
