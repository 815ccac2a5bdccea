"""What the examples of the documentation ask for: an hour of a shop, with failures, people, model calls and metrics."""

import random
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.logs.v1.logs_pb2 import ScopeLogs
from opentelemetry.proto.trace.v1.trace_pb2 import ScopeSpans, Span, Status

from database import pool
from database.folding import Folding
from tests.conftest import run
from tests.payloads import attribute
from tests.served_api import lead
from tests.telemetry import Point, metrics, nanoseconds, stored

TRACES = 120
SECONDS_APART = 25
PEOPLE = ("ann@acme.com", "ben@acme.com", "cem@example.com")


def open_shop(dsn: str) -> None:
    """Stores it, and does what the jobs of a running server would have done since."""
    now = datetime.now(UTC).replace(microsecond=0)
    traces, logs = _requests(now)
    points = [
        Point(timedelta(minutes=minutes), "orders", float(60 - minutes), "checkout", "one", {"card": "visa"}, _HOUR)
        for minutes in range(55, 0, -5)
    ]
    stored(dsn, traces=traces, logs=logs, metrics=metrics(points, now))
    run(_fold(dsn, now))


_HOUR = timedelta(hours=1)


def _requests(now: datetime) -> tuple[bytes, bytes]:
    chance = random.Random(7)
    traces, logs = ExportTraceServiceRequest(), ExportLogsServiceRequest()
    spans = {name: _spans(traces, name) for name in ("web", "checkout", "assistant")}
    lines = _lines(logs, "checkout")
    for number in range(TRACES):
        start = now - timedelta(seconds=SECONDS_APART * (TRACES - number))
        trace = chance.randbytes(16)
        _order(spans, lines, trace, start, number, chance)
    return traces.SerializeToString(), logs.SerializeToString()


def _order(
    spans: Mapping[str, ScopeSpans], lines: ScopeLogs, trace: bytes, start: datetime, number: int, chance: random.Random
) -> None:
    failed, ms = number % 10 == 9, chance.choice((40, 80, 120, 900))
    root, call, model = (chance.randbytes(8) for _ in range(3))
    page = _span(spans["web"], trace, root, b"", "GET /cart", Span.SPAN_KIND_SERVER, start, ms + 20)
    page.attributes.extend(
        attribute(name, value)
        for name, value in {
            "http.route": "/cart",
            "http.request.method": "GET",
            "http.response.status_code": 502 if failed else 200,
            "user.email": PEOPLE[number % len(PEOPLE)],
            "session.id": f"session-{number % 7}",
        }.items()
    )
    order = _span(spans["checkout"], trace, call, root, "POST /orders", Span.SPAN_KIND_SERVER, start, ms)
    order.attributes.extend([attribute("order.id", str(1000 + number)), attribute("http.route", "/orders")])
    for span in (page, order) if failed else ():
        span.status.code, span.status.message = Status.STATUS_CODE_ERROR, "card declined"
    asked = _span(spans["assistant"], trace, model, root, "chat gpt-4o", Span.SPAN_KIND_CLIENT, start, ms // 2)
    asked.attributes.extend(
        attribute(name, value)
        for name, value in {
            "gen_ai.operation.name": "chat",
            "gen_ai.provider.name": "openai",
            "gen_ai.request.model": "gpt-4o",
            "gen_ai.usage.input_tokens": 900 + number,
            "gen_ai.usage.output_tokens": 80,
        }.items()
    )
    record = lines.log_records.add(time_unix_nano=nanoseconds(start), trace_id=trace, span_id=call)
    record.severity_number = 17 if failed else 9
    record.body.string_value = "connection reset by the bank" if failed else f"order {1000 + number} taken in {ms} ms"
    record.attributes.append(attribute("order.id", str(1000 + number)))


def _span(
    spans: ScopeSpans, trace: bytes, own: bytes, parent: bytes, name: str, kind: Any, start: datetime, ms: int
) -> Span:
    span = spans.spans.add(trace_id=trace, span_id=own, parent_span_id=parent, name=name, kind=kind)
    span.start_time_unix_nano = nanoseconds(start)
    span.end_time_unix_nano = span.start_time_unix_nano + ms * 1_000_000
    return span


def _spans(request: ExportTraceServiceRequest, service: str) -> ScopeSpans:
    group = request.resource_spans.add()
    group.resource.attributes.extend([attribute("service.name", service), attribute("zone", "north")])
    return group.scope_spans.add()


def _lines(request: ExportLogsServiceRequest, service: str) -> ScopeLogs:
    group = request.resource_logs.add()
    group.resource.attributes.append(attribute("service.name", service))
    lines = group.scope_logs.add()
    lines.scope.name = "shop.orders"
    return lines


async def _fold(dsn: str, now: datetime) -> None:
    connections = await pool.connect_pool(dsn, min_size=0, max_size=2, statement_timeout_ms=60_000)
    await Folding(await lead(connections)).run_once(now)
    # The server that comes next is to work by itself.
    await connections.execute("DELETE FROM enterprise.leases WHERE name = 'maintenance'")
    await connections.close()
