"""Metrics: types, values, times, temporality, buckets, quantiles, exemplars, and which series a point belongs to."""

from typing import Any

from tests import rows
from tests.acceptance.checklist.cases import (
    EVERY_WAY,
    HTTP_JSON,
    NOW,
    ON_THE_WIRE,
    QUERIES,
    Case,
    Mark,
    Message,
    at,
    bytes_of,
    checks,
    metrics,
    pair,
    send,
    table,
    verify,
)
from tests.acceptance.checklist.encode import FIXED64, encode, field
from tests.conftest import run
from tests.otelgres_process import OtelgresProcess

START, SECOND = NOW - 60 * 10**9, 10**9
LONG_AGO = NOW - 60 * 86_400 * 10**9
UINT64_MAX, INT64_MAX = 2**64 - 1, 2**63 - 1
NO_RECORDED_VALUE = 1
UNSET = {"value": None, "value_int": None, "count": None, "sum": None, "min": None, "max": None}
EXEMPLAR = {
    "timeUnixNano": str(NOW + 1_500),
    "asDouble": 0.5,
    "traceId": "ab" * 16,
    "spanId": "cd" * 8,
    "filteredAttributes": [pair("user", stringValue="ann")],
}
STORED_EXEMPLAR = {
    "timestamp": f"{at(NOW):%Y-%m-%dT%H:%M:%S}.000001500+00:00",
    "value": 0.5,
    "trace_id": "ab" * 16,
    "span_id": "cd" * 8,
    "attributes": {"user": "ann"},
}


def point(**fields: Any) -> Message:
    """A point with both times; None leaves a field out."""
    own = {"startTimeUnixNano": str(START), "timeUnixNano": str(NOW)}
    return {name: value for name, value in (own | fields).items() if value is not None}


def gauge(*points: Message, **fields: Any) -> Message:
    return {"name": "m"} | fields | {"gauge": {"dataPoints": list(points)}}


def total(*points: Message, temporality: int | str = 2, monotonic: bool = True) -> Message:
    data = {"dataPoints": list(points), "aggregationTemporality": temporality, "isMonotonic": monotonic}
    return {"name": "m", "sum": data}


def histogram(*points: Message, temporality: int = 2) -> Message:
    return {"name": "m", "histogram": {"dataPoints": list(points), "aggregationTemporality": temporality}}


def exponential(*points: Message) -> Message:
    return {"name": "m", "exponentialHistogram": {"dataPoints": list(points), "aggregationTemporality": 2}}


def summary(*points: Message) -> Message:
    return {"name": "m", "summary": {"dataPoints": list(points)}}


def buckets(bounds: list[float | str], counts: list[str], count: int, **more: Any) -> Message:
    """A histogram's point."""
    return point(explicitBounds=bounds, bucketCounts=counts, count=str(count), **more)


def quantiles(**values: Any) -> Message:
    """A summary's point, its quantiles named q<percent>."""
    listed = [{"quantile": int(name[1:]) / 100, "value": value} for name, value in values.items()]
    return point(count="4", sum=10, quantileValues=listed)


GOOD = gauge(point(asInt="1"), name="good")


def stored(number: int, name: str, row: dict[str, Any], *sent: Message, message: str = "") -> Case:
    """Metrics that make this one row; warned of with `message`, if any."""
    return Case(number, name, lambda mark: metrics(mark, *sent), [row], signal="metrics", message=message)


def refused(number: int, name: str, sent: Message, message: str, rejected: int = 1) -> Case:
    """A metric that is refused for this reason, and alone."""
    payload = lambda mark: metrics(mark, GOOD, sent)  # noqa: E731
    return Case(number, name, payload, [{"name": "good"}], signal="metrics", rejected=rejected, message=message)


def nothing(number: int, name: str, sent: Message, ways: tuple[str, ...] = EVERY_WAY) -> Case:
    """A metric of which there is nothing to store, and nothing to say."""
    return Case(number, name, lambda mark: metrics(mark, GOOD, sent), [{"name": "good"}], signal="metrics", ways=ways)


def unpacked(mark: Mark) -> Message:
    """Bucket counts as a field each, which old encoders write."""
    counts = b"".join(field(6, FIXED64, count.to_bytes(8, "little")) for count in (4, 5))
    points = {1: encode("HistogramDataPoint", buckets([1], [], 9)) + counts}
    return metrics(mark, {"name": "m", "histogram": points | {"aggregationTemporality": 1}})


