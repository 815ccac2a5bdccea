"""What rules are about reaches no table, no announcement, no line of the log and no spool, whichever way it comes."""

import asyncio
import json
import sqlite3
import time
from base64 import b64decode
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import asyncpg
import httpx
import pytest
from google.protobuf import json_format
from google.protobuf.message import Message
from opentelemetry.exporter.postgres.attribute_rules import AttributeRules
from opentelemetry.exporter.postgres.batch import Signal
from opentelemetry.exporter.postgres.log_exporter import PostgresLogExporter
from opentelemetry.exporter.postgres.metric_exporter import PostgresMetricExporter
from opentelemetry.exporter.postgres.redaction import Action, Rule, Rules
from opentelemetry.exporter.postgres.requests import Decoder, make_request
from opentelemetry.exporter.postgres.span_exporter import PostgresSpanExporter
from opentelemetry.exporter.postgres.writer import Writer
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue, KeyValueList
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import SimpleLogRecordProcessor
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor

from receiver.spool_rows import entry_of
from tests import instrumented, payloads, rows
from tests.conftest import execute
from tests.instrumented import program
from tests.otelgres_process import OtelgresProcess
from tests.planting import planted
from tests.senders import GrpcSender, post
from tests.table_search import tables_with

Start = Callable[..., OtelgresProcess]
SECRET = "s3ntinel-of-this-test"
CARD = "4111 1111 1111 1111"
HARMLESS = "nothing-to-hide"
HASH_KEY = "the key of all hashes here"
RULES = r"""
[[rule]]
key = "*secret.dropped"
action = "drop"

[[rule]]
key = "*secret.masked"
action = "mask"

[[rule]]
key = "*secret.hashed"
action = "hash"

[[rule]]
key = "body"
value = "s3ntinel[a-z-]*"
action = "mask"

[[rule]]
key = "*"
value = '\b\d(?:[ -]?\d){12,15}\b'
action = "mask"
"""
JSON = {"content-type": "application/json"}
IDS = frozenset(("traceId", "spanId", "parentSpanId"))


@pytest.fixture
def ruled(tmp_path: Path) -> dict[str, str]:
    """Settings with these rules."""
    (tmp_path / "rules.toml").write_text(RULES)
    return {
        "OTELGRES_ATTRIBUTE_RULES": str(tmp_path / "rules.toml"),
        "OTELGRES_ATTRIBUTE_HASH_KEY": HASH_KEY,
    }


def files_with(directory: str, *texts: str) -> list[str]:
    """The files that hold one of the texts, those of a spool inflated."""
    found = []
    for path in Path(directory).rglob("*"):
        if not path.is_file():
            continue
        contents = [path.read_bytes()]
        if path.suffix == ".sqlite":
            with closing(sqlite3.connect(path)) as spool:
                columns = "digest, signal, received_ns, refusals, size, deflated, crc, body"
                entries = [entry_of(row) for row in spool.execute(f"SELECT {columns} FROM requests")]
            contents += [part for entry in entries for part in (entry.body, "\n".join(entry.refusals).encode())]
        found += [path.name for text in texts for content in contents if text.encode() in content]
    return found


def requests() -> dict[str, Message]:
    """One of each signal, with all that may carry attributes, the secrets in all of it."""
    traces = payloads.spans(2)
    span = traces.resource_spans[0].scope_spans[0].spans[1]
    span.events.add(name=f"paid with {CARD}", time_unix_nano=time.time_ns())
    span.links.add(trace_id=bytes(15) + b"1", span_id=bytes(7) + b"1")
    span.status.code, span.status.message = 2, f"card {CARD} is refused"
    metrics = payloads.gauges(1, time_ns=time.time_ns())
    scope = metrics.resource_metrics[0].scope_metrics[0]
    point = {"time_unix_nano": time.time_ns(), "count": 1}
    scope.metrics[0].gauge.data_points[0].exemplars.add(as_int=1, time_unix_nano=time.time_ns())
    scope.metrics.add(name="summary").summary.data_points.add(**point)
    histogram, exponential = (scope.metrics.add(name=name) for name in ("histogram", "exponential"))
    histogram.histogram.data_points.add(bucket_counts=[1], **point)
    exponential.exponential_histogram.data_points.add(zero_count=1, **point)
    histogram.histogram.aggregation_temporality = exponential.exponential_histogram.aggregation_temporality = 2
    return {
        name: with_secrets(message)
        for name, message in (("traces", traces), ("logs", payloads.records(2)), ("metrics", metrics))
    }


