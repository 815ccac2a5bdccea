"""Pieces of rows in PostgreSQL's binary COPY format: a big-endian length, then the value; length -1 is null."""

from collections.abc import Sequence
from datetime import UTC, datetime
from os import register_at_fork, urandom
from struct import Struct, pack

HEADER = b"PGCOPY\n\xff\r\n\0" + bytes(8)
TRAILER = b"\xff\xff"
NULL = b"\xff\xff\xff\xff"
PG_EPOCH = 946_684_800_000_000
"""2000-01-01 in µs since 1970."""

_LENGTH = Struct(">i")
_JSONB = Struct(">iB")
_JSONB_VERSION = 1
_BIGINT = Struct(">iq")
_INTEGER = Struct(">ii")
_DOUBLE = Struct(">id")
_ID = Struct(">QQ")
_ARRAY = Struct(">iiiIii")
_NO_ELEMENTS = Struct(">iiiI")
_INT8, _FLOAT8 = 20, 701
"""Type numbers of elements, in every PostgreSQL."""
_RANDOM = 0x3FFFFFFFFFFFFFFF
_VARIANT = 0x8000000000000000


def field(value: bytes) -> bytes:
    """A column whose binary form is `value`: text, or fixed-width bytes."""
    return _LENGTH.pack(len(value)) + value


def text(value: str | None) -> bytes:
    if not value:
        return NULL if value is None else bytes(4)
    raw = value.encode()
    return _LENGTH.pack(len(raw)) + raw


def jsonb(json: bytes) -> bytes:
    """JSON text as jsonb; the byte before it is the format's version."""
    return _JSONB.pack(len(json) + 1, _JSONB_VERSION) + json


def bigint(value: int) -> bytes:
    return _BIGINT.pack(8, value)


def integer(value: int) -> bytes:
    return _INTEGER.pack(4, value)


def double(value: float | None) -> bytes:
    return NULL if value is None else _DOUBLE.pack(8, value)


def bigints(values: Sequence[int]) -> bytes:
    """An array of bigint."""
    return _array(_INT8, "iq", values)


def doubles(values: Sequence[float]) -> bytes:
    """An array of float8."""
    return _array(_FLOAT8, "id", values)


def _array(element: int, form: str, values: Sequence[float]) -> bytes:
    count = len(values)
    if not count:
        return _NO_ELEMENTS.pack(12, 0, 0, element)
    elements: list[float] = [8] * (2 * count)
    elements[1::2] = values
    return _ARRAY.pack(20 + 12 * count, 1, 0, element, count, 1) + pack(">" + form * count, *elements)


def uuid_bytes(high: int, low: int) -> bytes:
    return _ID.pack(high, low)


EMPTY_ARRAY = jsonb(b"[]")


class RowIds:
    """Ids for rows: uuid version 7 whose time is the row's own, so an id says where to look for its row.

    An id is unique in this process, and by chance elsewhere.
    """

    def __init__(self) -> None:
        self._number = 0
        self._restart()
        register_at_fork(after_in_child=self._restart)

    def _restart(self) -> None:
        self._number = int.from_bytes(urandom(7))

    def high(self, ns: int) -> int:
        """The first eight bytes: the time `ns` (since 1970) in ms, the version, the fraction of the ms."""
        return (ns // 1_000_000 & 0xFFFFFFFFFFFF) << 16 | 0x7000 | ns % 1_000_000 * 4096 // 1_000_000

    def low(self) -> int:
        """The last eight bytes, different at each call."""
        self._number += 1
        return self._number & _RANDOM | _VARIANT

    def make(self, ns: int) -> bytes:
        return uuid_bytes(self.high(ns), self.low())


class IsoTimes:
    """ISO 8601 text of times; the second, which neighbours share, is formatted once."""

    def __init__(self) -> None:
        self._second = -1
        self._text = ""

    def format(self, ns: int) -> str:
        """`ns` since 1970 as ISO 8601 in UTC: six digits of a second, nine where they say more."""
        second, rest = divmod(ns, 1_000_000_000)
        if second != self._second:
            self._text = datetime.fromtimestamp(second, UTC).strftime("%Y-%m-%dT%H:%M:%S")
            self._second = second
        digits = f"{rest:09d}" if rest % 1000 else f"{rest // 1000:06d}"
        return f"{self._text}.{digits}+00:00"
