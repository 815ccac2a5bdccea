"""ExportTraceServiceRequest to rows of enterprise.trace_spans, and to parts of enterprise.traces."""

from binascii import hexlify
from struct import Struct

from msgspec.json import encode as to_json
from opentelemetry.exporter.postgres import rows, sources, wire
from opentelemetry.exporter.postgres.attributes import Attributes
from opentelemetry.exporter.postgres.batch import (
    Batch,
    InvalidRequest,
    Resource,
    Scope,
    Signal,
)
from opentelemetry.exporter.postgres.envelope import groups
from opentelemetry.exporter.postgres.origin import Origins
from opentelemetry.exporter.postgres.parts import EntrySpan, TracePart
from opentelemetry.exporter.postgres.rollup import Operations

TABLE = "trace_spans"
COLUMNS = (
    "id",
    "trace_id",
    "span_id",
    "start_time",
    "start_nanos",
    "kind",
    "status_code",
    "end_time",
    "end_nanos",
    "duration_ms",
    "parent_span_id",
    "status",
    "error_message",
    "tags",
    "logs",
    "status_message",
    "trace_state",
    "flags",
    "links",
    "dropped_attributes_count",
    "dropped_events_count",
    "dropped_links_count",
    "operation_name",
    "service_name",
    "resource_id",
    "scope_id",
    "writer",
    "batch",
)

_HEAD = Struct(">hiQQi32si16siqihihii")
_END = Struct(">iqihid")
_NO_END = Struct(">iihi")
_KEY = Struct(">Q8s")
_NO_TRACE_ID = bytes(16)
_NO_SPAN_ID = bytes(8)
_NO_ROOT = 0x8000000000000000
_STATES = {state: rows.text(state) for state in ("completed", "error", "in_progress")}
_ATTRIBUTES = 0x4A
_PARENT = Struct(">i").pack(16)
_NO_COUNTS = rows.NULL * 3
_KNOWN_FLAGS = {flags: rows.bigint(flags) for flags in (0, 1, 0x100, 0x101, 0x300, 0x301)}
_NO_FACTS: dict[str, object] = {}
_RESERVED = frozenset((b'"timestamp"', b'"message"', b'"level"', b'"name"', b'"dropped_attributes_count"'))
MAX_NAMES = 20_000
MAX_NAME_BYTES = 256


