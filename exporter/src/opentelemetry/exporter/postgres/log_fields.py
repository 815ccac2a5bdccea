"""The fields of one LogRecord message, as they stand on the wire."""

from opentelemetry.exporter.postgres import wire


class LogFields:
    """Reads one log record after the other into the same object.

    Times are ns since 1970, 0 where not set; flags is -1 where not set. The body lies in the buffer from body_at to
    body_end; body_at is -1 where there is none.
    """

    __slots__ = (
        "body_at",
        "body_end",
        "dropped_attributes",
        "event_name",
        "flags",
        "observed_ns",
        "severity",
        "severity_text",
        "span_id",
        "time_ns",
        "trace_id",
    )

    def __init__(self) -> None:
        self._clear()

    def _clear(self) -> None:
        self.trace_id = self.span_id = b""
        self.severity_text: str | None = None
        self.event_name: str | None = None
        self.time_ns = self.observed_ns = self.severity = self.dropped_attributes = 0
        self.flags = self.body_at = -1
        self.body_end = 0

    def read(self, buf: bytes, pos: int, end: int) -> None:
        """The LogRecord message in buf[pos:end]; its attributes are left to others. Raises DecodeError."""
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
                    raise wire.DecodeError("a field is longer than its log record")
                at = pos
                pos += size
                self._delimited(buf, tag, at, pos)
            elif form == 1:
                fixed = wire.read_fixed64(buf, pos, end)
                pos += 8
                if tag == 0x09:
                    self.time_ns = fixed
                elif tag == 0x59:
                    self.observed_ns = fixed
            elif form == 0:
                number = raw[pos] if pos < end else 0x80
                pos += 1
                if number >= 0x80:
                    number, pos = wire.read_varint(buf, pos - 1, end)
                if tag == 0x10:
                    self.severity = number
                elif tag == 0x38:
                    self.dropped_attributes = number
            elif tag == 0x45:
                self.flags = wire.read_fixed32(buf, pos, end)
                pos += 4
            else:
                pos = wire.skip(buf, pos, end, tag)

    def _delimited(self, buf: bytes, tag: int, at: int, end: int) -> None:
        raw = buf
        if tag == 0x2A:
            self.body_at, self.body_end = at, end
        elif tag == 0x1A:
            self.severity_text = wire.text_of(raw[at:end])
        elif tag == 0x4A:
            self.trace_id = raw[at:end]
        elif tag == 0x52:
            self.span_id = raw[at:end]
        elif tag == 0x62:
            self.event_name = wire.text_of(raw[at:end])
