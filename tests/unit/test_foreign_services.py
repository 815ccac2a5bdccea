"""What is left of a request by a key that names services: all of them, byte for byte, and nothing else."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.exporter.postgres.batch import Batch, Scope, Signal
from opentelemetry.exporter.postgres.requests import Decoder
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from receiver.foreign_services import has_foreign, without_foreign
from receiver.refusals import Forbidden
from tests import payloads

DECODER = Decoder()
OWN = frozenset({"a", "b"})
NOW = 1_800_000_000 * 10**9
MAKE: dict[Signal, Callable[[int, str], Any]] = {
    Signal.TRACES: lambda count, service: payloads.spans(count, service=service, start_ns=NOW),
    Signal.LOGS: lambda count, service: payloads.records(count, service=service, start_ns=NOW),
    Signal.METRICS: lambda count, service: payloads.gauges(count, service=service, time_ns=NOW),
}
UNKNOWN = (b"", b"\x10\x05", b"\x1a\x03abc", b"\x25\x01\x02\x03\x04")
"""Top-level fields that OTLP does not have."""


def reader(signal: Signal) -> Callable[[bytes], Batch]:
    return lambda body: DECODER.decode(signal, body, NOW)


groups = st.lists(
    st.tuples(st.sampled_from(["a", "b", "c", "d", ""]), st.integers(1, 3), st.sampled_from(UNKNOWN)), max_size=8
)


@pytest.mark.parametrize("signal", Signal)
@given(groups=groups)
def test_own_groups_stay_as_they_came_and_each_foreign_item_is_told(
    signal: Signal, groups: list[tuple[str, int, bytes]]
) -> None:
    parts = [
        (service, count, MAKE[signal](count, service).SerializeToString(), more) for service, count, more in groups
    ]
    body = b"".join(part + more for _, _, part, more in parts)
    foreign = Counter({"c": 0, "d": 0, "unknown_service": 0})
    for service, count, _, _ in parts:
        if service not in OWN:
            foreign[service or "unknown_service"] += count
    batch = reader(signal)(body)
    assert has_foreign(batch, OWN) is (foreign.total() > 0)
    own = [part for service, _, part, _ in parts if service in OWN]
    if foreign.total() and not own:
        with pytest.raises(Forbidden, match="the key is not for the service"):
            without_foreign(body, OWN, reader(signal))
        return
    left, lines = without_foreign(body, OWN, reader(signal)) if own else (b"", [])
    assert left == b"".join(own)
    told = Counter(line.removeprefix('the key is not for the service "').removesuffix('"') for line in lines)
    assert told == +foreign


def test_a_resource_in_two_pieces_counts_as_the_decoder_reads_it() -> None:
    """protobuf merges them; the last name holds."""
    whole = payloads.spans(1, service="a", start_ns=NOW)
    piece = ExportTraceServiceRequest()
    piece.resource_spans.add().resource.attributes.append(payloads.attribute("service.name", "c"))
    inner = whole.resource_spans[0].SerializeToString() + piece.resource_spans[0].SerializeToString()
    body = b"\x0a" + _varint(len(inner)) + inner
    batch = reader(Signal.TRACES)(body)
    (resource,) = batch.resources.values()
    assert has_foreign(batch, OWN) is (resource.service_name not in OWN)
    rows = [row for row in batch.rows if resource.service_name.encode() in row]
    assert len(rows) == len(batch.rows) == 1


@pytest.mark.parametrize("first", ["a", "c"])
def test_a_foreign_resource_is_seen_behind_an_own_one_of_the_same_id(first: str) -> None:
    """Whoever looks for long enough finds two contents of one 64-bit id."""
    own, foreign = (
        batch.resources.popitem()[1]
        for batch in (
            reader(Signal.TRACES)(payloads.spans(1, service=service, start_ns=NOW).SerializeToString())
            for service in ("a", "c")
        )
    )
    twin = replace(foreign, id=own.id)
    scope = Scope(id=1, name="", version="", attributes=b"{}", schema_url=None, dropped_attributes_count=0)
    batch = Batch(Signal.TRACES)
    for resource in (own, twin) if first == "a" else (twin, own):
        batch.add_origin(resource, scope)
    assert len(batch.resources) == 1
    assert has_foreign(batch, OWN)


def test_a_long_name_is_cut_and_only_some_are_listed() -> None:
    body = b"".join(
        payloads.spans(1, service=f"{number}{'x' * 1000}", start_ns=NOW).SerializeToString() for number in range(9)
    )
    with pytest.raises(Forbidden) as refused:
        without_foreign(body, OWN, reader(Signal.TRACES))
    assert len(str(refused.value)) < 1_000


def _varint(number: int) -> bytes:
    out = bytearray()
    while number >= 0x80:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)
