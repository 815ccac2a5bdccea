"""OTLP/JSON-shaped dictionaries to protobuf by hand: the library under test takes no part in it.

bytes stand for a string or an id as it goes onto the wire, however odd; an int as a key for a field that OTLP does
not know, its content length-delimited.
"""

import base64
import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

Message = Mapping[Any, Any]
Kind = Callable[[Any], tuple[int, bytes]]
LENGTH_DELIMITED, FIXED64, FIXED32, VARINT = 2, 1, 5, 0


def varint(value: int) -> bytes:
    value &= 0xFFFFFFFFFFFFFFFF
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes((*out, value))


def field(number: int, wire_type: int, content: bytes) -> bytes:
    length = varint(len(content)) if wire_type == LENGTH_DELIMITED else b""
    return varint(number << 3 | wire_type) + length + content


def _text(value: str | bytes) -> tuple[int, bytes]:
    return LENGTH_DELIMITED, value if isinstance(value, bytes) else value.encode()


def _id(value: str | bytes) -> tuple[int, bytes]:
    return LENGTH_DELIMITED, value if isinstance(value, bytes) else bytes.fromhex(value)


def _base64(value: str) -> tuple[int, bytes]:
    return LENGTH_DELIMITED, base64.b64decode(value)


def _fixed64(value: int | str) -> tuple[int, bytes]:
    return FIXED64, struct.pack("<Q", int(value))


def _fixed32(value: int) -> tuple[int, bytes]:
    return FIXED32, struct.pack("<I", value)


def _number(value: int | str | bool) -> tuple[int, bytes]:
    return VARINT, varint(int(value))


def _double(value: float | str) -> tuple[int, bytes]:
    return FIXED64, struct.pack("<d", float(value))


def _signed_fixed64(value: int | str) -> tuple[int, bytes]:
    return FIXED64, struct.pack("<q", int(value))


def _zigzag(value: int) -> tuple[int, bytes]:
    return VARINT, varint(value << 1 ^ value >> 63)


@dataclass(frozen=True)
class Packed:
    """Scalars of one kind, all in one field."""

    kind: Kind