class SpanDecoder:
    """Decodes requests of spans. Keeps what senders repeat; one a process."""

    def __init__(self, origins: Origins, attributes: Attributes) -> None:
        self._origins = origins
        self._attributes = attributes
        self._operations = Operations()
        self._ids = rows.RowIds()
        self._times = rows.IsoTimes()
        self._names: dict[bytes, tuple[str, bytes]] = {}

    def decode(self, body: bytes, first: int = 0, last: int | None = None) -> Batch:
        """The batch of the spans with indexes `first` to `last` (excluded) of a serialized request.

        Raises DecodeError for bytes that are no protobuf message, InvalidRequest where no item can be a span.
        """
        batch = Batch(Signal.TRACES)
        named = False
        index = 0
        for resource, scope, items in groups(body, self._origins):
            suffix = resource.copy_service + rows.bigint(resource.id) + rows.bigint(scope.id)
            stored = len(batch.rows)
            for start, end in items:
                if index >= first and (last is None or index < last):
                    batch.items += 1
                    named = self._span(batch, resource, suffix, body, start, end) or named
                index += 1
            if len(batch.rows) > stored:
                _add_origin(batch, resource, scope)
        if batch.items and batch.rejected == batch.items and not named and last is None and first == 0:
            raise InvalidRequest("no span has a name or valid ids: is this a logs export?")
        return batch

    def _span(self, batch: Batch, resource: Resource, suffix: bytes, buf: bytes, pos: int, end: int) -> bool:
        """Adds the row of one span, or rejects it. True if the span has a name."""
        start = pos
        trace_id = span_id = parent_id = name_raw = b""
        trace_state = status_message = None
        kind = status_code = start_ns = end_ns = 0
        dropped_attributes = dropped_events = dropped_links = 0
        flags = -1
        record = False
        events: list[tuple[int, int]] = []
        links: list[tuple[int, int]] = []
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
                if tag == 0x0A:
                    trace_id = raw[at:pos]
                elif tag == 0x12:
                    span_id = raw[at:pos]
                elif tag == 0x22:
                    parent_id = raw[at:pos]
                elif tag == 0x2A:
                    name_raw = raw[at:pos]
                elif tag == 0x7A:
                    status_code, status_message = _status(buf, at, pos)
                elif tag == 0x5A:
                    events.append((at, pos))
                elif tag == 0x6A:
                    links.append((at, pos))
                elif tag == 0x1A:
                    trace_state = wire.text_of(raw[at:pos])
            elif form == 1:
                fixed = wire.read_fixed64(buf, pos, end)
                pos += 8
                if tag == 0x39:
                    start_ns = fixed
                elif tag == 0x41:
                    end_ns = fixed
                elif tag == 0x09:
                    record = True
            elif form == 0:
                number = raw[pos] if pos < end else 0x80
                pos += 1
                if number >= 0x80:
                    number, pos = wire.read_varint(buf, pos - 1, end)
                if tag == 0x30:
                    kind = number
                elif tag == 0x50:
                    dropped_attributes = number
                elif tag == 0x60:
                    dropped_events = number
                elif tag == 0x70:
                    dropped_links = number
            elif tag == 0x85:
                flags = wire.read_fixed32(buf, pos, end)
                pos += 4
            else:
                pos = wire.skip(buf, pos, end, tag)

        if start_ns == 0:
            start_ns = end_ns
        if (
            start_ns == 0
            or len(trace_id) != 16
            or len(span_id) != 8
            or trace_id == _NO_TRACE_ID
            or span_id == _NO_SPAN_ID
        ):
            batch.reject(_refusal(batch.items - 1, trace_id, span_id, start_ns))
            return len(name_raw) > 0 and not record
        batch.timed = True

        name, copy_name = self._names.get(name_raw) or self._name(name_raw)
        root = len(parent_id) != 8 or parent_id in (span_id, _NO_SPAN_ID)
        failed = status_code == 2
        duration_ns = end_ns - start_ns if end_ns > start_ns else 0
        state = "error" if failed else "completed" if end_ns else "in_progress"
        tags, facts = self._attributes.read(buf, start, end, _ATTRIBUTES)
        exception = None
        copy_events = rows.EMPTY_ARRAY
        if events:
            json, exception = self._events(buf, events, start_ns)
            copy_events = rows.jsonb(json)
        error = sources.error_message(facts, status_message, exception) if failed else None

        start_us = start_ns // 1000
        batch.rows.append(
            b"".join(
                (
                    _HEAD.pack(
                        28,
                        16,
                        self._ids.high(start_ns),
                        self._ids.low(),
                        32,
                        hexlify(trace_id),
                        16,
                        hexlify(span_id),
                        8,
                        start_us - rows.PG_EPOCH,
                        2,
                        start_ns % 1000,
                        2,
                        kind if kind < 0x8000 else 0x7FFF,
                        4,
                        status_code if status_code < 0x80000000 else 0x7FFFFFFF,
                    ),
                    _END.pack(8, end_ns // 1000 - rows.PG_EPOCH, 2, end_ns % 1000, 8, duration_ns / 1e6)
                    if end_ns
                    else _NO_END.pack(-1, 2, 0, -1),
                    rows.NULL if root else _PARENT + hexlify(parent_id),
                    _STATES[state],
                    rows.text(error),
                    rows.JSONB_HEAD.pack(len(tags) + 1, rows.JSONB_VERSION),
                    tags,
                    copy_events,
                    rows.text(status_message),
                    rows.text(trace_state),
                    rows.NULL if flags < 0 else _KNOWN_FLAGS.get(flags) or rows.bigint(flags),
                    rows.jsonb(self._links(buf, links)) if links else rows.NULL,
                    _counts(dropped_attributes, dropped_events, dropped_links),
                    copy_name,
                    suffix,
                )
            )
        )
        batch.times.append(start_us)
        self._operations.count(
            batch,
            resource.service_name,
            name,
            kind if kind < 0x8000 else 0x7FFF,
            start_ns,
            duration_ns,
            failed,
        )

        rank = _KEY.pack(start_ns & 0x7FFFFFFFFFFFFFFF if root else start_ns | _NO_ROOT, span_id)
        part = batch.traces.get(trace_id)
        if part is None or rank < part.entry_key:
            entry = EntrySpan(
                root,
                span_id,
                name,
                kind,
                resource.service_name,
                state,
                facts,
                status_message,
                exception,
                tags,
            )
            if part is None:
                part = batch.traces[trace_id] = TracePart(self._ids.make(start_ns), rank, entry, start_us)
            else:
                part.entry_key = rank
                part.entry = entry
        part.spans += 1
        part.errors += failed
        part.services.add(resource.service_name)
        if start_us < part.start:
            part.start = start_us
        if start_us > part.latest_start:
            part.latest_start = start_us
        if end_ns:
            end_us = end_ns // 1000
            if part.latest_end is None or end_us > part.latest_end:
                part.latest_end = end_us
        if facts is not None or resource.facts:
            _fill(part, rank, _NO_FACTS if facts is None else facts, resource)
        return True

    def _name(self, raw: bytes) -> tuple[str, bytes]:
        name = wire.text_of(raw)
        found = (name, rows.text(name))
        if len(raw) <= MAX_NAME_BYTES:
            if len(self._names) >= MAX_NAMES:
                self._names.clear()
            self._names[raw] = found
        return found

    def _events(self, buf: bytes, ranges: list[tuple[int, int]], start_ns: int) -> tuple[bytes, str | None]:
        """The span's events as a JSON array, and the text of its last exception."""
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

    def _links(self, buf: bytes, ranges: list[tuple[int, int]]) -> bytes:
        """The links as a JSON array; a link without valid ids is dropped alone."""
        links = [link for at, end in ranges if (link := self._link(buf, at, end)) is not None]
        return b"[" + b",".join(links) + b"]"

    def _link(self, buf: bytes, pos: int, end: int) -> bytes | None:
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
        if len(trace_id) != 16 or len(span_id) != 8 or trace_id == _NO_TRACE_ID or span_id == _NO_SPAN_ID:
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


def _status(buf: bytes, pos: int, end: int) -> tuple[int, str | None]:
    code = 0
    message = None
    while pos < end:
        tag, pos = wire.read_varint(buf, pos, end)
        if tag == 0x12:
            at, pos = wire.read_length(buf, pos, end)
            message = wire.text_of(buf[at:pos]) or None
        elif tag == 0x18:
            code, pos = wire.read_varint(buf, pos, end)
        else:
            pos = wire.skip(buf, pos, end, tag)
    return code, message


def _refusal(index: int, trace_id: bytes, span_id: bytes, start_ns: int) -> str:
    if len(trace_id) != 16 or trace_id == _NO_TRACE_ID:
        return f"span {index}: trace_id must be 16 bytes, not all zero"
    if len(span_id) != 8 or span_id == _NO_SPAN_ID:
        return f"span {index}: span_id must be 8 bytes, not all zero"
    return f"span {index}: neither start_time_unix_nano nor end_time_unix_nano is set"


def _counts(attributes: int, events: int, links: int) -> bytes:
    if not (attributes or events or links):
        return _NO_COUNTS
    return b"".join(rows.bigint(count & wire.UINT32) if count else rows.NULL for count in (attributes, events, links))


def _fill(part: TracePart, key: bytes, facts: dict[str, object], resource: Resource) -> None:
    """Offers the span's method and person to its trace; the least key wins."""
    if key < part.method_key:
        method = sources.method(facts)
        if method is not None or sources.is_websocket(facts):
            part.method_key, part.method = key, method
    if sources.PERSON_NAMES.isdisjoint(facts) and not resource.facts:
        return
    if key < part.session_key:
        found = sources.session(facts) or sources.session(resource.facts)
        if found is not None:
            part.session_key, part.session = key, found[1]
    if key < part.user_key:
        found = sources.user(facts) or sources.user(resource.facts)
        if found is not None:
            part.user_key, part.user = key, found[1]
    if key < part.department_key:
        found = sources.department(facts) or sources.department(resource.facts)
        if found is not None:
            part.department_key, part.department = key, found[1]


def _add_origin(batch: Batch, resource: Resource, scope: Scope) -> None:
    batch.resources[resource.id] = resource
    batch.scopes[scope.id] = scope
