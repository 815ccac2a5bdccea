"""ExportLogsServiceRequest to rows of enterprise.structured_logs."""

from collections.abc import Callable

from opentelemetry.exporter.postgres import rows, sources, wire
from opentelemetry.exporter.postgres.attributes import Attributes
from opentelemetry.exporter.postgres.batch import Batch, NewestLog, Resource, Scope, Signal
from opentelemetry.exporter.postgres.copy_row import Row
from opentelemetry.exporter.postgres.envelope import ITEMS_A_PAUSE, groups
from opentelemetry.exporter.postgres.log_fields import LogFields
from opentelemetry.exporter.postgres.origin import Origins
from opentelemetry.exporter.postgres.rollup import NS_PER_MINUTE

TABLE = "structured_logs"
COLUMNS = (
    "id",
    "timestamp",
    "severity_number",
    "timestamp_nanos",
    "observed_time",
    "observed_nanos",
    "level",
    "message",
    "body",
    "trace_id",
    "span_id",
    "user_email",
    "department",
    "session_id",
    "endpoint",
    "extra",
    "exception_type",
    "exception_message",
    "exception_traceback",
    "severity_text",
    "event_name",
    "flags",
    "dropped_attributes_count",
    "logger_name",
    "service_name",
    "resource_id",
    "scope_id",
    "writer",
    "batch",
)

_ATTRIBUTES = 0x32
_WIDTH = len(COLUMNS)
_PG_EPOCH = rows.PG_EPOCH
_NO_TRACE_ID = bytes(16)
_NO_SPAN_ID = bytes(8)
_NO_PERSON = rows.NULL * 4
_NO_EXCEPTION = rows.NULL * 3
_JSON_NULL = rows.jsonb(b"null")
_LEVELS = ("DEBUG",) * 9 + ("INFO",) * 4 + ("WARNING",) * 4 + ("ERROR",) * 4 + ("CRITICAL",) * 4
_COPY_LEVELS = {level: rows.text(level) for level in frozenset(_LEVELS)}
_LEVEL_OF_TEXT = {
    **dict.fromkeys(("trace", "verbose", "debug"), "DEBUG"),
    **dict.fromkeys(("info", "information", "notice"), "INFO"),
    **dict.fromkeys(("warn", "warning"), "WARNING"),
    **dict.fromkeys(("err", "error"), "ERROR"),
    **dict.fromkeys(("crit", "critical", "alert", "emerg", "emergency", "fatal", "panic"), "CRITICAL"),
}


def level_of(number: int, text: str | None) -> str:
    """The level of a severity number; of the text where the number is 0; INFO where both say nothing."""
    if number == 0:
        return _LEVEL_OF_TEXT.get(text.strip().lower(), "INFO") if text else "INFO"
    return _LEVELS[min(max(number, 1), 24)]