CASES = table(
    stored(
        91, "gauge", {"type": "gauge", "value": 1.5, "temporality": None, "monotonic": None}, gauge(point(asDouble=1.5))
    ),
    stored(91, "sum", {"type": "sum", "value": 2.0, "value_int": 2, "monotonic": True}, total(point(asInt="2"))),
    stored(
        91,
        "histogram",
        {
            "type": "histogram",
            "bounds": [0.5, 1.0],
            "bucket_counts": [1, 0, 2],
            "count": 3,
            "sum": 9.0,
            "min": 0.25,
            "max": 5.0,
        },
        histogram(buckets([0.5, 1], ["1", "0", "2"], 3, sum=9, min=0.25, max=5)),
    ),
    nothing(91, "no data", {"name": "m"}),
    nothing(91, "no points", gauge()),
    nothing(
        91,
        "data of a type to come",
        {"name": "m", 13: encode("Gauge", {"dataPoints": [point(asInt="1")]})},
        ON_THE_WIRE,
    ),
    refused(91, "no name", gauge(point(asInt="1"), point(asInt="2", timeUnixNano=str(NOW + 1)), name=""), "no name", 2),
    stored(92, "integer", {"value": 2.0**53, "value_int": 2**53 + 1}, gauge(point(asInt=str(2**53 + 1)))),
    stored(92, "least integer", {"value_int": -(2**63)}, gauge(point(asInt=str(-(2**63))))),
    stored(92, "double", {"value": -0.25, "value_int": None}, gauge(point(asDouble=-0.25))),
    stored(
        92, "both, of which the last counts", {"value": 2.5, "value_int": None}, gauge(point(asInt="1", asDouble=2.5))
    ),
    refused(92, "neither", gauge(point()), "no value"),
    refused(92, "neither, with another flag", gauge(point(flags=2)), "no value"),
    *(
        stored(92, f"no recorded value of a {name}", UNSET | {"flags": NO_RECORDED_VALUE}, metric)
        for name, metric in {
            "gauge": gauge(point(flags=NO_RECORDED_VALUE)),
            "gauge with a value": gauge(point(flags=NO_RECORDED_VALUE, asDouble=7)),
            "sum": total(point(flags=NO_RECORDED_VALUE)),
            "histogram": histogram(buckets([1], ["1", "2"], 3, flags=NO_RECORDED_VALUE)),
            "histogram that could not be one": histogram(buckets([1], ["1"], 3, flags=NO_RECORDED_VALUE)),
            "summary": summary(point(flags=NO_RECORDED_VALUE)),
        }.items()
    ),
    refused(93, "no time", total(point(asInt="1", timeUnixNano=None)), "time_unix_nano"),
    refused(93, "time 0", histogram(buckets([], ["1"], 1, timeUnixNano="0")), "time_unix_nano"),
    stored(93, "start", {"start_time": at(START)}, total(point(asInt="1"))),
    stored(93, "no start", {"start_time": None}, total(point(asInt="1", startTimeUnixNano=None))),
    stored(93, "start 0", {"start_time": None}, histogram(buckets([], ["1"], 1, startTimeUnixNano="0"))),
    stored(93, "start of a gauge", {"start_time": None, "time": at(NOW)}, gauge(point(asInt="1"))),
    stored(
        93,
        "nanoseconds",
        {"time": at(NOW), "time_nanos": 7, "start_time": at(START), "start_nanos": 3},
        total(point(asInt="1", timeUnixNano=str(NOW + 7), startTimeUnixNano=str(START + 3))),
    ),
    stored(94, "delta", {"temporality": "delta"}, total(point(asInt="1"), temporality=1)),
    stored(94, "cumulative", {"temporality": "cumulative"}, total(point(asInt="1"), temporality=2)),
    stored(
        94, "none", {"temporality": "unspecified"}, total(point(asInt="1"), temporality=0), message="no temporality"
    ),
    stored(
        94,
        "none of a histogram",
        {"temporality": "unspecified"},
        histogram(buckets([], [], 0), temporality=0),
        message="no temporality",
    ),
    stored(
        94, "unknown", {"temporality": "unspecified"}, total(point(asInt="1"), temporality=9), message="no temporality"
    ),
    stored(94, "not monotonic", {"monotonic": False, "value_int": -4}, total(point(asInt="-4"), monotonic=False)),
    Case(
        94,
        "temporality by name",
        lambda mark: metrics(mark, total(point(asInt="1"), temporality="AGGREGATION_TEMPORALITY_DELTA")),
        [{"temporality": "delta"}],
        signal="metrics",
        ways=(HTTP_JSON,),
    ),
    Case(
        94,
        "resets",
        lambda mark: metrics(
            mark,
            total(
                point(asInt="9"),
                point(asInt="3", timeUnixNano=str(NOW + SECOND)),
                point(asInt="1", timeUnixNano=str(NOW + 2 * SECOND), startTimeUnixNano=str(NOW + SECOND)),
            ),
        ),
        [
            {"value_int": 9, "start_time": at(START)},
            {"value_int": 3, "start_time": at(START)},
            {"value_int": 1, "start_time": at(NOW + SECOND)},
        ],
        signal="metrics",
    ),
    stored(95, "one bucket", {"bounds": [], "bucket_counts": [7], "count": 7}, histogram(buckets([], ["7"], 7))),
    stored(
        95,
        "no buckets",
        {"bounds": [], "bucket_counts": [], "count": 7, "sum": 3.5},
        histogram(buckets([], [], 7, sum=3.5)),
    ),
    stored(95, "no sum, least, greatest", {"sum": None, "min": None, "max": None}, histogram(buckets([], ["1"], 1))),
    stored(
        95, "all of them 0", {"sum": 0.0, "min": 0.0, "max": 0.0}, histogram(buckets([], ["1"], 1, sum=0, min=0, max=0))
    ),
    stored(
        95,
        "another count",
        {"count": 9, "bucket_counts": [1, 2]},
        histogram(buckets([1], ["1", "2"], 9)),
        message="not the sum of its buckets",
    ),
    refused(95, "a bucket missing", histogram(buckets([1, 2], ["1", "2"], 3)), "make 3 buckets"),
    refused(95, "bounds alone", histogram(buckets([1, 2], [], 3)), "no bucket_counts"),
    refused(95, "bounds that fall", histogram(buckets([2, 1], ["1", "1", "1"], 3)), "must rise"),
    refused(95, "bounds that stay", histogram(buckets([1, 1], ["1", "1", "1"], 3)), "must rise"),
    refused(95, "a bound that is no number", histogram(buckets(["NaN"], ["1", "1"], 2)), "must rise"),
    stored(
        95,
        "endless bounds",
        {"bucket_counts": [1, 1, 1]},
        histogram(buckets(["-Infinity", "Infinity"], ["1", "1", "1"], 3)),
    ),
    Case(95, "unpacked", unpacked, [{"bucket_counts": [4, 5]}], signal="metrics", ways=ON_THE_WIRE),
    stored(
        96,
        "both signs",
        {
            "type": "exponential_histogram",
            "scale": -1,
            "zero_count": 1,
            "zero_threshold": 0.5,
            "positive_offset": -2,
            "positive_counts": [0, 3],
            "negative_offset": 1,
            "negative_counts": [2],
            "count": 6,
            "sum": 1.5,
            "min": -8.0,
            "max": 0.5,
        },
        exponential(
            point(
                count="6",
                sum=1.5,
                min=-8,
                max=0.5,
                scale=-1,
                zeroCount="1",
                zeroThreshold=0.5,
                positive={"offset": -2, "bucketCounts": ["0", "3"]},
                negative={"offset": 1, "bucketCounts": ["2"]},
            )
        ),
    ),
    stored(
        96,
        "without buckets",
        {"scale": 0, "zero_count": 0, "zero_threshold": 0.0, "positive_counts": [], "negative_counts": [], "count": 0},
        exponential(point()),
    ),
    refused(
        96,
        "an index beyond the doubles",
        exponential(point(count="1", scale=0, positive={"offset": 1024, "bucketCounts": ["1"]})),
        "outside the range of a double",
    ),
    refused(
        96,
        "an index below the doubles",
        exponential(point(count="1", scale=2, negative={"offset": -4400, "bucketCounts": ["1"]})),
        "outside the range of a double",
    ),
    refused(
        96,
        "too many buckets",
        exponential(point(count="5000", scale=5, positive={"bucketCounts": ["1"] * 5000})),
        "more than 4096",
    ),
    stored(
        97,
        "quantiles",
        {"type": "summary", "count": 4, "sum": 10.0, "quantiles": [0.0, 0.5, 1.0], "quantile_values": [1.0, 2.5, 4.0]},
        summary(quantiles(q0=1, q50=2.5, q100=4)),
    ),
    stored(97, "no quantiles", {"count": 4, "sum": 10.0, "quantiles": []}, summary(quantiles())),
    stored(97, "a quantile of nothing", {"shown_quantiles": "{NaN}"}, summary(quantiles(q99="NaN"))),
    refused(97, "a quantile beyond 1", summary(quantiles(q101=1)), "between 0 and 1"),
    stored(98, "exemplar", {"exemplars": [STORED_EXEMPLAR]}, total(point(asInt="1", exemplars=[EXEMPLAR]))),
    stored(
        98,
        "exemplar of a histogram",
        {"exemplars": [STORED_EXEMPLAR]},
        histogram(buckets([], ["1"], 1, exemplars=[EXEMPLAR])),
    ),
    stored(
        98,
        "exemplar of an exponential histogram",
        {"exemplars": [STORED_EXEMPLAR]},
        exponential(point(exemplars=[EXEMPLAR])),
    ),
    stored(
        98,
        "bad exemplars beside a good one",
        {"value_int": 1, "exemplars": [STORED_EXEMPLAR]},
        total(point(asInt="1", exemplars=[{"asInt": "1"}, EXEMPLAR, {"timeUnixNano": str(NOW)}])),
        message="exemplar",
    ),
    stored(
        98,
        "exemplar of odd ids",
        {"exemplars": [{name: value for name, value in STORED_EXEMPLAR.items() if not name.endswith("_id")}]},
        total(point(asInt="1", exemplars=[EXEMPLAR | {"traceId": "ab", "spanId": "00" * 8}])),
    ),
    *(
        stored(101, f"value {shown}", {"shown": shown, "value_int": None}, gauge(point(asDouble=shown)))
        for shown in ("NaN", "Infinity", "-Infinity")
    ),
    stored(101, "sum that is no number", {"shown_sum": "NaN"}, histogram(buckets([], ["1"], 1, sum="NaN"))),
    stored(101, "greatest count", {"count": INT64_MAX}, histogram(buckets([], [str(INT64_MAX)], INT64_MAX))),
    stored(
        101,
        "count beyond bigint",
        {"count": INT64_MAX, "bucket_counts": [INT64_MAX]},
        histogram(buckets([], [str(UINT64_MAX)], UINT64_MAX)),
        message="cut",
    ),
    stored(
        102,
        "metadata",
        {"metadata": {"prometheus.type": "info"}, "description": "What it is", "unit": "By"},
        gauge(
            point(asInt="1"),
            metadata=[pair("prometheus.type", stringValue="info")],
            description="What it is",
            unit="By",
        ),
    ),
    stored(
        103,
        "older than the retention",
        {"time": at(LONG_AGO)},
        gauge(point(asInt="1", timeUnixNano=str(LONG_AGO))),
        message="retention",
    ),
)


