"""Messages of protobuf that are not OTLP's, read field by field."""

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any, NamedTuple

from opentelemetry.exporter.postgres.wire import DecodeError, read_fixed32, read_fixed64, read_length, read_varint


class Field(NamedTuple):
    """What a field is called, and what its value is made into."""

    name: str
    read: Callable[[Any], Any]
    repeated: bool = False


Known = Mapping[int, Field]
"""By tag."""


def fields(content: bytes) -> Iterator[tuple[int, Any]]:
    """Each field's tag and value: bytes, or an unsigned integer. Raises DecodeError."""
    pos, end = 0, len(content)
    while pos < end:
        tag, pos = read_varint(content, pos, end)
        kind = tag & 7
        if tag >> 3 == 0:
            raise DecodeError("field number 0")
        if kind == 2:
            start, pos = read_length(content, pos, end)
            yield tag, content[start:pos]
        elif kind == 0:
            value, pos = read_varint(content, pos, end)
            yield tag, value
        elif kind == 1:
            yield tag, read_fixed64(content, pos, end)
            pos += 8
        elif kind == 5:
            yield tag, read_fixed32(content, pos, end)
            pos += 4
        else:
            raise DecodeError(f"wire type {kind}")


def message(known: Known, content: bytes) -> dict[str, Any]:
    """The known fields by name: a list of those that are repeated, of others the last value. Raises DecodeError."""
    found: dict[str, Any] = {}
    for tag, value in fields(content):
        field = known.get(tag)
        if field is None:
            continue
        if field.repeated:
            found.setdefault(field.name, []).append(field.read(value))
        else:
            found[field.name] = field.read(value)
    return found


def nested(known: Known) -> Callable[[bytes], dict[str, Any]]:
    """Reads a message within another."""
    return partial(message, known)


def text(value: bytes) -> str:
    """What is not UTF-8 becomes U+FFFD."""
    return value.decode(errors="replace")
