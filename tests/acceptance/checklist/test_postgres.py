"""What PostgreSQL would refuse, by every way in."""

from tests.acceptance.checklist.cases import Case, a_record, a_span, pair, table, verify
from tests.otelgres_process import OtelgresProcess

NUL, MARKED = "a\0b", "a�b"
LITERAL = "a\\u0000b"
LONG = "x" * 20_000

CASES = table(
    Case(
        105,
        "U+0000 in a span",
        a_span(name=NUL, traceState=NUL, attributes=[pair(NUL, stringValue=NUL)], events=[{"name": NUL}]),
        [{"operation_name": MARKED, "trace_state": MARKED, "tags": {MARKED: MARKED}}],
        message="U+0000",
    ),
    Case(
        105,
        "U+0000 in a record",
        a_record(body={"stringValue": NUL}, severityText=NUL, eventName=NUL, attributes=[pair(NUL, stringValue=NUL)]),
        [{"message": MARKED, "severity_text": MARKED, "event_name": MARKED, "extra": {MARKED: MARKED}}],
        signal="logs",
        message="U+0000",
    ),
    Case(
        105,
        "U+0000 in a structured body",
        a_record(body={"kvlistValue": {"values": [pair(NUL, stringValue=NUL)]}}),
        [{"body": {MARKED: MARKED}}],
        signal="logs",
        message="U+0000",
    ),
    Case(
        105,
        "the letters of an escape",
        a_record(body={"stringValue": LITERAL}, attributes=[pair(LITERAL, stringValue=LITERAL)]),
        [{"message": LITERAL, "extra": {LITERAL: LITERAL}}],
        signal="logs",
    ),
    Case(
        106,
        "no numbers",
        a_span(attributes=[pair("k", doubleValue="NaN")], events=[{"attributes": [pair("k", doubleValue="Infinity")]}]),
        [{"tags": {"k": "NaN"}}],
    ),
    Case(
        107,
        "long names",
        a_span(name=LONG, attributes=[pair("http.route", stringValue=LONG), pair("user.email", stringValue=LONG)]),
        [{"operation_name": LONG}],
    ),
    Case(
        107,
        "a megabyte of words",
        a_record(body={"stringValue": " ".join(f"w{number}" for number in range(150_000))}),
        [{"level": "INFO"}],
        signal="logs",
    ),
    Case(
        107,
        "long columns of a record",
        a_record(attributes=[pair("user.email", stringValue=LONG), pair("session.id", stringValue=LONG)]),
        [{"user_email": None, "session_id": None, "extra": {"user.email": LONG, "session.id": LONG}}],
        signal="logs",
    ),
    Case(
        108,
        "counts and enums beyond the columns",
        a_span(kind=2**31 - 1, droppedAttributesCount=2**32 - 1, status={"code": 2**31 - 1}),
        [{"kind": 2**15 - 1, "dropped_attributes_count": 2**32 - 1, "status_code": 2**31 - 1}],
    ),
    Case(
        108,
        "counts and severities beyond the columns",
        a_record(severityNumber=2**31 - 1, droppedAttributesCount=2**32 - 1, flags=2**32 - 1),
        [{"severity_number": 2**31 - 1, "dropped_attributes_count": 2**32 - 1, "flags": 2**32 - 1}],
        signal="logs",
    ),
)


@CASES
def test_postgres(receiver: OtelgresProcess, case: Case, way: str) -> None:
    verify(receiver, case, way)