class LogDecoder:
    """Decodes requests of log records. Keeps what senders repeat; one a thread."""

    def __init__(self, origins: Origins, attributes: Attributes, pause: Callable[[], object] | None = None) -> None:
        self._pause = pause
        self._origins = origins
        self._attributes = attributes
        self._ids = rows.RowIds()
        self._fields = LogFields()
        self._row = Row()

    def decode(self, body: bytes, received_ns: int, first: int = 0, last: int | None = None) -> Batch:
        """The batch of the records with indexes `first` to `last` (excluded) of a serialized request.

        received_ns: the time of arrival, for records that carry none. Raises DecodeError.
        """
        batch = Batch(Signal.LOGS)
        index = 0
        for resource, scope, items in groups(body, self._origins):
            suffix = (
                rows.text(scope.name or resource.service_name)
                + resource.copy_service
                + rows.bigint(resource.id)
                + rows.bigint(scope.id)
            )
            stored = len(batch.rows)
            for start, end in items:
                if index >= first and (last is None or index < last):
                    batch.items += 1
                    self._record(batch, resource, scope, suffix, received_ns, body, start, end)
                index += 1
                if self._pause is not None and index % ITEMS_A_PAUSE == 0:
                    self._pause()
            if len(batch.rows) > stored:
                batch.add_origin(resource, scope)
        return batch

    def _record(
        self,
        batch: Batch,
        resource: Resource,
        scope: Scope,
        suffix: bytes,
        received_ns: int,
        buf: bytes,
        pos: int,
        end: int,
    ) -> None:
        """Adds the row of one record."""
        record = self._fields
        record.read(buf, pos, end)
        own_ns = record.time_ns or record.observed_ns
        if own_ns:
            batch.timed = True
        at_ns = own_ns or received_ns
        at_us = at_ns // 1000
        batch.times.append(at_us)
        severity_number = _int32(record.severity)
        level = level_of(severity_number, record.severity_text)
        message, copy_body = _body(buf, record.body_at, record.body_end, record.event_name)
        trace_id, span_id = record.trace_id, record.span_id
        trace_hex = trace_id.hex() if len(trace_id) == 16 and trace_id != _NO_TRACE_ID else None
        span_hex = span_id.hex() if len(span_id) == 8 and span_id != _NO_SPAN_ID else None
        extra, facts = self._attributes.read(buf, pos, end, _ATTRIBUTES)
        copy_person, copy_exception = _NO_PERSON, _NO_EXCEPTION
        if facts is not None or resource.facts:
            moved: set[str] = set()
            copy_person, copy_exception = _columns(facts or {}, resource, moved)
            if moved:
                extra = _without(buf, pos, end, moved)
        id_high, id_low = self._ids.high(at_ns), self._ids.low()

        row = self._row
        row.begin(_WIDTH)
        row.uuid(id_high, id_low)
        row.bigint(at_us - _PG_EPOCH)
        row.integer(severity_number)
        if record.time_ns:
            row.smallint(record.time_ns % 1000)
        else:
            row.null()
        if record.observed_ns:
            row.bigint(record.observed_ns // 1000 - _PG_EPOCH)
            row.smallint(record.observed_ns % 1000)
        else:
            row.null()
            row.null()
        row.encoded(_COPY_LEVELS[level])
        row.text(message)
        row.encoded(copy_body)
        row.text(trace_hex)
        row.text(span_hex)
        row.encoded(copy_person)
        row.json(extra)
        row.encoded(copy_exception)
        row.text(record.severity_text)
        row.text(record.event_name)
        if record.flags < 0:
            row.null()
        else:
            row.bigint(record.flags)
        if record.dropped_attributes:
            row.bigint(record.dropped_attributes & wire.UINT32)
        else:
            row.null()
        row.encoded(suffix)
        batch.rows.append(row.take())

        delta_key = (at_ns // NS_PER_MINUTE, resource.service_name, level)
        batch.log_deltas[delta_key] = batch.log_deltas.get(delta_key, 0) + 1
        if batch.newest_log is None or at_us >= batch.newest_log.timestamp:
            row_id = rows.uuid_bytes(id_high, id_low)
            logger_name = scope.name or resource.service_name
            batch.newest_log = NewestLog(row_id, at_us, level, logger_name, message, trace_hex)


def _int32(varint: int) -> int:
    """A severity number as sent, held within int4."""
    number = wire.int64(varint)
    return max(min(number, 0x7FFFFFFF), -0x80000000)


def _body(buf: bytes, pos: int, end: int, event_name: str | None) -> tuple[str, bytes]:
    """The message, and the column `body`: null where the message is the body itself."""
    if pos < 0:
        return event_name or "", _JSON_NULL
    json, value = wire.any_value(buf, pos, end)
    if isinstance(value, str) and json[:1] == b'"' and not _is_bytes(buf, pos, end):
        return value, rows.NULL
    if json == b"null":
        return event_name or "", _JSON_NULL
    return value if isinstance(value, str) else json.decode(), rows.jsonb(json)


def _is_bytes(buf: bytes, pos: int, end: int) -> bool:
    return end > pos and buf[pos] == 0x3A


def _columns(facts: dict[str, object], resource: Resource, moved: set[str]) -> tuple[bytes, bytes]:
    """The columns of person and endpoint, and those of the exception.

    Adds to `moved` the attributes that leave `extra`: those of which a column holds exactly the value.
    """
    person = b"".join(
        rows.text(_lift(found, facts, moved))
        for found in (
            sources.user(facts) or sources.user(resource.facts),
            sources.department(facts) or sources.department(resource.facts),
            sources.session(facts) or sources.session(resource.facts),
            sources.log_endpoint(facts),
        )
    )
    exception = b"".join(
        rows.text(_lift(sources.first(facts, (name,)), facts, moved)) for name in sources.EXCEPTION_NAMES
    )
    return person, exception


def _lift(found: tuple[str, str] | None, facts: dict[str, object], moved: set[str]) -> str | None:
    if found is None:
        return None
    name, text = found
    if facts.get(name) == text:
        moved.add(name)
    return text


def _without(buf: bytes, pos: int, end: int, moved: set[str]) -> bytes:
    """The record's attributes but those in `moved`, as the text of a JSON object."""
    fragments: list[bytes] = []
    while pos < end:
        tag, pos = wire.read_varint(buf, pos, end)
        if tag == _ATTRIBUTES:
            at, pos = wire.read_length(buf, pos, end)
            key, fragment, _ = wire.key_value(buf, at, pos)
            if key not in moved:
                fragments.append(fragment)
        else:
            pos = wire.skip(buf, pos, end, tag)
    return b"{" + b",".join(fragments) + b"}"
