"""GET /metrics/query: hand-written series, and what must come of them."""

import math
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import count, pairwise
from typing import Any

import httpx
import pytest

from database.ranges import midnight
from query_api.metrics.aggregation import Bounds
from query_api.metrics.models import MetricQuery
from tests.conftest import copied
from tests.metered import Histogram, Metered, Point, add_bounds, hold_maintenance
from tests.searchable import add_origins

QUERY = "/api/observability/metrics/query"
NOON = midnight(datetime.now(UTC)) - timedelta(hours=12)
SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)
NAMES = (f"m{number}" for number in count())


@pytest.fixture(scope="module")
def database(postgres_dsn: str, template_database: str) -> Iterator[str]:
    for dsn in copied(postgres_dsn, template_database):
        add_origins(dsn)
        hold_maintenance(dsn)
        yield dsn


@pytest.fixture
def metered(database: str) -> Metered:
    return Metered(database)


@pytest.fixture
def name() -> str:
    """Of a metric that no other test has."""
    return next(NAMES)


def at(seconds: float, **columns: Any) -> Point:
    """A point so long after noon; a `start` is seconds after noon too."""
    if "start" in columns:
        columns["start_time"] = NOON + columns.pop("start") * SECOND
    return {"time": NOON + seconds * SECOND} | columns


def asked(client: httpx.Client, name: str, minutes: float = 5, **parameters: Any) -> dict[str, Any]:
    """The answer for so many minutes from noon on, in steps of one unless given."""
    window = {"from": NOON.isoformat(), "to": (NOON + minutes * MINUTE).isoformat()}
    answer = client.get(QUERY, params={"name": name, "step": 60} | window | parameters)
    assert answer.status_code == 200, answer.text
    MetricQuery.model_validate_json(answer.text)
    body: dict[str, Any] = answer.json()
    return body


def values(client: httpx.Client, name: str, minutes: float = 5, **parameters: Any) -> list[float | None]:
    """Those of the only group."""
    body = asked(client, name, minutes, **parameters)
    [group] = body["groups"]
    assert len(group["values"]) == len(body["times"])
    found: list[float | None] = group["values"]
    return found


def test_a_gauge(client: httpx.Client, metered: Metered, name: str) -> None:
    one = metered.series(name, "gauge", attributes={"q": "a"})
    two = metered.series(name, "gauge", attributes={"q": "b"})
    metered.add(one, [at(0, value=4.0), at(30, value=2.0), at(70, value=6.0), at(190, value=1.0)])
    metered.add(two, [at(10, value=10.0), at(185, value=3.0)])
    expected = {
        "avg": [16 / 3, 6.0, None, 2.0, None],
        "sum": [12.0, 6.0, None, 4.0, None],
        "min": [2.0, 6.0, None, 1.0, None],
        "max": [10.0, 6.0, None, 3.0, None],
        "last": [2.0, 6.0, None, 1.0, None],
        "count": [3.0, 1.0, None, 2.0, None],
    }
    for aggregation, wanted in expected.items():
        assert values(client, name, aggregation=aggregation) == pytest.approx(wanted), aggregation
    for aggregation in ("rate", "increase", "p95"):
        body = asked(client, name, aggregation=aggregation)
        assert body["groups"] == []
        assert "2 series left out: a gauge" in body["warnings"][0]
    body = asked(client, name, by="q", aggregation="last")
    assert [(group["labels"], group["values"][0]) for group in body["groups"]] == [
        ({"q": "b"}, 10.0),
        ({"q": "a"}, 2.0),
    ]


