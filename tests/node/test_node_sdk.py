"""Node's SDK, set up by environment alone, by each protocol: every field of what it recorded is in the rows."""

import asyncio
import subprocess
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from tests import rows
from tests.node.install import HERE, NODE, environment, is_complete
from tests.otelgres_process import OtelgresProcess

Start = Callable[..., OtelgresProcess]
PROTOCOLS = ("http/json", "http/protobuf", "grpc")
ATTRIBUTES = {
    "text": "größe 🛒",
    "truth": True,
    "whole": 42,
    "greatest": 2**53 - 1,
    "negative": -7,
    "fraction": 0.25,
    "texts": ["a", "b"],
    "numbers": [1, 2.5],
    "bytes": "AP8=",
    "map": {"inner": {"deep": 1}},
    "empty": "",
}
ODD = {"huge": 10**300, "undefinable": "NaN", "endless": "Infinity"}
IN_JSON = {"undefinable": None, "endless": None}
"""What JavaScript writes as null."""

SPANS = """
    SELECT s.*, c.name AS scope, c.version AS scope_version, c.schema_url
    FROM enterprise.trace_spans AS s JOIN enterprise.scopes AS c ON c.id = scope_id
    WHERE service_name = $1 ORDER BY start_time"""
LOGS = """
    SELECT l.*, c.name AS scope, c.version AS scope_version
    FROM enterprise.structured_logs AS l JOIN enterprise.scopes AS c ON c.id = scope_id
    WHERE service_name = $1 ORDER BY timestamp"""
METRICS = "SELECT * FROM enterprise.metrics WHERE service_name = $1 ORDER BY name, attributes->>'card', value"


