"""OTLP/JSON becomes the rows that the same request makes as protobuf; what is odd costs itself alone."""

import json
import math
from base64 import b64decode
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest
from google.protobuf import json_format
from google.protobuf.message import Message
from hypothesis import HealthCheck, given, settings
from opentelemetry.exporter.postgres.batch import Batch, InvalidRequest, Resource, Scope, Signal
from opentelemetry.exporter.postgres.requests import Decoder
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import ResourceSpans

from receiver.otlp_json import MAX_DEPTH, Transcoded, transcode
from receiver.refusals import Invalid
from tests import otlp_strategies as otlp
from tests.copy_reader import log_rows, point_rows, span_rows

RECEIVED = 1_800_000_000 * 10**9
START = 1_700_000_000_000_000_123
TRACE_ID, SPAN_ID, PARENT_ID = "5b8efff798038103d269b633813fc60c", "eee19b7ec3c1b174", "eee19b7ec3c1b173"
IDS = frozenset(("traceId", "spanId", "parentSpanId"))
DECODER = Decoder()
EXTENSIVE = settings(max_examples=80, suppress_health_check=list(HealthCheck), deadline=None)

Row = dict[str, Any]


def with_hex_ids(value: Any) -> Any:
    """What MessageToDict made, with ids as OTLP writes them: hex, where protobuf's own mapping is base64."""
    if isinstance(value, list):
        return [with_hex_ids(element) for element in value]
    if not isinstance(value, dict):
        return value
    return {key: as_hex(content) if key in IDS else with_hex_ids(content) for key, content in value.items()}


def as_hex(base64: str) -> str:
    raw: bytes = b64decode(base64)
    return raw.hex()


def as_json(request: Message) -> bytes:
    made = json_format.MessageToDict(request, use_integers_for_enums=True)
    return json.dumps(with_hex_ids(made)).encode()


def told(signal: Signal, body: bytes) -> tuple[int, list[str], list[Row], list[Row]] | str:
    """All that a request becomes but for its random ids; or why it is refused."""
    try:
        batch = DECODER.decode(signal, body, RECEIVED)
    except InvalidRequest as error:
        return str(error)
    rows = span_rows(batch.rows) if signal is Signal.TRACES else log_rows(batch.rows)
    for row in rows:
        del row["id"]
    origins: list[Resource | Scope] = [*batch.resources.values(), *batch.scopes.values()]
    described = [
        {"attributes": each.attributes, "schema_url": each.schema_url, "dropped": each.dropped_attributes_count}
        for each in origins
    ]
    return batch.rejected, batch.reasons, rows, described


@EXTENSIVE
@given(otlp.trace_requests)
def test_spans_are_the_same_by_json(request: ExportTraceServiceRequest) -> None:
    transcoded = transcode("traces", as_json(request))
    assert transcoded.refusals == []
    assert told(Signal.TRACES, transcoded.body) == told(Signal.TRACES, request.SerializeToString())


@EXTENSIVE
@given(otlp.log_requests)
def test_records_are_the_same_by_json(request: ExportLogsServiceRequest) -> None:
    transcoded = transcode("logs", as_json(request))
    assert transcoded.refusals == []
    assert told(Signal.LOGS, transcoded.body) == told(Signal.LOGS, request.SerializeToString())


@EXTENSIVE
@given(otlp.metric_requests)
def test_points_are_the_same_by_json(request: ExportMetricsServiceRequest) -> None:
    transcoded = transcode("metrics", as_json(request))
    assert transcoded.refusals == []
    by_json, by_protobuf = (
        DECODER.decode(Signal.METRICS, body, RECEIVED) for body in (transcoded.body, request.SerializeToString())
    )
    # As text: no NaN equals another one, and the payload of one is lost in JSON.
    assert repr(point_rows(by_json.rows)) == repr(point_rows(by_protobuf.rows))
    assert by_json.series == by_protobuf.series
    assert repr(by_json.bounds) == repr(by_protobuf.bounds)
    assert (by_json.items, by_json.reasons) == (by_protobuf.items, by_protobuf.reasons)