def with_secrets(message: Message) -> Message:
    message = planted(message, AnyValue(string_value=HARMLESS), "harmless")
    for action in ("dropped", "masked", "hashed"):
        message = planted(message, AnyValue(string_value=SECRET), f"secret.{action}")
    deep = KeyValueList(values=[KeyValue(key="secret.hashed", value=AnyValue(string_value=SECRET))])
    message = planted(message, AnyValue(kvlist_value=deep), "deep")
    message = planted(message, AnyValue(string_value=f"{CARD}."), "note")
    return planted(message, AnyValue(string_value=f"it is {SECRET}"), "secret.masked")


def with_hex_ids(value: Any) -> Any:
    if isinstance(value, list):
        return [with_hex_ids(element) for element in value]
    if not isinstance(value, dict):
        return value
    return {key: b64decode(text).hex() if key in IDS else with_hex_ids(text) for key, text in value.items()}


def as_json(request: Message) -> bytes:
    return json.dumps(with_hex_ids(json_format.MessageToDict(request))).encode()


def refused() -> list[tuple[str, bytes, dict[str, str]]]:
    """Requests of which nothing, or not everything, can be stored: signal, body, headers."""
    whole = requests()
    traces = whole["traces"].SerializeToString()
    no_ids = ExportTraceServiceRequest.FromString(traces)
    for span in no_ids.resource_spans[0].scope_spans[0].spans:
        span.span_id = SECRET.encode()
    no_time = ExportMetricsServiceRequest.FromString(whole["metrics"].SerializeToString())
    no_time.resource_metrics[0].scope_metrics[0].metrics[0].gauge.data_points[0].time_unix_nano = 0

    def spans(*items: object) -> bytes:
        return json.dumps({"resourceSpans": [{"scopeSpans": [{"spans": items}]}]}).encode()

    def points(**fields: object) -> bytes:
        point = {"timeUnixNano": "1", "count": "1"} | fields
        metric = {"name": "h", "histogram": {"dataPoints": [point]}}
        return json.dumps({"resourceMetrics": [{"scopeMetrics": [{"metrics": [metric]}]}]}).encode()

    return [
        ("traces", traces[:-3], {}),
        ("traces", traces, {"content-type": f"text/{HARMLESS}"}),
        ("traces", whole["logs"].SerializeToString(), {}),
        ("logs", traces, {}),
        ("traces", no_ids.SerializeToString(), {}),
        ("metrics", no_time.SerializeToString(), {}),
        ("traces", as_json(whole["traces"])[:-5], JSON),
        ("traces", json.dumps(SECRET).encode(), JSON),
        ("traces", spans(SECRET, {"traceId": SECRET}, {"name": "n", "startTimeUnixNano": SECRET}), JSON),
        ("traces", spans({"name": "n", "events": [{"timeUnixNano": {"low": SECRET}}]}), JSON),
        ("metrics", points(explicitBounds=[SECRET]), JSON),
        ("metrics", points(bucketCounts=[SECRET]), JSON),
        ("metrics", points(count=SECRET), JSON),
    ]


@asynccontextmanager
async def announcements(dsn: str) -> AsyncIterator[list[str]]:
    heard: list[str] = []
    connection = await asyncpg.connect(dsn)
    try:
        await connection.add_listener("new_log", lambda *notification: heard.append(str(notification[-1])))
        yield heard
    finally:
        await connection.close()


