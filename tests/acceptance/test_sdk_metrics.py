"""Python's SDK, all its instruments, by every way in: the same rows, and the right ones."""

import asyncio
import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from opentelemetry.exporter.otlp.json.http.metric_exporter import OTLPMetricExporter as JsonExporter
from opentelemetry.exporter.otlp.proto.grpc.metric_exporter import OTLPMetricExporter as GrpcExporter
from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter as HttpExporter
from opentelemetry.exporter.postgres.metric_exporter import PostgresMetricExporter
from opentelemetry.instrumentation.system_metrics import SystemMetricsInstrumentor
from opentelemetry.metrics import CallbackOptions, Observation
from opentelemetry.sdk.metrics import (
    AlwaysOnExemplarFilter,
    Counter,
    Histogram,
    MeterProvider,
    ObservableCounter,
    UpDownCounter,
)
from opentelemetry.sdk.metrics.export import (
    AggregationTemporality,
    MetricExporter,
    MetricExportResult,
    MetricsData,
    PeriodicExportingMetricReader,
)
from opentelemetry.sdk.metrics.view import (
    ExplicitBucketHistogramAggregation,
    ExponentialBucketHistogramAggregation,
    View,
)
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider

from tests import rows
from tests.otelgres_process import OtelgresProcess

Start = Callable[..., OtelgresProcess]
DELTA = dict.fromkeys((Counter, Histogram, ObservableCounter, UpDownCounter), AggregationTemporality.DELTA)
CUMULATIVE = dict.fromkeys(DELTA, AggregationTemporality.CUMULATIVE)
PREFERENCES: dict[str, dict[type, AggregationTemporality]] = {"delta": DELTA, "cumulative": CUMULATIVE}
WAYS = ("grpc", "http/protobuf", "http/json", "exporter")
OWN = frozenset(("time", "start_time", "series_id", "resource", "exemplars", "service_name"))


def exporter(way: str, process: OtelgresProcess, preferred: dict[type, AggregationTemporality]) -> MetricExporter:
    if way == "grpc":
        return GrpcExporter(process.otlp_grpc_target, insecure=True, preferred_temporality=preferred)
    if way == "exporter":
        return PostgresMetricExporter(process.dsn, preferred_temporality=preferred)
    made = HttpExporter if way == "http/protobuf" else JsonExporter
    return made(f"{process.otlp_http_url}/v1/metrics", preferred_temporality=preferred)


def measure(service: str, made: MetricExporter) -> None:
    """Two exports of every instrument, as an application makes them."""
    provider = MeterProvider(
        [PeriodicExportingMetricReader(made, export_interval_millis=math.inf)],
        resource=Resource.create({"service.name": service}),
        exemplar_filter=AlwaysOnExemplarFilter(),
        views=[
            View(instrument_name="wait", aggregation=ExplicitBucketHistogramAggregation((1.0, 10.0))),
            View(instrument_name="size", aggregation=ExponentialBucketHistogramAggregation(max_size=20, max_scale=3)),
        ],
    )
    meter = provider.get_meter("shop", "1.0", "https://schema/1", {"team": "a"})
    orders = meter.create_counter("orders", "1", "Orders taken")
    carts = meter.create_up_down_counter("carts")
    wait = meter.create_histogram("wait", "s")
    size = meter.create_histogram("size", "By")
    heat = meter.create_gauge("heat", "Cel")

    def memory(_: CallbackOptions) -> list[Observation]:
        return [Observation(42, {"state": "used"}), Observation(0.5, {"state": "free"})]

    meter.create_observable_gauge("memory", [memory])
    meter.create_observable_counter("faults", [lambda _: [Observation(7)]])
    for step in (1, 2):
        with TracerProvider().get_tracer("t").start_as_current_span("pay"):
            orders.add(step, {"card": "visa", "retried": False})
            orders.add(2**53 + 1, {"card": "other", "parts": ["a", "b"]})
        carts.add(-3)
        for value in (0.5, 5, 50):
            wait.record(value * step)
            size.record(value * step)
        size.record(0)
        heat.set(20.5 * step)
        assert provider.force_flush()
    provider.shutdown()


async def points(dsn: str, service: str) -> list[rows.Record]:
    query = "SELECT * FROM enterprise.metrics WHERE service_name = $1 ORDER BY name, attributes::text, time"
    return await rows.fetch(dsn, query, service)


def named(found: list[rows.Record], name: str, **attributes: Any) -> list[rows.Record]:
    return [row for row in found if row["name"] == name and row["attributes"] | attributes == row["attributes"]]


@pytest.mark.parametrize("temporality", PREFERENCES)
async def test_every_instrument_by_every_way(receivers: Start, temporality: str) -> None:
    process = receivers()
    told: list[list[rows.Record]] = []
    for way in WAYS:
        await asyncio.to_thread(measure, way, exporter(way, process, PREFERENCES[temporality]))
        told.append(await points(process.dsn, way))
    delta = temporality == "delta"
    comparable = [[{name: row[name] for name in row.keys() - OWN} for row in found] for found in told]
    assert comparable[0] == comparable[1] == comparable[2] == comparable[3]
    found = told[0]
    assert_counters(found, temporality)
    assert [(row["value"], row["value_int"]) for row in named(found, "heat")] == [(20.5, None), (41.0, None)]
    assert [row["start_time"] for row in named(found, "heat")] == [None, None]
    assert [(row["value"], row["value_int"]) for row in named(found, "memory", state="used")] == [(42.0, 42)] * 2
    assert_histograms(found, delta)
    for rows_of in told:
        (exemplar,) = named(rows_of, "orders", card="visa")[0]["exemplars"]
        assert exemplar["value"] == 1
        assert (len(exemplar["trace_id"]), len(exemplar["span_id"])) == (32, 16)


