"""Whatever the official metric classes can express comes back from the rows, or is refused for a reason of OTLP's."""

import contextlib
import math
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.json import encode
from opentelemetry.exporter.postgres import metrics, wire
from opentelemetry.exporter.postgres.batch import Batch, InvalidRequest, Series, Signal
from opentelemetry.exporter.postgres.metrics import MetricDecoder
from opentelemetry.exporter.postgres.requests import Decoder
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.metrics.v1.metrics_pb2 import Metric

from tests import otlp_strategies as otlp
from tests import payloads
from tests.copy_reader import point_rows
from tests.unit.test_decoding import attributes, clean, length, plain

DECODER = Decoder()
RECEIVED = 1_800_000_000 * 10**9
EXTENSIVE = settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
MOST = 2**63 - 1
TEMPORALITIES = ("unspecified", "delta", "cumulative")


def decode(request: ExportMetricsServiceRequest) -> Batch:
    return DECODER.decode(Signal.METRICS, request.SerializeToString(), RECEIVED)


def one(metric: Metric) -> Batch:
    request = ExportMetricsServiceRequest()
    request.resource_metrics.add().scope_metrics.add().metrics.append(metric)
    return decode(request)


def nanos(row: dict[str, Any], name: str) -> int:
    time = row["time" if name == "time" else "start_time"]
    return 0 if time is None else time * 1000 + row[f"{name}_nanos"]


def same(one: Any, other: Any) -> bool:
    return one == other or (
        isinstance(one, float) and math.isnan(one) and isinstance(other, float) and math.isnan(other)
    )


def every_point(request: ExportMetricsServiceRequest) -> list[tuple[Any, Any, Metric, Any]]:
    return [
        (group, scope, metric, point)
        for group in request.resource_metrics
        for scope in group.scope_metrics
        for metric in scope.metrics
        if metric.WhichOneof("data")
        for point in getattr(metric, metric.WhichOneof("data")).data_points
    ]


def storable(metric: Metric, point: Any) -> bool:
    """The rules of OTLP, written apart from the decoder."""
    if not metric.name or not point.time_unix_nano:
        return False
    if point.flags & 1:
        return True
    kind = metric.WhichOneof("data")
    if kind in ("gauge", "sum"):
        return point.WhichOneof("value") is not None
    if kind == "summary":
        return all(0 <= each.quantile <= 1 for each in point.quantile_values)
    if kind == "histogram":
        bounds, counts = point.explicit_bounds, point.bucket_counts
        rising = all(low < high for low, high in pairwise(bounds))
        fits = len(counts) == len(bounds) + 1 or not (counts or bounds)
        return rising and fits and not any(map(math.isnan, bounds))
    return all(within_doubles(point.scale, each) for each in (point.positive, point.negative))


def within_doubles(scale: int, buckets: Any) -> bool:
    if not buckets.bucket_counts:
        return True
    last = buckets.offset + len(buckets.bucket_counts) - 1
    if scale >= 0:
        return buckets.offset + 1 >= -1074 << scale and last < 1024 << scale if scale < 40 else last + 1 < 2**31
    return (buckets.offset + 1) << min(-scale, 64) >= -1074 and last << min(-scale, 64) < 1024


@EXTENSIVE
@given(otlp.metric_requests)
def test_every_point_comes_back(request: ExportMetricsServiceRequest) -> None:
    every = every_point(request)
    kept = [found for found in every if storable(found[2], found[3])]
    batch = decode(request)
    assert (batch.items, batch.rejected) == (len(every), len(every) - len(kept))
    rows = point_rows(batch.rows)
    for (group, scope, metric, point), row in zip(kept, rows, strict=True):
        series = batch.series[row["series_id"]]
        assert_series(batch, series, group, scope, metric, point)
        assert nanos(row, "time") == point.time_unix_nano
        kind = metric.WhichOneof("data")
        assert nanos(row, "start") == (0 if kind == "gauge" else point.start_time_unix_nano)
        assert row["flags"] == (point.flags or None)
        assert_exemplars(row["exemplars"], getattr(point, "exemplars", ()))
        if point.flags & 1:
            values = set(row) - {"series_id", "time", "start_time", "time_nanos", "start_nanos", "flags", "exemplars"}
            assert {row[name] for name in values} == {None}
        elif kind in ("gauge", "sum"):
            assert row["value_int"] == (point.as_int if point.WhichOneof("value") == "as_int" else None)
            assert same(row["value"], float(getattr(point, point.WhichOneof("value"))))
        else:
            assert_distribution(batch, row, kind, point)


