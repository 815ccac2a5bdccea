"""What rules are about is gone from the bytes, and all else is as it was."""

import hmac
from collections.abc import Callable
from contextlib import suppress
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

import opentelemetry.exporter.postgres as package
import pytest
import re2
from google.protobuf.message import Message
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from opentelemetry.exporter.postgres.attribute_rules import AttributeRules
from opentelemetry.exporter.postgres.batch import Signal
from opentelemetry.exporter.postgres.redaction import Action, Rule, Rules
from opentelemetry.exporter.postgres.requests import Decoder, digest_of
from opentelemetry.exporter.postgres.wire import DecodeError
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, ArrayValue, KeyValue, KeyValueList

from tests import otlp_strategies as otlp
from tests import payloads
from tests.copy_reader import log_rows
from tests.planting import planted

SENTINEL = "s3ntinel"
HASH_KEY = b"the key of this test"
RECEIVED = 1_800_000_000 * 10**9
EXTENSIVE = settings(max_examples=25, suppress_health_check=list(HealthCheck), deadline=None)
SIGNALS: dict[type[Message], Signal] = {
    ExportTraceServiceRequest: Signal.TRACES,
    ExportLogsServiceRequest: Signal.LOGS,
    ExportMetricsServiceRequest: Signal.METRICS,
}
requests = st.one_of(otlp.trace_requests, otlp.log_requests, otlp.metric_requests)


def as_plain_python() -> type[AttributeRules]:
    """The class as it is where there was no C compiler."""
    spec = spec_from_file_location("plain_attribute_rules", Path(package.__file__).with_name("attribute_rules.py"))
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    found: type[AttributeRules] = module.AttributeRules
    return found


IMPLEMENTATIONS = pytest.mark.parametrize("made", [AttributeRules, as_plain_python()], ids=["compiled", "plain"])
Made = Callable[[Rules], AttributeRules]


def rule(key: str, action: str, value: str | None = None, service: str | None = None) -> Rule:
    return Rule(key, Action(action), None if value is None else re2.compile(value.encode()), service)


def rules(*several: Rule) -> Rules:
    return Rules(several, HASH_KEY)


def hashed(text: str) -> str:
    return hmac.digest(HASH_KEY, text.encode(), "sha256").hex()[:32]


def string(text: str) -> AnyValue:
    return AnyValue(string_value=text)


def array(*values: AnyValue) -> AnyValue:
    return AnyValue(array_value=ArrayValue(values=values))


def mapping(**values: AnyValue) -> AnyValue:
    return AnyValue(kvlist_value=KeyValueList(values=[KeyValue(key=key, value=value) for key, value in values.items()]))


def one_span(*attributes: KeyValue) -> ExportTraceServiceRequest:
    request = payloads.spans(1)
    request.resource_spans[0].scope_spans[0].spans[0].attributes.extend(attributes)
    return request


def after(made: Made, several: Rules, value: AnyValue, key: str = "k") -> AnyValue | None:
    """What the rules make of an attribute; None where it is gone."""
    body, _ = made(several).apply(Signal.TRACES, one_span(KeyValue(key=key, value=value)).SerializeToString())
    (span,) = ExportTraceServiceRequest.FromString(body).resource_spans[0].scope_spans[0].spans
    found = [pair.value for pair in span.attributes if pair.key == key]
    return found[0] if found else None


@IMPLEMENTATIONS
@pytest.mark.parametrize(
    ("key", "value", "masked", "hash_"),
    [
        ("string", string("jo@example.com"), string("***"), string(hashed("jo@example.com"))),
        ("empty", AnyValue(), string("***"), string(hashed("null"))),
        ("integer", AnyValue(int_value=-5), string("***"), string(hashed("-5"))),
        ("as-text", string("-5"), string("***"), string(hashed("-5"))),
        ("double", AnyValue(double_value=1.5), string("***"), string(hashed("1.5"))),
        ("truth", AnyValue(bool_value=True), string("***"), string(hashed("true"))),
        ("bytes", AnyValue(bytes_value=b"jo"), string("***"), string(hashed("jo"))),
        ("list", array(string("a"), string("b")), string("***"), array(string(hashed("a")), string(hashed("b")))),
        ("map", mapping(a=string("b")), string("***"), string(hashed('{"a":"b"}'))),
    ],
)
def test_whole_values(made: Made, key: str, value: AnyValue, masked: AnyValue, hash_: AnyValue) -> None:
    assert after(made, rules(rule(key, "drop")), value, key) is None
    assert after(made, rules(rule(key, "mask")), value, key) == masked
    assert after(made, rules(rule(key, "hash")), value, key) == hash_
    assert after(made, rules(rule(f"{key}?", "drop")), value, key) == value


