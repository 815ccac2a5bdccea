"""Exemplars of a data point as JSON text: the column exemplars."""

from msgspec.json import encode as to_json
from opentelemetry.exporter.postgres import wire
from opentelemetry.exporter.postgres.rows import IsoTimes
from opentelemetry.exporter.postgres.span_json import NO_SPAN_ID, NO_TRACE_ID


class Exemplars:
    """Reads the exemplars of points. Keeps the text of a second, which neighbours share."""

    def __init__(self) -> None:
        self._times = IsoTimes()

    def json(self, buf: bytes, ranges: list[tuple[int, int]]) -> bytes | None:
        """The exemplars as a JSON array; one without time or value is dropped alone. None when none is left."""
        found = [exemplar for at, end in ranges if (exemplar := self._exemplar(buf, at, end)) is not None]
        return b"[" + b",".join(found) + b"]" if found else None

    def _exemplar(self, buf: bytes, pos: int, end: int) -> bytes | None:
        time_ns = 0
        value = b""
        trace_id = span_id = b""
        fragments: list[bytes] = []
        while pos < end:
            tag, pos = wire.read_varint(buf, pos, end)
            if tag == 0x11:
                time_ns = wire.read_fixed64(buf, pos, end)
                pos += 8
            elif tag == 0x19:
                value = wire.double_json(wire.read_double(buf, pos, end))
                pos += 8
            elif tag == 0x31:
                value = str(wire.int64(wire.read_fixed64(buf, pos, end))).encode()
                pos += 8
            elif tag == 0x22:
                at, pos = wire.read_length(buf, pos, end)
                span_id = buf[at:pos]
            elif tag == 0x2A:
                at, pos = wire.read_length(buf, pos, end)
                trace_id = buf[at:pos]
            elif tag == 0x3A:
                at, pos = wire.read_length(buf, pos, end)
                fragments.append(wire.key_value(buf, at, pos)[1])
            else:
                pos = wire.skip(buf, pos, end, tag)
        if not time_ns or not value:
            wire.altered("an exemplar has no time or no value: it is left out")
            return None
        ids = {}
        if len(trace_id) == 16 and trace_id != NO_TRACE_ID:
            ids["trace_id"] = trace_id.hex()
        if len(span_id) == 8 and span_id != NO_SPAN_ID:
            ids["span_id"] = span_id.hex()
        head = to_json({"timestamp": self._times.format(time_ns)} | ids)
        return head[:-1] + b',"value":' + value + b',"attributes":{' + b",".join(fragments) + b"}}"
