"""OTLP/JSON-shaped dictionaries to protobuf by hand: the library under test takes no part in it.

bytes stand for a string or an id as it goes onto the wire, however odd; an int as a key for a field that OTLP does
not know, its content length-delimited.
"""

import base64
import struct
from collections.abc import Callable, Mapping
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


FIELDS: dict[str, dict[str, tuple[int, Kind | str]]] = {
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
        for element in content if isinstance(content, list) else [content]:
            if isinstance(how, str):
                out += field(number, LENGTH_DELIMITED, encode(how, element))
            else:
                out += field(number, *how(element))
    return bytes(out)
