"""Requests in the shape of the protocol's own JSON examples: every field that those use comes back."""

from typing import Any

from tests.acceptance.checklist.cases import (
    HTTP_JSON,
    NOW,
    Case,
    Mark,
    Message,
    at,
    pair,
    record,
    span,
    table,
    verify,
)
from tests.otelgres_process import OtelgresProcess

EARLIER = NOW - 10**9
TIMES = {"startTimeUnixNano": str(EARLIER), "timeUnixNano": str(NOW)}
SCOPE = {
    "name": "shop.orders",
    "version": "2.3.1",
    "attributes": [pair("scope.owner", stringValue="team orders")],
}
OF_SCOPE = {"scope": "shop.orders", "scope_version": "2.3.1", "scope_attributes": {"scope.owner": "team orders"}}
ONE = [pair("which", stringValue="the first")]
EVERY_KIND = [
    pair("text", stringValue="plain"),
    pair("truth", boolValue=True),
    pair("whole", intValue="12"),
    pair("fraction", doubleValue=3.75),
    pair("list", arrayValue={"values": [{"stringValue": "left"}, {"stringValue": "right"}]}),
    pair("map", kvlistValue={"values": [pair("inner", stringValue="kept")]}),
]
STORED_EVERY_KIND = {
    "text": "plain",
    "truth": True,
    "whole": 12,
    "fraction": 3.75,
    "list": ["left", "right"],
    "map": {"inner": "kept"},
}


def a_trace(mark: Mark) -> Message:
    one = span(
        mark,
        traceId=mark.trace_id.upper(),
        spanId="EEE19B7EC3C1B174",
        parentSpanId="EEE19B7EC3C1B173",
        name="It's a span of a server",
        kind=2,
        attributes=ONE,
    )
    return {"resourceSpans": [{"resource": mark.resource, "scopeSpans": [{"scope": SCOPE, "spans": [one]}]}]}


def with_record(**fields: Any) -> Any:
    """A payload of one log record with the trace of its mark."""

    def payload(mark: Mark) -> Message:
        ids = {"traceId": mark.trace_id.upper(), "spanId": "EEE19B7EC3C1B174"}
        scopes = {"scope": SCOPE, "logRecords": [record(**ids, observedTimeUnixNano=str(NOW + 1000), **fields)]}
        return {"resourceLogs": [{"resource": mark.resource, "scopeLogs": [scopes]}]}

    return payload


def all_metrics(mark: Mark) -> Message:
    """Counts are numbers here, where OTLP's 64-bit integers are strings."""
    metrics = [
        {
            "name": "a counter",
            "unit": "1",
            "description": "It only grows",
            "sum": {
                "aggregationTemporality": 1,
                "isMonotonic": True,
                "dataPoints": [{"asDouble": 5, "attributes": ONE} | TIMES],
            },
        },
        {
            "name": "b gauge",
            "unit": "1",
            "description": "It goes up and down",
            "gauge": {"dataPoints": [{"asDouble": 10, "timeUnixNano": str(NOW), "attributes": ONE}]},
        },
        {
            "name": "c histogram",
            "unit": "1",
            "description": "It has buckets",
            "histogram": {
                "aggregationTemporality": 1,
                "dataPoints": [
                    {"count": 2, "sum": 2, "bucketCounts": [1, 1], "explicitBounds": [1], "min": 0, "max": 2}
                    | {"attributes": ONE}
                    | TIMES
                ],
            },
        },
        {
            "name": "d exponential histogram",
            "unit": "1",
            "description": "It has many",
            "exponentialHistogram": {
                "aggregationTemporality": 1,
                "dataPoints": [
                    {"count": 3, "sum": 10, "scale": 0, "zeroCount": 1, "zeroThreshold": 0, "min": 0, "max": 5}
                    | {"positive": {"offset": 1, "bucketCounts": [0, 2]}, "attributes": ONE}
                    | TIMES
                ],
            },
        },
    ]
    scopes = {"scope": SCOPE, "metrics": metrics}
    return {"resourceMetrics": [{"resource": mark.resource, "scopeMetrics": [scopes]}]}


A_RECORD = with_record(
    severityNumber=10, severityText="Information", body={"stringValue": "A record"}, attributes=EVERY_KIND
)
AN_EVENT = with_record(
    eventName="shop.sold",
    attributes=[pair("event.attribute", stringValue="of the event")],
    body={"kvlistValue": {"values": [pair("type", intValue="0"), pair("url", stringValue="https://shop.example.com")]}},
)
OF_EVERY_METRIC = OF_SCOPE | {"unit": "1", "attributes": {"which": "the first"}, "time": at(NOW)}
OF_DELTAS = OF_EVERY_METRIC | {"temporality": "delta", "start_time": at(EARLIER)}

CASES = table(
    Case(
        59,
        "trace",
        a_trace,
        [
            OF_SCOPE
            | {
                "span_id": "eee19b7ec3c1b174",
                "parent_span_id": "eee19b7ec3c1b173",
                "operation_name": "It's a span of a server",
                "start_time": at(NOW),
                "duration_ms": 1.0,
                "kind": 2,
                "tags": {"which": "the first"},
            }
        ],
        ways=(HTTP_JSON,),
    ),
    Case(
        59,
        "logs",
        A_RECORD,
        [
            OF_SCOPE
            | {
                "timestamp": at(NOW),
                "observed_time": at(NOW + 1000),
                "severity_number": 10,
                "severity_text": "Information",
                "level": "INFO",
                "span_id": "eee19b7ec3c1b174",
                "message": "A record",
                "extra": STORED_EVERY_KIND,
            }
        ],
        signal="logs",
        ways=(HTTP_JSON,),
    ),
    Case(
        59,
        "events",
        AN_EVENT,
        [
            OF_SCOPE
            | {
                "event_name": "shop.sold",
                "extra": {"event.attribute": "of the event"},
                "body": {"type": 0, "url": "https://shop.example.com"},
            }
        ],
        signal="logs",
        ways=(HTTP_JSON,),
    ),
    Case(
        59,
        "metrics",
        all_metrics,
        [
            OF_DELTAS | {"name": "a counter", "description": "It only grows", "monotonic": True, "value": 5.0},
            OF_EVERY_METRIC | {"name": "b gauge", "description": "It goes up and down", "value": 10.0},
            OF_DELTAS
            | {
                "name": "c histogram",
                "description": "It has buckets",
                "count": 2,
                "sum": 2.0,
                "bucket_counts": [1, 1],
                "bounds": [1.0],
                "min": 0.0,
                "max": 2.0,
            },
            OF_DELTAS
            | {
                "name": "d exponential histogram",
                "description": "It has many",
                "count": 3,
                "sum": 10.0,
                "scale": 0,
                "zero_count": 1,
                "zero_threshold": 0.0,
                "positive_offset": 1,
                "positive_counts": [0, 2],
                "negative_counts": [],
                "min": 0.0,
                "max": 5.0,
            },
        ],
        signal="metrics",
        ways=(HTTP_JSON,),
    ),
)


@CASES
def test_examples(receiver: OtelgresProcess, case: Case, way: str) -> None:
    verify(receiver, case, way)
