"""A trace that was exported and sent to an empty database makes the same rows there."""

import itertools
import time
from collections.abc import Iterable, Iterator
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import KeyValue

from tests import otlp_strategies as otlp
from tests import rows
from tests.conftest import copied, run
from tests.otelgres_process import OtelgresProcess
from tests.senders import post

OWN = {
    "trace_spans": ("id", "writer", "batch"),
    "traces": ("id", "created_at", "updated_at"),
}
# An id is a hash of the text that came, in which a number may be written in several ways; the content is compared.
SPANS = (
    "SELECT span.*, to_jsonb(resource) - '{id,first_seen,last_seen}'::text[] AS resource, "
    "to_jsonb(scope) - '{id,first_seen,last_seen}'::text[] AS scope FROM enterprise.trace_spans AS span "
    "LEFT JOIN enterprise.resources AS resource ON resource.id = span.resource_id "
    "LEFT JOIN enterprise.scopes AS scope ON scope.id = span.scope_id WHERE trace_id = $1 ORDER BY span_id"
)
TRACES = "SELECT * FROM enterprise.traces WHERE trace_id = $1"
NOW = time.time_ns()
AN_HOUR = 3600 * 10**9
_numbers = itertools.count(1)


@pytest.fixture(scope="module")
def servers(postgres_dsn: str, template_database: str) -> Iterator[tuple[OtelgresProcess, OtelgresProcess]]:
    """One that takes telemetry, and one that takes what the first exports."""
    with (
        Server(postgres_dsn, template_database) as first,
        Server(postgres_dsn, template_database) as second,
    ):
        yield first, second


class Server:
    """A server on a database of its own."""

    def __init__(self, postgres_dsn: str, template: str) -> None:
        self._databases = copied(postgres_dsn, template)
        self._process = OtelgresProcess({"OTELGRES_DSN": next(self._databases)})

    def __enter__(self) -> OtelgresProcess:
        return self._process

    def __exit__(self, *_: object) -> None:
        self._process.close()
        next(self._databases, None)


def as_one_trace(request: ExportTraceServiceRequest) -> str:
    """Makes all spans distinct ones of one new trace, begun within an hour, below each other or at the top; its id."""
    trace_id = next(_numbers).to_bytes(16)
    spans = [span for resource in request.resource_spans for scope in resource.scope_spans for span in scope.spans]
    for resource in request.resource_spans:
        told_apart(resource.resource.attributes)
    for number, span in enumerate(spans, 1):
        told_apart(span.attributes)
        for event in span.events:
            told_apart(event.attributes)
        span.trace_id, span.span_id = trace_id, number.to_bytes(8)
        # Of today, since what is older than the retention may be deleted meanwhile.
        span.start_time_unix_nano = NOW - span.start_time_unix_nano % AN_HOUR
        if number > 1:
            span.parent_span_id = (number // 2).to_bytes(8)
    return trace_id.hex()


def told_apart(attributes: Iterable[KeyValue]) -> None:
    """A large double comes back as an integer, NaN as text: the same in jsonb, but not in a column made of its text."""
    for pair in attributes:
        if pair.key in otlp.COLUMN_KEYS and pair.value.WhichOneof("value") in ("double_value", "array_value"):
            pair.value.string_value = "text"


def stored(dsn: str, trace_id: str) -> dict[str, Any]:
    spans = run(rows.fetch(dsn, SPANS, trace_id))
    for span in spans:
        for column in (*OWN["trace_spans"], "resource_id", "scope_id"):
            del span[column]
        # Links of which none was valid leave an empty list behind.
        span["links"] = span["links"] or None
    [trace] = run(rows.fetch(dsn, TRACES, trace_id))
    for column in OWN["traces"]:
        del trace[column]
    return {"spans": spans, "trace": trace}


# Finding the least example would take minutes.
@settings(
    max_examples=30,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    derandomize=True,
    phases=[Phase.generate],
)
@given(request=otlp.trace_requests)
def test_what_was_exported_makes_the_same_rows_in_an_empty_database(
    servers: tuple[OtelgresProcess, OtelgresProcess], request: ExportTraceServiceRequest
) -> None:
    first, second = servers
    trace_id = as_one_trace(request)
    if not any(scope.spans for resource in request.resource_spans for scope in resource.scope_spans):
        return
    assert post(first, "traces", request.SerializeToString()).status_code == 200
    exported = httpx.get(f"{first.url}/api/observability/traces/{trace_id}/export")
    assert exported.status_code == 200, exported.text
    taken = post(second, "traces", exported.content, {"content-type": "application/json"})
    assert (taken.status_code, taken.json().get("partialSuccess", {}).get("rejectedSpans", "0")) == (200, "0")
    assert repr(stored(second.dsn, trace_id)) == repr(stored(first.dsn, trace_id))
