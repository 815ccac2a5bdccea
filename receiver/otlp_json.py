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
    """The span or log record around this value cannot be read."""


@dataclass(slots=True)
class Transcoded:
    """body: the protobuf request. refusals: one line for each item that is not in it."""

    body: bytes
    refusals: list[str] = field(default_factory=list)


Encode = Callable[[Any], bytes | None]


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a message: a scalar by its encoder (tag included), or a message by its name."""

    number: int
    encode: Encode | None = None
    message: str = ""
    repeated: bool = False
    item: bool = False


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


def _bool(value: Any) -> bytes | None:
    if isinstance(value, str):
        value = {"true": True, "false": False}.get(value.lower())
    return None if value is None else b"\x10" + (b"\x01" if value else b"\x00")


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


_SEVERITIES = (
    "UNSPECIFIED",
    *(f"{name}{n}" for name in ("TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL") for n in ("", "2", "3", "4")),
)
_KINDS = ("UNSPECIFIED", "INTERNAL", "SERVER", "CLIENT", "PRODUCER", "CONSUMER")


def _several(number: int, message: str, *, item: bool = False) -> Field:
    return Field(number, message=message, repeated=True, item=item)


def _each(number: int) -> Field:
    return Field(number, _text(number), repeated=True)


def _scalar(number: int, kind: Callable[[int], Encode]) -> Field:
    return Field(number, kind(number))


_MESSAGES: dict[str, dict[str, Field]] = {
    "traces": {"resourceSpans": _several(1, "ResourceSpans")},
    "logs": {"resourceLogs": _several(1, "ResourceLogs")},
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
    """An Export*ServiceRequest of `signal` ('traces' or 'logs') as protobuf. Raises Invalid."""
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
    if not field.item:
        return _block(field.number, _message(field.message, value, refusals, depth + 1))
    try:
        return _block(field.number, _message(field.message, value, refusals, depth + 1))
    except BadItem as error:
        refusals.append(str(error))
        return b""