def test_a_counter_grows_through_resets(client: httpx.Client, metered: Metered, name: str) -> None:
    """By a new start, and by a lesser value alone; the time before a reset counts as well."""
    series = metered.series(name, "sum", "cumulative", True)
    metered.add(
        series,
        [
            at(10, value=5.0, start=-60),
            at(50, value=8.0, start=-60),
            at(70, value=20.0, start=-60),
            at(80, value=4.0, start=75),
            at(100, value=6.0, start=75),
            at(130, value=2.0, start=75),
        ],
    )
    assert values(client, name, aggregation="increase") == [8.0, 18.0, 2.0, None, None]
    # The first two points tell of 110 seconds.
    assert values(client, name, aggregation="rate") == pytest.approx([8 / 110, 18 / 60, 2 / 60, None, None])
    assert values(client, name, aggregation="sum") == [8.0, 6.0, 2.0, None, None]


def test_what_was_counted_before_a_counter_was_first_seen_is_no_increase(
    client: httpx.Client, metered: Metered, name: str
) -> None:
    old, unknown = (metered.series(name, "sum", "cumulative", True, attributes={"n": n}) for n in "ab")
    metered.add(old, [at(10, value=1000.0, start=-3600), at(70, value=1003.0, start=-3600)])
    metered.add(unknown, [at(20, value=500.0), at(80, value=502.0)])
    assert values(client, name, aggregation="increase") == [None, 5.0, None, None, None]


def test_deltas_are_added_up(client: httpx.Client, metered: Metered, name: str) -> None:
    series = metered.series(name, "sum", "delta", True)
    without_start = metered.series(name, "sum", "delta", False, attributes={"n": 2})
    metered.add(series, [at(10, value=5.0, start=0), at(40, value=2.0, start=10), at(130, value=9.0, start=120)])
    metered.add(without_start, [at(200, value=-4.0)])
    assert values(client, name, aggregation="increase") == [7.0, None, 9.0, -4.0, None]
    assert values(client, name, aggregation="sum") == [7.0, None, 9.0, -4.0, None]
    assert values(client, name, aggregation="rate") == pytest.approx([7 / 60, None, 9 / 60, -4 / 60, None])


def test_each_series_of_a_group_is_followed_by_itself(client: httpx.Client, metered: Metered, name: str) -> None:
    """Their sum falls from 110 to 61 while none but one was reset."""
    one, two = (metered.series(name, "sum", "cumulative", True, attributes={"n": n}) for n in "ab")
    metered.add(one, [at(30, value=10.0, start=-3600), at(90, value=60.0, start=-3600)])
    metered.add(two, [at(30, value=100.0, start=-3600), at(90, value=1.0, start=85)])
    assert values(client, name, aggregation="increase") == [None, 51.0, None, None, None]
    assert values(client, name, aggregation="rate") == pytest.approx([None, 51 / 60, None, None, None])


def test_a_rate_after_a_gap_is_that_of_the_gap(client: httpx.Client, metered: Metered, name: str) -> None:
    series = metered.series(name, "sum", "cumulative", True)
    metered.add(series, [at(10, value=0.0, start=-3600), at(610, value=1200.0, start=-3600)])
    expected = [None] * 10 + [2.0]
    assert values(client, name, 11, aggregation="rate") == pytest.approx(expected)
    assert values(client, name, 11, aggregation="rate", step=600) == pytest.approx([None, 2.0])
    metered.roll_up(NOON + 2 * HOUR)
    assert values(client, name, 11, aggregation="rate") == pytest.approx(expected)


def test_a_step_that_is_not_over_lasts_until_now(client: httpx.Client, metered: Metered, name: str) -> None:
    now = datetime.now(UTC)
    begin = now.replace(hour=0, minute=0, second=0, microsecond=0)
    series = metered.series(name, "sum", "delta", True)
    metered.add(series, [{"time": begin + (now - begin) / 2, "value": 60.0}])
    body = client.get(
        QUERY, params={"name": name, "aggregation": "rate", "step": 86_400, "from": begin.isoformat()}
    ).json()
    [rate] = body["groups"][0]["values"]
    assert 60 / (datetime.now(UTC) - begin).total_seconds() <= rate <= 60 / (now - begin).total_seconds()


