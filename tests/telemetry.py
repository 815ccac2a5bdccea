"""OTLP requests of any content, in few words, and their way into a database."""

import asyncio
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.metrics.v1.metrics_pb2 import AGGREGATION_TEMPORALITY_CUMULATIVE
from opentelemetry.proto.trace.v1.trace_pb2 import Status

from database import pool
from database.lease import Lease
from database.metric_rollup import MetricRollup
from tests.gen_ai_spans import derive
from tests.otelgres_process import OtelgresProcess
from tests.payloads import attribute
from tests.senders import post

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
SEVERITIES = {"DEBUG": 5, "INFO": 9, "WARNING": 13, "ERROR": 17, "CRITICAL": 21}


@dataclass(frozen=True)
class Log:
    """`age` before the time that the requests are made for."""

    age: timedelta
    level: str = "ERROR"
    service: str = "shop"
    message: str = "something happened"
    attributes: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Trace:
    """A trace of a root and a child that began and ended together, with it; the attributes are the root's."""

    age: timedelta
    ms: float = 100.0
    failed: bool = False
    service: str = "shop"
    name: str = "GET /orders"
    attributes: Mapping[str, object] = field(default_factory=dict)
    child: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Point:
    """Of a gauge, or of a cumulative counter that began at `since` before now."""

    age: timedelta
    name: str
    value: float
    service: str = "shop"
    host: str = ""
    attributes: Mapping[str, object] = field(default_factory=dict)
    since: timedelta | None = None


def logs(given: Iterable[Log], now: datetime) -> bytes:
    request = ExportLogsServiceRequest()
    for log in given:
        group = request.resource_logs.add()
        group.resource.attributes.extend([attribute("service.name", log.service), attribute("zone", "north")])
        record = group.scope_logs.add().log_records.add()
        record.time_unix_nano = nanoseconds(now - log.age)
        record.severity_number = SEVERITIES[log.level]
        record.body.string_value = log.message
        record.attributes.extend(attribute(name, value) for name, value in log.attributes.items())
    return request.SerializeToString()


def traces(given: Iterable[Trace], now: datetime) -> bytes:
    request = ExportTraceServiceRequest()
    for trace in given:
        group = request.resource_spans.add()
        group.resource.attributes.extend([attribute("service.name", trace.service), attribute("zone", "north")])
        scope = group.scope_spans.add()
        trace_id, root_id = os.urandom(16), os.urandom(8)
        for name, attributes, parent in ((trace.name, trace.attributes, b""), ("child", trace.child, root_id)):
            span = scope.spans.add(trace_id=trace_id, span_id=os.urandom(8) if parent else root_id, name=name)
            span.parent_span_id = parent
            span.start_time_unix_nano = nanoseconds(now - trace.age)
            span.end_time_unix_nano = span.start_time_unix_nano + int(trace.ms * 1_000_000)
            span.attributes.extend(attribute(name, value) for name, value in attributes.items())
            if trace.failed and not parent:
                span.status.code = Status.STATUS_CODE_ERROR
    return request.SerializeToString()


def metrics(given: Iterable[Point], now: datetime) -> bytes:
    request = ExportMetricsServiceRequest()
    for point in given:
        group = request.resource_metrics.add()
        group.resource.attributes.append(attribute("service.name", point.service))
        if point.host:
            group.resource.attributes.append(attribute("host.name", point.host))
        metric = group.scope_metrics.add().metrics.add(name=point.name, unit="1")
        made = (metric.gauge if point.since is None else metric.sum).data_points.add(as_double=point.value)
        made.time_unix_nano = nanoseconds(now - point.age)
        made.attributes.extend(attribute(name, value) for name, value in point.attributes.items())
        if point.since is not None:
            metric.sum.aggregation_temporality = AGGREGATION_TEMPORALITY_CUMULATIVE
            metric.sum.is_monotonic = True
            made.start_time_unix_nano = nanoseconds(now - point.since)
    return request.SerializeToString()


def nanoseconds(moment: datetime) -> int:
    return (moment - EPOCH) // timedelta(microseconds=1) * 1000


def stored(dsn: str, **requests: bytes) -> None:
    """Sends requests, by signal, to a server of its own; when it has stopped, does what its jobs would do."""
    process = OtelgresProcess({"OTELGRES_DSN": dsn})
    try:
        for signal, body in requests.items():
            answer = post(process, signal, body)
            assert answer.status_code == 200, answer.text
    finally:
        process.close()
    asyncio.run(_derived(dsn))


async def _derived(dsn: str) -> None:
    connections = await pool.connect_pool(dsn, min_size=0, max_size=2, statement_timeout_ms=60_000)
    await derive(connections)
    held = Lease(connections, "maintenance", "test", timedelta(minutes=10))
    await held.acquire()
    await MetricRollup(held, 30).run_once(datetime.now(UTC))
    await connections.close()