FIELDS: dict[str, dict[str, tuple[int, Kind | Packed | str]]] = {
    "traces": {"resourceSpans": (1, "ResourceSpans")},
    "logs": {"resourceLogs": (1, "ResourceLogs")},
    "ResourceSpans": {"resource": (1, "Resource"), "scopeSpans": (2, "ScopeSpans"), "schemaUrl": (3, _text)},
    "ResourceLogs": {"resource": (1, "Resource"), "scopeLogs": (2, "ScopeLogs"), "schemaUrl": (3, _text)},
    "ScopeSpans": {"scope": (1, "Scope"), "spans": (2, "Span"), "schemaUrl": (3, _text)},
    "ScopeLogs": {"scope": (1, "Scope"), "logRecords": (2, "LogRecord"), "schemaUrl": (3, _text)},
    "Resource": {
        "attributes": (1, "KeyValue"),
        "droppedAttributesCount": (2, _number),
        "entityRefs": (3, "EntityRef"),
    },
    "EntityRef": {"schemaUrl": (1, _text), "type": (2, _text), "idKeys": (3, _text), "descriptionKeys": (4, _text)},
    "Scope": {
        "name": (1, _text),
        "version": (2, _text),
        "attributes": (3, "KeyValue"),
        "droppedAttributesCount": (4, _number),
    },
    "Span": {
        "traceId": (1, _id),
        "spanId": (2, _id),
        "traceState": (3, _text),
        "parentSpanId": (4, _id),
        "name": (5, _text),
        "kind": (6, _number),
        "startTimeUnixNano": (7, _fixed64),
        "endTimeUnixNano": (8, _fixed64),
        "attributes": (9, "KeyValue"),
        "droppedAttributesCount": (10, _number),
        "events": (11, "Event"),
        "droppedEventsCount": (12, _number),
        "links": (13, "Link"),
        "droppedLinksCount": (14, _number),
        "status": (15, "Status"),
        "flags": (16, _fixed32),
    },
    "Event": {
        "timeUnixNano": (1, _fixed64),
        "name": (2, _text),
        "attributes": (3, "KeyValue"),
        "droppedAttributesCount": (4, _number),
    },
    "Link": {
        "traceId": (1, _id),
        "spanId": (2, _id),
        "traceState": (3, _text),
        "attributes": (4, "KeyValue"),
        "droppedAttributesCount": (5, _number),
        "flags": (6, _fixed32),
    },
    "Status": {"message": (2, _text), "code": (3, _number)},
    "LogRecord": {
        "timeUnixNano": (1, _fixed64),
        "severityNumber": (2, _number),
        "severityText": (3, _text),
        "body": (5, "AnyValue"),
        "attributes": (6, "KeyValue"),
        "droppedAttributesCount": (7, _number),
        "flags": (8, _fixed32),
        "traceId": (9, _id),
        "spanId": (10, _id),
        "observedTimeUnixNano": (11, _fixed64),
        "eventName": (12, _text),
    },
    "metrics": {"resourceMetrics": (1, "ResourceMetrics")},
    "ResourceMetrics": {"resource": (1, "Resource"), "scopeMetrics": (2, "ScopeMetrics"), "schemaUrl": (3, _text)},
    "ScopeMetrics": {"scope": (1, "Scope"), "metrics": (2, "Metric"), "schemaUrl": (3, _text)},
    "Metric": {
        "name": (1, _text),
        "description": (2, _text),
        "unit": (3, _text),
        "gauge": (5, "Gauge"),
        "sum": (7, "Sum"),
        "histogram": (9, "Histogram"),
        "exponentialHistogram": (10, "ExponentialHistogram"),
        "summary": (11, "Summary"),
        "metadata": (12, "KeyValue"),
    },
    "Gauge": {"dataPoints": (1, "NumberDataPoint")},
    "Sum": {"dataPoints": (1, "NumberDataPoint"), "aggregationTemporality": (2, _number), "isMonotonic": (3, _number)},
    "Histogram": {"dataPoints": (1, "HistogramDataPoint"), "aggregationTemporality": (2, _number)},
    "ExponentialHistogram": {
        "dataPoints": (1, "ExponentialHistogramDataPoint"),
        "aggregationTemporality": (2, _number),
    },
    "Summary": {"dataPoints": (1, "SummaryDataPoint")},
    "NumberDataPoint": {
        "startTimeUnixNano": (2, _fixed64),
        "timeUnixNano": (3, _fixed64),
        "asDouble": (4, _double),
        "exemplars": (5, "Exemplar"),
        "asInt": (6, _signed_fixed64),
        "attributes": (7, "KeyValue"),
        "flags": (8, _number),
    },
    "HistogramDataPoint": {
        "startTimeUnixNano": (2, _fixed64),
        "timeUnixNano": (3, _fixed64),
        "count": (4, _fixed64),
        "sum": (5, _double),
        "bucketCounts": (6, Packed(_fixed64)),
        "explicitBounds": (7, Packed(_double)),
        "exemplars": (8, "Exemplar"),
        "attributes": (9, "KeyValue"),
        "flags": (10, _number),
        "min": (11, _double),
        "max": (12, _double),
    },
    "ExponentialHistogramDataPoint": {
        "attributes": (1, "KeyValue"),
        "startTimeUnixNano": (2, _fixed64),
        "timeUnixNano": (3, _fixed64),
        "count": (4, _fixed64),
        "sum": (5, _double),
        "scale": (6, _zigzag),
        "zeroCount": (7, _fixed64),
        "positive": (8, "Buckets"),
        "negative": (9, "Buckets"),
        "flags": (10, _number),
        "exemplars": (11, "Exemplar"),
        "min": (12, _double),
        "max": (13, _double),
        "zeroThreshold": (14, _double),
    },
    "Buckets": {"offset": (1, _zigzag), "bucketCounts": (2, Packed(_number))},
    "SummaryDataPoint": {
        "startTimeUnixNano": (2, _fixed64),
        "timeUnixNano": (3, _fixed64),
        "count": (4, _fixed64),
        "sum": (5, _double),
        "quantileValues": (6, "ValueAtQuantile"),
        "attributes": (7, "KeyValue"),
        "flags": (8, _number),
    },
    "ValueAtQuantile": {"quantile": (1, _double), "value": (2, _double)},
    "Exemplar": {
        "timeUnixNano": (2, _fixed64),
        "asDouble": (3, _double),
        "spanId": (4, _id),
        "traceId": (5, _id),
        "asInt": (6, _signed_fixed64),
        "filteredAttributes": (7, "KeyValue"),
    },
    "KeyValue": {"key": (1, _text), "value": (2, "AnyValue"), "keyStrindex": (3, _number)},
    "AnyValue": {
        "stringValue": (1, _text),
        "boolValue": (2, _number),
        "intValue": (3, _number),
        "doubleValue": (4, _double),
        "arrayValue": (5, "ArrayValue"),
        "kvlistValue": (6, "KeyValueList"),
        "bytesValue": (7, _base64),
        "stringValueStrindex": (8, _number),
    },
    "ArrayValue": {"values": (1, "AnyValue")},
    "KeyValueList": {"values": (1, "KeyValue")},
}


def encode(kind: str, message: Message) -> bytes:
    """The message as protobuf, its fields in the order in which they stand."""
    out = bytearray()
    for key, content in message.items():
        if isinstance(key, int):
            out += field(key, LENGTH_DELIMITED, content)
            continue
        number, how = FIELDS[kind][key]
        if isinstance(how, Packed):
            out += field(number, LENGTH_DELIMITED, b"".join(how.kind(element)[1] for element in content))
            continue
        for element in content if isinstance(content, list) else [content]:
            if isinstance(how, str):
                out += field(number, LENGTH_DELIMITED, encode(how, element))
            else:
                out += field(number, *how(element))
    return bytes(out)
