"""The fields of one Span message, as they stand on the wire."""

from opentelemetry.exporter.postgres import wire


class SpanFields:
    """Reads one span after the other into the same object.

    Times are ns since 1970, 0 where not set; flags is -1 where not set; name is raw UTF-8. events and links are
    ranges of the buffer. record: the message has a field 1 of type fixed64, which a LogRecord has and a Span has not.
    """

    __slots__ = (
        "dropped_attributes",
        "dropped_events",
        "dropped_links",
        "end_ns",
        "events",
        "flags",
        "kind",
        "links",
        "name",
        "parent_id",
        "record",
        "span_id",
        "start_ns",
        "status_code",
        "status_message",
        "trace_id",
        "trace_state",
    )

    def __init__(self) -> None:
        self._clear()

    def _clear(self) -> None:
        self.trace_id = self.span_id = self.parent_id = self.name = b""
        self.trace_state: str | None = None
        self.status_message: str | None = None
        self.kind = self.status_code = self.start_ns = self.end_ns = 0
        self.dropped_attributes = self.dropped_events = self.dropped_links = 0
        self.flags = -1
        self.record = False
        self.events: list[tuple[int, int]] | None = None
        self.links: list[tuple[int, int]] | None = None

    def read(self, buf: bytes, pos: int, end: int) -> None:
        """The Span message in buf[pos:end]; its attributes are left to others. Raises DecodeError."""
        self._clear()
        raw = buf
        while pos < end:
            tag = raw[pos]
            pos += 1
            if tag >= 0x80:
                tag, pos = wire.read_varint(buf, pos - 1, end)
            form = tag & 7
            if form == 2:
                size = raw[pos] if pos < end else 0x80
                pos += 1
                if size >= 0x80:
                    size, pos = wire.read_varint(buf, pos - 1, end)
                if size > end - pos:
                    raise wire.DecodeError("a field is longer than its span")
                at = pos
                pos += size
                if tag != 0x4A:
                    self._delimited(buf, tag, at, pos)
            elif form == 1:
                fixed = wire.read_fixed64(buf, pos, end)
                pos += 8
                if tag == 0x39:
                    self.start_ns = fixed
                elif tag == 0x41:
                    self.end_ns = fixed
                elif tag == 0x09:
                    self.record = True
            elif form == 0:
                number = raw[pos] if pos < end else 0x80
                pos += 1
                if number >= 0x80:
                    number, pos = wire.read_varint(buf, pos - 1, end)
                self._number(tag, number)
            elif tag == 0x85:
                self.flags = wire.read_fixed32(buf, pos, end)
                pos += 4
            else:
                pos = wire.skip(buf, pos, end, tag)

    def _delimited(self, buf: bytes, tag: int, at: int, end: int) -> None:
        raw = buf
        if tag == 0x0A:
            self.trace_id = raw[at:end]
        elif tag == 0x12:
            self.span_id = raw[at:end]
        elif tag == 0x22:
            self.parent_id = raw[at:end]
        elif tag == 0x2A:
            self.name = raw[at:end]
        elif tag == 0x7A:
            self._status(buf, at, end)
        elif tag == 0x5A:
            if self.events is None:
                self.events = []
            self.events.append((at, end))
        elif tag == 0x6A:
            if self.links is None:
                self.links = []
            self.links.append((at, end))
        elif tag == 0x1A:
            self.trace_state = wire.text_of(raw[at:end])

    def _number(self, tag: int, number: int) -> None:
        if tag == 0x30:
            self.kind = number
        elif tag == 0x50:
            self.dropped_attributes = number
        elif tag == 0x60:
            self.dropped_events = number
        elif tag == 0x70:
            self.dropped_links = number

    def _status(self, buf: bytes, pos: int, end: int) -> None:
        self.status_code = 0
        self.status_message = None
        while pos < end:
            tag, pos = wire.read_varint(buf, pos, end)
            if tag == 0x12:
                at, pos = wire.read_length(buf, pos, end)
                self.status_message = wire.text_of(buf[at:pos]) or None
            elif tag == 0x18:
                self.status_code, pos = wire.read_varint(buf, pos, end)
            else:
                pos = wire.skip(buf, pos, end, tag)