async def test_by_any_way_for_any_signal_taken_or_refused(server: Start, ruled: dict[str, str]) -> None:
    process = server(**ruled)
    dsn = process.dsn
    async with announcements(dsn) as heard, GrpcSender(process.otlp_grpc_target) as sender:
        for signal in ("traces", "logs", "metrics"):
            bodies = [requests()[signal] for _ in range(3)]
            assert await sender.send(signal, bodies[0].SerializeToString()) == b""
            assert await sender.send(signal, bodies[0].SerializeToString()) == b""
            assert post(process, signal, bodies[1].SerializeToString()).content == b""
            assert post(process, signal, as_json(bodies[2]), JSON).json() == {}
        for signal, body, headers in refused():
            answer = post(process, signal, body, headers)
            assert answer.status_code in (200, 400, 415), answer.text
        deadline = time.monotonic() + 30
        while not heard:
            assert time.monotonic() < deadline
            await asyncio.sleep(0.02)
    async with httpx.AsyncClient() as client:
        measured = (await client.get(f"{process.url}/metrics")).text
    assert process.stop() == 0

    assert await tables_with(dsn, SECRET) == set()
    assert await tables_with(dsn, CARD) == set()
    for text in (SECRET, CARD):
        assert text not in "".join(heard)
        assert text not in measured
        assert text not in process.output()
    assert files_with(process.environment["OTELGRES_SPOOL_DIR"], SECRET, CARD) == []

    keeping = {"trace_spans", "traces", "structured_logs", "metric_series", "metric_points", "resources", "scopes"}
    assert await tables_with(dsn, HARMLESS) >= keeping
    hashes = """
        SELECT tags->>'secret.hashed' AS hash FROM enterprise.trace_spans
        UNION SELECT tags->'deep'->>'secret.hashed' FROM enterprise.trace_spans
        UNION SELECT extra->>'secret.hashed' FROM enterprise.structured_logs WHERE message <> ''
        UNION SELECT attributes->>'secret.hashed' FROM enterprise.metric_series
        UNION SELECT attributes->>'secret.hashed' FROM enterprise.resources
    """
    assert len(await rows.fetch(dsn, hashes)) == 1
    messages = await rows.fetch(dsn, "SELECT DISTINCT message FROM enterprise.structured_logs WHERE message <> ''")
    assert [row["message"] for row in messages] == ["it is ***"]
    failed = "SELECT DISTINCT status_message, error_message FROM enterprise.trace_spans WHERE status = 'error'"
    (told,) = await rows.fetch(dsn, failed)
    assert set(told.values()) == {"card *** is refused"}
    reasons = "SELECT DISTINCT reason FROM enterprise.ingest_report WHERE kind = 'altered' AND reason LIKE '%rule%'"
    done = {row["reason"] for row in await rows.fetch(dsn, reasons)}
    assert done == {f"an attribute rule {action} a value" for action in ("dropped", "hashed", "masked")}
    assert 'reason="an attribute rule masked a value"' in measured
    repeated = "SELECT sum(requests)::int FROM enterprise.ingest_report WHERE kind = 'repeated'"
    assert await rows.value(dsn, repeated) == 3