def assert_series(batch: Batch, series: Series, group: Any, scope: Any, metric: Metric, point: Any) -> None:
    kind = metric.WhichOneof("data")
    data = getattr(metric, kind)
    assert (series.name, series.unit, series.type) == (clean(metric.name), clean(metric.unit), kind)
    assert series.description == (clean(metric.description) or None)
    assert series.attributes == canonical(point.attributes)
    assert series.metadata == (canonical(metric.metadata) if metric.metadata else None)
    temporal = kind not in ("gauge", "summary")
    assert series.temporality == (TEMPORALITIES[data.aggregation_temporality] if temporal else None)
    assert series.monotonic == (data.is_monotonic if kind == "sum" else None)
    resource, known_scope = batch.resources[series.resource_id], batch.scopes[series.scope_id]
    assert resource.attributes == canonical(group.resource.attributes)
    assert resource.schema_url == (clean(group.schema_url) or None)
    assert (known_scope.name, known_scope.version) == (clean(scope.scope.name), clean(scope.scope.version))


def canonical(pairs: Any) -> bytes:
    return encode(attributes(pairs), order="sorted")


def assert_exemplars(found: Any, sent: Any) -> None:
    kept = [exemplar for exemplar in sent if exemplar.time_unix_nano and exemplar.WhichOneof("value")]
    assert len(found or ()) == len(kept)
    for json, exemplar in zip(found or (), kept, strict=True):
        value = getattr(exemplar, exemplar.WhichOneof("value"))
        expected = plain(AnyValue(int_value=value) if isinstance(value, int) else AnyValue(double_value=value))
        assert json["value"] == expected
        assert json["attributes"] == attributes(exemplar.filtered_attributes)
        valid = len(exemplar.trace_id) == 16 and any(exemplar.trace_id)
        assert json.get("trace_id") == (exemplar.trace_id.hex() if valid else None)


def assert_distribution(batch: Batch, row: dict[str, Any], kind: str, point: Any) -> None:
    assert row["count"] == min(point.count, MOST)
    if kind == "summary":
        assert same(row["sum"], point.sum)
        assert row["quantiles"] == [each.quantile for each in point.quantile_values]
        assert all(map(same, row["quantile_values"], [each.value for each in point.quantile_values]))
        return
    for name in ("sum", "min", "max"):
        assert same(row[name], getattr(point, name) if point.HasField(name) else None)
    if kind == "histogram":
        assert list(batch.bounds[row["bounds_id"]]) == list(point.explicit_bounds)
        assert row["bucket_counts"] == [min(count, MOST) for count in point.bucket_counts]
        return
    assert (row["scale"], row["zero_count"]) == (point.scale, min(point.zero_count, MOST))
    assert same(row["zero_threshold"], point.zero_threshold)
    for sign in ("positive", "negative"):
        buckets = getattr(point, sign)
        assert row[f"{sign}_offset"] == buckets.offset
        assert row[f"{sign}_counts"] == [min(count, MOST) for count in buckets.bucket_counts]


@EXTENSIVE
@given(otlp.metric_requests, st.integers(0, 6), st.integers(0, 6))
def test_a_part_of_a_request_holds_those_points(request: ExportMetricsServiceRequest, first: int, size: int) -> None:
    body = request.SerializeToString()
    parts = [(0, first), (first, first + size), (first + size, None)]
    batches = [DECODER.decode(Signal.METRICS, body, RECEIVED, *part) for part in parts]
    whole = decode(request)
    assert sum(batch.items for batch in batches) == whole.items
    assert [row for batch in batches for row in batch.rows] == whole.rows


