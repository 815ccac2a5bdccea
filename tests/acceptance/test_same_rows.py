"""The same telemetry by every way in makes the same rows, and the right ones."""

import asyncio
import logging
import random
import time
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from opentelemetry._logs import LogRecord, SeverityNumber
from opentelemetry.context import Context
from opentelemetry.exporter.otlp.json.http._log_exporter import OTLPLogExporter as JsonLogExporter
from opentelemetry.exporter.otlp.json.http.trace_exporter import OTLPSpanExporter as JsonSpanExporter
from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans
from opentelemetry.exporter.otlp.proto.grpc._log_exporter import OTLPLogExporter as GrpcLogExporter
from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter as GrpcSpanExporter
from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter as HttpLogExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter as HttpSpanExporter
from opentelemetry.exporter.postgres.log_exporter import PostgresLogExporter
from opentelemetry.exporter.postgres.span_exporter import PostgresSpanExporter
from opentelemetry.sdk._logs import LoggerProvider, ReadableLogRecord
from opentelemetry.sdk._logs.export import (
    InMemoryLogRecordExporter,
    LogRecordExporter,
    LogRecordExportResult,
    SimpleLogRecordProcessor,
)
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult
from opentelemetry.trace import NonRecordingSpan, SpanContext, TraceFlags, set_span_in_context

from tests import rows
from tests.otelgres_process import OtelgresProcess
from tests.senders import post
from tests.stories import Told, tell_all

Start = Callable[..., OtelgresProcess]
TRACES = 2_000
WAYS = {0x10: "grpc", 0x20: "http/protobuf", 0x30: "http/json", 0x70: "exporter"}


def exporter_for(way: str, server: OtelgresProcess) -> SpanExporter:
    if way == "grpc":
        return GrpcSpanExporter(server.otlp_grpc_target, insecure=True)
    if way == "http/protobuf":
        return HttpSpanExporter(f"{server.otlp_http_url}/v1/traces")
    if way == "http/json":
        return JsonSpanExporter(f"{server.otlp_http_url}/v1/traces")
    return PostgresSpanExporter(server.dsn)


def log_exporter_for(way: str, server: OtelgresProcess) -> LogRecordExporter:
    if way == "grpc":
        return GrpcLogExporter(server.otlp_grpc_target, insecure=True)
    if way == "http/protobuf":
        return HttpLogExporter(f"{server.otlp_http_url}/v1/logs")
    if way == "http/json":
        return JsonLogExporter(f"{server.otlp_http_url}/v1/logs")
    return PostgresLogExporter(server.dsn)


def comparable(row: rows.Record) -> rows.Record:
    return {name: value for name, value in row.items() if name not in rows.OWN and not name.endswith("_key")}


async def stored(dsn: str, table: str, group: int, order: str) -> list[rows.Record]:
    found = await rows.fetch(
        dsn, f"SELECT * FROM enterprise.{table} WHERE trace_id LIKE $1 ORDER BY {order}", f"{group:02x}%"
    )
    return [comparable(row) | {"trace": row["trace_id"][2:]} for row in found]


async def assert_rows(dsn: str, group: int, told: Sequence[Told]) -> None:
    """Each trace's row says what its story wrote beside it."""
    found = await stored(dsn, "traces", group, "trace_id")
    assert len(found) == len(told)
    for row, story in zip(found, told, strict=True):
        assert {name: row[name] for name in story.row} == story.row


