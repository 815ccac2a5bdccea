"""The JSON mapping, and what senders make of it."""

import json
from typing import Any

from tests.acceptance.checklist.cases import (
    HTTP_JSON,
    NOW,
    Case,
    Mark,
    Payload,
    a_record,
    a_span,
    at,
    logs,
    pair,
    record,
    span,
    spans,
    table,
    verify,
)
from tests.otelgres_process import OtelgresProcess

BY_JSON = (HTTP_JSON,)
LOW_HIGH = {"low": 1, "high": 2}


def attribute(number: int, name: str, value: Any, stored: Any) -> Case:
    """One attribute of a span, its value written as `value`, found as `stored`."""
    payload = a_span(attributes=[{"key": "k", "value": value}])
    return Case(number, name, payload, [{"tags": {"k": stored}}], ways=BY_JSON)


def text(build: Payload, old: str, new: str) -> Payload:
    """The JSON text of a payload with a piece of it replaced."""

    def replaced(mark: Mark) -> str:
        written = json.dumps(build(mark))
        assert old in written
        return written.replace(old, new)

    return replaced


def snake(mark: Mark) -> str:
    written = json.dumps(spans(mark, span(mark, kind=3)))
    for camel, name in {
        "resourceSpans": "resource_spans",
        "scopeSpans": "scope_spans",
        "traceId": "trace_id",
        "spanId": "span_id",
        "startTimeUnixNano": "start_time_unix_nano",
        "stringValue": "string_value",
    }.items():
        written = written.replace(f'"{camel}"', f'"{name}"')
    return written


def bad_json(name: str, body: bytes) -> Case:
    return Case(58, name, lambda _: body, ways=BY_JSON, status=400)


