"""Export requests of metrics as one service's SDK sends them every ten seconds: always the same series."""

import random
from struct import pack, unpack

from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import KeyValue
from opentelemetry.proto.metrics.v1.metrics_pb2 import (
    AggregationTemporality,
    Gauge,
    Histogram,
    HistogramDataPoint,
    Metric,
    NumberDataPoint,
    ResourceMetrics,
    ScopeMetrics,
    Sum,
)

from benchmarks.ingest.catalogue import SERVICE_NAMES
from benchmarks.ingest.origins import integer, resource, scope, text
from benchmarks.ingest.template import Template, hole, hole_time, slices

POINTS = 512
_SERIES_A_METRIC = 16
_CUMULATIVE = AggregationTemporality.AGGREGATION_TEMPORALITY_CUMULATIVE
_BOUNDS = (0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10)
_EVERY_NS = 10_000_000_000


class MetricRequests:
    """Requests of one service: of five points three are counters, one is a gauge and one a histogram.

    They differ in their time and in one value of every point.
    """

    def __init__(self, service: int, rng: random.Random) -> None:
        self._exports = 0
        metrics = [_metric(number, rng) for number in range(POINTS // _SERIES_A_METRIC)]
        scopes = [ScopeMetrics(scope=scope(), metrics=metrics)]
        message = ExportMetricsServiceRequest(
            resource_metrics=[ResourceMetrics(resource=resource(SERVICE_NAMES[service]), scope_metrics=scopes)]
        )
        self._template = Template(message.SerializeToString())

    def make(self, now_ns: int, rng: random.Random) -> bytes:
        """The next export; the first one is the youngest, at `now_ns`."""
        time = pack("<Q", now_ns - self._exports * _EVERY_NS)
        start = pack("<Q", now_ns - 86_400_000_000_000)
        self._exports += 1
        values = b"".join(pack("<Q", value) for value in (rng.randrange(1 << 40) for _ in range(POINTS)))
        doubles = b"".join(pack("<d", rng.random() * 1000) for _ in range(POINTS))
        return self._template.fill({"t": [time], "s": [start], "v": slices(values, 8), "d": slices(doubles, 8)})


def _metric(number: int, rng: random.Random) -> Metric:
    points = range(number * _SERIES_A_METRIC, (number + 1) * _SERIES_A_METRIC)
    if number % 5 < 3:
        counters = [_counter(point, rng) for point in points]
        data = Sum(data_points=counters, aggregation_temporality=_CUMULATIVE, is_monotonic=True)
        return Metric(name=f"app.requests.{number:02d}", description="Requests served.", unit="{request}", sum=data)
    if number % 5 == 3:
        gauge = Gauge(data_points=[_load(point, rng) for point in points])
        return Metric(name=f"app.load.{number:02d}", description="Load of the part.", unit="1", gauge=gauge)
    histogram = Histogram(data_points=[_histogram(point, rng) for point in points], aggregation_temporality=_CUMULATIVE)
    return Metric(name=f"app.duration.{number:02d}", description="Time taken.", unit="s", histogram=histogram)


def _hole_double(point: int) -> float:
    value: float = unpack("<d", hole("d", point))[0]
    return value


def _attributes(point: int, rng: random.Random) -> list[KeyValue]:
    return [
        text("http.request.method", rng.choice(("GET", "POST", "PUT"))),
        text("http.route", f"/things/{point % _SERIES_A_METRIC}/parts"),
        integer("http.response.status_code", rng.choice((200, 200, 404, 500))),
        text("server.address", f"node-{rng.randrange(20):02d}.internal.example"),
    ]


def _counter(point: int, rng: random.Random) -> NumberDataPoint:
    return NumberDataPoint(
        start_time_unix_nano=hole_time("s", 0),
        time_unix_nano=hole_time("t", 0),
        attributes=_attributes(point, rng),
        as_int=hole_time("v", point),
    )


def _load(point: int, rng: random.Random) -> NumberDataPoint:
    return NumberDataPoint(
        time_unix_nano=hole_time("t", 0), attributes=_attributes(point, rng), as_double=_hole_double(point)
    )


def _histogram(point: int, rng: random.Random) -> HistogramDataPoint:
    counts = [rng.randrange(1000) for _ in range(len(_BOUNDS) + 1)]
    return HistogramDataPoint(
        start_time_unix_nano=hole_time("s", 0),
        time_unix_nano=hole_time("t", 0),
        attributes=_attributes(point, rng),
        count=sum(counts),
        sum=_hole_double(point),
        min=0.001,
        max=9.5,
        bucket_counts=counts,
        explicit_bounds=_BOUNDS,
    )