class Kept(MetricExporter):
    """Keeps what it is given, to be exported again and again."""

    def __init__(self) -> None:
        super().__init__()
        self.exports: list[MetricsData] = []

    def export(self, metrics_data: MetricsData, timeout_millis: float = 10_000, **_: Any) -> MetricExportResult:
        self.exports.append(metrics_data)
        return MetricExportResult.SUCCESS

    def force_flush(self, timeout_millis: float = 10_000) -> bool:
        return True

    def shutdown(self, timeout_millis: float = 30_000, **_: Any) -> None:
        pass


def of_service(data: MetricsData, name: str) -> MetricsData:
    changed = Resource({"service.name": name})
    return MetricsData([replace(each, resource=each.resource.merge(changed)) for each in data.resource_metrics])


EVERY_FIELD = """
    SELECT to_jsonb(p) - '{series_id,writer,batch}'::text[] AS point, b.bounds, c.name AS scope, c.attributes,
           to_jsonb(s) - '{id,service_name,resource_id,first_seen,last_seen}'::text[] AS series,
           r.attributes - 'service.name' AS resource
    FROM enterprise.metric_points AS p JOIN enterprise.metric_series AS s ON s.id = series_id
    LEFT JOIN enterprise.metric_bounds AS b ON b.id = bounds_id
    JOIN enterprise.resources AS r ON r.id = s.resource_id JOIN enterprise.scopes AS c ON c.id = s.scope_id
    WHERE s.service_name = $1 ORDER BY s.name, s.attributes::text, time, time_nanos"""


async def test_the_same_points_are_the_same_rows_by_every_way(receivers: Start) -> None:
    process = receivers()
    kept = Kept()
    await asyncio.to_thread(measure, "shop", kept)
    found: dict[str, list[rows.Record]] = {}
    for way in WAYS:
        made = exporter(way, process, {})
        for data in kept.exports:
            result = await asyncio.to_thread(made.export, of_service(data, way))
            assert result is MetricExportResult.SUCCESS
        made.shutdown()
        found[way] = await rows.fetch(process.dsn, EVERY_FIELD, way)
    assert {row["series"]["type"] for row in found["grpc"]} == {"sum", "gauge", "histogram", "exponential_histogram"}
    assert all(found[way] == found["grpc"] for way in WAYS)


def assert_counters(found: list[rows.Record], temporality: str) -> None:
    delta = temporality == "delta"
    visa = named(found, "orders", card="visa")
    assert [row["value_int"] for row in visa] == [1, 2 if delta else 3]
    assert {name: visa[0][name] for name in ("type", "unit", "description", "temporality", "monotonic", "scope")} == {
        "type": "sum",
        "unit": "1",
        "description": "Orders taken",
        "temporality": temporality,
        "monotonic": True,
        "scope": "shop",
    }
    assert visa[0]["attributes"] == {"card": "visa", "retried": False}
    assert visa[0]["resource"]["telemetry.sdk.language"] == "python"
    assert visa[0]["start_time"] < visa[0]["time"]
    other = named(found, "orders", card="other")
    assert [row["value_int"] for row in other] == [2**53 + 1, 2**53 + 1 if delta else 2**54 + 2]
    assert other[0]["attributes"]["parts"] == ["a", "b"]
    carts = named(found, "carts")
    assert [(row["value_int"], row["monotonic"]) for row in carts] == [(-3, False), (-3 if delta else -6, False)]


def assert_histograms(found: list[rows.Record], delta: bool) -> None:
    first, second = named(found, "wait")
    assert (first["bounds"], first["bucket_counts"]) == ([1.0, 10.0], [1, 1, 1])
    assert (first["count"], first["sum"], first["min"], first["max"]) == (3, 55.5, 0.5, 50.0)
    # Of 1, 10 and 100 each lies on a bound, which belongs to the bucket below.
    assert second["bucket_counts"] == ([1, 1, 1] if delta else [2, 2, 2])
    assert second["sum"] == (111.0 if delta else 166.5)
    size = named(found, "size")[0]
    assert (size["type"], size["count"], size["zero_count"]) == ("exponential_histogram", 4, 1)
    assert sum(size["positive_counts"]) == 3
    least = 2.0 ** (size["positive_offset"] / 2 ** size["scale"])
    assert least < 0.5 <= least * 2.0 ** (1 / 2 ** size["scale"]) * (1 + 1e-9)


async def test_system_metrics_have_a_row_for_each_point(receivers: Start) -> None:
    """What Otelgres' users send first: memory, CPU and garbage collection of the machine and the process."""
    process = receivers()
    made = HttpExporter(f"{process.otlp_http_url}/v1/metrics")
    provider = MeterProvider([PeriodicExportingMetricReader(made, export_interval_millis=math.inf)])
    instrumentor = SystemMetricsInstrumentor()
    instrumentor.instrument(meter_provider=provider)
    try:
        assert await asyncio.to_thread(provider.force_flush)
    finally:
        instrumentor.uninstrument()
        await asyncio.to_thread(provider.shutdown)
    used = await rows.fetch(
        process.dsn,
        "SELECT attributes, value FROM enterprise.metrics WHERE name = 'system.memory.utilization'",
    )
    assert {row["attributes"]["state"] for row in used} >= {"used", "free"}
    assert all(0 <= row["value"] <= 1 for row in used)
    process_memory = await rows.value(
        process.dsn, "SELECT value_int FROM enterprise.metrics WHERE name = 'process.memory.usage' LIMIT 1"
    )
    assert process_memory > 1 << 20