NO_TIME = "nanoseconds since 1970"
CASES = table(
    Case(
        44,
        "ids in capitals",
        lambda mark: spans(mark, span(mark, traceId=mark.trace_id.upper(), parentSpanId="00F067AA0BA902B7")),
        [{"parent_span_id": "00f067aa0ba902b7"}],
        ways=BY_JSON,
    ),
    Case(
        44,
        "an id that is no hex costs its span",
        lambda mark: spans(mark, span(mark), span(mark, spanId="xyz"), span(mark, traceId="AAAAAAAAAAAAAAAAAAAAAA==")),
        [{"operation_name": "s"}],
        ways=BY_JSON,
        rejected=2,
        message="span_id must be 8 bytes",
    ),
    Case(
        44,
        "odd ids of a record",
        a_record(traceId="12", spanId="zz"),
        [{"trace_id": None, "span_id": None}],
        signal="logs",
        ways=BY_JSON,
    ),
    Case(
        44,
        "ids of a link",
        a_span(links=[{"traceId": "AB" * 16, "spanId": "CD" * 8}]),
        [{"operation_name": "s"}],
        ways=BY_JSON,
    ),
    attribute(45, "integer as text", {"intValue": "9007199254740993"}, 9007199254740993),
    attribute(45, "integer as number", {"intValue": 9007199254740993}, 9007199254740993),
    attribute(45, "integer with a point", {"intValue": 7.0}, 7),
    attribute(45, "integer with a point as text", {"intValue": "7.0"}, 7),
    Case(
        45,
        "times as numbers",
        a_span(startTimeUnixNano=NOW, endTimeUnixNano=NOW + 1_000_000),
        [{"start_time": at(NOW), "duration_ms": 1.0}],
        ways=BY_JSON,
    ),
    attribute(46, "1e300 as integer", {"intValue": 1e300}, 10**300),
    attribute(46, "2^63 as integer", {"intValue": "9223372036854775808"}, "9223372036854775808"),
    attribute(46, "half as integer", {"intValue": 1.5}, 1.5),
    Case(47, "enum as number", a_span(kind=3, status={"code": 2}), [{"kind": 3, "status_code": 2}], ways=BY_JSON),
    Case(
        47,
        "enum as name",
        a_span(kind="SPAN_KIND_CLIENT", status={"code": "STATUS_CODE_ERROR"}),
        [{"kind": 3, "status_code": 2}],
        ways=BY_JSON,
    ),
    Case(47, "enum of an unknown name", a_span(kind="SPAN_KIND_NEW"), [{"kind": 0}], ways=BY_JSON),
    Case(47, "enum of an unknown number", a_span(kind=77), [{"kind": 77}], ways=BY_JSON),
    Case(
        47,
        "severity as name",
        a_record(severityNumber="SEVERITY_NUMBER_WARN2"),
        [{"severity_number": 14, "level": "WARNING"}],
        signal="logs",
        ways=BY_JSON,
    ),
    Case(
        48,
        "unknown fields",
        lambda mark: (
            {"new": {"a": [1]}}
            | dict(spans(mark, span(mark, more=[{}]), resource=dict(mark.resource) | {"schemaUrl": "u"}))
        ),
        [{"operation_name": "s"}],
        ways=BY_JSON,
    ),
    Case(49, "snake case", snake, [{"kind": 3}], ways=BY_JSON),
    Case(49, "camel case wins", a_span(start_time_unix_nano=5), [{"start_time": at(NOW)}], ways=BY_JSON),
    attribute(50, "base64", {"bytesValue": "+/8="}, "+/8="),
    attribute(50, "base64 for addresses, unpadded", {"bytesValue": "-_8"}, "+/8="),
    attribute(51, "double", {"doubleValue": 1.25}, 1.25),
    attribute(51, "double as text", {"doubleValue": "1.25"}, 1.25),
    *(attribute(51, f"double {name}", {"doubleValue": name}, name) for name in ("NaN", "Infinity", "-Infinity")),
    attribute(51, "double null", {"doubleValue": None}, None),
    Case(
        52,
        "null fields",
        text(a_span(kind="-", traceState="-", events="-"), '"-"', "null"),
        [{"kind": 0}],
        ways=BY_JSON,
    ),
    Case(
        52,
        "null elements",
        text(a_span(attributes=["none", pair("k", stringValue="v")]), '"none"', "null"),
        [{"tags": {"k": "v"}}],
        ways=BY_JSON,
    ),
    attribute(53, "no kind", {}, None),
    attribute(53, "unknown kind", {"colourValue": "red"}, None),
    Case(53, "no value", a_span(attributes=[{"key": "k"}]), [{"tags": {"k": None}}], ways=BY_JSON),
    attribute(53, "two kinds", {"stringValue": "first", "intValue": "2"}, 2),
    *(
        Case(
            54,
            f"time {time!r} costs its span",
            lambda mark, time=time: spans(mark, span(mark), span(mark, startTimeUnixNano=time)),
            [{"operation_name": "s"}],
            ways=BY_JSON,
            rejected=1,
            message=NO_TIME,
        )
        for time in (LOW_HIGH, -1, 1.5, "1.5", "now", str(1 << 64))
    ),
    Case(
        54,
        "time of low and high costs its record",
        lambda mark: logs(mark, record(), record(timeUnixNano=LOW_HIGH)),
        [{"message": "m"}],
        signal="logs",
        ways=BY_JSON,
        rejected=1,
        message=NO_TIME,
    ),
    attribute(55, "number as string", {"stringValue": 5}, "5"),
    attribute(55, "boolean as text", {"boolValue": "true"}, True),
    attribute(55, "text as double", {"doubleValue": "much"}, "much"),
    Case(55, "number as name", a_span(name=5), [{"operation_name": "5"}], ways=BY_JSON),
    Case(
        56,
        "key twice",
        text(a_span(name="first"), '"name": "first"', '"name": "first", "name": "last"'),
        [{"operation_name": "last"}],
        ways=BY_JSON,
    ),
    Case(
        57,
        "lone surrogates",
        text(a_span(name="a?b", attributes=[pair("k?", stringValue="v?")]), "?", "\\ud800"),
        [{"operation_name": "a�b", "tags": {"k�": "v�"}}],
        ways=BY_JSON,
    ),
    bad_json("depth bomb", b'{"resourceSpans":' + b"[" * 100_000),
    bad_json("deep bodies", b'{"a":' * 5000 + b"1" + b"}" * 5000),
    bad_json("number of 5,000 digits", b'{"a": ' + b"9" * 5000 + b"}"),
    bad_json("array", b"[]"),
    bad_json("text", b'"x"'),
    bad_json("byte order mark", b"\xef\xbb\xbf{}"),
    bad_json("UTF-16", "{}".encode("utf-16")),
    bad_json("trailing garbage", b"{} x"),
    bad_json("nothing", b""),
)


@CASES
def test_json(receiver: OtelgresProcess, case: Case, way: str) -> None:
    verify(receiver, case, way)