def span(**fields: Any) -> Row:
    return {"traceId": TRACE_ID, "spanId": SPAN_ID, "name": "I", "startTimeUnixNano": str(START)} | fields


def traces(*spans: Any, resource: Any = None) -> Row:
    group: Row = {"scopeSpans": [{"spans": list(spans)}]}
    return {"resourceSpans": [group | ({} if resource is None else {"resource": resource})]}


def logs(*records: Any) -> Row:
    return {"resourceLogs": [{"scopeLogs": [{"logRecords": list(records)}]}]}


def stored(request: Row | bytes | str, signal: Signal = Signal.TRACES) -> tuple[list[Row], Transcoded, Batch]:
    body = request if isinstance(request, bytes) else (request if isinstance(request, str) else json.dumps(request))
    transcoded = transcode(signal.name.lower(), body if isinstance(body, bytes) else body.encode())
    batch = DECODER.decode(signal, transcoded.body, RECEIVED)
    return (span_rows if signal is Signal.TRACES else log_rows)(batch.rows), transcoded, batch


def only_span(request: Row | bytes | str) -> Row:
    rows, transcoded, batch = stored(request)
    assert (len(rows), transcoded.refusals, batch.rejected) == (1, [], 0)
    return rows[0]


def only_record(request: Row) -> Row:
    rows, transcoded, _ = stored(request, Signal.LOGS)
    assert (len(rows), transcoded.refusals) == (1, [])
    return rows[0]


VALUES = {
    "text": ('{"stringValue": "a"}', "a"),
    "empty text": ('{"stringValue": ""}', ""),
    "integer as text": ('{"intValue": "9007199254740993"}', 9007199254740993),
    "integer as number": ('{"intValue": 9007199254740993}', 9007199254740993),
    "integer with a fraction of zero": ('{"intValue": 1.0}', 1),
    "integer as text with a fraction of zero": ('{"intValue": "1.0"}', 1),
    "the least integer": ('{"intValue": "-9223372036854775808"}', -(2**63)),
    "the greatest integer": ('{"intValue": 9223372036854775807}', 2**63 - 1),
    "a double under the name of an integer": ('{"intValue": 1e300}', 1e300),
    "an integer with a fraction": ('{"intValue": 1.5}', 1.5),
    "an integer beyond 64 bits": ('{"intValue": 9223372036854775808}', "9223372036854775808"),
    "an integer beyond 64 bits as text": ('{"intValue": "-99999999999999999999"}', "-99999999999999999999"),
    "no integer": ('{"intValue": "many"}', "many"),
    "double": ('{"doubleValue": 0.25}', 0.25),
    "double as text": ('{"doubleValue": "0.25"}', 0.25),
    "NaN": ('{"doubleValue": "NaN"}', "NaN"),
    "infinity": ('{"doubleValue": "Infinity"}', "Infinity"),
    "negative infinity": ('{"doubleValue": "-Infinity"}', "-Infinity"),
    "bare NaN": ('{"doubleValue": NaN}', "NaN"),
    "bare infinity": ('{"doubleValue": -Infinity}', "-Infinity"),
    "a double too great for one": ('{"doubleValue": 1e999}', "Infinity"),
    "null double": ('{"doubleValue": null}', None),
    "double that is none": ('{"doubleValue": "fast"}', "fast"),
    "boolean": ('{"boolValue": false}', False),
    "boolean as text": ('{"boolValue": "true"}', True),
    "boolean that is none": ('{"boolValue": "perhaps"}', None),
    "number under the name of a text": ('{"stringValue": 5}', "5"),
    "object under the name of a text": ('{"stringValue": {"a": [1]}}', '{"a": [1]}'),
    "bytes": ('{"bytesValue": "+/8="}', "+/8="),
    "url-safe bytes": ('{"bytesValue": "-_8="}', "+/8="),
    "unpadded bytes": ('{"bytesValue": "+/8"}', "+/8="),
    "url-safe unpadded bytes": ('{"bytesValue": "-_8"}', "+/8="),
    "no base64": ('{"bytesValue": "it is, no?"}', "it is, no?"),
    "bytes that are no text": ('{"bytesValue": 5}', None),
    "nothing": ("{}", None),
    "null": ("null", None),
    "unknown kind": ('{"stringValueStrindex": 3}', None),
    "no object": ("7", None),
    "two kinds": ('{"stringValue": "a", "intValue": 2}', 2),
    "two kinds, the last one null": ('{"stringValue": "a", "intValue": null}', "a"),
    "key given twice": ('{"intValue": 1, "intValue": 2}', 2),
    "array": ('{"arrayValue": {"values": [{"intValue": 1}, {}, null, {"stringValue": "x"}]}}', [1, None, "x"]),
    "empty array": ('{"arrayValue": {}}', []),
    "map": ('{"kvlistValue": {"values": [{"key": "k", "value": {"boolValue": true}}]}}', {"k": True}),
    "map of null": ('{"kvlistValue": {"values": null}}', {}),
    "snake case": ('{"string_value": "a"}', "a"),
    "snake case within": ('{"array_value": {"values": [{"int_value": "3"}]}}', [3]),
    "camel case wins": ('{"string_value": "a", "stringValue": "b", "int_value": null}', "b"),
    "lone high surrogate": ('{"stringValue": "a\\ud800b"}', "a\ufffdb"),
    "lone low surrogate": ('{"stringValue": "\\udc00"}', "\ufffd"),
    "surrogates of a pair": ('{"stringValue": "\\ud83d\\ude00 \\ud800"}', "\U0001f600 \ufffd"),
    "U+0000": ('{"stringValue": "a\\u0000b"}', "a\ufffdb"),
    "escaped backslash": ('{"stringValue": "\\\\u0000"}', "\\u0000"),
}  # fmt: skip


