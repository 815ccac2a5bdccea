"""Odd protobuf: unknown fields, broken text, deep nesting, garbage, the wrong signal."""

from tests.acceptance.checklist.cases import (
    NOW,
    ON_THE_WIRE,
    Case,
    Mark,
    Message,
    a_record,
    a_span,
    logs,
    pair,
    record,
    span,
    spans,
    table,
    verify,
)
from tests.acceptance.checklist.encode import LENGTH_DELIMITED, VARINT, encode, field, varint
from tests.otelgres_process import OtelgresProcess

BROKEN = b"caf\xe9 \xff"
SALVAGED = "caf� �"


def nested_arrays(levels: int) -> bytes:
    """An AnyValue of arrays in arrays."""
    value = field(1, LENGTH_DELIMITED, b"inmost")
    for _ in range(levels):
        value = field(5, LENGTH_DELIMITED, field(1, LENGTH_DELIMITED, value))
    return value


def deep(levels: int) -> bytes:
    """A KeyValue, as a field of a span."""
    content = field(1, LENGTH_DELIMITED, b"deep") + field(2, LENGTH_DELIMITED, nested_arrays(levels))
    return field(9, LENGTH_DELIMITED, content)


def with_deep(mark: Mark, levels: int) -> bytes:
    raw = encode("Span", span(mark)) + deep(levels)
    scopes = field(2, LENGTH_DELIMITED, field(2, LENGTH_DELIMITED, raw))
    return field(1, LENGTH_DELIMITED, field(1, LENGTH_DELIMITED, encode("Resource", mark.resource)) + scopes)


def unknown_everywhere(mark: Mark) -> Message:
    odd = {2000: b"x"}
    scopes = {"scope": {"name": "n"} | odd, "spans": [span(mark) | odd]} | odd
    return {"resourceSpans": [{"resource": dict(mark.resource) | odd, "scopeSpans": [scopes]} | odd]} | odd


def outdated(mark: Mark) -> bytes:
    old = field(1000, LENGTH_DELIMITED, field(2, LENGTH_DELIMITED, encode("Span", span(mark))))
    return field(1, LENGTH_DELIMITED, field(1, LENGTH_DELIMITED, encode("Resource", mark.resource)) + old)


CASES = table(
    Case(39, "unknown fields", unknown_everywhere, [{"operation_name": "s", "scope": "n"}], ways=ON_THE_WIRE),
    Case(39, "outdated field", outdated, [], ways=ON_THE_WIRE, message="removed"),
    Case(
        40,
        "broken trace state",
        lambda mark: spans(mark, span(mark, traceState=BROKEN), span(mark, startTimeUnixNano=NOW - 1)),
        [{"trace_state": None}, {"trace_state": SALVAGED}],
        ways=ON_THE_WIRE,
        message="not UTF-8",
    ),
    Case(
        40,
        "broken key and value",
        a_span(attributes=[pair(BROKEN, stringValue=BROKEN)]),
        [{"tags": {SALVAGED: SALVAGED}}],
        ways=ON_THE_WIRE,
        message="not UTF-8",
    ),
    Case(
        40,
        "broken body",
        a_record(body={"stringValue": BROKEN}, severityText=BROKEN),
        [{"message": SALVAGED, "severity_text": SALVAGED}],
        signal="logs",
        ways=ON_THE_WIRE,
        message="not UTF-8",
    ),
    Case(41, "64 levels", lambda mark: with_deep(mark, 64), [{"operation_name": "s"}], ways=ON_THE_WIRE),
    Case(
        41,
        "20,000 levels",
        lambda mark: with_deep(mark, 20_000),
        [{"operation_name": "s"}],
        ways=ON_THE_WIRE,
        message="nested deeper",
    ),
    *(
        Case(42, name, lambda _, body=body: body, ways=ON_THE_WIRE, signal=signal, status=400)
        for signal in ("traces", "logs", "metrics")
        for name, body in {
            "cut in a length": b"\x0a\xff",
            "longer than the message": b"\x0a\x05\x00",
            "cut varint": field(1, LENGTH_DELIMITED, b"")[:1],
            "field number 0": field(0, VARINT, varint(1)),
            "unknown wire type": b"\x0b",
            "endless varint": b"\xff" * 11,
        }.items()
    ),
    Case(
        43,
        "logs at the traces",
        lambda mark: encode("logs", logs(mark, record())),
        [],
        ways=ON_THE_WIRE,
        status=400,
        message="logs export?",
    ),
)


@CASES
def test_protobuf(receiver: OtelgresProcess, case: Case, way: str) -> None:
    verify(receiver, case, way)
