"""Spans: ids, parents, kinds, status, events, links; traces in pieces."""

import os

from tests import rows
from tests.acceptance.checklist.cases import (
    GRPC,
    HTTP_PROTOBUF,
    NOW,
    Case,
    Mark,
    Message,
    Payload,
    a_span,
    at,
    checks,
    send,
    span,
    spans,
    table,
    verify,
)
from tests.acceptance.checklist.encode import encode
from tests.conftest import run
from tests.otelgres_process import OtelgresProcess
from tests.senders import post

PARENT = "00f067aa0ba902b7"
LINK = {"traceId": "ab" * 16, "spanId": "cd" * 8, "traceState": "a=1", "flags": 257, "droppedAttributesCount": 2}


def beside_a_good_one(**fields: object) -> Payload:
    return lambda mark: spans(mark, span(mark), span(mark, **fields))


def own_parent(mark: Mark) -> Message:
    return spans(mark, span(mark, spanId=PARENT, parentSpanId=PARENT))


CASES = table(
    *(
        Case(73, f"trace id {name}", beside_a_good_one(traceId=value), [{}], rejected=1, message="trace_id")
        for name, value in (
            ("of zeros", "00" * 16),
            ("of 15 bytes", "ab" * 15),
            ("of 17 bytes", "ab" * 17),
            ("of 1,000 bytes", "ab" * 1000),
            ("missing", None),
        )
    ),
    *(
        Case(73, f"span id {name}", beside_a_good_one(spanId=value), [{}], rejected=1, message="span_id")
        for name, value in (
            ("of zeros", "00" * 8),
            ("of 7 bytes", "ab" * 7),
            ("of 9 bytes", "ab" * 9),
            ("missing", None),
        )
    ),
    *(
        Case(74, f"parent {name}", a_span(parentSpanId=value), [{"parent_span_id": None}])
        for name, value in (("empty", ""), ("of zeros", "00" * 8), ("of 4 bytes", "ab" * 4), ("missing", None))
    ),
    Case(74, "its own parent", own_parent, [{"parent_span_id": None}]),
    Case(74, "a parent that never came", a_span(parentSpanId=PARENT), [{"parent_span_id": PARENT}]),
    *(Case(75, f"flags {flags:#x}", a_span(flags=flags), [{"flags": flags}]) for flags in (0x100, 0x301, 0xFFFFFFFF)),
    Case(75, "no flags", a_span(), [{"flags": None}]),
    Case(76, "trace state", a_span(traceState="a=1,b= 2 "), [{"trace_state": "a=1,b= 2 "}]),
    *(Case(77, f"kind {kind}", a_span(kind=kind), [{"kind": kind}]) for kind in (0, 1, 2, 3, 4, 5, 6, 99)),
    Case(77, "no name", a_span(name=""), [{"operation_name": ""}]),
    Case(78, "no status", a_span(), [{"status": "completed", "status_code": 0, "status_message": None}]),
    Case(78, "OK", a_span(status={"code": 1}), [{"status": "completed", "status_code": 1}]),
    Case(
        78,
        "error",
        a_span(status={"code": 2, "message": "broke"}),
        [{"status": "error", "status_code": 2, "error_message": "broke"}],
    ),
    Case(78, "unknown status", a_span(status={"code": 9}), [{"status": "completed", "status_code": 9}]),
    Case(79, "ends before it starts", a_span(endTimeUnixNano=str(NOW - 5)), [{"duration_ms": 0.0}]),
    Case(
        79,
        "no end",
        a_span(endTimeUnixNano=None),
        [{"end_time": None, "duration_ms": None, "status": "in_progress"}],
    ),
    Case(79, "no start", a_span(startTimeUnixNano=None), [{"start_time": at(NOW + 10**6), "duration_ms": 0.0}]),
    Case(
        79,
        "no time",
        beside_a_good_one(startTimeUnixNano=None, endTimeUnixNano="0"),
        [{"operation_name": "s"}],
        rejected=1,
        message="start_time_unix_nano",
    ),
    Case(
        80,
        "event without time",
        a_span(events=[{"name": "e"}]),
        [{"logs": [{"message": "e", "timestamp": f"{at(NOW):%Y-%m-%dT%H:%M:%S}.000000+00:00"}]}],
    ),
    Case(
        80,
        "link",
        a_span(links=[LINK]),
        [
            {
                "links": [
                    {
                        "trace_id": "ab" * 16,
                        "span_id": "cd" * 8,
                        "trace_state": "a=1",
                        "flags": 257,
                        "dropped_attributes_count": 2,
                        "attributes": {},
                    }
                ]
            }
        ],
    ),
    Case(80, "a link without ids falls alone", a_span(links=[{"traceState": "x"}]), [{"links": []}]),
    Case(82, "trace id of 64 bits", lambda mark: spans(mark, span(mark, traceId="00" * 8 + mark.trace_id[16:])), [{}]),
)


@CASES
def test_traces(receiver: OtelgresProcess, case: Case, way: str) -> None:
    verify(receiver, case, way)


@checks(81)
def test_a_trace_in_pieces_children_first(receiver: OtelgresProcess) -> None:
    mark, root = Mark(), os.urandom(8).hex()
    pieces = (
        span(mark, parentSpanId=root, name="child", startTimeUnixNano=str(NOW + 10)),
        span(mark, spanId=root, name="root", attributes=[{"key": "http.route", "value": {"stringValue": "/r"}}]),
        span(mark, spanId=root, name="root, told again differently", parentSpanId="ab" * 8),
    )
    for way, piece in zip((GRPC, HTTP_PROTOBUF, GRPC), pieces, strict=True):
        for _ in range(2):
            assert send(receiver, "traces", way, encode("traces", spans(mark, piece))).status == 200
    found = run(rows.fetch(receiver.dsn, "SELECT * FROM enterprise.trace_spans WHERE trace_id = $1", mark.trace_id))
    assert sorted(row["operation_name"] for row in found) == ["child", "root", "root, told again differently"]
    (trace,) = run(rows.fetch(receiver.dsn, "SELECT * FROM enterprise.traces WHERE trace_id = $1", mark.trace_id))
    assert (trace["endpoint"], trace["span_count"], trace["start_time"]) == ("/r", 3, at(NOW))


@checks(83)
def test_one_resource_with_ten_thousand_spans(receiver: OtelgresProcess) -> None:
    mark = Mark()
    items = [span(mark, startTimeUnixNano=str(NOW + number)) for number in range(10_000)]
    assert post(receiver, "traces", encode("traces", spans(mark, *items))).content == b""
    counted = "SELECT count(*) FROM enterprise.trace_spans WHERE trace_id = $1"
    assert run(rows.value(receiver.dsn, counted, mark.trace_id)) == 10_000
