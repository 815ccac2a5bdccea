"""One row in PostgreSQL's binary COPY format, built column by column."""

from binascii import hexlify
from struct import Struct, unpack

from opentelemetry.exporter.postgres import rows

_SMALLINT = Struct(">ih")
_INTEGER = Struct(">ii")
_DOUBLE = Struct(">id")
_UUID = Struct(">iQQ")
_COLUMNS = Struct(">h")


class PlainRow:
    """A row under construction; each method adds the next column. begin() starts over, take() gives the row.

    Values MUST fit their type; None is null where a method takes it.
    """

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def begin(self, columns: int) -> None:
        """columns: how many the finished row has, those added elsewhere included."""
        self._pieces = [_COLUMNS.pack(columns)]

    def take(self) -> bytes:
        return b"".join(self._pieces)

    def encoded(self, columns: bytes) -> None:
        """Columns that are in COPY format already."""
        self._pieces.append(columns)

    def null(self) -> None:
        self._pieces.append(rows.NULL)

    def smallint(self, value: int) -> None:
        self._pieces.append(_SMALLINT.pack(2, value))

    def integer(self, value: int) -> None:
        self._pieces.append(_INTEGER.pack(4, value))

    def bigint(self, value: int) -> None:
        """Also a timestamptz: µs since PG_EPOCH."""
        self._pieces.append(rows.bigint(value))

    def double(self, value: float) -> None:
        self._pieces.append(_DOUBLE.pack(8, value))

    def uuid(self, high: int, low: int) -> None:
        """Its first and its last eight bytes."""
        self._pieces.append(_UUID.pack(16, high, low))

    def text(self, value: str | None) -> None:
        self._pieces.append(rows.text(value))

    def hex(self, value: bytes) -> None:
        """The bytes as text in hexadecimal digits."""
        self._pieces.append(rows.field(hexlify(value)))

    def json(self, value: bytes) -> None:
        """JSON text as jsonb."""
        self._pieces.append(rows.jsonb(value))

    def counts(self, packed: bytes) -> int:
        """A bigint[] of uint64 counts as protobuf packs them; those beyond 2^63 - 1 are cut to that.

        Returns the sum of what came, modulo 2^64. The length MUST be a multiple of eight.
        """
        counts: tuple[int, ...] = unpack(f"<{len(packed) // 8}Q", packed)
        self._pieces.append(rows.bigints([min(count, 0x7FFFFFFFFFFFFFFF) for count in counts]))
        return sum(counts) & 0xFFFFFFFFFFFFFFFF


try:
    from opentelemetry.exporter.postgres.native import Row as Row
except ImportError:
    Row = PlainRow  # type: ignore[assignment, misc]
