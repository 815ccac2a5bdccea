"""OTLP's spans in the JSON of Jaeger's query API."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

Message = dict[str, Any]

KINDS = {1: "internal", 2: "server", 3: "client", 4: "producer", 5: "consumer"}
STATUS = {1: "OK", 2: "ERROR"}
CHILD_OF, FOLLOWS_FROM = "CHILD_OF", "FOLLOWS_FROM"
REFERENCE_TYPE = "opentracing.ref_type"
WITHOUT_NAME = "OTLPResourceNoServiceName"
EXACT = 2**53
"""Whole numbers from here on are not exact in JavaScript, so they are told as text."""


def span(message: Mapping[str, Any], scope: Mapping[str, Any], process_id: str) -> Message:
    """A span of OTLP's JSON, of a scope and a process. Times become microseconds; one without an end takes no time."""
    started = int(message.get("startTimeUnixNano", 0))
    ended = int(message.get("endTimeUnixNano", started))
    return {
        "traceID": message["traceId"],
        "spanID": message["spanId"],
        "operationName": message["name"],
        "references": _references(message),
        "startTime": started // 1000,
        "duration": max(ended - started, 0) // 1000,
        "tags": [*_of_scope(scope), *fields(message.get("attributes", ())), *_of_span(message)],
        "logs": [_log(event) for event in message.get("events", ())],
        "processID": process_id,
        "warnings": None if "endTimeUnixNano" in message else ["The span has not ended"],
    }


def process(resource: Mapping[str, Any], service: str | None) -> Message:
    """What emitted spans. service: its name where the resource is not known."""
    attributes = resource.get("attributes", ())
    named = next((each["value"].get("stringValue") for each in attributes if each["key"] == "service.name"), service)
    rest = [each for each in attributes if each["key"] != "service.name"]
    return {"serviceName": named or WITHOUT_NAME, "tags": fields(rest)}


def fields(attributes: Iterable[Mapping[str, Any]]) -> list[Message]:
    """KeyValues with the type of each; lists and objects as JSON text."""
    return [_field(each["key"], each["value"]) for each in attributes]


def _field(key: str, value: Mapping[str, Any]) -> Message:
    match value:
        case {"boolValue": truth}:
            return {"key": key, "type": "bool", "value": truth}
        case {"intValue": digits}:
            number = int(digits)
            return {"key": key, "type": "int64", "value": number if -EXACT < number < EXACT else digits}
        case {"doubleValue": number}:
            return {"key": key, "type": "float64", "value": number}
        case {"arrayValue": _} | {"kvlistValue": _}:
            return _text(key, json.dumps(_plain(value), ensure_ascii=False, separators=(",", ":")))
        case _:
            return _text(key, value.get("stringValue", ""))


def _plain(value: Mapping[str, Any]) -> Any:
    match value:
        case {"arrayValue": items}:
            return [_plain(each) for each in items["values"]]
        case {"kvlistValue": entries}:
            return {each["key"]: _plain(each["value"]) for each in entries}
        case {"intValue": digits}:
            return int(digits)
        case _:
            return next(iter(value.values()), None)


def _text(key: str, value: str) -> Message:
    return {"key": key, "type": "string", "value": value}


def _of_scope(scope: Mapping[str, Any]) -> list[Message]:
    return [_text(f"otel.scope.{name}", scope[name]) for name in ("name", "version") if scope.get(name)]


def _of_span(message: Mapping[str, Any]) -> list[Message]:
    """What Jaeger has no place for but tags."""
    status = message["status"]
    code = STATUS.get(status.get("code", 0))
    tags = []
    if kind := KINDS.get(message.get("kind", 0)):
        tags.append(_text("span.kind", kind))
    if code:
        tags.append(_text("otel.status_code", code))
    if code == "ERROR":
        tags.append({"key": "error", "type": "bool", "value": True})
    if status.get("message"):
        tags.append(_text("otel.status_description", status["message"]))
    if message.get("traceState"):
        tags.append(_text("w3c.tracestate", message["traceState"]))
    return tags


def _references(message: Mapping[str, Any]) -> list[Message]:
    references = []
    if message.get("parentSpanId"):
        references.append(_reference(CHILD_OF, message["traceId"], message["parentSpanId"]))
    for link in message.get("links", ()):
        named = {each["key"]: each["value"].get("stringValue") for each in link.get("attributes", ())}
        kind = CHILD_OF if named.get(REFERENCE_TYPE) == "child_of" else FOLLOWS_FROM
        references.append(_reference(kind, link.get("traceId", ""), link.get("spanId", "")))
    return references


def _reference(kind: str, trace_id: str, span_id: str) -> Message:
    return {"refType": kind, "traceID": trace_id, "spanID": span_id}


def _log(event: Mapping[str, Any]) -> Message:
    given = fields(event.get("attributes", ()))
    name = event.get("name")
    told = [_text("event", name)] if name and all(each["key"] != "event" for each in given) else []
    return {"timestamp": int(event.get("timeUnixNano", 0)) // 1000, "fields": told + given}
