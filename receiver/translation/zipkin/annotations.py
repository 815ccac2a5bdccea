"""Zipkin's annotations as events of a span."""

import json
from collections.abc import Mapping
from typing import Any

from opentelemetry.proto.trace.v1.trace_pb2 import Span

from receiver.translation.attributes import attributes, clean
from receiver.translation.zipkin import times


def event(annotation: Mapping[str, Any]) -> Span.Event:
    """Named by the annotation's value, unless that is an event as OpenTelemetry writes it into one. Raises BadItem."""
    value = annotation.get("value")
    text = value if isinstance(value, str) else ""
    name, told = _exported(text) or (text, {})
    return Span.Event(
        time_unix_nano=times.nanos(annotation, "timestamp"), name=clean(name), attributes=attributes(told)
    )


def _exported(text: str) -> tuple[str, dict[str, Any]] | None:
    """Name and attributes of `"name": {"key": "value"}`, with braces around all of it or without."""
    if not text.endswith("}") or not text.startswith(("{", '"')):
        return None
    try:
        found = json.loads(text if text.startswith("{") else f"{{{text}}}")
    except (ValueError, RecursionError):
        return None
    if len(found) != 1:
        return None
    ((name, told),) = found.items()
    return (name, told) if isinstance(told, dict) else None
