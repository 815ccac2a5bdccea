"""Loki's streams become log records of OTLP; what is odd costs itself alone."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from opentelemetry.exporter.postgres.batch import Signal
from opentelemetry.exporter.postgres.logs import level_of
from opentelemetry.exporter.postgres.requests import Decoder
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.logs.v1.logs_pb2 import LogRecord, ResourceLogs

from receiver.intake import Translate
from receiver.json_values import BadItem
from receiver.otlp_json import Transcoded
from receiver.refusals import Invalid
from receiver.translation.loki.encodings import from_json, from_protobuf
from receiver.translation.loki.labels import labels_of
from receiver.translation.loki.streams import SERVICE_NAMES
from tests.loki_push import push

RECEIVED = 1_800_000_000 * 10**9
AT = 1_700_000_000_000_000_123
TRACE_ID, SPAN_ID = "5b8efff798038103d269b633813fc60c", "eee19b7ec3c1b174"
DECODER = Decoder()
EXTENSIVE = settings(max_examples=150, suppress_health_check=list(HealthCheck), deadline=None)


def groups_of(transcoded: Transcoded) -> list[ResourceLogs]:
    return list(ExportLogsServiceRequest.FromString(transcoded.body).resource_logs)


def values(attributes: Any) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for attribute in attributes:
        assert attribute.key not in found
        found[attribute.key] = getattr(attribute.value, attribute.value.WhichOneof("value"))
    return found


def by_json(*streams: Any) -> Transcoded:
    return from_json(json.dumps({"streams": streams}).encode(), RECEIVED)


def of_labels(**labels: Any) -> dict[str, Any]:
    """The attributes of the resource."""
    (group,) = groups_of(by_json({"stream": labels, "values": [[str(AT), "line"]]}))
    return values(group.resource.attributes)


def record_of(labels: dict[str, Any], metadata: dict[str, Any]) -> LogRecord:
    transcoded = by_json({"stream": labels, "values": [[str(AT), "line", metadata]]})
    assert transcoded.refusals == []
    (group,) = groups_of(transcoded)
    return group.scope_logs[0].log_records[0]


LABELS = {"app": "shop", "namespace": "größe", "logger": "shop.orders", "level": "warn"}
METADATA = {"trace_id": TRACE_ID, "span_id": SPAN_ID, "order": "7"}
STREAM = {"stream": LABELS, "values": [[str(AT), "stock is low", METADATA], [str(AT + 1), "größe 🛒"]]}
AS_TEXT = '{app="shop", namespace="größe", logger="shop.orders", level="warn"}'
ENTRIES = [(AT, "stock is low", METADATA), (AT + 1, "größe 🛒", {})]


@pytest.mark.parametrize(
    "transcoded",
    [by_json(STREAM), from_protobuf(push([(AS_TEXT, ENTRIES)]), RECEIVED)],
    ids=["json", "protobuf"],
)
def test_every_field(transcoded: Transcoded) -> None:
    (group,) = groups_of(transcoded)
    assert values(group.resource.attributes) == {"service.name": "shop", "app": "shop", "namespace": "größe"}
    (scope,) = group.scope_logs
    assert scope.scope.name == "shop.orders"
    first, second = scope.log_records
    assert (first.time_unix_nano, first.observed_time_unix_nano) == (AT, 0)
    assert (first.body.string_value, first.severity_number, first.severity_text) == ("stock is low", 13, "warn")
    assert (first.trace_id.hex(), first.span_id.hex(), values(first.attributes)) == (TRACE_ID, SPAN_ID, {"order": "7"})
    assert (second.time_unix_nano, second.body.string_value, second.severity_number) == (AT + 1, "größe 🛒", 13)
    assert (second.trace_id, second.span_id, list(second.attributes)) == (b"", b"", [])
    assert transcoded.refusals == []


@pytest.mark.parametrize("name", SERVICE_NAMES)
def test_each_label_that_names_the_service(name: str) -> None:
    told = of_labels(**{name: "shop"})
    kept = {} if name == "service_name" else {name: "shop"}
    assert told == {"service.name": "shop", **kept}


def test_the_first_label_that_names_the_service_does() -> None:
    assert of_labels(job="x", app="shop", service="", service_name=None)["service.name"] == "shop"
    assert of_labels(app="shop", **{"service.name": "mine"})["service.name"] == "mine"
    assert of_labels(pod="shop-1") == {"pod": "shop-1"}
    assert of_labels(service=7) == {"service": 7}


@pytest.mark.parametrize(
    ("labels", "metadata", "number", "text"),
    [
        ({}, {}, 0, ""),
        ({"level": "Error"}, {}, 17, "Error"),
        ({"Severity": "dbg"}, {}, 5, "dbg"),
        ({"level": "info"}, {"detected_level": "critical"}, 21, "critical"),
        ({"level": "loud"}, {}, 0, "loud"),
        ({"level": ""}, {}, 0, ""),
    ],
)
def test_severity(labels: dict[str, str], metadata: dict[str, str], number: int, text: str) -> None:
    record = record_of(labels, metadata)
    assert (record.severity_number, record.severity_text) == (number, text)
    assert not record.attributes


LEVELS = {
    "DEBUG": ("trace", "debug", "verbose"),
    "INFO": ("info", "information", "notice"),
    "WARNING": ("warn", "warning"),
    "ERROR": ("err", "error"),
    "CRITICAL": ("crit", "critical", "alert", "emerg", "emergency", "fatal", "panic"),
}


@pytest.mark.parametrize(("level", "text"), [(level, text) for level, texts in LEVELS.items() for text in texts])
def test_number_and_text_mean_the_same_level(level: str, text: str) -> None:
    number = record_of({"level": text}, {}).severity_number
    assert level_of(number, text) == level_of(0, text) == level


def test_a_level_that_is_none_stays_what_it_was() -> None:
    long = "x" * 65
    assert of_labels(level=long, lvl=5) == {"level": long, "lvl": 5}
    assert values(record_of({}, {"level": "warn", "severity": "other"}).attributes) == {"severity": "other"}


@pytest.mark.parametrize(
    ("metadata", "trace_id", "span_id", "left"),
    [
        ({"traceID": TRACE_ID.upper(), "spanId": SPAN_ID}, TRACE_ID, SPAN_ID, {}),
        ({"trace_id": SPAN_ID}, "0" * 16 + SPAN_ID, "", {}),
        ({"trace_id": "0" * 32}, "", "", {"trace_id": "0" * 32}),
        ({"trace_id": "none", "traceid": TRACE_ID}, TRACE_ID, "", {"trace_id": "none"}),
        ({"trace_id": TRACE_ID[:-1], "span_id": "z" * 16}, "", "", {"trace_id": TRACE_ID[:-1], "span_id": "z" * 16}),
        ({"trace_id": 7, "span_id": None}, "", "", {"trace_id": 7}),
    ],
)
def test_ids(metadata: dict[str, Any], trace_id: str, span_id: str, left: dict[str, Any]) -> None:
    record = record_of({}, metadata)
    assert (record.trace_id.hex(), record.span_id.hex(), values(record.attributes)) == (trace_id, span_id, left)


def test_ids_among_the_labels_are_those_of_each_line() -> None:
    record = record_of({"trace_id": TRACE_ID, "span_id": SPAN_ID}, {})
    assert (record.trace_id.hex(), record.span_id.hex()) == (TRACE_ID, SPAN_ID)


@pytest.mark.parametrize(
    ("entry", "reason"),
    [
        (None, "it must be [timestamp, line] or"),
        ([], "it must be"),
        ([str(AT)], "it must be"),
        ([str(AT), "line", {}, {}], "it must be"),
        ({"ts": AT, "line": "line"}, "it must be"),
        (["now", "line"], "its timestamp must be nanoseconds since 1970; this is text"),
        ([-1, "line"], "its timestamp must"),
        ([2**64, "line"], "its timestamp must"),
        ([None, "line"], "its timestamp must"),
        ([str(AT), 7], "its line must be text; this is a number"),
        ([str(AT), None], "its line must be text"),
        ([str(AT), "line", "metadata"], "its structured metadata must be an object; this is text"),
    ],
)
def test_an_entry_that_cannot_be_read_is_refused_alone(entry: Any, reason: str) -> None:
    good = [str(AT), "line"]
    transcoded = by_json(STREAM, {"stream": {}, "values": [good, entry, good]})
    assert [len(group.scope_logs[0].log_records) for group in groups_of(transcoded)] == [2, 2]
    (told,) = transcoded.refusals
    assert told.startswith(f"stream 1, entry 1: {reason}")


@pytest.mark.parametrize(
    ("stream", "reason", "lost"),
    [
        (None, "it must be an object", 1),
        ([], "it must be an object; this is a list", 1),
        ({}, "its labels must be an object `stream`", 1),
        ({"values": [[str(AT), "a"], [str(AT), "b"]]}, "its labels must be", 2),
        ({"stream": {"app": "x"}}, "its entries must be a list `values`", 1),
        ({"stream": {}, "values": {}}, "its entries must be", 1),
        ({"stream": "{app}", "values": [[str(AT), "a"]] * 3}, 'labels must be name="value"', 3),
    ],
)
def test_a_stream_that_cannot_be_read_is_refused_alone(stream: Any, reason: str, lost: int) -> None:
    transcoded = by_json(stream, STREAM)
    assert len(groups_of(transcoded)) == 1
    assert len(transcoded.refusals) == lost
    for told in transcoded.refusals:
        assert told.startswith(f"stream 0: {reason}")


def test_metadata_keeps_its_types_and_lacks_what_protobuf_cannot_hold() -> None:
    metadata = {"n": 7, "f": 0.5, "t": True, "list": [1], "none": None, "odd": "a\ud800"}
    assert values(record_of({}, metadata).attributes) == {"n": 7, "f": 0.5, "t": True, "list": "[1]", "odd": "a\ufffd"}


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "not JSON"),
        (b"[]", "must be an object with a list `streams`; this is a list"),
        (b"{}", "must be an object with a list `streams`"),
        (b'{"streams": {}}', "must be an object with a list `streams`"),
        (b"[" * 100_000, "nested too deeply"),
    ],
)
def test_no_push(body: bytes, reason: str) -> None:
    assert reason in str(told_of(from_json, body))


@pytest.mark.parametrize("body", [b"\x0a\xff", b"{}", b"\x0a\x02\x12\x05", b"\x0a\x04\x12\x02\x0a\x09"])
def test_no_message(body: bytes) -> None:
    assert str(told_of(from_protobuf, body)).startswith("not a PushRequest of Loki: ")


def told_of(translate: Translate, body: bytes) -> list[str] | str:
    """The refusals of items, or why the whole is refused."""
    try:
        return translate(body, RECEIVED).refusals
    except Invalid as error:
        return str(error)


@pytest.mark.parametrize(
    ("text", "labels"),
    [
        ("{}", {}),
        (" { } ", {}),
        ('{a="b"}', {"a": "b"}),
        ('{a="b",}', {"a": "b"}),
        ('{ a = "b" , c_1="" }', {"a": "b", "c_1": ""}),
        (r'{a="\"\\\n\t\x41\u00e4\U0001F6D2\101"}', {"a": '"\\\n\tAä🛒A'}),
        (r'{a="\xc3\xa4\xff"}', {"a": "ä\ufffd"}),
        (r"{a=`raw \n`}", {"a": r"raw \n"}),
        ('{"service.name"="shop"}', {"service.name": "shop"}),
        ('{a="1", a="2"}', {"a": "2"}),
        ('{a="x\ud800"}', {"a": "x\ufffd"}),
        ('{a="}, b="}', {"a": "}, b="}),
        (r'{a="\ud800\Uffffffff"}', {"a": "?\ufffd"}),
    ],
)
def test_labels(text: str, labels: dict[str, str]) -> None:
    assert labels_of(text) == labels


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "must stand in braces"),
        ("a", "must stand in braces"),
        ("{", "character 1 "),
        ("{a}", "character 1 "),
        ("{a=b}", "character 1 "),
        ('{="b"}', "character 1 "),
        ('{a="b" c="d"}', "character 1 "),
        ('{a="b",,c="d"}', "character 7 "),
        ('{a="b"}x', "character 6 "),
        ('{a="b}', "character 1 "),
        ('{a="b\\"}', "character 1 "),
    ],
)
def test_no_labels(text: str, reason: str) -> None:
    with pytest.raises(BadItem, match=reason):
        labels_of(text)


def written_out(labels: dict[str, str]) -> str:
    """As Go quotes values, which for these is as JSON does."""
    return "{" + ", ".join(f"{name}={json.dumps(value, ensure_ascii=False)}" for name, value in labels.items()) + "}"


def text(**bounds: Any) -> st.SearchStrategy[str]:
    return st.text(st.characters(exclude_categories=("Cs",)), **bounds)


names = st.one_of(
    st.from_regex("[a-zA-Z_][a-zA-Z0-9_]{0,5}", fullmatch=True), st.sampled_from(("level", "app", "trace_id"))
)
label_sets = st.dictionaries(names, st.one_of(text(max_size=8), st.just(TRACE_ID)), max_size=4)
entries = st.tuples(st.integers(0, 2**63), text(max_size=8), label_sets)
streams = st.lists(st.tuples(label_sets, st.lists(entries, max_size=3)), max_size=3)


@EXTENSIVE
@given(streams)
def test_the_same_streams_by_protobuf_and_by_json(made: list[tuple[dict[str, str], list[Any]]]) -> None:
    as_text = [written_out(labels) for labels, _ in made]
    assert [labels_of(text) for text in as_text] == [labels for labels, _ in made]
    written = push([(text, values) for text, (_, values) in zip(as_text, made, strict=True)])
    of_json = by_json(*({"stream": labels, "values": values} for labels, values in made))
    assert from_protobuf(written, RECEIVED) == of_json
    assert of_json.refusals == []
    assert [len(group.scope_logs[0].log_records) for group in groups_of(of_json)] == [len(values) for _, values in made]


anything = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=6), st.just(str(AT))),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.sampled_from(("stream", "values", "app", "level", "trace_id", "a")), inner),
    ),
    max_leaves=12,
)
entries_or_not = st.lists(st.one_of(anything, st.tuples(st.just(str(AT)), st.text(max_size=3), anything)), max_size=4)


@EXTENSIVE
@given(st.lists(st.one_of(anything, st.fixed_dictionaries({"stream": anything, "values": entries_or_not})), max_size=4))
def test_whatever_is_in_a_list_becomes_records_or_refusals(given: list[Any]) -> None:
    transcoded = by_json(*given)
    records = sum(len(group.scope_logs[0].log_records) for group in groups_of(transcoded))
    lines = [stream.get("values") if isinstance(stream, dict) else None for stream in given]
    least = sum(len(each) if isinstance(each, list) else 1 for each in lines)
    assert least <= records + len(transcoded.refusals) <= least + len(given)
    batch = DECODER.decode(Signal.LOGS, transcoded.body, RECEIVED)
    assert (batch.items, batch.rejected) == (records, 0)


pushes = st.builds(lambda text, more: push([(text, [(AT, text, {text: text})])]) + more, text(), st.binary(max_size=3))


@EXTENSIVE
@given(st.one_of(st.binary(max_size=40), pushes))
def test_whatever_bytes_are_records_or_refused(body: bytes) -> None:
    for content in (body, body[:-2]):
        told = told_of(from_protobuf, content)
        if isinstance(told, str):
            assert told.startswith("not a PushRequest of Loki: ")
        else:
            assert DECODER.decode(Signal.LOGS, from_protobuf(content, RECEIVED).body, RECEIVED).rejected == 0
