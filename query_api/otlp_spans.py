"""Stored spans as OTLP's JSON: what the receiver makes the same rows of."""

import json
import math
import re
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from database.ranges import EPOCH

INT64 = range(-(2**63), 2**63)
ERROR = 2
# The writer's own keys of an event; an attribute of the same name got the prefix.
EVENT_KEYS = ("timestamp", "message", "level", "name", "dropped_attributes_count")
PREFIX = "attribute."
_TIME = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)", re.ASCII)

Message = dict[str, Any]
Row = Mapping[str, Any]


def any_value(value: Any) -> Message:
    """A value of jsonb as AnyValue; bytes were stored as base64 text and stay text."""
    match value:
        case None:
            return {}
        case bool():
            return {"boolValue": value}
        case int() if value in INT64:
            return {"intValue": str(value)}
        case int() | float():
            return {"doubleValue": _double(value)}
        case str():
            return {"stringValue": value}
        case list():
            return {"arrayValue": {"values": [any_value(each) for each in value]}}
        case _:
            return {"kvlistValue": {"values": attributes(value)}}


def attributes(values: Any) -> list[Message]:
    """An object of jsonb as KeyValues; none of what is no object."""
    if not isinstance(values, dict):
        return []
    return [{"key": key, "value": any_value(value)} for key, value in values.items()]


def span(row: Row) -> Message:
    """One Span. What OTLP cannot say is left out."""
    failed = row["status"] == "error"
    message = row["status_message"] or (row["error_message"] if failed and row["status_code"] != ERROR else None)
    return _given(
        traceId=row["trace_id"],
        spanId=row["span_id"],
        traceState=row["trace_state"],
        parentSpanId=row["parent_span_id"],
        flags=row["flags"],
        name=row["operation_name"],
        kind=row["kind"],
        startTimeUnixNano=row["started"],
        endTimeUnixNano=row["ended"],
        attributes=attributes(row["tags"]),
        droppedAttributesCount=row["dropped_attributes_count"],
        events=_each(row["logs"], _event),
        droppedEventsCount=row["dropped_events_count"],
        links=None if row["links"] is None else _each(row["links"], _link),
        droppedLinksCount=row["dropped_links_count"],
        status=_given(code=ERROR if failed else row["status_code"], message=message),
    )


def envelope(row: Row) -> Message:
    """The ResourceSpans of a span, with one ScopeSpans, without its spans."""
    if row["resource_id"] is None or row["resource_attributes"] is None:
        resource = {"attributes": attributes({"service.name": row["service_name"]} if row["service_name"] else {})}
    else:
        resource = _given(
            attributes=attributes(json.loads(row["resource_attributes"])),
            droppedAttributesCount=row["resource_dropped"] or None,
            entityRefs=_entities(row["entity_refs"]),
        )
    scope = _given(
        name=row["scope_name"],
        version=row["scope_version"],
        attributes=attributes(json.loads(row["scope_attributes"] or "{}")),
        droppedAttributesCount=row["scope_dropped"] or None,
    )
    scope_spans = _given(scope=scope, schemaUrl=row["scope_schema_url"], spans=[])
    return _given(resource=resource, schemaUrl=row["resource_schema_url"], scopeSpans=[scope_spans])


def _event(event: Any) -> Message:
    if not isinstance(event, dict):
        return {"name": _text(event)}
    exception = event.get("name") == "exception" and event.get("level") == "error"
    own = EVENT_KEYS if exception else ("timestamp", "message", "dropped_attributes_count")
    rest = {_without_prefix(key): value for key, value in event.items() if key not in own}
    return _given(
        timeUnixNano=_nanoseconds(event.get("timestamp")),
        name="exception" if exception else _text(event.get("message", "")),
        attributes=attributes(rest),
        droppedAttributesCount=event.get("dropped_attributes_count"),
    )


def _link(link: Any) -> Message:
    if not isinstance(link, dict):
        return {}
    return _given(
        traceId=link.get("trace_id"),
        spanId=link.get("span_id"),
        traceState=link.get("trace_state"),
        attributes=attributes(link.get("attributes")),
        droppedAttributesCount=link.get("dropped_attributes_count"),
        flags=link.get("flags"),
    )


def _entities(text: str | None) -> list[Message] | None:
    if text is None:
        return None
    return [
        _given(
            schemaUrl=entity.get("schema_url"),
            type=entity.get("type"),
            idKeys=entity.get("id_keys"),
            descriptionKeys=entity.get("description_keys"),
        )
        for entity in json.loads(text)
    ]


def _each(values: Any, convert: Callable[[Any], Message]) -> list[Message]:
    return [convert(value) for value in values] if isinstance(values, list) else []


def _given(**fields: Any) -> Message:
    return {name: value for name, value in fields.items() if value is not None}


def _without_prefix(key: str) -> str:
    name = key.removeprefix(PREFIX)
    return name if name in EVENT_KEYS else key


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _nanoseconds(text: Any) -> str | None:
    """Of a time with up to nine digits of a second."""
    found = _TIME.fullmatch(text) if isinstance(text, str) else None
    if found is None:
        return None
    second, fraction, offset = found.groups("")
    try:
        since = datetime.fromisoformat(second + offset) - EPOCH
    except ValueError:
        return None
    nanoseconds = since // timedelta(seconds=1) * 10**9 + int(fraction.ljust(9, "0"))
    return str(nanoseconds) if nanoseconds >= 0 else None


def _double(value: float) -> float | str:
    """jsonb has numbers beyond those of a double; JSON has no infinity."""
    try:
        number = float(value)
    except OverflowError:
        number = math.inf if value > 0 else -math.inf
    if math.isfinite(number):
        return number
    return "Infinity" if number > 0 else "-Infinity"