def tell(process: OtelgresProcess, protocol: str, second: int) -> None:
    """Runs the program; the service is named like the protocol."""
    assert is_complete(), "npm packages are missing: run python -m tests.node.install"
    endpoint = f"http://{process.otlp_grpc_target}" if protocol == "grpc" else process.otlp_http_url
    settings = {
        "OTEL_SERVICE_NAME": protocol,
        "OTEL_TRACES_EXPORTER": "otlp",
        "OTEL_LOGS_EXPORTER": "otlp",
        "OTEL_METRICS_EXPORTER": "otlp",
        "OTEL_EXPORTER_OTLP_PROTOCOL": protocol,
        "OTEL_EXPORTER_OTLP_ENDPOINT": endpoint,
    }
    others = {name: value for name, value in environment().items() if not name.startswith("OTEL_")}
    command = [str(NODE), "telemetry.mjs", str(second)]
    done = subprocess.run(command, cwd=HERE, env=others | settings, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def has(row: rows.Record, **expected: Any) -> None:
    assert {name: row[name] for name in expected} == expected


async def test_everything_it_records_by_every_protocol(receivers: Start) -> None:
    process = receivers()
    second = int(time.time()) - 60
    for protocol in PROTOCOLS:
        await asyncio.to_thread(tell, process, protocol, second)
        root = assert_spans(await rows.fetch(process.dsn, SPANS, protocol), second, protocol)
        assert_logs(await rows.fetch(process.dsn, LOGS, protocol), second, root)
        assert_metrics(await rows.fetch(process.dsn, METRICS, protocol))
        of_trace = "SELECT * FROM enterprise.traces WHERE trace_id = $1"
        (trace,) = await rows.fetch(process.dsn, of_trace, root["trace_id"])
        has(trace, span_count=2, error_count=1, duration_ms=500.0, root_span_id=root["span_id"])


def assert_spans(found: list[rows.Record], second: int, protocol: str) -> rows.Record:
    """The root, when all is right."""
    begin = datetime.fromtimestamp(second, UTC)
    root, child = found
    scope = {"scope": "shop", "scope_version": "1.2.3", "schema_url": "https://opentelemetry.io/schemas/1.30.0"}
    has(
        root,
        operation_name="POST /orders",
        kind=2,
        parent_span_id=None,
        start_time=begin + timedelta(microseconds=123_456),
        start_nanos=789,
        end_time=begin + timedelta(microseconds=623_456),
        end_nanos=789,
        status="completed",
        status_code=0,
        tags=ATTRIBUTES,
        logs=[],
        **scope,
    )
    (link,) = root["links"]
    has(link, trace_id="ab" * 16, span_id="cd" * 8, attributes={"why": "a retry"})
    has(
        child,
        operation_name="charge",
        kind=3,
        trace_id=root["trace_id"],
        parent_span_id=root["span_id"],
        duration_ms=50.0,
        status="error",
        status_code=2,
        status_message="declined",
        error_message="declined",
        tags=ODD | (IN_JSON if protocol == "http/json" else {}),
        links=None,
        **scope,
    )
    miss, exception = child["logs"]
    assert miss == {"message": "cache miss", "key": "card-1", "timestamp": f"{begin:%Y-%m-%dT%H:%M:%S}.210000001+00:00"}
    has(exception, **{"name": "exception", "exception.type": "TypeError", "exception.message": "no card"})
    assert exception["exception.stacktrace"].startswith("TypeError: no card\n    at ")
    return root


def assert_logs(found: list[rows.Record], second: int, root: rows.Record) -> None:
    begin = datetime.fromtimestamp(second, UTC)
    record, event = found
    scope = {"scope": "shop.log", "scope_version": "2.0.0", "logger_name": "shop.log"}
    has(
        record,
        timestamp=begin + timedelta(milliseconds=300),
        timestamp_nanos=7,
        observed_time=begin + timedelta(milliseconds=300, microseconds=1),
        severity_number=14,
        severity_text="careful",
        level="WARNING",
        message="stock is low",
        extra=ATTRIBUTES,
        trace_id=root["trace_id"],
        span_id=root["span_id"],
        flags=1,
        **scope,
    )
    has(
        event,
        timestamp=begin + timedelta(milliseconds=310),
        severity_number=0,
        event_name="shop.sold",
        body={"items": [1, "two", None], "total": 9.5},
        trace_id=None,
        **scope,
    )


def assert_metrics(found: list[rows.Record]) -> None:
    carts, faults, heat, free, used, other, visa, size, threads, wait = found
    for row in found:
        has(row, scope="shop.metrics", stale=False)
        assert row["resource"]["telemetry.sdk.language"] == "nodejs"
        assert row["start_time"] is None if row["type"] == "gauge" else row["start_time"] <= row["time"]
    for row in (visa, other):
        has(row, name="orders", type="sum", unit="1", description="Orders taken", monotonic=True)
    has(visa, value=2.0, value_int=2, attributes={"card": "visa", "retried": False}, temporality="cumulative")
    has(other, value_int=2**53 - 1, attributes={"card": "other"})
    has(carts, name="carts", type="sum", value=-3.0, monotonic=False)
    has(faults, name="faults", type="sum", value=7.0, monotonic=True)
    has(threads, name="threads", type="sum", value=4.0, monotonic=False)
    has(heat, name="heat", type="gauge", unit="Cel", value=20.5)
    has(free, name="memory", type="gauge", value=0.5, attributes={"state": "free"})
    has(used, name="memory", type="gauge", value=42.0, attributes={"state": "used"})
    has(wait, type="histogram", unit="s", bounds=[1.0, 10.0], bucket_counts=[1, 1, 1])
    has(wait, count=3, sum=55.5, min=0.5, max=50.0)
    has(size, type="exponential_histogram", unit="By", count=4, sum=55.5, min=0.0, max=50.0, zero_count=1)
    # Buckets of half a power of two: 0.5 lies in the one from index -3, 5 in that of index 4, 50 in that of index 11.
    has(size, scale=1, positive_offset=-3, positive_counts=[1, *[0] * 6, 1, *[0] * 6, 1], negative_counts=[])