@IMPLEMENTATIONS
@pytest.mark.parametrize(
    ("value", "masked", "hash_"),
    [
        (string("no"), string("no"), string("no")),
        (string("id 42, 43"), string("id ***, ***"), string(f"id {hashed('42')}, {hashed('43')}")),
        (AnyValue(int_value=42), string("***"), string(hashed("42"))),
        (AnyValue(int_value=4), AnyValue(int_value=4), AnyValue(int_value=4)),
        (AnyValue(bytes_value=b"id 42"), string("id ***"), string(f"id {hashed('42')}")),
        (array(string("a"), string("42")), array(string("a"), string("***")), array(string("a"), string(hashed("42")))),
        (mapping(a=string("42")), mapping(a=string("***")), mapping(a=string(hashed("42")))),
        (AnyValue(), AnyValue(), AnyValue()),
    ],
    ids=str,
)
def test_what_a_pattern_finds(made: Made, value: AnyValue, masked: AnyValue, hash_: AnyValue) -> None:
    assert after(made, rules(rule("k", "mask", r"\d\d")), value) == masked
    assert after(made, rules(rule("k", "hash", r"\d\d")), value) == hash_


@IMPLEMENTATIONS
@pytest.mark.parametrize(
    ("value", "left"),
    [
        (string("no"), string("no")),
        (string("id 42"), None),
        (AnyValue(int_value=42), None),
        (array(string("a"), string("42")), array(string("a"))),
        (array(string("42")), array()),
        (mapping(a=string("42"), b=string("b")), mapping(b=string("b"))),
        (mapping(a=mapping(b=array(string("42"), mapping(c=string("42"))))), mapping(a=mapping(b=array(mapping())))),
    ],
    ids=str,
)
def test_a_pattern_drops_what_it_is_found_in(made: Made, value: AnyValue, left: AnyValue | None) -> None:
    assert after(made, rules(rule("k", "drop", r"\d\d")), value) == left


@IMPLEMENTATIONS
def test_the_first_rule_about_the_whole_value_is_the_last_to_apply(made: Made) -> None:
    several = rules(
        rule("k", "mask", "4."), rule("K*", "mask", "1"), rule("other", "drop"), rule("k", "hash"), rule("k", "drop")
    )
    assert after(made, several, string("1 42")) == string(hashed("*** ***"))
    assert after(made, rules(rule("k", "drop", "42"), rule("k", "mask")), string("42")) is None
    assert after(made, rules(rule("k", "mask"), rule("k", "drop", "42")), string("42")) == string("***")


@IMPLEMENTATIONS
@pytest.mark.parametrize(
    ("glob", "key", "matches"),
    [
        ("http.request.header.*", "http.request.header.authorization", True),
        ("http.request.header.set?cookie", "http.request.header.set-cookie", True),
        ("http.request.header.authorization", "HTTP.request.header.Authorization", True),
        ("*.PASSWORD", "db.password", True),
        ("user.email", "user.email.hash", False),
        ("*.password", "password", False),
        ("ÄRGER", "ärger", True),
    ],
)
def test_keys_are_globs_without_regard_to_case(made: Made, glob: str, key: str, matches: bool) -> None:
    assert (after(made, rules(rule(glob, "drop")), string("x"), key) is None) is matches


@IMPLEMENTATIONS
def test_keys_of_maps_are_paths(made: Made) -> None:
    value = mapping(email=string("e"), name=string("n"), more=array(mapping(email=string("e"))))
    left = mapping(name=string("n"), more=array(mapping(email=string("e"))))
    assert after(made, rules(rule("user.email", "drop")), value, "user") == left
    assert after(made, rules(rule("user.more.email", "mask")), value, "user") == mapping(
        email=string("e"), name=string("n"), more=array(mapping(email=string("***")))
    )
    assert after(made, rules(rule("email", "drop")), value, "user") == value