def test_a_point_that_says_no_value_ends_nothing_and_adds_nothing(
    client: httpx.Client, metered: Metered, name: str
) -> None:
    counter = metered.series(name, "sum", "cumulative", True)
    metered.add(counter, [at(10, value=5.0, start=0), at(40, flags=1), at(70, value=9.0, start=0), at(130, flags=1)])
    assert values(client, name, aggregation="increase") == [5.0, 4.0, None, None, None]
    assert values(client, name, aggregation="count") == [1.0, 1.0, None, None, None]
    assert values(client, name, aggregation="last") == [5.0, 9.0, None, None, None]


def test_late_points_are_in_the_next_answer(client: httpx.Client, metered: Metered, name: str) -> None:
    series = metered.series(name, "sum", "cumulative", True)
    metered.add(series, [at(10, value=5.0, start=0), at(130, value=9.0, start=0)])
    metered.roll_up(NOON + 2 * HOUR)
    metered.add(series, [at(70, value=6.0, start=0)])
    metered.roll_up(NOON + 2 * HOUR)
    assert values(client, name, aggregation="increase") == [5.0, 1.0, 3.0, None, None]
    assert asked(client, name)["resolution"] == "minutes"


def test_what_has_no_increase_is_said(client: httpx.Client, metered: Metered, name: str) -> None:
    updown = metered.series(name, "sum", "cumulative", False)
    unspecified = metered.series(name, "sum", "unspecified", True)
    histogram = metered.series(name, "histogram", "unspecified")
    for series in (updown, unspecified):
        metered.add(series, [at(10, value=5.0, start=0), at(70, value=3.0, start=0)])
    metered.add(histogram, [at(10, count=3, sum=6.0, start=0)])
    body = asked(client, name, aggregation="rate")
    assert (body["groups"], body["series"]) == ([], 0)
    assert sorted(body["warnings"]) == [
        "1 series left out: a sum that goes both ways has no increase",
        "2 series left out: its temporality is unspecified",
    ]
    assert values(client, name, aggregation="sum", q="metric.type:sum") == [10.0, 6.0, None, None, None]
    assert "1 series left out" in asked(client, name, aggregation="avg")["warnings"][0]


def test_histograms_of_both_temporalities(client: httpx.Client, metered: Metered, name: str) -> None:
    delta = metered.series(name, "histogram", "delta", attributes={"of": "delta"})
    cumulative = metered.series(name, "exponential_histogram", "cumulative", attributes={"of": "cumulative"})
    metered.add(
        delta,
        [
            at(10, start=0, count=4, sum=8.0, min=0.5, max=5.0),
            at(70, start=60, count=1, sum=3.0, min=3.0, max=3.0),
            at(130, start=120, count=0, sum=0.0),
        ],
    )
    metered.add(
        cumulative,
        [
            at(10, start=0, count=10, sum=20.0, min=1.0, max=9.0),
            at(70, start=0, count=16, sum=26.0, min=1.0, max=9.0),
            at(130, start=125, count=3, sum=1.5, min=0.5, max=0.5),
        ],
    )
    assert values(client, name, aggregation="count") == [14.0, 7.0, 3.0, None, None]
    assert values(client, name, aggregation="increase") == [14.0, 7.0, 3.0, None, None]
    assert values(client, name, aggregation="rate") == pytest.approx([14 / 60, 7 / 60, 3 / 60, None, None])
    assert values(client, name, aggregation="sum") == [28.0, 9.0, 1.5, None, None]
    assert values(client, name, aggregation="avg") == pytest.approx([2.0, 9 / 7, 0.5, None, None])
    assert values(client, name, aggregation="max") == [5.0, 3.0, None, None, None]
    assert values(client, name, aggregation="min") == [0.5, 3.0, None, None, None]
    body = asked(client, name, aggregation="max")
    assert "least and greatest value of a cumulative exponential_histogram are those since it began" in str(body)
    assert asked(client, name, aggregation="last")["groups"] == []


