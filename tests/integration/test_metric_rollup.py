"""Metric points rolled up by the minute and by the hour, in a real database."""

import random
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from database import lease, metric_rollup, migrate, partitions, pool
from database.metric_rollup import MetricRollup

NOW = datetime(2026, 3, 10, 12, 34, 56, tzinfo=UTC)
NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
RETENTION_DAYS = 2
SERIES = (
    "INSERT INTO enterprise.metric_series (id, service_name, name, type, unit, temporality, monotonic, attributes, \
resource_id, scope_id) VALUES ($1, 'shop', 'm', $2, '1', $3, $4, '{}', 0, 0)"
)


@pytest.fixture
async def db(empty_database: str) -> AsyncIterator[Any]:
    await migrate.migrate(empty_database)
    connection = await pool.connect(empty_database)
    await partitions.ensure(connection, NOW, RETENTION_DAYS)
    await connection.close()
    connections = await pool.connect_pool(empty_database, min_size=0, max_size=6, statement_timeout_ms=60_000)
    yield connections
    await connections.close()


@pytest.fixture
async def rollup(db: Any) -> MetricRollup:
    held = lease.Lease(db, "maintenance", "test", timedelta(minutes=10))
    await held.acquire()
    return MetricRollup(held, RETENTION_DAYS)


class Sender:
    """A writer that commits points of one series, a batch at a time."""

    def __init__(self, db: Any, series: int) -> None:
        self._db, self._series, self._writer = db, series, 0

    async def add(self, *points: dict[str, Any]) -> None:
        if not self._writer:
            self._writer = await self._db.fetchval("INSERT INTO enterprise.writers DEFAULT VALUES RETURNING writer")
        batch = await self._db.fetchval(
            "UPDATE enterprise.writers SET batch = (extract(epoch FROM clock_timestamp()) * 1000000)::bigint "
            "WHERE writer = $1 RETURNING batch",
            self._writer,
        )
        for point in points:
            row = {"series_id": self._series, "writer": self._writer, "batch": batch} | point
            places = ", ".join(f"${place}" for place in range(1, len(row) + 1))
            await self._db.execute(
                f"INSERT INTO enterprise.metric_points ({', '.join(row)}) VALUES ({places})", *row.values()
            )


async def series(db: Any, id: int, type: str, temporality: str | None = None, monotonic: bool | None = None) -> Sender:
    await db.execute(SERIES, id, type, temporality, monotonic)
    return Sender(db, id)


def at(seconds: float, **columns: Any) -> dict[str, Any]:
    return {"time": NOON + seconds * SECOND, **columns}


async def minutes(db: Any, *columns: str) -> list[tuple[Any, ...]]:
    rows = await db.fetch(f"SELECT {', '.join(columns)} FROM enterprise.metric_minutes ORDER BY series_id, minute")
    return [tuple(row) for row in rows]


async def test_a_gauge_keeps_its_extremes_and_its_last_value(db: Any, rollup: MetricRollup) -> None:
    gauge = await series(db, 1, "gauge")
    await gauge.add(at(0, value=3.0), at(20, value=9.0), at(40, value=5.0), at(70, value=1.0))
    await gauge.add(at(80, flags=1))
    assert await rollup.run_once(NOW) == {"minutes": 2, "hours": 0}
    assert await minutes(db, "points", "value_sum", "value_min", "value_max", "last", "increase", "count") == [
        (3, 17.0, 3.0, 9.0, 5.0, None, None),
        (1, 1.0, 1.0, 1.0, 1.0, None, None),
    ]
    assert await rollup.run_once(NOW) == {"minutes": 0, "hours": 0}


async def test_a_cumulative_sum_grows_through_resets(db: Any, rollup: MetricRollup) -> None:
    sum_ = await series(db, 1, "sum", "cumulative", True)
    first, second = {"start_time": NOON - SECOND}, {"start_time": NOON + 75 * SECOND}
    await sum_.add(at(10, value=5.0, **first), at(50, value=8.0, **first))
    await sum_.add(at(70, value=20.0, **first), at(80, value=4.0, **second), at(100, value=6.0, **second))
    await sum_.add(at(130, value=2.0, **second))
    await rollup.run_once(NOW)
    assert await minutes(db, "increase", "last", "covered") == [
        (8.0, 8.0, 11.0 + 40.0),
        (12.0 + 4.0 + 2.0, 6.0, 20.0 + 5.0 + 20.0),
        (2.0, 2.0, 30.0),
    ]