@IMPLEMENTATIONS
def test_a_body_is_known_as_body(made: Made) -> None:
    def left(several: Rules, body: AnyValue) -> Any:
        request = payloads.records(1)
        request.resource_logs[0].scope_logs[0].log_records[0].body.CopyFrom(body)
        content, _ = made(several).apply(Signal.LOGS, request.SerializeToString())
        (record,) = ExportLogsServiceRequest.FromString(content).resource_logs[0].scope_logs[0].log_records
        return record.body if record.HasField("body") else None

    assert left(rules(rule("body", "mask")), string("jo signed in")) == string("***")
    assert left(rules(rule("body", "drop")), string("jo signed in")) is None
    assert left(rules(rule("body", "mask", "jo")), string("jo signed in")) == string("*** signed in")
    assert left(rules(rule("body.user.email", "hash")), mapping(user=mapping(email=string("e"), id=string("1")))) == (
        mapping(user=mapping(email=string(hashed("e")), id=string("1")))
    )


@IMPLEMENTATIONS
def test_texts_that_are_no_attributes(made: Made) -> None:
    several = rules(
        rule("span.name", "mask", "jo"), rule("event.name", "mask", "jo"), rule("status.message", "drop", "jo")
    )
    request = one_span()
    span = request.resource_spans[0].scope_spans[0].spans[0]
    span.name = "GET /users/jo"
    span.status.message, span.status.code = "no user jo", 2
    span.events.add(name="jo came in")
    content, counts = made(several).apply(Signal.TRACES, request.SerializeToString())
    span.name, span.events[0].name, span.status.message = "GET /users/***", "*** came in", ""
    assert ExportTraceServiceRequest.FromString(content) == request
    assert counts == {Action.MASK: 2, Action.DROP: 1}

    logs = payloads.records(1)
    record = logs.resource_logs[0].scope_logs[0].log_records[0]
    record.event_name = "jo left"
    content, _ = made(several).apply(Signal.LOGS, logs.SerializeToString())
    record.event_name = "*** left"
    assert ExportLogsServiceRequest.FromString(content) == logs


@IMPLEMENTATIONS
def test_rules_of_a_service_alone(made: Made) -> None:
    several = rules(rule("k", "drop", service="Shop-*"), rule("k", "mask", "x"))
    request = ExportTraceServiceRequest()
    for service in ("shop-eu", "bank", "", "shop-us"):
        request.MergeFrom(payloads.spans(1, service=service, k="x"))
    content, _ = made(several).apply(Signal.TRACES, request.SerializeToString())
    found = [
        [pair.value.string_value for pair in group.scope_spans[0].spans[0].attributes if pair.key == "k"]
        for group in ExportTraceServiceRequest.FromString(content).resource_spans
    ]
    assert found == [[], ["***"], ["***"], []]


@IMPLEMENTATIONS
def test_a_service_that_is_named_behind_its_spans_and_in_parts(made: Made) -> None:
    first = payloads.spans(1, service="bank", k="x").resource_spans[0]
    scopes = b"\x12" + length(first.scope_spans[0].SerializeToString())
    names = [KeyValue(key="service.name", value=string(name)).SerializeToString() for name in ("bank", "shop")]
    resources = b"".join(b"\x0a" + length(b"\x0a" + length(name)) for name in names)
    body = b"\x0a" + length(scopes + resources)
    for service, gone in (("shop", True), ("bank", False), ("unknown_service", False)):
        content, counts = made(rules(rule("k", "drop", service=service))).apply(Signal.TRACES, body)
        assert (counts, content is body) == (({Action.DROP: 1}, False) if gone else ({}, True))
    unnamed = one_span(KeyValue(key="k", value=string("x")))
    unnamed.resource_spans[0].ClearField("resource")
    several = rules(rule("k", "drop", service="unknown*"))
    assert made(several).apply(Signal.TRACES, unnamed.SerializeToString())[1] == {Action.DROP: 1}


