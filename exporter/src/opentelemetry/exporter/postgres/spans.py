"""ExportTraceServiceRequest to rows of enterprise.trace_spans, and to parts of enterprise.traces."""

from collections.abc import Callable
from struct import Struct

from opentelemetry.exporter.postgres import rows, sources, wire
from opentelemetry.exporter.postgres.attributes import Attributes
from opentelemetry.exporter.postgres.batch import (
    Batch,
    InvalidRequest,
    Resource,
    Signal,
)
from opentelemetry.exporter.postgres.copy_row import Row
from opentelemetry.exporter.postgres.envelope import ITEMS_A_PAUSE, groups
from opentelemetry.exporter.postgres.origin import Origins
from opentelemetry.exporter.postgres.parts import EntrySpan, TracePart
from opentelemetry.exporter.postgres.rollup import Operations
from opentelemetry.exporter.postgres.span_fields import SpanFields
from opentelemetry.exporter.postgres.span_json import NO_SPAN_ID, NO_TRACE_ID, Events, links_json

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

_KEY = Struct(">Q8s")
_NO_ROOT = 0x8000000000000000
_STATES = {state: rows.text(state) for state in ("completed", "error", "in_progress")}
_ATTRIBUTES = 0x4A
_WIDTH = len(COLUMNS)
_NO_COUNTS = rows.NULL * 3
_NO_EVENTS = rows.EMPTY_ARRAY
_PG_EPOCH = rows.PG_EPOCH
_NO_FACTS: dict[str, object] = {}
MAX_NAMES = 20_000
MAX_NAME_BYTES = 256


