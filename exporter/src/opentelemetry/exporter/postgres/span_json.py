"""Events and links of a span as JSON text: the columns logs and links."""

from msgspec.json import encode as to_json
from opentelemetry.exporter.postgres import sources, wire
from opentelemetry.exporter.postgres.rows import IsoTimes

Range = tuple[int, int]

NO_TRACE_ID = bytes(16)
NO_SPAN_ID = bytes(8)
_RESERVED = frozenset((b'"timestamp"', b'"message"', b'"level"', b'"name"', b'"dropped_attributes_count"'))


class Events:
    """Reads the events of spans. Keeps the text of a second, which neighbours share."""

    def __init__(self) -> None:
        self._times = IsoTimes()

    def json(self, buf: bytes, ranges: list[Range], start_ns: int) -> tuple[bytes, str | None]:
        """The events of a span that began at start_ns as a JSON array, and the text of the last exception."""
        events: list[bytes] = []
        last_exception: str | None = None
        for at, end in ranges:
            json, exception = self._event(buf, at, end, start_ns)
            events.append(json)
            last_exception = exception or last_exception
        return b"[" + b",".join(events) + b"]", last_exception

    def _event(self, buf: bytes, pos: int, end: int, start_ns: int) -> tuple[bytes, str | None]:
        time_ns = dropped = 0
        name = ""
        message: object = None
        type_name: object = None
        fragments: list[bytes] = []
        while pos < end:
            tag, pos = wire.read_varint(buf, pos, end)
            if tag == 0x09:
                time_ns = wire.read_fixed64(buf, pos, end)
                pos += 8
            elif tag == 0x12:
                at, pos = wire.read_length(buf, pos, end)
                name = wire.text_of(buf[at:pos])
            elif tag == 0x1A:
                at, pos = wire.read_length(buf, pos, end)
                key, fragment, fact = wire.key_value(buf, at, pos)
                if key == "exception.message":
                    message = fact
                elif key == "exception.type":
                    type_name = fact
                quoted = to_json(key)
                if quoted in _RESERVED:
                    fragment = b'"attribute.' + fragment[1:]
                fragments.append(fragment)
            elif tag == 0x20:
                dropped, pos = wire.read_varint(buf, pos, end)
            else:
                pos = wire.skip(buf, pos, end, tag)
        exception: str | None = None
        if name == "exception":
            exception = sources.as_text(message) or sources.as_text(type_name) or name
            head = b'"message":' + to_json(f"Error: {exception}") + b',"level":"error","name":"exception"'
        else:
            head = b'"message":' + to_json(name)
        fragments.insert(0, b'"timestamp":"' + self._times.format(time_ns or start_ns).encode() + b'",' + head)
        if dropped:
            fragments.append(b'"dropped_attributes_count":' + str(dropped & wire.UINT32).encode())
        return b"{" + b",".join(fragments) + b"}", exception


def links_json(buf: bytes, ranges: list[Range]) -> bytes:
    """The links as a JSON array; a link without valid ids is dropped alone."""
    links = [link for at, end in ranges if (link := _link(buf, at, end)) is not None]
    return b"[" + b",".join(links) + b"]"


def _link(buf: bytes, pos: int, end: int) -> bytes | None:
    trace_id = span_id = b""
    trace_state = ""
    flags = dropped = 0
    fragments: list[bytes] = []
    while pos < end:
        tag, pos = wire.read_varint(buf, pos, end)
        if tag == 0x0A:
            at, pos = wire.read_length(buf, pos, end)
            trace_id = buf[at:pos]
        elif tag == 0x12:
            at, pos = wire.read_length(buf, pos, end)
            span_id = buf[at:pos]
        elif tag == 0x1A:
            at, pos = wire.read_length(buf, pos, end)
            trace_state = wire.text_of(buf[at:pos])
        elif tag == 0x22:
            at, pos = wire.read_length(buf, pos, end)
            fragments.append(wire.key_value(buf, at, pos)[1])
        elif tag == 0x28:
            dropped, pos = wire.read_varint(buf, pos, end)
        elif tag == 0x35:
            flags = wire.read_fixed32(buf, pos, end)
            pos += 4
        else:
            pos = wire.skip(buf, pos, end, tag)
    if len(trace_id) != 16 or len(span_id) != 8 or trace_id == NO_TRACE_ID or span_id == NO_SPAN_ID:
        return None
    head = to_json(
        {
            "trace_id": trace_id.hex(),
            "span_id": span_id.hex(),
            "trace_state": trace_state,
            "flags": flags,
            "dropped_attributes_count": dropped & wire.UINT32,
        }
    )
    return head[:-1] + b',"attributes":{' + b",".join(fragments) + b"}}"