@CASES
def test_metrics(receiver: OtelgresProcess, case: Case, way: str) -> None:
    verify(receiver, case, way)


def sent(process: OtelgresProcess, mark: Mark, *requests: Message) -> list[rows.Record]:
    """What is stored of requests that were all taken, each by another way than the one before."""
    for number, request in enumerate(requests):
        way = EVERY_WAY[number % len(EVERY_WAY)]
        case = Case(0, "", lambda _, request=request: request, signal="metrics")
        answer = send(process, "metrics", way, bytes_of(case, way, mark))
        assert (answer.status, answer.rejected) == (200, 0), answer
    return run(rows.fetch(process.dsn, QUERIES["metrics"], mark.trace_id, mark.service))


ONE, OTHER = pair("k", stringValue="one"), pair("n", intValue="1")


@checks(99)
def test_what_does_not_make_another_series(receiver: OtelgresProcess) -> None:
    mark = Mark()
    found = sent(
        receiver,
        mark,
        metrics(mark, gauge(point(asInt="1", attributes=[ONE, OTHER]))),
        metrics(mark, gauge(point(asDouble=2, timeUnixNano=str(NOW + 1), attributes=[OTHER, ONE]), description="d")),
        metrics(mark, gauge(point(asInt="3", timeUnixNano=str(NOW + 2), attributes=[ONE, OTHER]), metadata=[ONE])),
    )
    assert len({row["series_id"] for row in found}) == 1
    assert [row["value"] for row in found] == [1.0, 2.0, 3.0]