def test_a_summary_has_counts_and_an_average(client: httpx.Client, metered: Metered, name: str) -> None:
    series = metered.series(name, "summary")
    metered.add(series, [at(10, start=0, count=4, sum=8.0), at(70, start=0, count=6, sum=11.0)])
    assert values(client, name, aggregation="increase") == [4.0, 2.0, None, None, None]
    assert values(client, name, aggregation="avg") == [2.0, 1.5, None, None, None]
    assert "no buckets" in asked(client, name, aggregation="p50")["warnings"][0]


def test_groups_by_service_attribute_resource_and_scope(client: httpx.Client, metered: Metered, name: str) -> None:
    pod_1 = metered.series(name, "gauge", attributes={"a": 1, "name": "n"}, service="checkout", resource=1, scope=1)
    pod_2 = metered.series(name, "gauge", attributes={"a": "1"}, service="cart", resource=2, scope=2)
    metered.add(pod_1, [at(10, value=3.0)])
    metered.add(pod_2, [at(10, value=2.0)])

    def groups(*by: str) -> list[tuple[list[str | None], float]]:
        body = asked(client, name, aggregation="sum", by=list(by))
        return [(list(group["labels"].values()), group["values"][0]) for group in body["groups"]]

    assert groups() == [([], 5.0)]
    assert groups("service", "k8s.pod.name") == [(["checkout", "pod-1"], 3.0), (["cart", "pod-2"], 2.0)]
    assert groups("a") == groups("attributes.a") == [(["1"], 5.0)]
    assert groups("resource.replicas", "name") == [([None, "n"], 3.0), (["3", None], 2.0)]
    assert groups("scope.name", "scope.team") == [(["my.scope", "green"], 3.0), (["other", None], 2.0)]
    assert groups("resource.a") == [([None], 5.0)]
    assert asked(client, name, by="nothing' OR 1=1 --")["groups"][0]["labels"] == {"nothing' OR 1=1 --": None}


@pytest.mark.parametrize(
    ("q", "expected"),
    [
        ("", 7.0),
        ("service:checkout", 1.0),
        ("-service:checkout", 6.0),
        ("a:x*", 3.0),
        ("k8s.pod.name:pod-2", 2.0),
        ("resource.k8s.pod.name:(pod-1 OR pod_3%)", 5.0),
        ("scope.name:other a:>5", 4.0),
        ("metric.type:gauge metric.unit:1", 7.0),
        ("metric.type:sum", None),
    ],
)
def test_a_search_narrows_the_series(
    client: httpx.Client, metered: Metered, name: str, q: str, expected: float | None
) -> None:
    for value, service, resource, scope, a in (
        (1.0, "checkout", 1, 1, "xy"),
        (2.0, "cart", 2, 2, "xz"),
        (4.0, "health", 3, 2, 7),
    ):
        series = metered.series(name, "gauge", attributes={"a": a}, service=service, resource=resource, scope=scope)
        metered.add(series, [at(10, value=value)])
    body = asked(client, name, q=q, aggregation="sum")
    assert [group["values"][0] for group in body["groups"]] == ([] if expected is None else [expected])


def test_the_greatest_groups_are_kept_and_the_cut_is_said(client: httpx.Client, metered: Metered, name: str) -> None:
    for number in range(7):
        metered.add(metered.series(name, "gauge", attributes={"n": number}), [at(10, value=float(number % 5))])
    body = asked(client, name, by="n", limit=3)
    assert [group["labels"]["n"] for group in body["groups"]] == ["4", "3", "2"]
    assert (body["groups_found"], body["series"]) == (7, 7)
    assert body["warnings"] == ["of 7 groups the 3 with the greatest values are shown"]
    assert asked(client, name, by="n", limit=7)["warnings"] == []


def test_no_value_is_too_great_and_what_is_no_number_is_null(client: httpx.Client, metered: Metered, name: str) -> None:
    series = metered.series(name, "sum", "cumulative", True)
    great = [1.7e308, 1.7e308, -1.7e308, float("nan"), float("inf"), 1.0]
    metered.add(series, [at(10 * number, value=value, start=-5) for number, value in enumerate(great)])
    for aggregation in ("avg", "sum", "min", "max", "last", "increase", "rate", "count"):
        asked(client, name, aggregation=aggregation)
    assert values(client, name, aggregation="last")[0] == 1.0
    assert values(client, name, aggregation="max")[0] is None