@IMPLEMENTATIONS
def test_the_name_of_a_service_stays(made: Made) -> None:
    request = payloads.spans(1, service="shop", k="x")
    request.resource_spans[0].resource.attributes.append(payloads.attribute("host.name", "h"))
    content, _ = made(rules(rule("*", "drop"))).apply(Signal.TRACES, request.SerializeToString())
    resource = ExportTraceServiceRequest.FromString(content).resource_spans[0].resource
    assert list(resource.attributes) == [payloads.attribute("service.name", "shop")]


@IMPLEMENTATIONS
@pytest.mark.parametrize(
    "odd",
    [
        b"\x12\x0a\x0a\x08s3ntinel\x0a\x06secret",
        b"\x0a\x06public\x12\x0a\x0a\x08s3ntinel\x0a\x06secret",
        b"\x0a\x06secret\x12\x0a\x0a\x08s3ntinel\x12\x03\x0a\x01x",
        b"\x0a\x06secret\x12\x0c\x0a\x08s3ntinel\x18\x05",
        b"\x0a\x06secret\x12\x0c\x18\x05\x0a\x08s3ntinel",
        b"\x8a\x00\x06secret\x92\x80\x00\x0b\x8a\x00\x08s3ntinel",
        b"\x0a\x06secret\x12\x14\x2a\x12\x0a\x10\x32\x0e\x0a\x0c\x12\x0a\x0a\x08s3ntinel",
    ],
)
@pytest.mark.parametrize("several", [rules(rule("secret*", "mask")), rules(rule("secret*", "drop", SENTINEL))])
def test_odd_forms_of_an_attribute(made: Made, odd: bytes, several: Rules) -> None:
    span = b"\x4a" + length(odd)
    body = b"\x0a" + length(b"\x12" + length(b"\x12" + length(span)))
    content, _ = made(several).apply(Signal.TRACES, body)
    assert SENTINEL.encode() not in content


def test_text_that_is_not_utf8_is_searched_as_it_is_stored() -> None:
    odd = KeyValue(key="k", value=AnyValue(bytes_value=b"a\xffb s3cret \xfe"))
    content, _ = AttributeRules(rules(rule("k", "mask", "a.b s.cret"))).apply(
        Signal.TRACES, one_span(odd).SerializeToString()
    )
    assert b"s3cret" not in content
    assert "*** \ufffd".encode() in content


@IMPLEMENTATIONS
def test_what_nests_too_deeply_to_be_stored_is_cut(made: Made) -> None:
    value = string(SENTINEL).SerializeToString()
    for _ in range(120):
        value = b"\x2a" + length(b"\x0a" + length(value))
    record = b"\x32" + length(b"\x0a\x04deep\x12" + length(value))
    body = b"\x0a" + length(b"\x12" + length(b"\x12" + length(record)))
    content, _ = made(rules(rule("absent", "drop"))).apply(Signal.LOGS, body)
    assert SENTINEL.encode() not in content
    assert extras(content) == extras(body)


@IMPLEMENTATIONS
def test_what_is_known_of_keys_is_bounded_and_still_right(made: Made) -> None:
    some = made(rules(rule("k*", "drop")))
    for start in range(0, 25_000, 1_000):
        pairs = [payloads.attribute(f"{'k' if number % 2 else 'a'}{start + number}", "x") for number in range(1_000)]
        _, counts = some.apply(Signal.TRACES, one_span(*pairs, payloads.attribute("k" * 600, "x")).SerializeToString())
        assert counts == {Action.DROP: 501}


@pytest.mark.parametrize(("times", "left"), [(999, "*** " * 999), (1_000, "***")])
def test_a_text_full_of_it_is_replaced_as_a_whole(times: int, left: str) -> None:
    assert after(AttributeRules, rules(rule("k", "mask", "s[0-9]cret")), string("s3cret " * times)) == string(left)
    whole = after(AttributeRules, rules(rule("k", "hash", "s[0-9]cret")), string("s3cret " * times))
    assert whole == string(f"{hashed('s3cret')} " * times if times < 1_000 else hashed("s3cret " * times))


def test_long_requests_pause() -> None:
    pauses: list[None] = []
    some = AttributeRules(rules(rule("k", "drop")), lambda: pauses.append(None))
    body = payloads.spans(2_000, k="x").SerializeToString()
    some.apply(Signal.TRACES, body)
    assert len(pauses) >= 3


def extras(body: bytes) -> list[Any]:
    return [row["extra"] for row in log_rows(Decoder().decode(Signal.LOGS, body, RECEIVED).rows)]