@checks(99)
def test_what_makes_another_series(receiver: OtelgresProcess) -> None:
    mark = Mark()
    one = point(asInt="1", attributes=[ONE])
    resource = {"attributes": [*mark.resource["attributes"], OTHER]}
    found = sent(
        receiver,
        mark,
        metrics(
            mark,
            gauge(one),
            gauge(one, name="another"),
            gauge(one, unit="s"),
            gauge(point(asInt="1", attributes=[OTHER])),
            gauge(point(asInt="1")),
            total(one),
            total(one, temporality=1),
            total(one, monotonic=False),
        ),
        metrics(mark, gauge(one), resource=resource),
        metrics(mark, gauge(one), scope={"name": "another"}),
    )
    assert (len(found), len({row["series_id"] for row in found})) == (10, 10)


@checks(100, 103)
def test_points_in_any_order_and_the_first_of_equal_times(receiver: OtelgresProcess) -> None:
    mark = Mark()
    times = (NOW, NOW - SECOND, NOW + SECOND, NOW, NOW - SECOND)
    requests = (
        metrics(mark, total(point(asInt=str(number), timeUnixNano=str(time)))) for number, time in enumerate(times)
    )
    found = sent(receiver, mark, *requests)
    assert [(row["time"], row["value_int"]) for row in found] == [
        (at(NOW - SECOND), 1),
        (at(NOW), 0),
        (at(NOW + SECOND), 2),
    ]
    again = point(asInt="9", startTimeUnixNano=str(START + 1))
    assert len(sent(receiver, mark, metrics(mark, total(again)))) == 4