def test_a_step_shorter_than_the_senders_interval_is_said(client: httpx.Client, metered: Metered, name: str) -> None:
    series = metered.series(name, "sum", "cumulative", True)
    metered.add(series, [at(60 * number, value=6.0 * number, start=-60) for number in range(5)])
    body = asked(client, name, step=10, aggregation="rate")
    assert body["resolution"] == "points"
    assert [value for value in body["groups"][0]["values"] if value is not None] == pytest.approx([0.0] + [0.1] * 4)
    assert body["warnings"][0].startswith("a series has a point every 60 seconds")
    assert asked(client, name, step=60)["warnings"] == []


SHARES = {"p50": 0.5, "p90": 0.9, "p95": 0.95, "p99": 0.99}
GROWING = ("avg", "sum", "count", "rate", "increase", *SHARES)


def observed(dice: random.Random, many: int) -> list[float]:
    """Durations as they are: most are short, some very long."""
    return [dice.lognormvariate(-2, 1.5) for _ in range(many)]


def add_distributions(dsn: str, metered: Metered, name: str, dice: random.Random) -> list[tuple[float, float]]:
    """Both kinds of histogram of both temporalities, of different bounds and scales, one with a reset; and their
    observations, each with its seconds after noon."""
    everything: list[tuple[float, float]] = []
    for number, (temporality, shape) in enumerate(
        (temporality, shape)
        for temporality in ("delta", "cumulative")
        for shape in ([0.01, 0.1, 0.5, 1.0, 5.0], [0.05, 0.2, 0.4, 0.8], 3, 1)
    ):
        histogram = Histogram(shape, number + 1)
        histogram.register(dsn)
        series = metered.series(name, histogram.type, temporality, attributes={"n": number})
        start, points = -1.0, []
        for moment in range(number, 300, 20):
            if temporality == "delta" or (number == 5 and 140 <= moment < 160):
                histogram.forget()
                start = moment - 19.0
            found = observed(dice, 5)
            histogram.observe(found)
            everything += [(moment, value) for value in found]
            points.append(at(moment, start=start, **histogram.columns()))
        metered.add(series, points)
    return everything


