"""The protobuf wire format of OTLP's common messages, read without a protobuf library.

Runs as plain Python and is compiled by Cython where a C compiler is at hand (wire.pxd gives the types). Every reader
takes the whole body and a position, and never reads past `end`. Unknown fields, and known fields of a foreign wire
type, are skipped. Strings that are not UTF-8 and U+0000, which PostgreSQL cannot hold, become U+FFFD.
"""

import math
from base64 import b64encode
from struct import Struct

from msgspec.json import encode as to_json
from opentelemetry.exporter.postgres.sources import fact, is_fact

MAX_DEPTH = 100
MAX_KEYS = 10_000
MAX_KEY_BYTES = 256
UINT32 = 0xFFFFFFFF
"""protobuf cuts a longer varint of a uint32 field to its low 32 bits."""
TOO_DEEP = b'"[nested deeper than 100 levels]"'

_DOUBLE = Struct("<d")
_FIXED64 = Struct("<Q")
_FIXED32 = Struct("<I")
_KEYS: dict[bytes, tuple[str, bytes, bool]] = {}
_ALTERED: dict[str, int] = {}


class DecodeError(ValueError):
    """The bytes are no OTLP message."""


def read_varint(buf: bytes, pos: int, end: int) -> tuple[int, int]:
    """The varint at `pos` and the position behind it."""
    result = 0
    shift = 0
    while pos < end:
        byte = buf[pos]
        pos += 1
        result |= (byte & 0x7F) << shift
        if byte < 0x80:
            return result & 0xFFFFFFFFFFFFFFFF, pos
        shift += 7
        if shift > 63:
            raise DecodeError("a varint is longer than ten bytes")
    raise DecodeError("the message ends within a varint")


def read_length(buf: bytes, pos: int, end: int) -> tuple[int, int]:
    """Start and end of the length-delimited field whose length stands at `pos`."""
    size = buf[pos] if pos < end else 0x80
    if size < 0x80:
        pos += 1
    else:
        size, pos = read_varint(buf, pos, end)
    if size > end - pos:
        raise DecodeError("a field is longer than its message")
    return pos, pos + size


def read_fixed64(buf: bytes, pos: int, end: int) -> int:
    if end - pos < 8:
        raise DecodeError("the message ends within a fixed64")
    number: int = _FIXED64.unpack_from(buf, pos)[0]
    return number


def read_fixed32(buf: bytes, pos: int, end: int) -> int:
    if end - pos < 4:
        raise DecodeError("the message ends within a fixed32")
    number: int = _FIXED32.unpack_from(buf, pos)[0]
    return number


def skip(buf: bytes, pos: int, end: int, tag: int) -> int:
    """The position behind the field whose tag was just read."""
    kind = tag & 7
    if tag >> 3 == 0:
        raise DecodeError("field number 0")
    if kind == 0:
        _, pos = read_varint(buf, pos, end)
        return pos
    if kind == 2:
        _, pos = read_length(buf, pos, end)
        return pos
    if kind == 1 or kind == 5:
        pos += 8 if kind == 1 else 4
        if pos > end:
            raise DecodeError("the message ends within a field")
        return pos
    raise DecodeError(f"wire type {kind}")


def text_of(raw: bytes) -> str:
    """The string a text column can hold."""
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        text = raw.decode(errors="replace")
        altered("a string is not UTF-8: U+FFFD stands for its odd bytes")
    if "\0" in text:
        text = text.replace("\0", "\ufffd")
        altered("a string holds U+0000, which PostgreSQL cannot store: U+FFFD stands for it")
    return text


def altered(reason: str) -> None:
    """Counts a value that is not stored as it came."""
    _ALTERED[reason] = _ALTERED.get(reason, 0) + 1


def take_alterations() -> dict[str, int]:
    """How many values were changed since the last call, by reason. What is decoded once and kept counts once."""
    taken = _ALTERED.copy()
    _ALTERED.clear()
    return taken


def read_double(buf: bytes, pos: int, end: int) -> float:
    if end - pos < 8:
        raise DecodeError("the message ends within a double")
    number: float = _DOUBLE.unpack_from(buf, pos)[0]
    return number


def double_json(value: float) -> bytes:
    """jsonb has no NaN and no infinities: they are the strings of OTLP's JSON mapping."""
    if math.isfinite(value):
        return to_json(value)
    if value != value:
        return b'"NaN"'
    return b'"Infinity"' if value > 0 else b'"-Infinity"'