async def test_by_way_of_the_spool(receivers: Start, ruled: dict[str, str], postgres_dsn: str) -> None:
    process = receivers(**ruled)
    directory = process.environment["OTELGRES_SPOOL_DIR"]
    name = urlsplit(process.dsn).path.removeprefix("/")
    await execute(postgres_dsn, f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
    await execute(postgres_dsn, f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")
    async with GrpcSender(process.otlp_grpc_target) as sender:
        for signal, message in requests().items():
            assert await sender.send(signal, message.SerializeToString()) == b""
            assert post(process, signal, as_json(message), JSON).json() == {}
        no_time = [{"timeUnixNano": SECRET}, {"body": {"stringValue": HARMLESS}}]
        body = json.dumps({"resourceLogs": [{"scopeLogs": [{"logRecords": no_time}]}]}).encode()
        assert post(process, "logs", body, JSON).json()["partialSuccess"]["rejectedLogRecords"] == "1"
    assert files_with(directory, HARMLESS) != []
    assert files_with(directory, SECRET, CARD) == []
    await execute(postgres_dsn, f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
    await rows.until(process.dsn, "SELECT count(*)::int FROM enterprise.structured_logs", 5)
    await rows.until(process.dsn, "SELECT count(*)::int FROM enterprise.trace_spans", 4)
    await rows.until(process.dsn, "SELECT count(*)::int FROM enterprise.metric_points", 4)
    assert process.stop() == 0
    for text in (SECRET, CARD):
        assert await tables_with(process.dsn, text) == set()
        assert text not in process.output()


async def test_without_rules_all_of_it_is_there(receivers: Start) -> None:
    """So that the tests above look where there is something to be found."""
    process = receivers()
    for signal, message in requests().items():
        assert post(process, signal, message.SerializeToString()).status_code == 200
    keeping = {"trace_spans", "traces", "structured_logs", "metric_series", "metric_points", "resources", "scopes"}
    assert await tables_with(process.dsn, SECRET) >= keeping
    assert await tables_with(process.dsn, CARD) >= keeping


async def test_the_exporters_of_the_sdk(database: str, ruled: dict[str, str]) -> None:
    arguments: dict[str, Any] = {
        "dsn": database,
        "attribute_rules": ruled["OTELGRES_ATTRIBUTE_RULES"],
        "attribute_hash_key": HASH_KEY,
    }
    attributes = {f"secret.{action}": SECRET for action in ("dropped", "masked", "hashed")} | {"harmless": HARMLESS}
    resource = Resource(attributes | {"service.name": "embedded"})
    tracers = TracerProvider(resource=resource)
    tracers.add_span_processor(SimpleSpanProcessor(PostgresSpanExporter(**arguments)))
    loggers = LoggerProvider(resource)
    loggers.add_log_record_processor(SimpleLogRecordProcessor(PostgresLogExporter(**arguments)))
    meters = MeterProvider([PeriodicExportingMetricReader(PostgresMetricExporter(**arguments))], resource)

    def record() -> None:
        with tracers.get_tracer("t", attributes=attributes).start_as_current_span(
            "work", attributes=attributes
        ) as span:
            span.add_event(f"paid with {CARD}", attributes)
            loggers.get_logger("l", attributes=attributes).emit(body=f"it is {SECRET}", attributes=attributes)
            meters.get_meter("m", attributes=attributes).create_counter("turns").add(1, attributes)
        for provider in (tracers, loggers, meters):
            assert provider.force_flush()
            provider.shutdown()

    await asyncio.to_thread(record)
    assert await tables_with(database, SECRET) == set()
    assert await tables_with(database, CARD) == set()
    keeping = {"trace_spans", "traces", "structured_logs", "metric_series", "resources", "scopes"}
    assert await tables_with(database, HARMLESS) >= keeping
    assert await rows.value(database, "SELECT message FROM enterprise.structured_logs") == "it is ***"


async def test_an_application_told_by_its_environment_or_its_configuration(database: str, tmp_path: Path) -> None:
    rules, configuration = tmp_path / "rules.toml", tmp_path / "otel.yaml"
    rules.write_text('[[rule]]\nkey = "body"\naction = "mask"\nservice = "test*"')
    ended = await asyncio.to_thread(
        instrumented.run, program("brief", "2"), database, OTEL_EXPORTER_POSTGRES_ATTRIBUTE_RULES=str(rules)
    )
    assert (ended.returncode, ended.errors) == (0, "")
    configuration.write_text(f"""
        file_format: "1.0"
        resource: {{attributes: [{{name: service.name, value: tests}}]}}
        logger_provider:
          processors: [{{batch: {{exporter: {{postgres: {{dsn: "{database}", attribute_rules: "{rules}"}}}}}}}}]
    """)
    ended = await asyncio.to_thread(
        instrumented.run, program("brief", "3"), database, OTEL_CONFIG_FILE=str(configuration)
    )
    assert ended.returncode == 0
    assert "stored" not in ended.errors
    messages = await rows.fetch(database, "SELECT message FROM enterprise.structured_logs")
    assert [row["message"] for row in messages] == ["***"] * 5


async def test_an_application_stores_nothing_rather_than_without_its_rules(database: str, tmp_path: Path) -> None:
    rules = tmp_path / "rules.toml"
    rules.write_text('[[rule]]\nkey = "body"\naction = "hash"')
    ended = await asyncio.to_thread(
        instrumented.run, program("brief", "2"), database, OTEL_EXPORTER_POSTGRES_ATTRIBUTE_RULES=str(rules)
    )
    assert ended.returncode == 0
    told = ended.errors.splitlines()
    assert len(told) == 3
    for signal in ("traces", "logs", "metrics"):
        assert f"no {signal} are stored: {rules}, rule 1, action: hash needs a key" in ended.errors
    assert await rows.value(database, "SELECT count(*) FROM enterprise.trace_spans") == 0
    assert await rows.value(database, "SELECT count(*) FROM enterprise.structured_logs") == 0
    assert await rows.value(database, "SELECT count(*) FROM enterprise.metric_points") == 0


async def test_of_series_that_become_one_the_first_point_of_a_time_is_kept(database: str) -> None:
    """As the README says: they are not added up."""
    decoder = Decoder()
    writer = Writer(database, decoder)
    await writer.start()
    request = payloads.gauges(3, time_ns=time.time_ns())
    for value, point in enumerate(request.resource_metrics[0].scope_metrics[0].metrics[0].gauge.data_points):
        point.as_double = value
    rules = AttributeRules(Rules((Rule("queue", Action.DROP),)))
    outcome = await writer.write(make_request(decoder, Signal.METRICS, request.SerializeToString(), rules))
    await writer.close()
    assert outcome.rejected == 0
    found = await rows.fetch(database, "SELECT value, attributes FROM enterprise.metrics")
    assert found == [{"value": 0.0, "attributes": {}}]