@EXTENSIVE
@given(otlp.metric_requests, st.data())
def test_cut_or_changed_requests_never_crash(request: ExportMetricsServiceRequest, data: st.DataObject) -> None:
    body = bytearray(request.SerializeToString())
    if body:
        body[data.draw(st.integers(0, len(body) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(body)))
    for damaged in (bytes(body), bytes(body[:cut])):
        with contextlib.suppress(wire.DecodeError, InvalidRequest):
            point_rows(DECODER.decode(Signal.METRICS, damaged, RECEIVED).rows)


def histogram(**fields: Any) -> Metric:
    return Metric(name="m", histogram={"aggregation_temporality": 2, "data_points": [{"time_unix_nano": 1} | fields]})


def exponential(**fields: Any) -> Metric:
    point = {"time_unix_nano": 1} | fields
    return Metric(name="m", exponential_histogram={"aggregation_temporality": 2, "data_points": [point]})


def gauge(name: str = "m", **fields: Any) -> Metric:
    return Metric(name=name, gauge={"data_points": [fields]})


REFUSALS = {
    "92 no value": (gauge(time_unix_nano=1), "it has no value, and no flag that says so"),
    "93 no time": (gauge(as_int=1), "time_unix_nano is not set"),
    "91 no name": (gauge(name="", time_unix_nano=1, as_int=1), "its metric has no name"),
    "95 too few buckets": (histogram(explicit_bounds=[1], bucket_counts=[1]), "1 bounds make 2 buckets, not 1"),
    "95 no buckets": (histogram(explicit_bounds=[1]), "it has 1 bounds and no bucket_counts"),
    "95 equal bounds": (histogram(explicit_bounds=[1, 1], bucket_counts=[1, 1, 1]), "explicit_bounds must rise"),
    "95 no number": (histogram(explicit_bounds=[math.nan], bucket_counts=[1, 1]), "explicit_bounds must rise"),
    "96 too great": (
        exponential(scale=0, positive={"offset": 1024, "bucket_counts": [1]}),
        "buckets from index 1024 at scale 0 lie outside the range of a double",
    ),
    "96 too small": (
        exponential(scale=0, negative={"offset": -1076, "bucket_counts": [1]}),
        "buckets from index -1076 at scale 0 lie outside the range of a double",
    ),
    "96 far too great": (
        exponential(scale=-(2**31), positive={"offset": 1, "bucket_counts": [1]}),
        f"buckets from index 1 at scale {-(2**31)} lie outside the range of a double",
    ),
    "96 too many": (exponential(positive={"bucket_counts": [1] * 4097}), "4097 buckets are more than 4096"),
    "97 no quantile": (
        Metric(name="m", summary={"data_points": [{"time_unix_nano": 1, "quantile_values": [{"quantile": 2}]}]}),
        "a quantile must lie between 0 and 1",
    ),
}


@pytest.mark.parametrize(("metric", "reason"), REFUSALS.values(), ids=REFUSALS)
def test_a_point_that_cannot_be_stored_is_refused_alone(metric: Metric, reason: str) -> None:
    request = payloads.gauges(2, time_ns=1)
    request.resource_metrics[0].scope_metrics[0].metrics.append(metric)
    request.resource_metrics[0].scope_metrics[0].metrics.append(gauge(time_unix_nano=1, as_int=5))
    batch = decode(request)
    assert (batch.items, batch.rejected, batch.reasons) == (4, 1, [f"point 2: {reason}"])
    assert len(batch.rows) == 3


def test_a_metric_without_data_is_no_error() -> None:
    assert (one(Metric(name="m")).items, one(Metric(name="m")).rejected) == (0, 0)


ALTERED = {
    "94 no temporality": Metric(name="m", sum={"data_points": [{"time_unix_nano": 1, "as_int": 1}]}),
    "95 other count": histogram(explicit_bounds=[1], bucket_counts=[1, 1], count=3),
    "96 other count": exponential(zero_count=1),
    "98 exemplar without time": gauge(time_unix_nano=1, as_int=1, exemplars=[{"as_int": 1}]),
    "101 great count": histogram(count=2**64 - 1),
}


@pytest.mark.parametrize("metric", ALTERED.values(), ids=ALTERED)
def test_what_is_kept_but_odd_is_counted(metric: Metric) -> None:
    batch = one(metric)
    assert (len(batch.rows), batch.rejected) == (1, 0)
    assert sum(batch.altered.values()) == 1


def test_description_and_metadata_do_not_make_another_series() -> None:
    """Nor does the order of the attributes; all else does."""
    base = gauge(time_unix_nano=1, as_int=1, attributes=[payloads.attribute("a", 1), payloads.attribute("b", 2)])
    described = Metric.FromString(base.SerializeToString())
    described.description = "more"
    described.metadata.append(payloads.attribute("k", "v"))
    described.gauge.data_points[0].attributes.reverse()
    (first,), (second,) = (one(metric).series.values() for metric in (base, described))
    assert first.id == second.id
    assert first.version != second.version
    others = [Metric.FromString(base.SerializeToString()) for _ in range(4)]
    others[0].name = "n"
    others[1].unit = "s"
    others[2].gauge.data_points[0].attributes[0].value.int_value = 9
    others[3].sum.CopyFrom(Metric(sum={"data_points": base.gauge.data_points}).sum)
    ids = {id for metric in others for id in one(metric).series}
    assert len(ids | {first.id}) == 5


def test_attributes_that_do_not_lie_together_are_one_set() -> None:
    key = length(KeyValue(key="a", value=AnyValue(int_value=1)).SerializeToString())
    other = length(KeyValue(key="b", value=AnyValue(int_value=2)).SerializeToString())
    point = b"\x3a" + key + b"\x19" + b"\x01" * 8 + b"\x3a" + other + b"\x31" + b"\x01" * 8
    metric = b"\x0a\x01m" + b"\x2a" + length(b"\x0a" + length(point))
    body = b"\x0a" + length(b"\x12" + length(b"\x12" + length(metric)))
    (series,) = DECODER.decode(Signal.METRICS, body, RECEIVED).series.values()
    assert series.attributes == b'{"a":1,"b":2}'


def test_unpacked_buckets_are_read_as_packed_ones() -> None:
    counts = b"".join(b"\x31" + number.to_bytes(8, "little") for number in (4, 5))
    point = b"\x19" + b"\x01" * 8 + b"\x39" + bytes(8) + counts
    metric = b"\x0a\x01m" + b"\x4a" + length(b"\x0a" + length(point))
    body = b"\x0a" + length(b"\x12" + length(b"\x12" + length(metric)))
    (row,) = point_rows(DECODER.decode(Signal.METRICS, body, RECEIVED).rows)
    assert row["bucket_counts"] == [4, 5]


def test_exports_of_other_signals_are_named() -> None:
    logs = ExportLogsServiceRequest()
    logs.resource_logs.add().scope_logs.add().log_records.add(time_unix_nano=1)
    traces = ExportTraceServiceRequest()
    traces.resource_spans.add().scope_spans.add().spans.add(start_time_unix_nano=1)
    for request in (logs, traces):
        with pytest.raises(InvalidRequest, match="is this an export of logs or traces"):
            DECODER.decode(Signal.METRICS, request.SerializeToString(), RECEIVED)


def test_series_beyond_the_limit_leave_a_batch_without_touching_it() -> None:
    batch = decode(payloads.gauges(3, time_ns=1))
    refused = {next(iter(batch.series)): "shop"}
    rest = batch.without_series(refused, lambda service: f"no more of {service}")
    assert (len(rest.rows), len(rest.times), rest.rejected, rest.message) == (2, 2, 1, "no more of shop")
    assert (len(batch.rows), batch.rejected, len(batch.series)) == (3, 0, 3)
    assert rest.series.keys() | refused.keys() == batch.series.keys()


def test_with_a_compiler_the_decoder_is_typed() -> None:
    if not str(wire.__file__).endswith(".py"):
        assert not str(metrics.__file__).endswith(".py")
        assert not hasattr(MetricDecoder, "_add")