def test_quantiles_of_both_kinds_over_series_and_steps_hold_the_true_one(
    client: httpx.Client, database: str, metered: Metered, name: str
) -> None:
    everything = add_distributions(database, metered, name, random.Random(11))
    for rolled_up in (False, True):
        if rolled_up:
            metered.roll_up(NOON + 2 * HOUR)
        for aggregation, share in SHARES.items():
            body = asked(client, name, aggregation=aggregation)
            assert body["resolution"] == ("minutes" if rolled_up else "points")
            assert body["warnings"] == [
                "series of several types, units or temporalities are put together here: narrow them with `q`"
            ]
            [group] = body["groups"]
            for minute in range(5):
                of_minute = sorted(value for moment, value in everything if moment // 60 == minute)
                exact = of_minute[math.ceil(share * len(of_minute)) - 1]
                low, high, value = (group[key][minute] for key in ("low", "high", "values"))
                assert (low or 0.0) <= exact <= (high or math.inf)
                assert (low or 0.0) <= value <= (high or math.inf)


def test_quantiles_of_one_series_are_those_of_its_buckets(
    client: httpx.Client, database: str, metered: Metered, name: str
) -> None:
    add_bounds(database, 77, [10.0, 20.0])
    series = metered.series(name, "histogram", "delta")
    metered.add(
        series,
        [
            at(10, start=0, count=10, sum=1.0, bounds_id=77, bucket_counts=[5, 5, 0]),
            at(70, start=60, count=4, sum=1.0, bounds_id=77, bucket_counts=[0, 0, 4]),
            at(130, start=120, count=10, sum=1.0, bounds_id=77, bucket_counts=[0, 10, 0], min=12.0, max=16.0),
            at(190, start=180, count=10, sum=1.0, bounds_id=77, bucket_counts=[0, 9, 0]),
        ],
    )
    body = asked(client, name, aggregation="p90")
    [group] = body["groups"]
    assert group["values"] == pytest.approx([18.0, 20.0, 15.6, 19.0, None])
    assert group["low"] == pytest.approx([10.0, 20.0, 12.0, 10.0, None])
    assert group["high"] == pytest.approx([20.0, None, 16.0, 20.0, None])
    assert body["warnings"] == ["2.9% of the observations are in no bucket that is kept"]


def test_points_minutes_and_hours_say_the_same(
    client: httpx.Client, database: str, metered: Metered, name: str
) -> None:
    """Of counters with resets, gauges and histograms, at irregular times; hours where nothing comes among them."""
    dice = random.Random(5)
    names = {kind: f"{name}.{kind}" for kind in ("gauge", "cumulative", "delta", "histogram")}
    for number in range(3):
        gauge = metered.series(names["gauge"], "gauge", attributes={"n": number})
        cumulative = metered.series(names["cumulative"], "sum", "cumulative", True, attributes={"n": number})
        delta = metered.series(names["delta"], "sum", "delta", True, attributes={"n": number})
        value, start, moment = 0.0, -30.0, 0.0
        rows: dict[int, list[Point]] = {gauge: [], cumulative: [], delta: []}
        while moment < 3 * 3600:
            passed = 4000.0 if dice.random() < 0.01 else dice.uniform(5, 90)
            moment += passed
            value, start = (dice.uniform(0, 5), moment - 3) if dice.random() < 0.1 else (value + passed, start)
            rows[gauge].append(at(moment, value=dice.gauss(0, 10)))
            rows[cumulative].append(at(moment, value=value, start=start))
            rows[delta].append(at(moment, value=dice.uniform(0, 9), start=moment - passed))
        for series, points in rows.items():
            metered.add(series, points)
    add_distributions(database, metered, names["histogram"], dice)

    def answers(step: int) -> dict[tuple[str, str], Any]:
        found = {}
        for kind, aggregations in (
            ("gauge", ("avg", "sum", "min", "max", "last", "count")),
            ("cumulative", ("avg", "sum", "rate", "increase", "count")),
            ("delta", ("sum", "rate", "increase")),
            ("histogram", GROWING),
        ):
            for aggregation in aggregations:
                body = asked(client, names[kind], 240, step=step, aggregation=aggregation, by="n")
                found[kind, aggregation] = body["groups"]
                resolutions.append(body["resolution"])
        return found

    resolutions: list[str] = []
    before = {step: answers(step) for step in (1800, 3600)}
    assert set(resolutions) == {"points"}
    metered.roll_up(NOON + 8 * HOUR)
    resolutions.clear()
    after = {1800: answers(1800)}
    assert set(resolutions) == {"minutes"}
    resolutions.clear()
    after |= {3600: answers(3600)}
    assert set(resolutions) == {"hours"}
    for step, groups in before.items():
        for question, expected in groups.items():
            for one, other in zip(expected, after[step][question], strict=True):
                assert one["labels"] == other["labels"], question
                for key in ("values", "low", "high"):
                    assert other[key] == (one[key] and pytest.approx(one[key])), (question, key)


def test_what_is_newer_than_the_rollups_comes_from_points(client: httpx.Client, metered: Metered, name: str) -> None:
    now = datetime.now(UTC)
    series = metered.series(name, "sum", "delta", True)
    metered.add(series, [{"time": now - age * MINUTE, "value": 1.0} for age in range(1, 300, 2)])
    metered.roll_up(now)
    metered.add(series, [{"time": now - 5 * SECOND, "value": 1.0}])
    since = (now - 10 * HOUR).isoformat()
    for step, expected in (
        (3600, ["hours", "minutes", "points"]),
        (60, ["minutes", "points"]),
        (600, ["minutes", "points"]),
    ):
        parameters = {"name": name, "from": since, "step": str(step), "aggregation": "increase"}
        if step == 60:
            parameters["from"] = (now - 6 * HOUR).isoformat()
        body = client.get(QUERY, params=parameters).json()
        assert [source["resolution"] for source in body["sources"]] == expected
        assert sum(value or 0 for value in body["groups"][0]["values"]) == 151.0
        for one, other in pairwise(body["sources"]):
            assert one["to"] == other["from"]


def test_more_than_the_bounds_allow_is_422_with_what_to_do(
    client: httpx.Client, metered: Metered, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    series = [metered.series(name, "gauge", attributes={"n": number}) for number in range(5)]
    metered.add(series[0], [at(10 * number, value=1.0) for number in range(20)])
    window = {"name": name, "from": NOON.isoformat(), "to": (NOON + HOUR).isoformat()}

    def mistake(**parameters: str) -> str:
        answer = client.get(QUERY, params=window | parameters)
        assert answer.status_code == 422, answer.text
        return str(answer.json()["detail"][0]["msg"])

    assert "the step must be 8 seconds or more" in mistake(step="7")
    monkeypatch.setattr("query_api.metrics.aggregation.BOUNDS", Bounds(values=100, rows=299, points=19))
    assert "more than 19 points" in mistake(step="30")
    metered.roll_up(NOON + 3 * HOUR)
    assert "5 series over this window are too much" in mistake(step="60")
    assert client.get(QUERY, params=window).json()["step_seconds"] == 3600
    monkeypatch.setattr("query_api.metrics.series.MOST_SERIES", 4)
    assert "more than 4 series match" in mistake()


@pytest.mark.parametrize(
    "parameters",
    [
        {"name": ""},
        {"aggregation": "median"},
        {"step": "0"},
        {"limit": "101"},
        {"q": "metric.type:counter"},
        {"q": "(a"},
        {"by": ["a"] * 9},
        {"by": "a\0"},
        {"name": "a\0"},
        {"from": "soon"},
    ],
)
def test_a_mistake_is_422(client: httpx.Client, parameters: dict[str, Any]) -> None:
    answer = client.get(QUERY, params={"name": "m"} | parameters)
    assert answer.status_code == 422
    assert answer.json()["detail"][0]["msg"]


def test_a_metric_that_nobody_sends_has_no_groups(client: httpx.Client, name: str) -> None:
    body = asked(client, name)
    assert (body["types"], body["series"], body["groups"], body["warnings"]) == ([], 0, [], [])


def test_a_window_of_ages_is_cut_to_what_is_kept(client: httpx.Client, metered: Metered, name: str) -> None:
    metered.add(metered.series(name, "gauge"), [at(10, value=1.0)])
    ages = client.get(QUERY, params={"name": name, "from": "0001-01-01", "to": "9999-12-31"})
    MetricQuery.model_validate_json(ages.text)
    assert "is kept from before" in ages.json()["warnings"][0]
    assert [value for value in ages.json()["groups"][0]["values"] if value is not None] == [1.0]
    before = client.get(QUERY, params={"name": name, "from": "0001-01-01", "to": "0001-01-02"})
    MetricQuery.model_validate_json(before.text)
    assert (before.json()["times"], before.json()["groups"]) == ([], [])


HOSTILE = ["' OR '1'='1", "$1", "{rows}", "%s {0}", "\\'; SELECT 1 --", "'||pg_sleep(9)||'", '$."a" ? (1 == 1)']


@pytest.mark.parametrize("text", HOSTILE)
def test_what_a_request_holds_is_never_part_of_the_statement(client: httpx.Client, name: str, text: str) -> None:
    for parameters in (
        {"name": text},
        {"by": [text, f"resource.{text}", f"scope.{text}", f"attributes.{text}"]},
        {"q": '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'},
    ):
        answer = client.get(QUERY, params={"name": name} | parameters)
        assert answer.status_code == 200, answer.text
        assert answer.json()["groups"] == []