@pytest.fixture
def now() -> int:
    """A whole second, in ns: the stories' times are exact in µs but where they say otherwise."""
    return (time.time_ns() // 10**9 - 60) * 10**9


async def test_every_way_makes_the_same_rows(receivers: Start, now: int) -> None:
    process = receivers()
    spans: dict[int, list[rows.Record]] = {}
    traces: dict[int, list[rows.Record]] = {}
    for group, way in WAYS.items():
        told = tell_all(TRACES, group, now)
        exporter = exporter_for(way, process)
        everything = [span for story in told for span in story.spans]
        for first in range(0, len(everything), 512):
            result = await asyncio.to_thread(exporter.export, everything[first : first + 512])
            assert result is SpanExportResult.SUCCESS
        exporter.shutdown()
        await assert_rows(process.dsn, group, told)
        spans[group] = await stored(process.dsn, "trace_spans", group, "trace_id, start_time, span_id")
        traces[group] = await stored(process.dsn, "traces", group, "trace_id")
        assert len(spans[group]) == TRACES * 12
    for kind in (spans, traces):
        assert kind[0x10] == kind[0x20]
        assert kind[0x10] == kind[0x30]
        assert kind[0x10] == kind[0x70]
    origins = "SELECT count(DISTINCT (resource_id, scope_id)) FROM enterprise.trace_spans"
    assert await rows.value(process.dsn, origins) == 1
    one = next(span for span in spans[0x10] if span["operation_name"] == "GET /items/{item_id}")
    assert one["tags"]["http.response.status_code"] == 200
    assert one["logs"] == [
        {"timestamp": iso(now + 2_000_000), "message": "cache miss", "key": "item-0"},
    ]
    assert one["duration_ms"] == 50.000123
    assert (one["kind"], one["status"], one["end_nanos"], one["parent_span_id"]) == (2, "completed", 123, None)
    backwards = next(span for span in spans[0x10] if span["operation_name"] == "backwards")
    assert backwards["duration_ms"] == 0
    assert backwards["end_time"] < backwards["start_time"]
    failed = next(span for span in spans[0x10] if span["operation_name"] == "POST /pay")
    assert failed["error_message"] == "ValueError: no card 1"
    assert failed["logs"][0]["message"] == "Error: no card 1"
    assert failed["logs"][0]["level"] == "error"


def iso(ns: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(ns // 10**9)) + f".{ns % 10**9 // 1000:06d}+00:00"


def split(told: Sequence[Told], seed: int) -> list[bytes]:
    """Every span of every trace alone or in small company, children first or in any order."""
    dice = random.Random(seed)
    spans = [span for story in told for span in story.spans]
    dice.shuffle(spans)
    requests = []
    while spans:
        size = dice.randint(1, 30)
        requests.append(encode_spans(spans[:size]).SerializeToString())
        spans = spans[size:]
    return requests


async def send_all(process: OtelgresProcess, requests: Sequence[bytes], senders: int = 8) -> None:
    pending = iter(requests)

    async def sender() -> None:
        for body in pending:
            answer = await asyncio.to_thread(post, process, "traces", body)
            assert (answer.status_code, answer.content) == (200, b"")

    await asyncio.gather(*(sender() for _ in range(senders)))


async def test_any_order_through_several_workers_makes_the_same_traces(receivers: Start, now: int) -> None:
    process = receivers(OTELGRES_WORKERS="2")
    told = tell_all(210, 0x40, now)
    await send_all(process, split(told, seed=1))
    await assert_rows(process.dsn, 0x40, told)
    in_order = tell_all(210, 0x41, now)
    await send_all(process, [encode_spans(story.spans).SerializeToString() for story in in_order])
    assert await stored(process.dsn, "traces", 0x40, "trace_id") == await stored(
        process.dsn, "traces", 0x41, "trace_id"
    )


async def test_root_last_and_root_never(receivers: Start, now: int) -> None:
    process = receivers()
    told = tell_all(7, 0x50, now)
    roots = [next(span for span in story.spans if span.parent is None) for story in told]
    children = [span for story in told for span in story.spans if span.parent is not None]
    await send_all(process, [encode_spans(children).SerializeToString()])
    before = await stored(process.dsn, "traces", 0x50, "trace_id")
    assert {(row["status"], row["end_time"], row["duration_ms"], row["root_span_id"]) for row in before} == {
        ("in_progress", None, None, None)
    }
    assert before[0]["endpoint"] == "earlier"
    assert before[0]["tags"] == {}
    assert before[0]["user_email"] == "earlier0@example.com"
    await send_all(process, [encode_spans(roots[:6]).SerializeToString()])
    await assert_rows(process.dsn, 0x50, [*told[:6], Told((), {"status": "in_progress", "span_count": 11})])


async def test_of_two_roots_the_earlier_one_names_the_trace(receivers: Start, now: int) -> None:
    process = receivers()
    first, second = tell_all(1, 0x60, now)[0], tell_all(2, 0x60, now + 500_000)[1]
    request = encode_spans([*first.spans])
    other = encode_spans([span for span in second.spans if span.parent is None])
    stray = other.resource_spans[0].scope_spans[0].spans[0]
    stray.trace_id = request.resource_spans[0].scope_spans[0].spans[0].trace_id
    await send_all(process, [other.SerializeToString()])
    alone = await stored(process.dsn, "traces", 0x60, "trace_id")
    assert alone[0]["endpoint"] == "/pay"
    await send_all(process, [request.SerializeToString()])
    (merged,) = await stored(process.dsn, "traces", 0x60, "trace_id")
    expected = first.row | {"span_count": 13, "error_count": 1, "duration_ms": 55.5}
    assert {name: merged[name] for name in expected} == expected


def log_records(group: int, start: int) -> list[ReadableLogRecord]:
    """Records of every kind, the same for every group but for an attribute."""
    memory = InMemoryLogRecordExporter()
    provider = LoggerProvider(resource=Resource({"service.name": "shop", "host.name": "h-1"}))
    provider.add_log_record_processor(SimpleLogRecordProcessor(memory))
    logger = provider.get_logger("stories", "1.2.3", schema_url="https://opentelemetry.io/schemas/1.30.0")
    spanned = set_span_in_context(
        NonRecordingSpan(SpanContext(0xABCD, 0x1122, is_remote=False, trace_flags=TraceFlags(TraceFlags.SAMPLED)))
    )
    bodies = [
        "text",
        "",
        None,
        7,
        1.5,
        True,
        [1, "two", None],
        {"a": {"b": [1]}},
        b"\x00\xff",
        "nul \x00 ends",
        2**53 + 1,
    ]
    for number, body in enumerate(bodies):
        logger.emit(
            LogRecord(
                timestamp=start + number * 1_000_001,
                observed_timestamp=start + number * 1_000_001 + 77,
                context=spanned if number % 2 else Context(),
                severity_number=tuple(SeverityNumber)[number * 2],
                severity_text=("", "WARN", "notice")[number % 3],
                body=body,
                attributes={"group": group, "number": number, "ratio": number / 7, "tags": ("a", "b"), "data": b"\x01"},
                event_name="" if number % 4 else "shop.sold",
            )
        )
    return [*memory.get_finished_logs()]


async def test_log_records_are_the_same_rows_by_every_way(receivers: Start, now: int) -> None:
    process = receivers()
    found: dict[int, list[rows.Record]] = {}
    for group, way in WAYS.items():
        exporter = log_exporter_for(way, process)
        result = await asyncio.to_thread(exporter.export, log_records(group, now))
        assert result is LogRecordExportResult.SUCCESS
        exporter.shutdown()
        query = "SELECT * FROM enterprise.structured_logs WHERE (extra->>'group')::int = $1 ORDER BY timestamp"
        found[group] = [
            comparable(row) | {"trace": row["trace_id"], "extra": row["extra"] | {"group": None}}
            for row in await rows.fetch(process.dsn, query, group)
        ]
    assert len(found[0x10]) == 11
    for group in WAYS:
        assert found[group] == found[0x10]
    origins = "SELECT count(DISTINCT (resource_id, scope_id)) FROM enterprise.structured_logs"
    assert await rows.value(process.dsn, origins) == 1


async def test_logs_of_every_protocol_are_stored_with_their_trace(receivers: Start) -> None:
    """Python's logging through the SDK's handler, in a process as an application would run it."""
    process = receivers()
    for protocol, exporter in (
        ("grpc", GrpcLogExporter(process.otlp_grpc_target, insecure=True)),
        ("http", HttpLogExporter(f"{process.otlp_http_url}/v1/logs")),
        ("postgres", PostgresLogExporter(process.dsn)),
    ):
        await asyncio.to_thread(log_through, exporter, protocol)
    found = await rows.fetch(process.dsn, "SELECT * FROM enterprise.structured_logs ORDER BY timestamp")
    by_logger: dict[str, list[rows.Record]] = {}
    for row in found:
        by_logger.setdefault(row["logger_name"], []).append(row)
    assert set(by_logger) == {"shop.grpc", "shop.http", "shop.postgres"}
    for records in by_logger.values():
        assert [row["level"] for row in records] == ["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"]
        assert [row["message"] for row in records] == [f"line {number}" for number in range(4)] + ["it broke"]
        assert len({row["trace_id"] for row in records}) == 1
        assert records[0]["trace_id"]
        assert records[0]["user_email"] == "ann@example.com"
        assert records[0]["session_id"] == "s-1"
        assert records[0]["department"] == "sales"
        assert records[0]["endpoint"] == "/pay"
        assert "user_email" not in records[0]["extra"]
        assert records[0]["extra"]["cart"] == 3
        assert records[4]["exception_type"] == "ZeroDivisionError"
        assert records[4]["exception_message"] == "division by zero"
        assert "Traceback" in records[4]["exception_traceback"]


def log_through(exporter: Any, name: str) -> None:
    from opentelemetry.instrumentation.logging.handler import LoggingHandler
    from opentelemetry.sdk._logs.export import BatchLogRecordProcessor
    from opentelemetry.sdk.trace import TracerProvider

    provider = LoggerProvider()
    provider.add_log_record_processor(BatchLogRecordProcessor(exporter))
    logger = logging.getLogger(f"shop.{name}")
    logger.setLevel(logging.DEBUG)
    logger.propagate = False
    handler = LoggingHandler(logger_provider=provider)
    logger.addHandler(handler)
    person = {
        "user_email": "ann@example.com",
        "session_id": "s-1",
        "department": "sales",
        "endpoint": "/pay",
        "cart": 3,
    }
    try:
        with TracerProvider().get_tracer("t").start_as_current_span("pay"):
            for number, level in enumerate((logging.DEBUG, logging.INFO, logging.WARNING, logging.ERROR)):
                logger.log(level, "line %d", number, extra=person)
            try:
                1 / 0  # noqa: B018
            except ZeroDivisionError:
                logger.critical("it broke", exc_info=True)
    finally:
        logger.removeHandler(handler)
        assert provider.force_flush()
        provider.shutdown()
