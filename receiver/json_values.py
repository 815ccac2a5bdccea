"""Values of OTLP/JSON as fields of protobuf: each encoder gives one field, tag included, or None for no field.

Ids are hex, 64-bit integers may be strings, enums may be names.
"""

import json
import re
from base64 import b64decode
from collections.abc import Callable
from struct import pack
from typing import Any

Encode = Callable[[Any], bytes | None]


class BadItem(ValueError):
    """The span, log record or data point around this value cannot be read."""


def varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def block(number: int, content: bytes) -> bytes:
    return varint(number << 3 | 2) + varint(len(content)) + content


def integer(value: Any) -> int | None:
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


def kind_of(value: Any) -> str:
    """What an error tells of a value. The value itself may be private, and errors are logged and stored."""
    if isinstance(value, bool):
        return "a boolean"
    if isinstance(value, int | float):
        return "a number"
    return "text" if isinstance(value, str) else "a list" if isinstance(value, list) else "an object"


def utf8(text: str) -> bytes:
    """UTF-8 of a string that may hold lone surrogates, which JSON can write and UTF-8 cannot."""
    try:
        return text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").encode()


def text(number: int) -> Encode:
    def encode(value: Any) -> bytes:
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        return block(number, utf8(text))

    return encode


def hex_id(number: int) -> Encode:
    """Hex to bytes. What is no hex becomes one byte: an invalid id, which the decoder judges."""

    def encode(value: Any) -> bytes:
        try:
            raw = bytes.fromhex(value) if isinstance(value, str) and " " not in value else b"\0"
        except ValueError:
            raw = b"\0"
        return block(number, raw)

    return encode


def time_ns(number: int) -> Encode:
    def encode(value: Any) -> bytes:
        nanos = integer(value)
        if nanos is None or not 0 <= nanos < 1 << 64:
            raise BadItem(f"a time must be nanoseconds since 1970 between 0 and 2^64; this is {kind_of(value)}")
        return varint(number << 3 | 1) + pack("<Q", nanos)

    return encode


def uint32(number: int) -> Encode:
    def encode(value: Any) -> bytes | None:
        count = integer(value)
        return None if count is None else varint(number << 3) + varint(min(max(count, 0), 0xFFFFFFFF))

    return encode


def fixed32(number: int) -> Encode:
    def encode(value: Any) -> bytes | None:
        flags = integer(value)
        return None if flags is None else varint(number << 3 | 5) + pack("<I", flags & 0xFFFFFFFF)

    return encode


def enum(number: int, prefix: str, names: tuple[str, ...]) -> Encode:
    def encode(value: Any) -> bytes | None:
        if isinstance(value, str) and integer(value) is None:
            name = value.removeprefix(prefix)
            code = names.index(name) if name in names else 0
        else:
            code = integer(value) or 0
        return varint(number << 3) + varint(code & 0xFFFFFFFFFFFFFFFF)

    return encode


def _truth(value: Any) -> bool | None:
    if isinstance(value, str):
        value = {"true": True, "false": False}.get(value.lower())
    return None if value is None else bool(value)


def bool_value(value: Any) -> bytes | None:
    truth = _truth(value)
    return None if truth is None else b"\x10" + (b"\x01" if truth else b"\x00")


def int_value(value: Any) -> bytes | None:
    number = integer(value)
    if number is None:
        return double_value(value)
    if not -(1 << 63) <= number < 1 << 63:
        return double_value(value) if isinstance(value, float) else text(1)(str(number))
    return b"\x18" + varint(number & 0xFFFFFFFFFFFFFFFF)


def double_value(value: Any) -> bytes | None:
    try:
        return b"\x21" + pack("<d", float(value))
    except (TypeError, ValueError, OverflowError):
        return None if value is None else text(1)(value)


def bytes_value(value: Any) -> bytes | None:
    if not isinstance(value, str):
        return None
    standard = value.replace("-", "+").replace("_", "/")
    try:
        return block(7, b64decode(standard + "=" * (-len(value) % 4), validate=True))
    except ValueError:
        return text(1)(value)


def bool_field(number: int) -> Encode:
    def encode(value: Any) -> bytes | None:
        truth = _truth(value)
        return None if truth is None else varint(number << 3) + (b"\x01" if truth else b"\x00")

    return encode


def double(number: int) -> Encode:
    """A number, or text of one: NaN, Infinity and -Infinity too. Anything else is no value."""

    def encode(value: Any) -> bytes | None:
        return _packed_double(value, varint(number << 3 | 1))

    return encode


def doubles(number: int) -> Encode:
    """An element of packed doubles that cannot be read makes its point unreadable: buckets count by their place."""

    def encode(value: Any) -> bytes:
        encoded = _packed_double(value, varint(number << 3 | 1))
        if encoded is None:
            raise BadItem(f"a bound must be a number; this is {kind_of(value)}")
        return encoded

    return encode


def _packed_double(value: Any, tag: bytes) -> bytes | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        return tag + pack("<d", float(value))
    except (ValueError, OverflowError):
        return None


def fixed64(number: int) -> Encode:
    def encode(value: Any) -> bytes:
        return varint(number << 3 | 1) + pack("<Q", _uint64(value))

    return encode


def uint64_field(number: int) -> Encode:
    def encode(value: Any) -> bytes:
        return varint(number << 3) + varint(_uint64(value))

    return encode


def _uint64(value: Any) -> int:
    count = integer(value)
    if count is None or not 0 <= count < 1 << 64:
        raise BadItem(f"a count must be an integer between 0 and 2^64; this is {kind_of(value)}")
    return count


def sint32(number: int) -> Encode:
    def encode(value: Any) -> bytes:
        signed = integer(value)
        if signed is None or not -(1 << 31) <= signed < 1 << 31:
            raise BadItem(f"a scale or offset must be an int32; this is {kind_of(value)}")
        return varint(number << 3) + varint(signed << 1 ^ signed >> 63)

    return encode


def int_number(number: int, beside: int) -> Encode:
    """A value that claims to be an integer; beyond int64 it is a double, whose field is the one beside."""

    def encode(value: Any) -> bytes | None:
        whole = integer(value)
        if whole is not None and -(1 << 63) <= whole < 1 << 63:
            return varint(number << 3 | 1) + pack("<q", whole)
        return _packed_double(value, varint(beside << 3 | 1))

    return encode