@pytest.mark.parametrize(("sent", "expected"), VALUES.values(), ids=VALUES)
def test_values(sent: str, expected: object) -> None:
    body = json.dumps(traces(span(attributes=[{"key": "k", "value": "HERE"}]))).replace('"HERE"', sent)
    found = only_span(body)["tags"]["k"]
    assert (found, type(found)) == (expected, type(expected))


SPAN_FIELDS: dict[str, tuple[Row, str, object]] = {
    "hex in upper case": ({"traceId": TRACE_ID.upper()}, "trace_id", TRACE_ID),
    "hex in mixed case": ({"spanId": "EEe19b7Ec3c1b174"}, "span_id", SPAN_ID),
    "parent": ({"parentSpanId": PARENT_ID.upper()}, "parent_span_id", PARENT_ID),
    "no parent": ({"parentSpanId": ""}, "parent_span_id", None),
    "null parent": ({"parentSpanId": None}, "parent_span_id", None),
    "parent that is no hex": ({"parentSpanId": "the one before!!"}, "parent_span_id", None),
    "time as number": ({"startTimeUnixNano": START}, "start_time", START // 1000),
    "time as text": ({"startTimeUnixNano": str(START)}, "start_nanos", START % 1000),
    "time as double": ({"startTimeUnixNano": 1.7e18}, "start_time", 1_700_000_000_000_000),
    "null end": ({"endTimeUnixNano": None}, "end_time", None),
    "null name": ({"name": None}, "operation_name", ""),
    "number for a name": ({"name": 7}, "operation_name", "7"),
    "kind": ({"kind": 3}, "kind", 3),
    "kind as text": ({"kind": "3"}, "kind", 3),
    "kind by name": ({"kind": "SPAN_KIND_SERVER"}, "kind", 2),
    "kind by short name": ({"kind": "CONSUMER"}, "kind", 5),
    "kind of an unknown name": ({"kind": "SPAN_KIND_GUESS"}, "kind", 0),
    "kind of an unknown number": ({"kind": 77}, "kind", 77),
    "kind of no sense": ({"kind": []}, "kind", 0),
    "status code by name": ({"status": {"code": "STATUS_CODE_ERROR"}}, "status", "error"),
    "status code": ({"status": {"code": 2, "message": "no"}}, "status_message", "no"),
    "null status": ({"status": None}, "status_code", 0),
    "status that is no object": ({"status": "ok"}, "status_code", 0),
    "flags": ({"flags": 257}, "flags", 257),
    "flags as text": ({"flags": "257"}, "flags", 257),
    "a count as text": ({"droppedAttributesCount": "3"}, "dropped_attributes_count", 3),
    "a negative count": ({"droppedLinksCount": -1}, "dropped_links_count", None),
    "a count too great": ({"droppedEventsCount": 2**40}, "dropped_events_count", 2**32 - 1),
    "a count that is none": ({"droppedEventsCount": True}, "dropped_events_count", None),
    "trace state": ({"traceState": "a=b"}, "trace_state", "a=b"),
    "snake case": ({"trace_state": "a=b"}, "trace_state", "a=b"),
    "camel case wins": ({"trace_state": "a=b", "traceState": "c=d"}, "trace_state", "c=d"),
    "unknown field": ({"spanKindOfSorts": {"deep": [1]}}, "operation_name", "I"),
    "null attributes": ({"attributes": None}, "tags", {}),
    "null attribute": ({"attributes": [None, {"key": "k", "value": {"intValue": 1}}]}, "tags", {"k": 1}),
    "attribute without a value": ({"attributes": [{"key": "k"}]}, "tags", {"k": None}),
    "attributes that are no list": ({"attributes": {"key": "k"}}, "tags", {}),
    "of equal keys the last": (
        {"attributes": [{"key": "k", "value": {"intValue": number}} for number in (1, 2)]}, "tags", {"k": 2},
    ),
    "lone surrogate in a key": ({"attributes": [{"key": "k\ud800", "value": {}}]}, "tags", {"k\ufffd": None}),
    "lone surrogate in a name": ({"name": "\udfff!"}, "operation_name", "\ufffd!"),
    "link": (
        {"links": [{"traceId": TRACE_ID.upper(), "spanId": PARENT_ID.upper(), "flags": 1}, {"traceId": "no"}]},
        "links",
        [{
            "trace_id": TRACE_ID, "span_id": PARENT_ID, "trace_state": "", "flags": 1,
            "dropped_attributes_count": 0, "attributes": {},
        }],
    ),
    "event": (
        {"events": [None, {"name": "e", "timeUnixNano": str(START), "attributes": [{"key": "a"}]}]},
        "logs",
        [{"timestamp": "2023-11-14T22:13:20.000000123+00:00", "message": "e", "a": None}],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("fields", "column", "expected"), SPAN_FIELDS.values(), ids=SPAN_FIELDS)
def test_span_fields(fields: Row, column: str, expected: object) -> None:
    assert only_span(traces(span(**fields)))[column] == expected


RECORD_FIELDS: dict[str, tuple[Row, str, object]] = {
    "severity": ({"severityNumber": 13}, "level", "WARNING"),
    "severity by name": ({"severityNumber": "SEVERITY_NUMBER_ERROR3"}, "severity_number", 19),
    "severity by the first name": ({"severityNumber": "SEVERITY_NUMBER_TRACE"}, "severity_number", 1),
    "severity by the last name": ({"severityNumber": "SEVERITY_NUMBER_FATAL4"}, "severity_number", 24),
    "severity of an unknown number": ({"severityNumber": 77}, "severity_number", 77),
    "severity below zero": ({"severityNumber": -3}, "severity_number", -3),
    "ids in upper case": ({"traceId": TRACE_ID.upper(), "spanId": SPAN_ID.upper()}, "trace_id", TRACE_ID),
    "id that is no hex": ({"traceId": "z" * 32}, "trace_id", None),
    "id of odd length": ({"spanId": SPAN_ID[:-1]}, "span_id", None),
    "id as base64": ({"traceId": "W47/95gDgQPSabYzgT/GDA=="}, "trace_id", None),
    "body as text": ({"body": {"stringValue": "hello"}}, "message", "hello"),
    "body as map": (
        {"body": {"kvlistValue": {"values": [{"key": "a", "value": {"intValue": "1"}}]}}}, "body", {"a": 1},
    ),
    "no body": ({"body": {}, "eventName": "login"}, "message", "login"),
    "observed time": ({"timeUnixNano": None, "observedTimeUnixNano": START}, "timestamp", START // 1000),
    "no time": ({"timeUnixNano": None}, "timestamp", RECEIVED // 1000),
    "snake case": ({"severity_text": "WARN", "severityNumber": None}, "level", "WARNING"),
}  # fmt: skip


@pytest.mark.parametrize(("fields", "column", "expected"), RECORD_FIELDS.values(), ids=RECORD_FIELDS)
def test_record_fields(fields: Row, column: str, expected: object) -> None:
    assert only_record(logs({"timeUnixNano": str(START)} | fields))[column] == expected


@pytest.mark.parametrize(
    "time", [{"low": 1, "high": 2}, -1, "-1", 1.5, "1.5", 2**64, "soon", True, [], "2026-01-01T00:00:00Z"], ids=str
)
@pytest.mark.parametrize("place", ["start", "end", "event"])
def test_a_time_that_is_none_costs_its_span_alone(time: object, place: str) -> None:
    odd = {
        "start": span(startTimeUnixNano=time),
        "end": span(endTimeUnixNano=time),
        "event": span(events=[{"timeUnixNano": time, "name": "e"}]),
    }[place]
    rows, transcoded, batch = stored(traces(span(name="before"), odd, span(name="after")))
    assert [row["operation_name"] for row in rows] == ["before", "after"]
    (reason,) = transcoded.refusals
    assert "nanoseconds since 1970" in reason
    kinds = {str: "text", list: "a list", dict: "an object", bool: "a boolean", int: "a number", float: "a number"}
    assert reason.endswith(f"; this is {kinds[type(time)]}")
    assert batch.rejected == 0


def test_a_time_that_is_none_costs_its_record_alone() -> None:
    times = (START, {"low": 1, "high": 2}, "9")
    records = [{"timeUnixNano": at, "severityText": str(number)} for number, at in enumerate(times)]
    rows, transcoded, _ = stored(logs(*records), Signal.LOGS)
    assert [row["severity_text"] for row in rows] == ["0", "2"]
    assert len(transcoded.refusals) == 1


@pytest.mark.parametrize(
    "fields", [{"traceId": "xyz"}, {"spanId": SPAN_ID[1:]}, {"traceId": 5}, {"spanId": None}], ids=str
)
def test_an_id_that_is_none_costs_its_span_alone(fields: Row) -> None:
    rows, transcoded, batch = stored(traces(span(**fields), span(name="after")))
    assert [row["operation_name"] for row in rows] == ["after"]
    assert (transcoded.refusals, batch.rejected) == ([], 1)
    assert "must be" in batch.reasons[0]


def points(*points: Any, kind: str = "gauge", **fields: Any) -> Row:
    metric = {"name": "m", kind: {"dataPoints": list(points)} | fields}
    return {"resourceMetrics": [{"scopeMetrics": [{"metrics": [metric]}]}]}


AT = {"timeUnixNano": str(START)}
MOST = 2**63 - 1
POINTS = {
    "integer as text": ("gauge", {"asInt": str(MOST)}, {"value_int": MOST, "value": float(MOST)}),
    "integer as number": ("gauge", {"asInt": 5}, {"value_int": 5, "value": 5.0}),
    "integer with a point": ("gauge", {"asInt": 5.0}, {"value_int": 5}),
    "integer beyond int64": ("gauge", {"asInt": 1e300}, {"value_int": None, "value": 1e300}),
    "integer that is none": ("gauge", {"asInt": 2.5}, {"value_int": None, "value": 2.5}),
    "double as text": ("gauge", {"asDouble": "1.5"}, {"value": 1.5, "value_int": None}),
    "infinity": ("gauge", {"asDouble": "-Infinity"}, {"value": -math.inf}),
    "snake case": ("gauge", {"as_double": 1.5}, {"value": 1.5}),
    "marked as missing": ("gauge", {"flags": 1}, {"value": None, "flags": 1}),
    "exemplar": (
        "gauge",
        {"asInt": 1, "exemplars": [AT | {"asInt": "7", "traceId": TRACE_ID.upper(), "spanId": SPAN_ID}]},
        {"exemplars": [{"timestamp": "2023-11-14T22:13:20.000000123+00:00", "value": 7, "trace_id": TRACE_ID,
                        "span_id": SPAN_ID, "attributes": {}}]},
    ),
    "exemplar without a readable time": (
        "gauge", {"asInt": 1, "exemplars": [{"timeUnixNano": "soon", "asInt": 1}, 5]}, {"exemplars": None}
    ),
    "histogram": (
        "histogram",
        {"count": "3", "sum": 4, "min": 1, "bucketCounts": ["1", 2], "explicitBounds": [2.5]},
        {"count": 3, "sum": 4.0, "min": 1.0, "max": None, "bucket_counts": [1, 2]},
    ),
    "great counts": ("histogram", {"count": str(2**64 - 1)}, {"count": MOST}),
    "exponential histogram": (
        "exponentialHistogram",
        {"count": 3, "scale": -1, "zeroCount": 1, "positive": {"offset": -2, "bucketCounts": ["2"]}},
        {"count": 3, "scale": -1, "zero_count": 1, "positive_offset": -2, "positive_counts": [2]},
    ),
    "summary": (
        "summary",
        {"count": 3, "sum": 4.5, "quantileValues": [{"quantile": 0.5, "value": 1}, {"quantile": 1, "value": "NaN"}]},
        {"count": 3, "sum": 4.5, "quantiles": [0.5, 1.0]},
    ),
}  # fmt: skip


@pytest.mark.parametrize(("kind", "fields", "expected"), POINTS.values(), ids=POINTS)
def test_point_fields(kind: str, fields: Row, expected: Row) -> None:
    transcoded = transcode("metrics", json.dumps(points(AT | fields, kind=kind)).encode())
    assert transcoded.refusals == []
    batch = DECODER.decode(Signal.METRICS, transcoded.body, RECEIVED)
    (row,) = point_rows(batch.rows)
    assert {name: row[name] for name in expected} == expected


UNREADABLE = {
    "time": {"timeUnixNano": {"low": 1, "high": 2}, "asInt": 1},
    "count": AT | {"count": -1},
    "bucket count": AT | {"bucketCounts": ["a"]},
    "bound": AT | {"explicitBounds": [None, {}], "bucketCounts": [1, 2]},
    "no object": 5,
}


@pytest.mark.parametrize("point", UNREADABLE.values(), ids=UNREADABLE)
def test_a_point_that_cannot_be_read_costs_itself_alone(point: Any) -> None:
    good = AT | {"count": 1}
    transcoded = transcode("metrics", json.dumps(points(good, point, good, kind="histogram")).encode())
    assert len(transcoded.refusals) == 1
    assert len(DECODER.decode(Signal.METRICS, transcoded.body, RECEIVED).rows) == 2


def test_temporality_by_name_and_by_number() -> None:
    for sent, expected in (
        (1, "delta"), ("2", "cumulative"), ("AGGREGATION_TEMPORALITY_DELTA", "delta"), ("CUMULATIVE", "cumulative"),
        (9, "unspecified"), ("other", "unspecified"), (None, "unspecified"),
    ):  # fmt: skip
        request = points(AT | {"asInt": 1}, kind="sum", aggregationTemporality=sent, isMonotonic="true")
        body = transcode("metrics", json.dumps(request).encode()).body
        (series,) = DECODER.decode(Signal.METRICS, body, RECEIVED).series.values()
        assert (series.temporality, series.monotonic) == (expected, True)


def nested(levels: int) -> str:
    return '{"arrayValue":{"values":[' * levels + '{"stringValue":"bottom"}' + "]}}" * levels


def test_values_are_read_to_the_depth_that_sdks_allow() -> None:
    deep = '{"key":"k","value":' + nested(64) + "}"
    found = only_span(json.dumps(traces(span(attributes=["HERE"]))).replace('"HERE"', deep))["tags"]["k"]
    for _ in range(64):
        (found,) = found
    assert found == "bottom"


def test_a_value_beyond_that_depth_costs_its_span_alone() -> None:
    deep = '{"key":"k","value":' + nested(MAX_DEPTH // 2 + 1) + "}"
    body = json.dumps(traces(span(attributes=["HERE"]), span(name="after"))).replace('"HERE"', deep)
    rows, transcoded, _ = stored(body)
    assert [row["operation_name"] for row in rows] == ["after"]
    assert transcoded.refusals == [f"nested deeper than {MAX_DEPTH} levels"]


def within_recursion() -> Iterator[bytes]:
    """Every depth around the one at which Python gives up, in a value that is written back as JSON text."""
    for levels in range(850, 1000):
        deep = "[" * levels + "]" * levels
        value = json.dumps(traces(span(attributes=[{"key": "k", "value": {"stringValue": "HERE"}}])))
        yield value.replace('"HERE"', deep).encode()


def test_a_depth_bomb_is_refused_for_good() -> None:
    """Never by RecursionError, which would be answered as retryable."""
    for body in within_recursion():
        with suppress(Invalid):
            transcode("traces", body)
    for bomb in (b"[" * 100_000, b'{"a":' * 100_000, b'{"resourceSpans":' + b"[" * 5_000_000):
        with pytest.raises(Invalid, match="nested too deeply"):
            transcode("traces", bomb)


MALFORMED: dict[str, bytes] = {
    "nothing": b"",
    "array": b"[]",
    "text": b'"resourceSpans"',
    "null": b"null",
    "number": b"1",
    "cut": b'{"resourceSpans": [',
    "trailing garbage": b"{} {}",
    "single quotes": b"{'resourceSpans': []}",
    "BOM": b"\xef\xbb\xbf{}",
    "UTF-16": '{"resourceSpans": []}'.encode("utf-16"),
    "UTF-16 without a mark": '{"resourceSpans": []}'.encode("utf-16-le"),
    "UTF-32": "{}".encode("utf-32-be"),
    "an integer of 5000 digits": b'{"resourceSpans": [' + b"1" * 5000 + b"]}",
    "protobuf": ExportTraceServiceRequest(resource_spans=[ResourceSpans(schema_url="u")]).SerializeToString(),
}


@pytest.mark.parametrize("body", MALFORMED.values(), ids=MALFORMED)
def test_malformed(body: bytes) -> None:
    with pytest.raises(Invalid, match="JSON"):
        transcode("traces", body)


def test_text_that_is_not_utf8_costs_its_odd_bytes_only() -> None:
    body = json.dumps(traces(span(name="HERE"), span(name="after"))).encode().replace(b"HERE", b"caf\xe9")
    rows, _, _ = stored(body)
    assert [row["operation_name"] for row in rows] == ["caf\ufffd", "after"]


@pytest.mark.parametrize(
    "request_",
    [{}, {"resourceSpans": []}, {"resourceSpans": None}, {"resourceSpans": [{}]}, traces(), {"other": 1}],
    ids=str,
)
def test_a_request_of_nothing(request_: Row) -> None:
    rows, transcoded, batch = stored(request_)
    assert (rows, transcoded.refusals, batch.items) == ([], [], 0)


EXAMPLE_SPAN: Row = {
    "resourceSpans": [{
        "resource": {
            "attributes": [{"key": "service.name", "value": {"stringValue": "my.service"}}],
            "schemaUrl": "written here by the JavaScript SDK",
        },
        "scopeSpans": [{
            "scope": {
                "name": "my.library", "version": "1.0.0",
                "attributes": [{"key": "my.scope.attribute", "value": {"stringValue": "some scope attribute"}}],
            },
            "schemaUrl": "https://example.com/scope",
            "spans": [{
                "traceId": TRACE_ID.upper(), "spanId": SPAN_ID.upper(), "parentSpanId": PARENT_ID.upper(),
                "name": "I'm a server span", "startTimeUnixNano": "1544712660000000000",
                "endTimeUnixNano": "1544712661000000000", "kind": 2,
                "attributes": [{"key": "my.span.attr", "value": {"stringValue": "some value"}}],
            }],
        }],
    }],
}  # fmt: skip


def test_the_official_example_of_a_trace() -> None:
    (row,), _, batch = stored(EXAMPLE_SPAN)
    assert (row["trace_id"], row["span_id"], row["parent_span_id"]) == (TRACE_ID, SPAN_ID, PARENT_ID)
    assert (row["operation_name"], row["service_name"], row["kind"]) == ("I'm a server span", "my.service", 2)
    assert (row["start_time"], row["duration_ms"]) == (1_544_712_660_000_000, 1000.0)
    assert row["tags"] == {"my.span.attr": "some value"}
    (scope,) = batch.scopes.values()
    assert (scope.name, scope.version, scope.schema_url) == ("my.library", "1.0.0", "https://example.com/scope")
    assert json.loads(scope.attributes) == {"my.scope.attribute": "some scope attribute"}
    (resource,) = batch.resources.values()
    assert resource.schema_url is None


EXAMPLE_RECORD: Row = {
    "timeUnixNano": "1544712660300000000", "observedTimeUnixNano": "1544712660300000000", "severityNumber": 10,
    "severityText": "Information", "traceId": TRACE_ID.upper(), "spanId": SPAN_ID.upper(),
    "body": {"stringValue": "Example log record"},
    "attributes": [
        {"key": "string.attribute", "value": {"stringValue": "some string"}},
        {"key": "boolean.attribute", "value": {"boolValue": True}},
        {"key": "int.attribute", "value": {"intValue": "10"}},
        {"key": "double.attribute", "value": {"doubleValue": 637.704}},
        {"key": "array.attribute", "value": {"arrayValue": {"values": [
            {"stringValue": "many"}, {"stringValue": "values"},
        ]}}},
        {"key": "map.attribute", "value": {"kvlistValue": {"values": [
            {"key": "some.map.key", "value": {"stringValue": "some value"}},
        ]}}},
    ],
}  # fmt: skip


def test_the_official_example_of_a_log() -> None:
    row = only_record(logs(EXAMPLE_RECORD))
    assert (row["timestamp"], row["observed_time"]) == (1_544_712_660_300_000, 1_544_712_660_300_000)
    assert (row["level"], row["severity_number"], row["severity_text"]) == ("INFO", 10, "Information")
    assert (row["trace_id"], row["span_id"], row["message"]) == (TRACE_ID, SPAN_ID, "Example log record")
    assert row["extra"] == {
        "string.attribute": "some string", "boolean.attribute": True, "int.attribute": 10,
        "double.attribute": 637.704, "array.attribute": ["many", "values"],
        "map.attribute": {"some.map.key": "some value"},
    }  # fmt: skip


def snake(name: str) -> str:
    return "".join("_" + letter.lower() if letter.isupper() else letter for letter in name)


def renamed(value: Any, rename: Callable[[str], str]) -> Any:
    if isinstance(value, list):
        return [renamed(element, rename) for element in value]
    if isinstance(value, dict):
        return {rename(key): renamed(content, rename) for key, content in value.items()}
    return value


@pytest.mark.parametrize(("signal", "request_"), [(Signal.TRACES, EXAMPLE_SPAN), (Signal.LOGS, logs(EXAMPLE_RECORD))])
def test_a_request_all_in_snake_case(signal: Signal, request_: Row) -> None:
    bodies = [
        transcode(signal.name.lower(), json.dumps(each).encode()).body for each in (request_, renamed(request_, snake))
    ]
    assert bodies[0] == bodies[1]