async def test_what_an_old_process_counted_before_its_first_point_is_not_an_increase(
    db: Any, rollup: MetricRollup
) -> None:
    sum_ = await series(db, 1, "sum", "cumulative", True)
    long_ago = {"start_time": NOON - 3600 * SECOND}
    await sum_.add(at(10, value=1_000.0, **long_ago), at(50, value=1_003.0, **long_ago))
    await rollup.run_once(NOW)
    assert await minutes(db, "increase") == [(3.0,)]


async def test_deltas_add_up_and_what_goes_both_ways_has_no_increase(db: Any, rollup: MetricRollup) -> None:
    delta = await series(db, 1, "sum", "delta", True)
    updown = await series(db, 2, "sum", "cumulative", False)
    unspecified = await series(db, 3, "sum", "unspecified", True)
    for sender in (delta, updown, unspecified):
        await sender.add(at(10, value=5.0), at(50, value=2.0))
    await rollup.run_once(NOW)
    assert await minutes(db, "increase", "last", "covered") == [
        (7.0, 2.0, None),
        (None, 2.0, 40.0),
        (None, 2.0, None),
    ]


async def test_late_points_make_their_minute_and_the_one_that_follows_right(db: Any, rollup: MetricRollup) -> None:
    """Any order of arrival, over any number of runs, ends in the same rows."""
    dice = random.Random(7)
    value = 0.0
    points = []
    for step in range(60):
        value = dice.uniform(0, 5) if dice.random() < 0.1 else value + dice.uniform(0, 9)
        points.append(at(step * 17, value=value, start_time=NOON - SECOND))
    in_order, shuffled = [await series(db, id, "sum", "cumulative", True) for id in (1, 2)]
    await in_order.add(*points)
    await rollup.run_once(NOW)
    dice.shuffle(points)
    for first in range(0, 60, 7):
        await shuffled.add(*points[first : first + 7])
        await rollup.run_once(NOW)
    found = await minutes(db, "minute", "points", "value_sum", "last", "increase")
    assert len(found) == 2 * 17
    for one, other in zip(found[:17], found[17:], strict=True):
        assert one[:2] == other[:2]
        assert one[2:] == pytest.approx(other[2:])


async def test_buckets_of_histograms_are_merged(db: Any, rollup: MetricRollup) -> None:
    await db.execute("INSERT INTO enterprise.metric_bounds (id, bounds) VALUES (7, '{1,2}')")
    delta = await series(db, 1, "histogram", "delta")
    cumulative = await series(db, 2, "histogram", "cumulative")
    start = {"start_time": NOON - SECOND}
    for sender, second in ((delta, [0, 2, 1]), (cumulative, [1, 2, 2])):
        await sender.add(
            at(10, count=2, sum=3.0, min=0.5, max=5.0, bounds_id=7, bucket_counts=[1, 0, 1], **start),
            at(20, count=sum(second), sum=7.0, min=1.5, max=3.0, bounds_id=7, bucket_counts=second, **start),
        )
    await rollup.run_once(NOW)
    assert await minutes(db, "points", "count", "sum", "min", "max", "bounds_id", "buckets", "bucket_counts") == [
        (2, 5, 10.0, 0.5, 5.0, 7, [0, 1, 2], [1, 2, 2]),
        (2, 5, 7.0, None, None, 7, [0, 1, 2], [1, 2, 2]),
    ]


