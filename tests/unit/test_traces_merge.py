"""A trace is the same whatever its spans were split into and whatever order they came in."""

import copy
import os
from typing import Any

import asyncpg
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from opentelemetry.exporter.postgres import traces
from opentelemetry.exporter.postgres.batch import Signal
from opentelemetry.exporter.postgres.requests import Decoder
from opentelemetry.exporter.postgres.sql_text import sql
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

from tests.conftest import run
from tests.payloads import attribute

DECODER = Decoder()
START = 1_790_000_000 * 10**9
TRACES = (b"\x01" * 16, b"\x02" * 16)
ERROR_FROM_STATUS = 400

Sent = tuple[str, Span]

facts = st.fixed_dictionaries(
    {},
    optional={
        "http.request.method": st.sampled_from(["GET", "POST"]),
        "http.route": st.sampled_from(["/a", "/b"]),
        "http.response.status_code": st.sampled_from([200, 404, 500]),
        "url.scheme": st.sampled_from(["http", "ws"]),
        "user.email": st.sampled_from(["a@x", "b@x"]),
        "session.id": st.sampled_from(["s", "t"]),
        "user.department": st.sampled_from(["d", "e"]),
    },
)


@st.composite
def spans(draw: st.DrawFn) -> list[Sent]:
    """Up to ten spans of two traces, some of them roots, some not ended; ids and the ways to start differ."""
    made: list[Sent] = []
    for number in range(draw(st.integers(1, 10))):
        start = START + draw(st.integers(0, 5)) * 1_000_500
        span = Span(
            trace_id=draw(st.sampled_from(TRACES)),
            span_id=bytes((number + 1,)) * 8,
            parent_span_id=b"\xff" * 8 if draw(st.booleans()) else b"",
            name=f"span {number}",
            kind=draw(st.sampled_from(Span.SpanKind.values())),
            start_time_unix_nano=start,
            end_time_unix_nano=draw(st.sampled_from([0, start, start + 7_000_000, start - 1])),
            status=Status(
                code=draw(st.sampled_from(Status.StatusCode.values())), message=draw(st.sampled_from(["", "why"]))
            ),
            attributes=[attribute(key, value) for key, value in draw(facts).items()],
        )
        made.append((draw(st.sampled_from(["shop", "search"])), span))
    return made


@st.composite
def split_and_shuffled(draw: st.DrawFn) -> tuple[list[Sent], list[list[Sent]]]:
    """Spans as they were made, and the same in another order and in several requests."""
    made = draw(spans())
    shuffled = draw(st.permutations(made))
    cuts = sorted(draw(st.sets(st.integers(1, len(made)), max_size=4)))
    requests = [shuffled[first:last] for first, last in zip([0, *cuts], [*cuts, len(made)], strict=True)]
    return made, [request for request in requests if request]


def request_of(sent: list[Sent]) -> bytes:
    request = ExportTraceServiceRequest()
    for service, span in sent:
        group = request.resource_spans.add()
        group.resource.attributes.append(attribute("service.name", service))
        group.scope_spans.add().spans.append(span)
    return request.SerializeToString()


def parts_of(sent: list[Sent]) -> dict[bytes, Any]:
    return DECODER.decode(Signal.TRACES, request_of(sent), START).traces


def columns_of(parts: dict[bytes, Any]) -> list[object]:
    """Without the first column, the random row id."""
    return [*traces.columns(sorted(parts.items()), ERROR_FROM_STATUS)[1:]]


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(split_and_shuffled())
def test_parts_merge_in_any_order_into_the_same_columns(given_: tuple[list[Sent], list[list[Sent]]]) -> None:
    made, requests = given_
    merged: dict[bytes, Any] = {}
    for request in requests:
        for trace_id, part in parts_of(request).items():
            if trace_id in merged:
                merged[trace_id].merge(part)
            else:
                merged[trace_id] = part
    assert columns_of(merged) == columns_of(parts_of(made))


@settings(max_examples=50, deadline=None)
@given(spans(), spans())
def test_merging_into_a_copy_leaves_the_original_alone(first: list[Sent], second: list[Sent]) -> None:
    for part in parts_of(first).values():
        before = columns_of({b"": part})
        copied = part.copy()
        assert columns_of({b"": copied}) == before
        for other in parts_of(second).values():
            copied.merge(other)
        assert columns_of({b"": part}) == before


STORED = """
SELECT entry_key, entry_point, endpoint, entry_status, error_message, tags::text, service_name, operation_name,
       root_span_id, method_key, method, session_key, session_id, user_key, user_email, department_key, department,
       start_time, latest_start, latest_end, span_count, error_count, services, status, end_time, duration_ms
FROM enterprise.traces WHERE trace_id = $1
"""
MERGE = sql("merge_traces")


def with_trace_ids(requests: list[list[Sent]], ids: dict[bytes, bytes]) -> list[list[Sent]]:
    changed = copy.deepcopy(requests)
    for request in changed:
        for _, span in request:
            span.trace_id = ids[span.trace_id]
    return changed


async def stored(dsn: str, examples: list[tuple[list[Sent], list[list[Sent]]]]) -> list[tuple[list[Any], list[Any]]]:
    """For each example its traces as one transaction made them, and as several did in another order."""
    connection = await asyncpg.connect(dsn)
    found: list[tuple[list[Any], list[Any]]] = []
    try:
        for made, requests in examples:
            both: list[list[Any]] = []
            for sent in ([made], requests):
                ids = {trace_id: os.urandom(16) for trace_id in TRACES}
                for request in with_trace_ids(sent, ids):
                    parts = sorted(parts_of(request).items())
                    await connection.execute(MERGE, *traces.columns(parts, ERROR_FROM_STATUS))
                both.append([await connection.fetchrow(STORED, trace_id.hex()) for trace_id in ids.values()])
            found.append((both[0], both[1]))
    finally:
        await connection.close()
    return found


def test_postgresql_merges_in_any_order_into_the_same_trace(database: str) -> None:
    examples: list[tuple[list[Sent], list[list[Sent]]]] = []

    @settings(max_examples=100, database=None, deadline=None, suppress_health_check=list(HealthCheck))
    @given(split_and_shuffled())
    def collect(example: tuple[list[Sent], list[list[Sent]]]) -> None:
        examples.append(example)

    collect()
    for (made, requests), (at_once, in_parts) in zip(examples, run(stored(database, examples)), strict=True):
        assert at_once == in_parts, f"{made} in the order {requests}"
        assert sum(row["span_count"] for row in at_once if row is not None) == len(made)
