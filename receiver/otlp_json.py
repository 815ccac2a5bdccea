"""OTLP/JSON to OTLP/protobuf, tolerantly: what can be kept of an odd payload is kept, what cannot is named.

Ids are hex, 64-bit integers may be strings, enums may be names, keys may be snake_case; unknown fields and nulls are
left out. An item that cannot be read is dropped alone. The result goes the same way as protobuf from the wire.
"""

import json
import re
from base64 import b64decode
from collections.abc import Callable
from dataclasses import dataclass, field
from struct import pack
from typing import Any

from receiver.refusals import Invalid

MAX_DEPTH = 200
_TOO_DEEP = "the JSON is nested too deeply"


class BadItem(ValueError):
    """The span, log record or data point around this value cannot be read."""


@dataclass(slots=True)
class Transcoded:
    """body: the protobuf request. refusals: one line for each item that is not in it."""

    body: bytes
    refusals: list[str] = field(default_factory=list)


Encode = Callable[[Any], bytes | None]


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a message: a scalar by its encoder (tag included), or a message by its name.

    An item that cannot be read is refused alone; a spare one is left out without a word.
    """

    number: int
    encode: Encode | None = None
    message: str = ""
    repeated: bool = False
    item: bool = False
    spare: bool = False


def varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def _block(number: int, content: bytes) -> bytes:
    return varint(number << 3 | 2) + varint(len(content)) + content


def _integer(value: Any) -> int | None:
    """A number, or its decimal text; None for anything else."""
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int):
        return value
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, str) and re.fullmatch(r"\s*[+-]?\d{1,40}(\.0*)?\s*", value):
        return int(value.strip().partition(".")[0])
    return None


def utf8(text: str) -> bytes:
    """UTF-8 of a string that may hold lone surrogates, which JSON can write and UTF-8 cannot."""
    try:
        return text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").encode()


def _text(number: int) -> Encode:
    def encode(value: Any) -> bytes:
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        return _block(number, utf8(text))

    return encode


def _id(number: int) -> Encode:
    """Hex to bytes. What is no hex becomes one byte: an invalid id, which the decoder judges."""

    def encode(value: Any) -> bytes:
        try:
            raw = bytes.fromhex(value) if isinstance(value, str) and " " not in value else b"\0"
        except ValueError:
            raw = b"\0"
        return _block(number, raw)

    return encode


def _time(number: int) -> Encode:
    def encode(value: Any) -> bytes:
        nanos = _integer(value)
        if nanos is None or not 0 <= nanos < 1 << 64:
            raise BadItem(f"a time must be nanoseconds since 1970 between 0 and 2^64, not {json.dumps(value)[:60]}")
        return varint(number << 3 | 1) + pack("<Q", nanos)

    return encode


def _uint32(number: int) -> Encode:
    def encode(value: Any) -> bytes | None:
        count = _integer(value)
        return None if count is None else varint(number << 3) + varint(min(max(count, 0), 0xFFFFFFFF))

    return encode


def _fixed32(number: int) -> Encode:
    def encode(value: Any) -> bytes | None:
        flags = _integer(value)
        return None if flags is None else varint(number << 3 | 5) + pack("<I", flags & 0xFFFFFFFF)

    return encode


def _enum(number: int, prefix: str, names: tuple[str, ...]) -> Encode:
    def encode(value: Any) -> bytes | None:
        if isinstance(value, str) and _integer(value) is None:
            name = value.removeprefix(prefix)
            code = names.index(name) if name in names else 0
        else:
            code = _integer(value) or 0
        return varint(number << 3) + varint(code & 0xFFFFFFFFFFFFFFFF)

    return encode


def _truth(value: Any) -> bool | None:
    if isinstance(value, str):
        value = {"true": True, "false": False}.get(value.lower())
    return None if value is None else bool(value)


def _bool(value: Any) -> bytes | None:
    truth = _truth(value)
    return None if truth is None else b"\x10" + (b"\x01" if truth else b"\x00")


def _int_value(value: Any) -> bytes | None:
    number = _integer(value)
    if number is None:
        return _double_value(value)
    if not -(1 << 63) <= number < 1 << 63:
        return _double_value(value) if isinstance(value, float) else _text(1)(str(number))
    return b"\x18" + varint(number & 0xFFFFFFFFFFFFFFFF)


def _double_value(value: Any) -> bytes | None:
    try:
        return b"\x21" + pack("<d", float(value))
    except (TypeError, ValueError, OverflowError):
        return None if value is None else _text(1)(value)


def _bytes_value(value: Any) -> bytes | None:
    if not isinstance(value, str):
        return None
    standard = value.replace("-", "+").replace("_", "/")
    try:
        return _block(7, b64decode(standard + "=" * (-len(value) % 4), validate=True))
    except ValueError:
        return _text(1)(value)


def _bool_field(number: int) -> Encode:
    def encode(value: Any) -> bytes | None:
        truth = _truth(value)
        return None if truth is None else varint(number << 3) + (b"\x01" if truth else b"\x00")

    return encode


def _double(number: int) -> Encode:
    """A number, or text of one: NaN, Infinity and -Infinity too. Anything else is no value."""

    def encode(value: Any) -> bytes | None:
        return _packed_double(value, varint(number << 3 | 1))

    return encode


def _doubles(number: int) -> Encode:
    """An element of packed doubles that cannot be read makes its point unreadable: buckets count by their place."""

    def encode(value: Any) -> bytes:
        encoded = _packed_double(value, varint(number << 3 | 1))
        if encoded is None:
            raise BadItem(f"a bound must be a number, not {json.dumps(value)[:60]}")
        return encoded

    return encode


def _packed_double(value: Any, tag: bytes) -> bytes | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        return tag + pack("<d", float(value))
    except (ValueError, OverflowError):
        return None


def _fixed64(number: int) -> Encode:
    def encode(value: Any) -> bytes:
        return varint(number << 3 | 1) + pack("<Q", _uint64(value))

    return encode


def _uint64_field(number: int) -> Encode:
    def encode(value: Any) -> bytes:
        return varint(number << 3) + varint(_uint64(value))

    return encode


def _uint64(value: Any) -> int:
    count = _integer(value)
    if count is None or not 0 <= count < 1 << 64:
        raise BadItem(f"a count must be an integer between 0 and 2^64, not {json.dumps(value)[:60]}")
    return count


def _sint32(number: int) -> Encode:
    def encode(value: Any) -> bytes:
        signed = _integer(value)
        if signed is None or not -(1 << 31) <= signed < 1 << 31:
            raise BadItem(f"a scale or offset must be an int32, not {json.dumps(value)[:60]}")
        return varint(number << 3) + varint(signed << 1 ^ signed >> 63)

    return encode


def _int_number(number: int, beside: int) -> Encode:
    """A value that claims to be an integer; beyond int64 it is a double, whose field is the one beside."""

    def encode(value: Any) -> bytes | None:
        integer = _integer(value)
        if integer is not None and -(1 << 63) <= integer < 1 << 63:
            return varint(number << 3 | 1) + pack("<q", integer)
        return _packed_double(value, varint(beside << 3 | 1))

    return encode


_SEVERITIES = (
    "UNSPECIFIED",
    *(f"{name}{n}" for name in ("TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL") for n in ("", "2", "3", "4")),
)
_TEMPORALITIES = ("UNSPECIFIED", "DELTA", "CUMULATIVE")
_KINDS = ("UNSPECIFIED", "INTERNAL", "SERVER", "CLIENT", "PRODUCER", "CONSUMER")


def _several(number: int, message: str, *, item: bool = False) -> Field:
    return Field(number, message=message, repeated=True, item=item)


def _each(number: int) -> Field:
    return Field(number, _text(number), repeated=True)


def _scalar(number: int, kind: Callable[[int], Encode]) -> Field:
    return Field(number, kind(number))


_TEMPORALITY = Field(2, _enum(2, "AGGREGATION_TEMPORALITY_", _TEMPORALITIES))


def _exemplars(number: int) -> Field:
    return Field(number, message="Exemplar", repeated=True, spare=True)


def _points(message: str) -> Field:
    return Field(1, message=message, repeated=True, item=True)


_MESSAGES: dict[str, dict[str, Field]] = {
    "traces": {"resourceSpans": _several(1, "ResourceSpans")},
    "logs": {"resourceLogs": _several(1, "ResourceLogs")},
    "metrics": {"resourceMetrics": _several(1, "ResourceMetrics")},
    "ResourceSpans": {
        "resource": Field(1, message="Resource"),
        "scopeSpans": _several(2, "ScopeSpans"),
        "schemaUrl": _scalar(3, _text),
    },
    "ResourceLogs": {
        "resource": Field(1, message="Resource"),
        "scopeLogs": _several(2, "ScopeLogs"),
        "schemaUrl": _scalar(3, _text),
    },
    "ScopeSpans": {
        "scope": Field(1, message="Scope"),
        "spans": _several(2, "Span", item=True),
        "schemaUrl": _scalar(3, _text),
    },
    "ScopeLogs": {
        "scope": Field(1, message="Scope"),
        "logRecords": _several(2, "LogRecord", item=True),
        "schemaUrl": _scalar(3, _text),
    },
    "Resource": {
        "attributes": _several(1, "KeyValue"),
        "droppedAttributesCount": _scalar(2, _uint32),
        "entityRefs": _several(3, "EntityRef"),
    },
    "EntityRef": {
        "schemaUrl": _scalar(1, _text),
        "type": _scalar(2, _text),
        "idKeys": _each(3),
        "descriptionKeys": _each(4),
    },
    "Scope": {
        "name": _scalar(1, _text),
        "version": _scalar(2, _text),
        "attributes": _several(3, "KeyValue"),
        "droppedAttributesCount": _scalar(4, _uint32),
    },
    "Span": {
        "traceId": _scalar(1, _id),
        "spanId": _scalar(2, _id),
        "traceState": _scalar(3, _text),
        "parentSpanId": _scalar(4, _id),
        "name": _scalar(5, _text),
        "kind": Field(6, _enum(6, "SPAN_KIND_", _KINDS)),
        "startTimeUnixNano": _scalar(7, _time),
        "endTimeUnixNano": _scalar(8, _time),
        "attributes": _several(9, "KeyValue"),
        "droppedAttributesCount": _scalar(10, _uint32),
        "events": _several(11, "Event"),
        "droppedEventsCount": _scalar(12, _uint32),
        "links": _several(13, "Link"),
        "droppedLinksCount": _scalar(14, _uint32),
        "status": Field(15, message="Status"),
        "flags": _scalar(16, _fixed32),
    },
    "Event": {
        "timeUnixNano": _scalar(1, _time),
        "name": _scalar(2, _text),
        "attributes": _several(3, "KeyValue"),
        "droppedAttributesCount": _scalar(4, _uint32),
    },
    "Link": {
        "traceId": _scalar(1, _id),
        "spanId": _scalar(2, _id),
        "traceState": _scalar(3, _text),
        "attributes": _several(4, "KeyValue"),
        "droppedAttributesCount": _scalar(5, _uint32),
        "flags": _scalar(6, _fixed32),
    },
    "Status": {"message": _scalar(2, _text), "code": Field(3, _enum(3, "STATUS_CODE_", ("UNSET", "OK", "ERROR")))},
    "LogRecord": {
        "timeUnixNano": _scalar(1, _time),
        "severityNumber": Field(2, _enum(2, "SEVERITY_NUMBER_", _SEVERITIES)),
        "severityText": _scalar(3, _text),
        "body": Field(5, message="AnyValue"),
        "attributes": _several(6, "KeyValue"),
        "droppedAttributesCount": _scalar(7, _uint32),
        "flags": _scalar(8, _fixed32),
        "traceId": _scalar(9, _id),
        "spanId": _scalar(10, _id),
        "observedTimeUnixNano": _scalar(11, _time),
        "eventName": _scalar(12, _text),
    },
    "ResourceMetrics": {
        "resource": Field(1, message="Resource"),
        "scopeMetrics": _several(2, "ScopeMetrics"),
        "schemaUrl": _scalar(3, _text),
    },
    "ScopeMetrics": {
        "scope": Field(1, message="Scope"),
        "metrics": _several(2, "Metric"),
        "schemaUrl": _scalar(3, _text),
    },
    "Metric": {
        "name": _scalar(1, _text),
        "description": _scalar(2, _text),
        "unit": _scalar(3, _text),
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
        "isMonotonic": _scalar(3, _bool_field),
    },
    "Histogram": {"dataPoints": _points("HistogramDataPoint"), "aggregationTemporality": _TEMPORALITY},
    "ExponentialHistogram": {
        "dataPoints": _points("ExponentialHistogramDataPoint"),
        "aggregationTemporality": _TEMPORALITY,
    },
    "Summary": {"dataPoints": _points("SummaryDataPoint")},
    "NumberDataPoint": {
        "startTimeUnixNano": _scalar(2, _time),
        "timeUnixNano": _scalar(3, _time),
        "asDouble": _scalar(4, _double),
        "exemplars": _exemplars(5),
        "asInt": Field(6, _int_number(6, beside=4)),
        "attributes": _several(7, "KeyValue"),
        "flags": _scalar(8, _uint32),
    },
    "HistogramDataPoint": {
        "startTimeUnixNano": _scalar(2, _time),
        "timeUnixNano": _scalar(3, _time),
        "count": _scalar(4, _fixed64),
        "sum": _scalar(5, _double),
        "bucketCounts": Field(6, _fixed64(6), repeated=True),
        "explicitBounds": Field(7, _doubles(7), repeated=True),
        "exemplars": _exemplars(8),
        "attributes": _several(9, "KeyValue"),
        "flags": _scalar(10, _uint32),
        "min": _scalar(11, _double),
        "max": _scalar(12, _double),
    },
    "ExponentialHistogramDataPoint": {
        "attributes": _several(1, "KeyValue"),
        "startTimeUnixNano": _scalar(2, _time),
        "timeUnixNano": _scalar(3, _time),
        "count": _scalar(4, _fixed64),
        "sum": _scalar(5, _double),
        "scale": _scalar(6, _sint32),
        "zeroCount": _scalar(7, _fixed64),
        "positive": Field(8, message="Buckets"),
        "negative": Field(9, message="Buckets"),
        "flags": _scalar(10, _uint32),
        "exemplars": _exemplars(11),
        "min": _scalar(12, _double),
        "max": _scalar(13, _double),
        "zeroThreshold": _scalar(14, _double),
    },
    "Buckets": {"offset": _scalar(1, _sint32), "bucketCounts": Field(2, _uint64_field(2), repeated=True)},
    "SummaryDataPoint": {
        "startTimeUnixNano": _scalar(2, _time),
        "timeUnixNano": _scalar(3, _time),
        "count": _scalar(4, _fixed64),
        "sum": _scalar(5, _double),
        "quantileValues": _several(6, "ValueAtQuantile"),
        "attributes": _several(7, "KeyValue"),
        "flags": _scalar(8, _uint32),
    },
    "ValueAtQuantile": {"quantile": _scalar(1, _double), "value": _scalar(2, _double)},
    "Exemplar": {
        "timeUnixNano": _scalar(2, _time),
        "asDouble": _scalar(3, _double),
        "spanId": _scalar(4, _id),
        "traceId": _scalar(5, _id),
        "asInt": Field(6, _int_number(6, beside=3)),
        "filteredAttributes": _several(7, "KeyValue"),
    },
    "KeyValue": {"key": _scalar(1, _text), "value": Field(2, message="AnyValue")},
    "AnyValue": {
        "stringValue": _scalar(1, _text),
        "boolValue": Field(2, _bool),
        "intValue": Field(3, _int_value),
        "doubleValue": Field(4, _double_value),
        "arrayValue": Field(5, message="ArrayValue"),
        "kvlistValue": Field(6, message="KeyValueList"),
        "bytesValue": Field(7, _bytes_value),
    },
    "ArrayValue": {"values": _several(1, "AnyValue")},
    "KeyValueList": {"values": _several(1, "KeyValue")},
}


def _snake(name: str) -> str:
    return re.sub(r"([A-Z])", lambda match: "_" + match[1].lower(), name)


_SNAKE: dict[str, str] = {
    _snake(name): name for fields in _MESSAGES.values() for name in fields if _snake(name) != name
}


def parse(body: bytes) -> dict[str, Any]:
    """The top-level object. Raises Invalid for anything else."""
    try:
        # Not by json.loads() itself: that would guess an encoding, and give up a request for one odd byte.
        request = json.loads(body.decode(errors="replace"))
    except RecursionError:
        raise Invalid(_TOO_DEEP) from None
    except ValueError as error:
        raise Invalid(f"not JSON: {str(error)[:200]}") from None
    if not isinstance(request, dict):
        raise Invalid("the JSON is no object")
    return request


def transcode(signal: str, body: bytes) -> Transcoded:
    """An Export*ServiceRequest of `signal` ('traces', 'logs' or 'metrics') as protobuf. Raises Invalid."""
    result = Transcoded(b"")
    try:
        result.body = _message(signal, parse(body), result.refusals, 0)
    except BadItem as error:
        raise Invalid(str(error)) from None
    except RecursionError:
        raise Invalid(_TOO_DEEP) from None
    return result


def _message(kind: str, value: Any, refusals: list[str], depth: int) -> bytes:
    if not isinstance(value, dict):
        return b""
    if depth > MAX_DEPTH:
        raise BadItem(f"nested deeper than {MAX_DEPTH} levels")
    fields = _MESSAGES[kind]
    parts: list[bytes] = []
    for key, content in value.items():
        name = str(key)
        camel = _SNAKE.get(name, name)
        found = fields.get(camel)
        if found is None or content is None or (camel != name and camel in value):
            continue
        if found.repeated:
            for element in content if isinstance(content, list) else []:
                if element is not None:
                    parts.append(_field(found, element, refusals, depth))
        else:
            parts.append(_field(found, content, refusals, depth))
    return b"".join(parts)


def _field(field: Field, value: Any, refusals: list[str], depth: int) -> bytes:
    if field.encode is not None:
        return field.encode(value) or b""
    if field.item and not isinstance(value, dict):
        refusals.append(f"an item must be an object, not {json.dumps(value)[:60]}")
        return b""
    try:
        return _block(field.number, _message(field.message, value, refusals, depth + 1))
    except BadItem as error:
        if field.item:
            refusals.append(str(error))
        elif not field.spare:
            raise
        return b""