async def test_exponential_histograms_are_merged_at_the_lower_scale(db: Any, rollup: MetricRollup) -> None:
    delta = await series(db, 1, "exponential_histogram", "delta")
    cumulative = await series(db, 2, "exponential_histogram", "cumulative")
    start = {"start_time": NOON - SECOND}
    fine = {"scale": 1, "positive_offset": -3, "positive_counts": [1, 2, 0, 4], "zero_count": 1}
    coarse = {"scale": 0, "positive_offset": -2, "positive_counts": [5, 6], "negative_offset": 2}
    coarse |= {"negative_counts": [3], "zero_count": 2, "zero_threshold": 0.5}
    for sender in (delta, cumulative):
        await sender.add(at(10, count=8, **fine, **start), at(20, count=16, **coarse, **start))
    await rollup.run_once(NOW)
    columns = ("count", "scale", "zero_count", "buckets", "bucket_counts", "negative_buckets", "negative_counts")
    assert await minutes(db, *columns) == [
        (24, 0, 3, [-2, -1, 0], [5 + 1, 6 + 2, 4], [2], [3]),
        (16, 0, 2, [-2, -1], [5, 6], [2], [3]),
    ]


async def test_hours_hold_what_their_minutes_hold_and_are_redone_for_late_points(db: Any, rollup: MetricRollup) -> None:
    gauge = await series(db, 1, "gauge")
    delta = await series(db, 2, "exponential_histogram", "delta")
    for sender, one, two in (
        (gauge, {"value": 4.0}, {"value": 1.0}),
        (
            delta,
            {"count": 1, "sum": 2.0, "scale": 1, "positive_offset": 2, "positive_counts": [1]}
            | {"start_time": NOON - 10 * SECOND},
            {"count": 2, "sum": 2.5, "scale": 0, "positive_offset": 1, "positive_counts": [2], "start_time": NOON},
        ),
    ):
        await sender.add(at(0, **one), at(600, **two))
    assert await rollup.run_once(NOON + 61 * MINUTE) == {"minutes": 4, "hours": 0}
    assert await rollup.run_once(NOON + 62 * MINUTE) == {"minutes": 0, "hours": 2}
    columns = "points, value_max, last, count, sum, covered, buckets, bucket_counts"
    hours = f"SELECT {columns} FROM enterprise.metric_hours ORDER BY series_id"
    assert [tuple(row) for row in await db.fetch(hours)] == [
        (2, 4.0, 1.0, None, None, None, None, None),
        (2, None, None, 3, 4.5, 610.0, [1], [3]),
    ]
    await gauge.add(at(1200, value=8.0))
    assert await rollup.run_once(NOON + 70 * MINUTE) == {"minutes": 1, "hours": 1}
    assert (await db.fetchrow(hours))["last"] == 8.0


async def test_no_value_is_too_great(db: Any, rollup: MetricRollup) -> None:
    gauge = await series(db, 1, "gauge")
    sum_ = await series(db, 2, "sum", "cumulative", True)
    histogram = await series(db, 3, "histogram", "delta")
    values = [1.7e308, 1.7e308, -1.7e308, float("nan"), float("inf")]
    for sender in (gauge, sum_):
        await sender.add(*(at(step, value=value) for step, value in enumerate(values)))
    most = 2**63 - 1
    huge = {"count": most, "sum": 1.7e308, "bounds_id": 7, "bucket_counts": [most]}
    await histogram.add(at(1, **huge), at(2, **huge))
    assert (await rollup.run_once(NOON + 70 * MINUTE)) == {"minutes": 3, "hours": 3}
    assert (await minutes(db, "count", "bucket_counts"))[2] == (most, [most])


async def test_a_long_backlog_is_worked_off_in_slices(
    db: Any, rollup: MetricRollup, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(metric_rollup, "SLICE_US", 1)
    senders = [await series(db, id, "gauge") for id in (1, 2)]
    for step in range(20):
        await senders[step % 2].add(at(step, value=1.0))
    await rollup.run_once(NOW)
    assert await minutes(db, "points") == [(10,), (10,)]
    backlog = "SELECT count(*) FROM enterprise.writers JOIN enterprise.metric_positions USING (writer, batch)"
    assert await db.fetchval(backlog) == 2


async def test_points_beyond_the_retention_change_no_minute(db: Any, rollup: MetricRollup) -> None:
    gauge = await series(db, 1, "gauge")
    await gauge.add({"time": NOW - timedelta(days=5), "value": 1.0})
    assert await rollup.run_once(NOW) == {"minutes": 0, "hours": 0}
