"""Whatever the official classes can express comes back from the rows, field by field."""

import base64
import contextlib
import math
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from opentelemetry.exporter.postgres import origin, requests, wire
from opentelemetry.exporter.postgres.attributes import Attributes, PlainAttributes
from opentelemetry.exporter.postgres.batch import Batch, InvalidRequest, Signal
from opentelemetry.exporter.postgres.logs import LogDecoder
from opentelemetry.exporter.postgres.requests import Decoder
from opentelemetry.exporter.postgres.spans import SpanDecoder
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from tests import otlp_strategies as otlp
from tests.copy_reader import log_rows, span_rows

DECODER = Decoder()
RECEIVED = 1_800_000_000 * 10**9
EXTENSIVE = settings(max_examples=100, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


def clean(text: str) -> str:
    return text.replace("\0", "\ufffd")


def plain(value: AnyValue) -> Any:
    """An AnyValue as jsonb should hold it: the specification's textual form of bytes, NaN and infinities."""
    kind = value.WhichOneof("value")
    if kind is None:
        return None
    if kind == "string_value":
        return clean(value.string_value)
    if kind == "bytes_value":
        return base64.b64encode(value.bytes_value).decode()
    if kind == "double_value":
        double = value.double_value
        if math.isnan(double):
            return "NaN"
        return double if math.isfinite(double) else ("Infinity" if double > 0 else "-Infinity")
    if kind == "array_value":
        return [plain(element) for element in value.array_value.values]
    if kind == "kvlist_value":
        return {clean(pair.key): plain(pair.value) for pair in value.kvlist_value.values}
    return getattr(value, kind)


def attributes(pairs: Any) -> dict[str, Any]:
    return {clean(pair.key): plain(pair.value) for pair in pairs}


def valid(trace_id: bytes, span_id: bytes) -> bool:
    return len(trace_id) == 16 and any(trace_id) and len(span_id) == 8 and any(span_id)


def storable(span: Span) -> bool:
    return valid(span.trace_id, span.span_id) and bool(span.start_time_unix_nano or span.end_time_unix_nano)


def decode(request: Any) -> Batch:
    signal = Signal.TRACES if isinstance(request, ExportTraceServiceRequest) else Signal.LOGS
    return DECODER.decode(signal, request.SerializeToString(), RECEIVED)


@EXTENSIVE
@given(otlp.trace_requests)
def test_every_span_comes_back(request: ExportTraceServiceRequest) -> None:
    every = [
        (group.resource, scope, span)
        for group in request.resource_spans
        for scope in group.scope_spans
        for span in scope.spans
    ]
    kept = [found for found in every if storable(found[2])]
    if every and not kept and not any(span.name for _, _, span in every):
        with pytest.raises(InvalidRequest):
            decode(request)
        return
    batch = decode(request)
    assert (batch.items, batch.rejected) == (len(every), len(every) - len(kept))
    for (resource, scope, span), row in zip(kept, span_rows(batch.rows), strict=True):
        start = span.start_time_unix_nano or span.end_time_unix_nano
        end = span.end_time_unix_nano
        assert (row["start_time"], row["start_nanos"]) == divmod(start, 1000)
        assert row["trace_id"] == span.trace_id.hex()
        assert row["span_id"] == span.span_id.hex()
        parent = span.parent_span_id
        is_root = len(parent) != 8 or not any(parent) or parent == span.span_id
        assert row["parent_span_id"] == (None if is_root else parent.hex())
        if end:
            assert (row["end_time"], row["end_nanos"]) == divmod(end, 1000)
            assert row["duration_ms"] == max(end - start, 0) / 1e6
        else:
            assert (row["end_time"], row["duration_ms"]) == (None, None)
        assert row["operation_name"] == clean(span.name)
        assert (row["kind"], row["flags"], row["status_code"]) == (span.kind, span.flags or None, span.status.code)
        assert row["status_message"] == (clean(span.status.message) or None)
        assert row["trace_state"] == (clean(span.trace_state) or None)
        assert row["status"] == ("error" if span.status.code == 2 else "completed" if end else "in_progress")
        assert row["tags"] == attributes(span.attributes)
        for name in ("dropped_attributes_count", "dropped_events_count", "dropped_links_count"):
            assert row[name] == (getattr(span, name) or None)
        links = [link for link in span.links if valid(link.trace_id, link.span_id)]
        for stored, link in zip(row["links"] or [], links, strict=True):
            assert stored == {
                "trace_id": link.trace_id.hex(),
                "span_id": link.span_id.hex(),
                "trace_state": clean(link.trace_state),
                "flags": link.flags,
                "dropped_attributes_count": link.dropped_attributes_count,
                "attributes": attributes(link.attributes),
            }
        assert len(row["logs"]) == len(span.events)
        for stored, event in zip(row["logs"], span.events, strict=True):
            for key, value in attributes(event.attributes).items():
                reserved = key in ("timestamp", "message", "level", "name", "dropped_attributes_count")
                assert stored[f"attribute.{key}" if reserved else key] == value
            if event.name != "exception":
                assert stored["message"] == clean(event.name)
        assert_origin(batch, row, resource, scope)


def assert_origin(batch: Batch, row: dict[str, Any], resource: Any, scope: Any) -> None:
    name = attributes(resource.attributes).get("service.name")
    assert row["service_name"] == (name if isinstance(name, str) and name else "unknown_service")
    stored = batch.resources[row["resource_id"]]
    assert stored.dropped_attributes_count == resource.dropped_attributes_count
    assert wire.to_json(attributes(resource.attributes), order="sorted") == stored.attributes
    assert batch.scopes[row["scope_id"]].name == clean(scope.scope.name)


@EXTENSIVE
@given(otlp.log_requests)
def test_every_record_comes_back(request: ExportLogsServiceRequest) -> None:
    every = [
        (group.resource, scope, record)
        for group in request.resource_logs
        for scope in group.scope_logs
        for record in scope.log_records
    ]
    batch = decode(request)
    assert (batch.items, batch.rejected) == (len(every), 0)
    for (resource, scope, record), row in zip(every, log_rows(batch.rows), strict=True):
        at = record.time_unix_nano or record.observed_time_unix_nano or RECEIVED
        assert row["timestamp"] == at // 1000
        assert row["timestamp_nanos"] == (record.time_unix_nano % 1000 if record.time_unix_nano else None)
        observed = record.observed_time_unix_nano
        expected = divmod(observed, 1000) if observed else (None, None)
        assert (row["observed_time"], row["observed_nanos"]) == expected
        assert row["severity_number"] == record.severity_number
        assert row["severity_text"] == (clean(record.severity_text) or None)
        assert row["event_name"] == (clean(record.event_name) or None)
        assert row["flags"] == (record.flags or None)
        valid_trace = len(record.trace_id) == 16 and any(record.trace_id)
        assert row["trace_id"] == (record.trace_id.hex() if valid_trace else None)
        kind = record.body.WhichOneof("value")
        if kind == "string_value":
            assert (row["message"], row["body"]) == (clean(record.body.string_value), None)
        elif kind is None:
            assert row["message"] == clean(record.event_name)
        else:
            assert row["body"] == plain(record.body)
        columns = {"user.email": "user_email", "session.id": "session_id", "http.route": "endpoint"}
        columns["exception.message"] = "exception_message"
        for key, value in attributes(record.attributes).items():
            if key not in row["extra"]:
                assert row[columns[key]] == value
            else:
                assert row["extra"][key] == value
        assert row["logger_name"] == (clean(scope.scope.name) or row["service_name"])
        assert_origin(batch, row, resource, scope)


@EXTENSIVE
@given(otlp.trace_requests, st.integers(0, 6), st.integers(0, 6))
def test_a_part_of_a_request_holds_those_items(request: ExportTraceServiceRequest, first: int, size: int) -> None:
    body = request.SerializeToString()
    try:
        whole = DECODER.decode(Signal.TRACES, body, RECEIVED)
    except InvalidRequest:
        return
    parts = [(0, first), (first, first + size), (first + size, None)]
    try:
        batches = [DECODER.decode(Signal.TRACES, body, RECEIVED, *part) for part in parts]
    except InvalidRequest:
        return
    assert sum(batch.items for batch in batches) == whole.items
    joined = [row for batch in batches for row in span_rows(batch.rows)]
    for row in (*joined, *(expected := span_rows(whole.rows))):
        del row["id"]
    assert joined == expected


@given(st.binary(max_size=200), st.sampled_from([Signal.TRACES, Signal.LOGS]))
def test_garbage_is_refused_or_read_but_never_crashes(body: bytes, signal: Signal) -> None:
    with contextlib.suppress(wire.DecodeError, InvalidRequest):
        DECODER.decode(signal, body, RECEIVED)


@EXTENSIVE
@given(otlp.trace_requests, st.data())
def test_cut_or_changed_requests_never_crash(request: ExportTraceServiceRequest, data: st.DataObject) -> None:
    body = bytearray(request.SerializeToString())
    if body:
        body[data.draw(st.integers(0, len(body) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(body)))
    for damaged in (bytes(body), bytes(body[:cut])):
        try:
            batch = DECODER.decode(Signal.TRACES, damaged, RECEIVED)
        except (wire.DecodeError, InvalidRequest):
            continue
        span_rows(batch.rows)


@EXTENSIVE
@given(otlp.log_requests)
def test_both_readers_of_attributes_read_the_same(request: ExportLogsServiceRequest) -> None:
    for group in request.resource_logs:
        for scope in group.scope_logs:
            for record in scope.log_records:
                body = record.SerializeToString()
                plain_json, plain_facts = PlainAttributes().read(body, 0, len(body), 0x32)
                json, facts = Attributes().read(body, 0, len(body), 0x32)
                assert (json, repr(facts)) == (plain_json, repr(plain_facts))


@given(st.binary(max_size=80))
def test_both_readers_of_attributes_refuse_the_same(body: bytes) -> None:
    told: list[object] = []
    for reader in (PlainAttributes(), Attributes()):
        try:
            told.append(repr(reader.read(body, 0, len(body), 0x0A)))
        except wire.DecodeError:
            told.append("refused")
    assert told[0] == told[1]


def nested(depth: int) -> AnyValue:
    value = AnyValue(string_value="bottom")
    for _ in range(depth):
        value = AnyValue(array_value={"values": [value]})
    return value


def test_nesting_is_read_to_the_depth_that_sdks_allow_and_marked_beyond() -> None:
    deep = plain(nested(40))
    found = wire.any_value(nested(40).SerializeToString(), 0, len(nested(40).SerializeToString()))
    assert found[0].decode() == str(deep).replace("'", '"')
    body = b"\x0a\x06bottom"
    for _ in range(500):
        body = b"\x2a" + length(b"\x0a" + length(body))
    assert b"nested deeper" in wire.any_value(body, 0, len(body))[0]


def length(content: bytes) -> bytes:
    size, out = len(content), b""
    while size > 0x7F:
        out += bytes((size & 0x7F | 0x80,))
        size >>= 7
    return out + bytes((size,)) + content


def test_text_that_is_not_utf8_costs_its_odd_bytes_only() -> None:
    raw = b"\x0a" + length(b"bad \xff\x00 text")
    assert wire.any_value(raw, 0, len(raw))[1] == "bad \ufffd\ufffd text"


def test_what_could_not_be_stored_as_it_came_is_counted() -> None:
    ids = b"\x0a\x10" + b"t" * 16 + b"\x12\x08" + b"s" * 8 + b"\x39" + b"\x01" * 8
    odd = b"\x2a" + length(b"bad \xff name") + b"\x7a" + length(b"\x12" + length(b"zero \x00"))
    body = b"\x0a" + length(b"\x12" + length(b"\x12" + length(ids + odd)))
    first, second = (DECODER.decode(Signal.TRACES, body, RECEIVED) for body in (body, b""))
    assert sorted(first.altered.values()) == [1, 1]
    assert second.altered == {}


def test_a_decoder_pauses_between_items_when_asked_to() -> None:
    pauses: list[int] = []
    ids = b"\x0a\x10" + b"t" * 16 + b"\x12\x08" + b"s" * 8 + b"\x39" + b"\x01" * 8
    body = b"\x0a" + length(b"\x12" + length((b"\x12" + length(ids)) * 1200))
    decoder = Decoder(lambda: pauses.append(1))
    assert len(decoder.decode(Signal.TRACES, body, RECEIVED).rows) == 1200
    assert len(pauses) == 2


def test_a_count_wider_than_uint32_keeps_its_low_bits() -> None:
    """A sender's -1 is a varint of ten bytes."""
    minus_one = b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"
    event = b"\x5a" + length(b"\x12\x01e\x20" + minus_one)
    link = b"\x6a" + length(b"\x0a\x10" + b"t" * 16 + b"\x12\x08" + b"s" * 8 + b"\x28" + minus_one)
    ids = b"\x0a\x10" + b"t" * 16 + b"\x12\x08" + b"s" * 8 + b"\x39" + b"\x01" * 8
    span = ids + b"".join(tag + minus_one for tag in (b"\x50", b"\x60", b"\x70")) + event + link
    origin_ = b"\x0a" + length(b"\x10" + minus_one)
    scope = b"\x0a" + length(b"\x20" + minus_one)
    body = b"\x0a" + length(origin_ + b"\x12" + length(scope + b"\x12" + length(span)))
    batch = DECODER.decode(Signal.TRACES, body, RECEIVED)
    (row,) = span_rows(batch.rows)
    most = 2**32 - 1
    assert [row[f"dropped_{name}_count"] for name in ("attributes", "events", "links")] == [most] * 3
    assert row["logs"][0]["dropped_attributes_count"] == row["links"][0]["dropped_attributes_count"] == most
    assert batch.resources[row["resource_id"]].dropped_attributes_count == most
    assert batch.scopes[row["scope_id"]].dropped_attributes_count == most


def test_of_equal_keys_the_last_one_wins() -> None:
    request = ExportTraceServiceRequest()
    span = request.resource_spans.add().scope_spans.add().spans.add()
    span.trace_id, span.span_id, span.start_time_unix_nano = b"t" * 16, b"s" * 8, 1
    for number in (1, 2):
        pair = span.attributes.add()
        pair.key, pair.value.int_value = "a", number
    assert span_rows(decode(request).rows)[0]["tags"] == {"a": 2}


def test_equal_resources_have_one_id_whatever_the_order_of_their_attributes() -> None:
    origins = origin.Origins()
    a = b"\x0a" + length(b"\x0a\x01a\x12\x02\x18\x01")
    b = b"\x0a" + length(b"\x0a\x01b\x12\x02\x18\x02")
    assert origins.resource(a + b, "").id == origins.resource(b + a, "").id
    assert origins.resource(a, "").id != origins.resource(a, "https://schema").id


PLAIN = """
import sys
from opentelemetry.exporter.postgres import spans, wire, envelope, logs, metrics, point_fields
from opentelemetry.exporter.postgres.requests import Decoder
from opentelemetry.exporter.postgres.batch import Signal
compiled = (spans, wire, envelope, logs, metrics, point_fields)
assert all(module.__file__.endswith(".py") for module in compiled), spans.__file__
decoder = Decoder()
for line in sys.stdin:
    number, _, body = line.rstrip().partition(" ")
    batch = decoder.decode(Signal(int(number)), bytes.fromhex(body), 1_800_000_000 * 10**9)
    head = {Signal.TRACES: 22, Signal.LOGS: 22, Signal.METRICS: 2}[batch.signal]
    print(b"".join(row[:2] + row[head:] for row in batch.rows).hex())
"""


def test_without_a_compiler_the_rows_are_the_same(tmp_path: Path) -> None:
    """The modules that Cython compiles run from source in a second interpreter, and make the same rows."""
    source = Path(package_file()).parent
    package = tmp_path / "opentelemetry" / "exporter" / "postgres"
    (package / "sql").mkdir(parents=True)
    for path in source.glob("*.py"):
        (package / path.name).write_bytes(path.read_bytes())
    for path in (source / "sql").glob("*.sql"):
        (package / "sql" / path.name).write_bytes(path.read_bytes())
    samples = sample_requests()
    told = subprocess.run(
        [sys.executable, "-c", PLAIN],
        input="".join(f"{signal.value} {body.hex()}\n" for signal, body in samples),
        env=os.environ | {"PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    for (signal, body), line in zip(samples, told, strict=True):
        batch = Decoder().decode(signal, body, RECEIVED)
        head = 2 if signal is Signal.METRICS else 22
        assert line == b"".join(row[:2] + row[head:] for row in batch.rows).hex()


def package_file() -> str:
    assert requests.__file__
    return requests.__file__


def sample_requests() -> list[tuple[Signal, bytes]]:
    """Requests that hypothesis found, the same in every run."""
    found: list[tuple[Signal, bytes]] = []

    @settings(max_examples=60, database=None, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(otlp.trace_requests, otlp.log_requests, otlp.metric_requests)
    def collect(
        traces: ExportTraceServiceRequest, logs: ExportLogsServiceRequest, metrics: ExportMetricsServiceRequest
    ) -> None:
        found.append((Signal.METRICS, metrics.SerializeToString()))
        try:
            decode(traces)
        except InvalidRequest:
            return
        found.append((Signal.TRACES, traces.SerializeToString()))
        found.append((Signal.LOGS, logs.SerializeToString()))

    collect()
    return found


def test_with_a_compiler_the_decoder_is_typed() -> None:
    """Cython silently leaves out .pxd files it does not find; a method declared there is invisible from Python."""
    if not str(wire.__file__).endswith(".py"):
        assert not hasattr(SpanDecoder, "_span")
        assert not hasattr(LogDecoder, "_record")


def test_decoders_share_nothing_but_their_caches() -> None:
    origins = origin.Origins()
    known = Attributes()
    assert SpanDecoder(origins, known).decode(b"").items == 0
    assert LogDecoder(origins, known).decode(b"", RECEIVED).items == 0
