"""Parts of traces as the arguments of enterprise.merge_traces()."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from opentelemetry.exporter.postgres import sources
from opentelemetry.exporter.postgres.array_text import SEPARATOR, array, without_separators
from opentelemetry.exporter.postgres.parts import EntrySpan, TracePart

_NO_FACTS: sources.Facts = {}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def time_of(us: int) -> datetime:
    return _EPOCH + timedelta(microseconds=us)


def columns(parts: Sequence[tuple[bytes, TracePart]], error_from_status: int) -> list[object]:
    """One array a parameter of merge_traces.sql, one element a trace. parts: by trace id, which MUST be in order.

    Numbers, ids and fixed words come as the text form of an array, which a driver need not encode element by element;
    µs since 1970 stand for times. error_from_status: the least HTTP status of a root span that makes its trace an
    error.
    """
    every = [part for _, part in parts]
    entries = [part.entry for part in every]
    facts = [entry.facts or _NO_FACTS for entry in entries]
    statuses = [_status(entry, error_from_status) for entry in entries]
    return [
        array(part.row_id.hex() for part in every),
        array(trace_id.hex() for trace_id, _ in parts),
        array(part.entry_key.hex() for part in every),
        array(map(_entry_point, facts, entries)),
        [sources.endpoint(known, entry.name) for known, entry in zip(facts, entries, strict=True)],
        array(statuses),
        [_error(entry) if status == "error" else None for entry, status in zip(entries, statuses, strict=True)],
        [entry.tags.decode() if entry.root else "{}" for entry in entries],
        [entry.service for entry in entries],
        [entry.name for entry in entries],
        array(entry.span_id.hex() if entry.root else "NULL" for entry in entries),
        array(part.method_key.hex() for part in every),
        [part.method for part in every],
        array(part.session_key.hex() for part in every),
        [part.session for part in every],
        array(part.user_key.hex() for part in every),
        [part.user for part in every],
        array(part.department_key.hex() for part in every),
        [part.department for part in every],
        array(part.start for part in every),
        array(part.latest_start for part in every),
        array("NULL" if part.latest_end is None else part.latest_end for part in every),
        array(part.spans for part in every),
        array(part.errors for part in every),
        [_services(part) for part in every],
    ]


def _entry_point(facts: sources.Facts, entry: EntrySpan) -> str:
    return sources.entry_point(facts, entry.kind) if facts else "internal"


def _status(entry: EntrySpan, error_from_status: int) -> str:
    if entry.state != "error" and entry.facts:
        code = sources.http_status(entry.facts)
        if code is not None and code >= error_from_status:
            return "error"
    return entry.state


def _error(entry: EntrySpan) -> str | None:
    return sources.error_message(entry.facts, entry.status_message, entry.exception)


def _services(part: TracePart) -> str:
    if part.other_services is None:
        return without_separators(part.service)
    return SEPARATOR.join(sorted(map(without_separators, part.services)))
