"""Parts of traces as the arguments of enterprise.merge_traces()."""

from datetime import UTC, datetime, timedelta

from asyncpg.pgproto.pgproto import UUID
from opentelemetry.exporter.postgres import sources
from opentelemetry.exporter.postgres.parts import TracePart

SEPARATOR = "\x01"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def time_of(us: int) -> datetime:
    return _EPOCH + timedelta(microseconds=us)


def columns(parts: dict[bytes, TracePart], error_from_status: int) -> list[list[object]]:
    """One list a parameter of merge_traces(), one element a trace, sorted by trace id.

    error_from_status: the least HTTP status of a root span that makes its trace an error.
    """
    rows = [_row(trace_id, parts[trace_id], error_from_status) for trace_id in sorted(parts)]
    return [list(column) for column in zip(*rows, strict=True)]


def _row(trace_id: bytes, part: TracePart, error_from_status: int) -> tuple[object, ...]:
    entry = part.entry
    facts = entry.facts or {}
    status = entry.state
    if status != "error":
        code = sources.http_status(facts) if facts else None
        if code is not None and code >= error_from_status:
            status = "error"
    error = None
    if status == "error":
        error = sources.error_message(facts, entry.status_message, entry.exception)
    return (
        UUID(part.row_id),
        trace_id.hex(),
        UUID(part.entry_key),
        sources.entry_point(facts, entry.kind),
        sources.endpoint(facts, entry.name),
        status,
        error,
        entry.tags.decode() if entry.root else "{}",
        entry.service,
        entry.name,
        entry.span_id.hex() if entry.root else None,
        UUID(part.method_key),
        part.method,
        UUID(part.session_key),
        part.session,
        UUID(part.user_key),
        part.user,
        UUID(part.department_key),
        part.department,
        time_of(part.start),
        time_of(part.latest_start),
        None if part.latest_end is None else time_of(part.latest_end),
        part.spans,
        part.errors,
        SEPARATOR.join(name.replace(SEPARATOR, "\ufffd") for name in sorted(part.services)),
    )