def length(content: bytes) -> bytes:
    """With its length before it."""
    size, head = len(content), b""
    while size > 0x7F:
        head += bytes((size & 0x7F | 0x80,))
        size >>= 7
    return head + bytes((size,)) + content


def applied(made: Made, several: Rules, request: Message) -> bytes:
    """The request by the rules, as the official library writes it."""
    body, _ = made(several).apply(SIGNALS[type(request)], request.SerializeToString())
    assert SENTINEL.encode() not in body
    return type(request).FromString(body).SerializeToString()


VARIANTS = (
    (string(f"a {SENTINEL} b"), string("a *** b"), string(f"a {hashed(SENTINEL)} b")),
    (AnyValue(bytes_value=SENTINEL.encode()), string("***"), string(hashed(SENTINEL))),
    (
        array(string("a"), mapping(k=string(SENTINEL))),
        array(string("a"), mapping(k=string("***"))),
        array(string("a"), mapping(k=string(hashed(SENTINEL)))),
    ),
    (mapping(k=array(string(SENTINEL))), mapping(k=array(string("***"))), mapping(k=array(string(hashed(SENTINEL))))),
)


@IMPLEMENTATIONS
@EXTENSIVE
@given(request=requests, variant=st.sampled_from(VARIANTS))
def test_at_no_place_is_anything_left(
    made: Made, request: Message, variant: tuple[AnyValue, AnyValue, AnyValue]
) -> None:
    value, masked, hash_ = variant
    sent = planted(request, value)
    both = [rule(key, "drop") for key in ("*planted", "body")]
    assert applied(made, rules(*both), sent) == planted(request, None).SerializeToString()
    both = [rule(key, "mask") for key in ("*planted", "body")]
    assert applied(made, rules(*both), sent) == planted(request, string("***")).SerializeToString()
    for action, left in (("mask", masked), ("hash", hash_)):
        everywhere = rules(rule("*", action, SENTINEL))
        assert applied(made, everywhere, sent) == planted(request, left).SerializeToString()


@IMPLEMENTATIONS
@EXTENSIVE
@given(request=requests)
def test_what_no_rule_is_about_is_not_even_copied(made: Made, request: Message) -> None:
    body = request.SerializeToString()
    several = rules(rule("absent", "drop"), rule("*", "mask", SENTINEL), rule("*", "drop", service=SENTINEL))
    content, counts = made(several).apply(SIGNALS[type(request)], body)
    assert content is body
    assert counts == {}


@IMPLEMENTATIONS
@EXTENSIVE
@given(data=st.data())
def test_any_bytes_are_taken_or_refused(made: Made, data: st.DataObject) -> None:
    """Refused, too, where the decoder would not have looked: what cannot be read could hide something."""
    request = data.draw(requests)
    whole = request.SerializeToString()
    body = data.draw(st.one_of(st.binary(max_size=40), st.builds(damaged, st.just(whole), st.lists(damages))))
    signal = SIGNALS[type(request)]
    several = [rules(rule("*", action, value)) for action in Action for value in (None, "[a-z]", SENTINEL)]
    for each in several:
        with suppress(DecodeError):
            content, counts = made(each).apply(signal, body)
            assert not (content is body and counts)
            assert type(content) is bytes


damages = st.tuples(st.integers(0, 4_000), st.integers(0, 255), st.booleans())


def damaged(body: bytes, damages: list[tuple[int, int, bool]]) -> bytes:
    """With some bytes replaced, or inserted."""
    content = bytearray(body)
    for at, byte, inserted in damages:
        place = at % (len(content) + 1)
        content[place : place + (not inserted)] = bytes((byte,))
    return bytes(content)


def test_a_retry_has_the_same_digest_and_nobody_without_the_key_has() -> None:
    body = payloads.spans(1).SerializeToString()
    batch = Decoder().decode(Signal.TRACES, body, RECEIVED)
    one, two, other = (AttributeRules(Rules((), key)) for key in (HASH_KEY, HASH_KEY, b"another key of sixteen"))
    assert digest_of(batch, body, one) == digest_of(batch, body, two)
    assert len({digest_of(batch, body, each) for each in (one, other, AttributeRules(Rules(())), None)}) == 3
