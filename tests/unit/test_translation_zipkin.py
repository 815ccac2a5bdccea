"""Zipkin's spans become the spans of OTLP that they are; what is odd costs itself alone."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from opentelemetry.exporter.postgres.batch import Signal
from opentelemetry.exporter.postgres.requests import Decoder
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import KeyValue
from opentelemetry.proto.trace.v1.trace_pb2 import ResourceSpans, Span, Status

from receiver.intake import Translate
from receiver.otlp_json import Transcoded
from receiver.refusals import Invalid
from receiver.translation.zipkin.encodings import from_json, from_protobuf
from tests.zipkin_spans import KINDS, list_of_spans

RECEIVED = 1_800_000_000 * 10**9
START_US = 1_700_000_000_000_123
TRACE_ID, SPAN_ID, PARENT_ID = "5b8efff798038103d269b633813fc60c", "eee19b7ec3c1b174", "00e19b7ec3c1b173"
LEAST = {"traceId": TRACE_ID, "id": SPAN_ID, "timestamp": START_US}
DECODER = Decoder()
EXTENSIVE = settings(max_examples=150, suppress_health_check=list(HealthCheck), deadline=None)


def groups_of(transcoded: Transcoded) -> list[ResourceSpans]:
    return list(ExportTraceServiceRequest.FromString(transcoded.body).resource_spans)


def translated(*spans: Any) -> tuple[list[Span], list[str]]:
    transcoded = from_json(json.dumps(spans).encode(), RECEIVED)
    return [span for group in groups_of(transcoded) for span in group.scope_spans[0].spans], transcoded.refusals


def span_of(**fields: Any) -> Span:
    (span,), refusals = translated(LEAST | fields)
    assert refusals == []
    return span


def values(attributes: Any) -> dict[str, Any]:
    found: dict[str, Any] = {}
    attribute: KeyValue
    for attribute in attributes:
        assert attribute.key not in found
        found[attribute.key] = getattr(attribute.value, attribute.value.WhichOneof("value"))
    return found


def test_every_field() -> None:
    transcoded = from_json(
        json.dumps([
            {
                "traceId": TRACE_ID,
                "id": SPAN_ID,
                "parentId": PARENT_ID,
                "kind": "CLIENT",
                "name": "get /größe",
                "timestamp": START_US,
                "duration": 1500,
                "localEndpoint": {"serviceName": "shop", "ipv4": "10.0.0.1", "ipv6": "::1", "port": 8080},
                "remoteEndpoint": {"serviceName": "cards", "ipv6": "2001:db8::2", "port": 443},
                "annotations": [{"timestamp": START_US + 7, "value": "ws"}],
                "tags": {"http.method": "GET", "error": "declined"},
                "debug": True,
                "shared": True,
            }
        ]).encode(),
        RECEIVED,
    )  # fmt: skip
    (group,) = groups_of(transcoded)
    assert values(group.resource.attributes) == {"service.name": "shop"}
    (scope,) = group.scope_spans
    assert (scope.scope.name, scope.scope.version) == ("", "")
    (span,) = scope.spans
    assert (span.trace_id.hex(), span.span_id.hex(), span.parent_span_id.hex()) == (TRACE_ID, SPAN_ID, PARENT_ID)
    assert (span.name, span.kind) == ("get /größe", Span.SPAN_KIND_CLIENT)
    assert (span.start_time_unix_nano, span.end_time_unix_nano) == (START_US * 1000, (START_US + 1500) * 1000)
    assert span.status == Status(code=Status.STATUS_CODE_ERROR, message="declined")
    assert values(span.attributes) == {
        "http.method": "GET",
        "network.local.address": "10.0.0.1",
        "network.local.port": 8080,
        "network.peer.address": "2001:db8::2",
        "network.peer.port": 443,
        "peer.service": "cards",
        "zipkin.debug": True,
        "zipkin.shared": True,
    }
    (event,) = span.events
    assert (event.name, event.time_unix_nano) == ("ws", (START_US + 7) * 1000)
    assert transcoded.refusals == []


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (None, Span.SPAN_KIND_INTERNAL),
        ("", Span.SPAN_KIND_INTERNAL),
        ("SERVER", Span.SPAN_KIND_SERVER),
        ("PRODUCER", Span.SPAN_KIND_PRODUCER),
        ("CONSUMER", Span.SPAN_KIND_CONSUMER),
        ("LOCAL", Span.SPAN_KIND_UNSPECIFIED),
        (["CLIENT"], Span.SPAN_KIND_UNSPECIFIED),
    ],
)
def test_kinds(kind: Any, expected: int) -> None:
    assert span_of(kind=kind).kind == expected


@pytest.mark.parametrize(
    ("tags", "code", "message", "left"),
    [
        ({}, 0, "", {}),
        ({"error": ""}, 2, "", {}),
        ({"error": "true"}, 2, "", {}),
        ({"error": True}, 2, "", {}),
        ({"error": "no card"}, 2, "no card", {}),
        ({"error": "false"}, 0, "", {}),
        ({"error": False}, 0, "", {}),
        ({"otel.status_code": "OK"}, 1, "", {}),
        ({"otel.status_code": "ERROR", "error": "no card"}, 2, "no card", {}),
        ({"otel.status_code": "ERROR", "error": "", "otel.status_description": "declined"}, 2, "declined", {}),
        ({"otel.status_code": "STATUS_CODE_ERROR", "otel.status_description": "declined"}, 2, "declined", {}),
        ({"otel.status_code": "odd", "a": "b"}, 0, "", {"a": "b"}),
    ],
)
def test_status(tags: dict[str, Any], code: int, message: str, left: dict[str, Any]) -> None:
    span = span_of(tags=tags)
    assert (span.status.code, span.status.message, values(span.attributes)) == (code, message, left)


@pytest.mark.parametrize(
    ("short", "full"),
    [
        ("1", "0" * 31 + "1"),
        ("d269b633813fc60c", "0" * 16 + "d269b633813fc60c"),
        ("fffd269b633813fc60c", "0" * 13 + "fffd269b633813fc60c"),
        (TRACE_ID.upper(), TRACE_ID),
    ],
)
def test_ids_are_padded(short: str, full: str) -> None:
    assert span_of(traceId=short).trace_id.hex() == full


@pytest.mark.parametrize("parent", [None, "", "0", "0000000000000000", SPAN_ID])
def test_spans_without_another_parent_are_roots(parent: str | None) -> None:
    assert span_of(parentId=parent).parent_span_id == b""


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"traceId": None}, "traceId must be 1 to 32 hex digits, not all zero"),
        ({"traceId": ""}, "traceId must"),
        ({"traceId": "0" * 32}, "traceId must"),
        ({"traceId": "1" * 33}, "traceId must"),
        ({"traceId": " 1"}, "traceId must"),
        ({"traceId": "0x1f"}, "traceId must"),
        ({"traceId": 17}, "traceId must"),
        ({"id": "xyz"}, "id must be 1 to 16 hex digits, not all zero"),
        ({"id": None}, "id must"),
        ({"parentId": "1" * 17}, "parentId must be 1 to 16 hex digits"),
        ({"timestamp": "yesterday"}, "timestamp must be a number of microseconds since 1970; this is text"),
        ({"timestamp": 2**63}, "timestamp must"),
        ({"timestamp": float("inf")}, "timestamp must"),
        ({"duration": [1]}, "duration must be a number of microseconds since 1970; this is a list"),
        ({"duration": 2**64 // 1000 - START_US + 1}, "timestamp and duration must"),
        ({"timestamp": None, "duration": 2**64 // 1000 - 1}, "timestamp and duration must"),
        ({"annotations": [{"timestamp": {}, "value": "x"}]}, "timestamp must"),
    ],
)
def test_a_span_that_cannot_be_read_is_refused_alone(fields: dict[str, Any], reason: str) -> None:
    spans, refusals = translated(LEAST, LEAST | fields, LEAST)
    assert len(spans) == 2
    (told,) = refusals
    assert told.startswith(f"span 1: {reason}")


@pytest.mark.parametrize("odd", [None, 1, "text", [], True])
def test_what_is_no_span_is_refused_alone(odd: object) -> None:
    spans, refusals = translated(odd, LEAST)
    assert len(spans) == 1
    assert refusals[0].startswith("span 0: it must be an object")


@pytest.mark.parametrize(
    ("fields", "start_us", "end_us"),
    [
        ({}, START_US, 0),
        ({"duration": 0}, START_US, 0),
        ({"duration": None}, START_US, 0),
        ({"duration": -5}, START_US, 0),
        ({"duration": 2}, START_US, START_US + 2),
        ({"duration": 2.75}, START_US, START_US + 2),
        ({"duration": "2"}, START_US, START_US + 2),
        ({"timestamp": float(START_US)}, START_US, 0),
        ({"timestamp": None, "annotations": [{"timestamp": 9}, {"timestamp": 5}, {}, None], "duration": 3}, 5, 8),
    ],
)
def test_times(fields: dict[str, Any], start_us: int, end_us: int) -> None:
    span = span_of(**fields)
    assert (span.start_time_unix_nano, span.end_time_unix_nano) == (start_us * 1000, end_us * 1000)
    assert not span.attributes


@pytest.mark.parametrize("timestamp", [None, 0, -1])
def test_a_span_without_any_time_has_that_of_its_arrival(timestamp: int | None) -> None:
    for duration, end in ((None, 0), (20, RECEIVED + 20_000)):
        span = span_of(timestamp=timestamp, duration=duration)
        assert (span.start_time_unix_nano, span.end_time_unix_nano) == (RECEIVED, end)
        assert values(span.attributes) == {"otel.zipkin.absentField.startTime": True}


@pytest.mark.parametrize(
    ("value", "name", "attributes"),
    [
        ("cache miss", "cache miss", {}),
        ('"cache miss": {"key": "card-1", "tries": 3}', "cache miss", {"key": "card-1", "tries": 3}),
        ('{"cache miss": {"key": "card-1"}}', "cache miss", {"key": "card-1"}),
        ('{"cache miss": {}}', "cache miss", {}),
        ('{"a": 1}', '{"a": 1}', {}),
        ('{"a": {}, "b": {}}', '{"a": {}, "b": {}}', {}),
        ('"half: {}', '"half: {}', {}),
        ('"a": {"of": [1, "two"]}', "a", {"of": '[1, "two"]'}),
        (None, "", {}),
        (7, "", {}),
    ],
)  # fmt: skip
def test_annotations(value: object, name: str, attributes: dict[str, Any]) -> None:
    (event,) = span_of(annotations=[{"timestamp": START_US, "value": value}]).events
    assert (event.name, values(event.attributes)) == (name, attributes)


def test_tags_that_are_no_text_keep_their_type() -> None:
    tags = {"truth": True, "whole": 7, "fraction": 0.5, "huge": 2**64, "list": [1, "ä"], "nothing": None, "empty": ""}
    expected = {"truth": True, "whole": 7, "fraction": 0.5, "huge": str(2**64), "list": '[1, "ä"]', "empty": ""}
    assert values(span_of(tags=tags).attributes) == expected


def test_a_tag_goes_before_what_endpoints_and_flags_say() -> None:
    span = span_of(tags={"peer.service": "mine", "zipkin.debug": "no"}, remoteEndpoint={"serviceName": "x"}, debug=True)
    assert values(span.attributes) == {"peer.service": "mine", "zipkin.debug": "no"}


def test_what_exporters_of_opentelemetry_write_into_tags_is_taken_out_of_them() -> None:
    of_scope = {"otel.scope.name": "shop.orders", "otel.scope.version": "1.2", "otel.library.name": "shop.orders"}
    of_resource = {"service.name": "shop", "service.version": "7", "k8s.pod.name": "shop-1", "host.name": "h"}
    counts = {"otel.dropped_attributes_count": "3", "otel.dropped_events_count": "2", "otel.dropped_links_count": 1}
    tags = of_scope | of_resource | counts | {"service.peer.name": "cards"}
    spans = [LEAST | {"tags": tags, "localEndpoint": {"serviceName": "shop"}}] * 2
    (group,) = groups_of(from_json(json.dumps(spans).encode(), RECEIVED))
    assert values(group.resource.attributes) == of_resource
    (scope,) = group.scope_spans
    assert (scope.scope.name, scope.scope.version) == ("shop.orders", "1.2")
    first, second = scope.spans
    assert first == second
    assert values(first.attributes) == {"service.peer.name": "cards"}
    counted = first.dropped_attributes_count, first.dropped_events_count, first.dropped_links_count
    assert counted == (3, 2, 1)


def test_spans_lie_with_their_service_and_scope() -> None:
    def span(service: str | None, scope: str, number: int) -> dict[str, Any]:
        endpoint = None if service is None else {"serviceName": service}
        return LEAST | {"name": str(number), "localEndpoint": endpoint, "tags": {"otel.scope.name": scope}}

    spans = [span("a", "x", 0), span("b", "x", 1), span("a", "y", 2), span(None, "x", 3), span("a", "x", 4)]
    found = [
        (values(group.resource.attributes).get("service.name"), group.scope_spans[0].scope.name,
         [span.name for span in group.scope_spans[0].spans])
        for group in groups_of(from_json(json.dumps(spans).encode(), RECEIVED))
    ]  # fmt: skip
    assert found == [("a", "x", ["0", "4"]), ("b", "x", ["1"]), ("a", "y", ["2"]), (None, "x", ["3"])]


@pytest.mark.parametrize("port", [0, -1, 65536, "http", None])
def test_ports_that_are_none(port: object) -> None:
    assert not span_of(localEndpoint={"port": port}).attributes


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "not JSON"),
        (b"[", "not JSON"),
        (b"{}", "must be a list of Zipkin's spans; this is an object"),
        (b'"text"', "must be a list of Zipkin's spans; this is text"),
        (b"null", "must be a list"),
        (b"[" * 100_000, "nested too deeply"),
    ],
)
def test_no_list(body: bytes, reason: str) -> None:
    with pytest.raises(Invalid, match=reason):
        from_json(body, RECEIVED)


def test_a_tag_nested_as_deep_as_can_be_read_harms_nobody() -> None:
    for depth in (100, 500, 900, 5_000, 50_000):
        body = json.dumps([LEAST | {"tags": {"deep": "@"}}]).replace('"@"', "[" * depth + "]" * depth).encode()
        assert told_of(from_json, body) in ([], "the JSON is nested too deeply")


def told_of(translate: Translate, body: bytes) -> list[str] | str:
    """The refusals of items, or why the whole is refused."""
    try:
        return translate(body, RECEIVED).refusals
    except Invalid as error:
        return str(error)


def test_lone_surrogates_and_bytes_that_are_no_utf8() -> None:
    (span,), _ = translated(LEAST | {"name": "\ud800", "tags": {"\udfff": "a\ud83d"}})
    assert (span.name, values(span.attributes)) == ("\ufffd", {"\ufffd": "a\ufffd"})
    body = json.dumps([LEAST | {"name": "@"}]).encode().replace(b"@", b"\xff\xfe")
    (group,) = groups_of(from_json(body, RECEIVED))
    assert group.scope_spans[0].spans[0].name == "\ufffd\ufffd"


def text(**bounds: Any) -> st.SearchStrategy[str]:
    return st.text(st.characters(exclude_categories=("Cs",)), **bounds)


micros = st.integers(0, 2**63 // 1000)
hexes = {size: st.builds(bytes.hex, st.binary(min_size=size, max_size=size)) for size in (8, 16)}
endpoints = st.fixed_dictionaries(
    {},
    optional={
        "serviceName": text(max_size=5),
        "ipv4": st.just("10.0.0.1"),
        "ipv6": st.just("2001:db8::2"),
        "port": st.integers(0, 65535),
    },
)
tag_names = st.one_of(text(max_size=6), st.sampled_from(("error", "service.version", "otel.scope.name")))
spans = st.fixed_dictionaries(
    {},
    optional={
        "traceId": st.one_of(hexes[8], hexes[16]),
        "parentId": hexes[8],
        "id": hexes[8],
        "kind": st.sampled_from(KINDS),
        "name": text(max_size=8),
        "timestamp": micros,
        "duration": micros,
        "localEndpoint": endpoints,
        "remoteEndpoint": endpoints,
        "annotations": st.lists(st.fixed_dictionaries({"timestamp": micros, "value": text(max_size=8)}), max_size=3),
        "tags": st.dictionaries(tag_names, text(max_size=6), max_size=4),
        "debug": st.booleans(),
        "shared": st.booleans(),
    },
)


@EXTENSIVE
@given(st.lists(spans, max_size=4))
def test_the_same_spans_by_protobuf_and_by_json(made: list[dict[str, Any]]) -> None:
    by_protobuf = from_protobuf(list_of_spans(made), RECEIVED)
    assert by_protobuf == from_json(json.dumps(made).encode(), RECEIVED)


FIELDS = (
    "traceId", "parentId", "id", "kind", "name", "timestamp", "duration", "localEndpoint", "remoteEndpoint",
    "annotations", "tags", "debug", "shared", "value", "serviceName", "ipv4", "port", "error",
)  # fmt: skip
anything = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=6), st.just(TRACE_ID)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.sampled_from(FIELDS), inner),
    ),
    max_leaves=12,
)


@EXTENSIVE
@given(
    st.lists(st.one_of(anything, st.builds(lambda more: LEAST | more if isinstance(more, dict) else more, anything)))
)
def test_whatever_is_in_a_list_becomes_a_span_or_a_refusal(given: list[Any]) -> None:
    transcoded = from_json(json.dumps(given).encode(), RECEIVED)
    spans = sum(len(group.scope_spans[0].spans) for group in groups_of(transcoded))
    assert spans + len(transcoded.refusals) == len(given)
    batch = DECODER.decode(Signal.TRACES, transcoded.body, RECEIVED)
    assert (batch.items, batch.rejected) == (spans, 0)


@EXTENSIVE
@given(st.builds(lambda span, more: list_of_spans([span]) + more, spans, st.binary(max_size=3)))
def test_whatever_bytes_are_spans_or_refused(body: bytes) -> None:
    for content in (body, body[:-2], b"\x0a" + bytes((len(body) & 0x7F,)) + body[:0x7F]):
        told = told_of(from_protobuf, content)
        if isinstance(told, str):
            assert told.startswith("not a ListOfSpans of Zipkin: ")
        else:
            transcoded = from_protobuf(content, RECEIVED)
            assert DECODER.decode(Signal.TRACES, transcoded.body, RECEIVED).rejected == 0