class SpanDecoder:
    """Decodes requests of spans. Keeps what senders repeat; one a thread."""

    def __init__(self, origins: Origins, attributes: Attributes, pause: Callable[[], object] | None = None) -> None:
        self._pause = pause
        self._origins = origins
        self._attributes = attributes
        self._operations = Operations()
        self._ids = rows.RowIds()
        self._fields = SpanFields()
        self._row = Row()
        self._events = Events()
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
                if self._pause is not None and index % ITEMS_A_PAUSE == 0:
                    self._pause()
            if len(batch.rows) > stored:
                batch.add_origin(resource, scope)
        if batch.items and batch.rejected == batch.items and not named and last is None and first == 0:
            raise InvalidRequest("no span has a name or valid ids: is this a logs export?")
        return batch

    def _span(self, batch: Batch, resource: Resource, suffix: bytes, buf: bytes, pos: int, end: int) -> bool:
        """Adds the row of one span, or rejects it. True if the span has a name."""
        span = self._fields
        span.read(buf, pos, end)
        if span.start_ns == 0:
            span.start_ns = span.end_ns
        if (
            span.start_ns == 0
            or len(span.trace_id) != 16
            or len(span.span_id) != 8
            or span.trace_id == NO_TRACE_ID
            or span.span_id == NO_SPAN_ID
        ):
            batch.reject(_refusal(batch.items - 1, span.trace_id, span.span_id))
            return len(span.name) > 0 and not span.record
        batch.timed = True
        start_us = span.start_ns // 1000
        batch.times.append(start_us)

        name, copy_name = self._names.get(span.name) or self._name(span.name)
        kind = span.kind if span.kind < 0x8000 else 0x7FFF
        root = len(span.parent_id) != 8 or span.parent_id in (span.span_id, NO_SPAN_ID)
        failed = span.status_code == 2
        state = "error" if failed else "completed" if span.end_ns else "in_progress"
        duration_ns = span.end_ns - span.start_ns if span.end_ns > span.start_ns else 0
        tags, facts = self._attributes.read(buf, pos, end, _ATTRIBUTES)
        events = exception = None
        if span.events is not None:
            events, exception = self._events.json(buf, span.events, span.start_ns)

        row = self._row
        row.begin(_WIDTH)
        row.uuid(self._ids.high(span.start_ns), self._ids.low())
        row.hex(span.trace_id)
        row.hex(span.span_id)
        row.bigint(start_us - _PG_EPOCH)
        row.smallint(span.start_ns % 1000)
        row.smallint(kind)
        row.integer(span.status_code if span.status_code < 0x80000000 else 0x7FFFFFFF)
        if span.end_ns:
            row.bigint(span.end_ns // 1000 - _PG_EPOCH)
            row.smallint(span.end_ns % 1000)
            row.double(duration_ns / 1e6)
        else:
            row.null()
            row.smallint(0)
            row.null()
        if root:
            row.null()
        else:
            row.hex(span.parent_id)
        row.encoded(_STATES[state])
        row.text(sources.error_message(facts, span.status_message, exception) if failed else None)
        row.json(tags)
        if events is None:
            row.encoded(_NO_EVENTS)
        else:
            row.json(events)
        row.text(span.status_message)
        row.text(span.trace_state)
        if span.flags < 0:
            row.null()
        else:
            row.bigint(span.flags)
        if span.links is None:
            row.null()
        else:
            row.json(links_json(buf, span.links))
        if span.dropped_attributes or span.dropped_events or span.dropped_links:
            row.encoded(_counts(span.dropped_attributes, span.dropped_events, span.dropped_links))
        else:
            row.encoded(_NO_COUNTS)
        row.encoded(copy_name)
        row.encoded(suffix)
        batch.rows.append(row.take())

        self._operations.count(batch, resource.service_name, name, kind, span.start_ns, duration_ns, failed)
        self._fold(batch, resource, name, root, state, facts, exception, tags)
        return True

    def _fold(
        self,
        batch: Batch,
        resource: Resource,
        name: str,
        root: bool,
        state: str,
        facts: dict[str, object] | None,
        exception: str | None,
        tags: bytes,
    ) -> None:
        """Adds the span just read to the part of its trace."""
        span = self._fields
        start_us = span.start_ns // 1000
        rank = span.start_ns & 0x7FFFFFFFFFFFFFFF if root else span.start_ns | _NO_ROOT
        part = batch.traces.get(span.trace_id)
        key = b""
        if part is None or rank <= part.entry_rank:
            key = _KEY.pack(rank, span.span_id)
            entry = EntrySpan(
                root,
                span.span_id,
                name,
                span.kind,
                resource.service_name,
                state,
                facts,
                span.status_message,
                exception,
                tags,
            )
            if part is None:
                part = batch.traces[span.trace_id] = TracePart(self._ids.make(span.start_ns), key, entry, start_us)
            elif key < part.entry_key:
                part.entry_key, part.entry_rank, part.entry = key, rank, entry
        part.spans += 1
        part.errors += state == "error"
        if resource.service_name is not part.service:
            part.add_service(resource.service_name)
        if start_us < part.start:
            part.start = start_us
        if start_us > part.latest_start:
            part.latest_start = start_us
        if span.end_ns:
            end_us = span.end_ns // 1000
            if part.latest_end is None or end_us > part.latest_end:
                part.latest_end = end_us
        if facts is not None or resource.facts:
            _fill(part, key or _KEY.pack(rank, span.span_id), _NO_FACTS if facts is None else facts, resource)

    def _name(self, raw: bytes) -> tuple[str, bytes]:
        name = wire.text_of(raw)
        found = (name, rows.text(name))
        if len(raw) <= MAX_NAME_BYTES:
            if len(self._names) >= MAX_NAMES:
                self._names.clear()
            self._names[raw] = found
        return found


def _refusal(index: int, trace_id: bytes, span_id: bytes) -> str:
    if len(trace_id) != 16 or trace_id == NO_TRACE_ID:
        return f"span {index}: trace_id must be 16 bytes, not all zero"
    if len(span_id) != 8 or span_id == NO_SPAN_ID:
        return f"span {index}: span_id must be 8 bytes, not all zero"
    return f"span {index}: neither start_time_unix_nano nor end_time_unix_nano is set"


def _counts(attributes: int, events: int, links: int) -> bytes:
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