def int64(value: int) -> int:
    """The int64 that a varint stands for."""
    return value - 0x10000000000000000 if value >= 0x8000000000000000 else value


def any_value(buf: bytes, pos: int, end: int, depth: int = 0) -> tuple[bytes, object]:
    """An AnyValue as JSON text and as a Python scalar or list of scalars.

    Bytes are base64 text, an empty value is null; of several kinds the last one wins.
    """
    if depth > MAX_DEPTH:
        altered("a value is nested deeper than 100 levels: it is cut there")
        return TOO_DEEP, None
    json = b"null"
    value: object = None
    while pos < end:
        tag, pos = read_varint(buf, pos, end)
        if tag == 0x0A:
            start, pos = read_length(buf, pos, end)
            value = text_of(buf[start:pos])
            json = to_json(value)
        elif tag == 0x10:
            number, pos = read_varint(buf, pos, end)
            value = number != 0
            json = b"true" if value else b"false"
        elif tag == 0x18:
            number, pos = read_varint(buf, pos, end)
            value = int64(number)
            json = str(value).encode()
        elif tag == 0x21:
            if end - pos < 8:
                raise DecodeError("the message ends within a double")
            double: float = _DOUBLE.unpack_from(buf, pos)[0]
            value = double
            json = double_json(double)
            pos += 8
        elif tag == 0x2A:
            start, pos = read_length(buf, pos, end)
            json, value = array_value(buf, start, pos, depth + 1)
        elif tag == 0x32:
            start, pos = read_length(buf, pos, end)
            json = key_values(buf, start, pos, depth + 1)
            value = None
        elif tag == 0x3A:
            start, pos = read_length(buf, pos, end)
            value = b64encode(buf[start:pos]).decode()
            json = to_json(value)
        else:
            if tag == 0x40:
                altered("a string is an index into a table, which only profiles have: it is left out")
            pos = skip(buf, pos, end, tag)
    return json, value


def array_value(buf: bytes, pos: int, end: int, depth: int) -> tuple[bytes, list[object]]:
    """An ArrayValue as JSON text and list."""
    fragments: list[bytes] = []
    values: list[object] = []
    while pos < end:
        tag, pos = read_varint(buf, pos, end)
        if tag == 0x0A:
            start, pos = read_length(buf, pos, end)
            json, value = any_value(buf, start, pos, depth)
            fragments.append(json)
            values.append(value)
        else:
            pos = skip(buf, pos, end, tag)
    return b"[" + b",".join(fragments) + b"]", values


def key_values(buf: bytes, pos: int, end: int, depth: int) -> bytes:
    """A KeyValueList as the text of a JSON object. jsonb keeps the last of equal keys, as SDKs do."""
    fragments: list[bytes] = []
    while pos < end:
        tag, pos = read_varint(buf, pos, end)
        if tag == 0x0A:
            start, pos = read_length(buf, pos, end)
            fragments.append(key_value(buf, start, pos, depth)[1])
        else:
            pos = skip(buf, pos, end, tag)
    return b"{" + b",".join(fragments) + b"}"


def known_key(raw: bytes) -> tuple[str, bytes, bool]:
    """A key as text, as JSON text `"key":`, and whether it may fill a column."""
    known = _KEYS.get(raw)
    if known is None:
        key = text_of(raw)
        known = (key, to_json(key) + b":", is_fact(key))
        if len(raw) <= MAX_KEY_BYTES:
            if len(_KEYS) >= MAX_KEYS:
                _KEYS.clear()
            _KEYS[raw] = known
    return known


def key_value(buf: bytes, pos: int, end: int, depth: int = 0) -> tuple[str, bytes, object]:
    """A KeyValue as key, JSON text `"key":value`, and the value where a column may want it, else None.

    Of several values the last one counts, and it alone is looked into.
    """
    raw_key = b""
    json = b"null"
    value: object = None
    value_start = -1
    value_end = 0
    while pos < end:
        tag, pos = read_varint(buf, pos, end)
        if tag == 0x0A:
            start, pos = read_length(buf, pos, end)
            raw_key = buf[start:pos]
        elif tag == 0x12:
            value_start, pos = read_length(buf, pos, end)
            value_end = pos
        else:
            pos = skip(buf, pos, end, tag)
    if value_start >= 0:
        json, value = any_value(buf, value_start, value_end, depth)
    known = known_key(raw_key)
    return known[0], known[1] + json, fact(known[0], value) if known[2] else None
