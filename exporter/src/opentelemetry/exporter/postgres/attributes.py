"""The attributes of a span or log record: JSON text for the row, and the few that fill columns."""

from opentelemetry.exporter.postgres.wire import key_value, read_length, read_varint, skip

MAX_CACHED = 10_000
MAX_CACHED_BYTES = 256


class PlainAttributes:
    """Reads the KeyValue fields of a message. Senders repeat themselves, so each distinct one is decoded once."""

    def __init__(self) -> None:
        self._known: dict[bytes, tuple[str, bytes, object]] = {}

    def read(self, buf: bytes, pos: int, end: int, field: int) -> tuple[bytes, dict[str, object] | None]:
        """The KeyValues with the tag `field` of the message in buf[pos:end], as the text of a JSON object; and those
        that may fill a column, None for none. Raises DecodeError."""
        fragments: list[bytes] = []
        facts: dict[str, object] | None = None
        while pos < end:
            tag, pos = read_varint(buf, pos, end)
            if tag != field:
                pos = skip(buf, pos, end, tag)
                continue
            start, pos = read_length(buf, pos, end)
            raw = buf[start:pos]
            found = self._known.get(raw)
            if found is None:
                found = key_value(raw, 0, len(raw))
                if len(raw) <= MAX_CACHED_BYTES:
                    if len(self._known) >= MAX_CACHED:
                        self._known.clear()
                    self._known[raw] = found
            fragments.append(found[1])
            if found[2] is not None:
                if facts is None:
                    facts = {}
                facts[found[0]] = found[2]
        return b"{" + b",".join(fragments) + b"}", facts


try:
    from opentelemetry.exporter.postgres.native import Attributes as Attributes
except ImportError:
    Attributes = PlainAttributes  # type: ignore[assignment, misc]
