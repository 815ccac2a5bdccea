"""The values of groups of series over time, read and put together."""

import asyncio
import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from database.queries import load
from query_api.metrics.aggregation import Aggregation, kind
from query_api.metrics.frame import Frame
from query_api.metrics.quantiles import Bucket, Estimate, of_bounds, of_scale, quantile
from query_api.metrics.resolution import Resolution
from query_api.metrics.series import Series, too_much
from query_api.search.arguments import Arguments

SQL = load("query_api")

Row = Mapping[str, Any]
Place = tuple[int, int]
"""Of a value: the number of its group, and of its step since the frame's origin."""


@dataclass
class Group:
    """Series with equal labels, and their values by step: null where there is none."""

    labels: tuple[str | None, ...]
    series: int
    values: list[float | None]
    low: list[float | None] = field(default_factory=list)
    high: list[float | None] = field(default_factory=list)


@dataclass(frozen=True)
class Found:
    """The groups that are kept, how many there are, and the seconds between points if they say it."""

    groups: list[Group]
    total: int
    interval: float | None
    missing: float
    """The share of observations that no bucket holds, of a quantile."""


async def read(
    connection: Any,
    name: str,
    series: Sequence[Series],
    frame: Frame,
    aggregation: Aggregation,
    now: datetime,
    most: int,
) -> Found:
    """The groups whose values are greatest, at most so many. 422 for more points than the aggregation may read."""
    labels = list(dict.fromkeys(each.labels for each in series))
    numbers = {value: number for number, value in enumerate(labels)}
    places = [numbers[each.labels] for each in series]
    await _check_points(connection, name, series, frame, aggregation.bounds.points)
    arguments = Arguments(
        (
            [each.id for each in series],
            places,
            [kind(each) for each in series],
            frame.step,
            aggregation.value,
            now,
            most,
            frame.origin,
        )
    )
    rows = _union(part.rows(arguments) for part in frame.segments)
    values = await connection.fetch(SQL["metric_values"].format(rows=rows), *arguments.values)
    sizes = Counter(places)
    groups = {
        number: Group(labels[number], sizes[number], [None] * frame.steps)
        for number in dict.fromkeys(row["place"] for row in values)
    }
    missing = 0.0
    if aggregation.share is None:
        for row in values:
            groups[row["place"]].values[_at(row, frame)] = _finite(row["value"])
    else:
        members = [(each.id, place) for each, place in zip(series, places, strict=True) if place in groups]
        buckets = await _bucket_rows(connection, members, frame)
        missing = await asyncio.to_thread(_fill, groups, values, buckets, frame, aggregation.share)
    total, interval = (values[0]["groups"], values[0]["interval"]) if values else (0, None)
    return Found(list(groups.values()), total, interval, missing)


async def _check_points(connection: Any, name: str, series: Sequence[Series], frame: Frame, most: int) -> None:
    for part in frame.segments:
        if part.resolution is Resolution.POINTS:
            ids = [each.id for each in series]
            count = await connection.fetchval(SQL["metric_points_count"], ids, part.since, part.until, most + 1)
            if count > most:
                raise too_much(
                    f"the window holds more than {most} points that are read one by one; take a step of whole "
                    "minutes, fewer hours, or narrow the series with `q`",
                    name,
                )


async def _bucket_rows(connection: Any, members: Sequence[tuple[int, int]], frame: Frame) -> Sequence[Row]:
    """members: ids of series with the numbers of their groups."""
    arguments = Arguments(([id_ for id_, _ in members], [place for _, place in members], frame.step, frame.origin))
    query = SQL["metric_buckets"].format(buckets=_union(part.buckets(arguments) for part in frame.segments))
    rows: Sequence[Row] = await connection.fetch(query, *arguments.values)
    return rows


def _fill(groups: Mapping[int, Group], values: Sequence[Row], rows: Sequence[Row], frame: Frame, share: float) -> float:
    """Fills the groups with quantiles; the share of observations that are in no bucket."""
    buckets: dict[Place, list[Bucket]] = defaultdict(list)
    for row in rows:
        buckets[row["place"], row["step"]] += _buckets(row)
    for group in groups.values():
        group.low, group.high = [None] * frame.steps, [None] * frame.steps
    counted = held = 0.0
    for row in values:
        of_step = [*_limited(buckets[row["place"], row["step"]], row), *_zeros(row)]
        counted += row["count"]
        held += sum(bucket.count for bucket in of_step)
        found = quantile(of_step, share)
        if found is not None:
            _put(groups[row["place"]], _at(row, frame), found)
    return max(0.0, 1 - held / counted) if counted else 0.0


def _put(group: Group, at: int, found: Estimate) -> None:
    group.values[at], group.low[at], group.high[at] = map(_finite, (found.value, found.low, found.high))


def _buckets(row: Row) -> Iterable[Bucket]:
    for index, count in zip(row["buckets"], row["counts"], strict=True):
        if row["scale"] is None:
            yield of_bounds(row["bounds"] or [], index, count)
        else:
            yield of_scale(row["scale"], index, row["positive"], count)


def _zeros(row: Row) -> list[Bucket]:
    """Observations that exponential histograms count as zero."""
    width = row["zero_threshold"] or 0.0
    return [Bucket(-width, width, row["zero_count"])] if row["zero_count"] else []


def _limited(buckets: Iterable[Bucket], row: Row) -> Iterable[Bucket]:
    """No bucket reaches beyond the least and greatest observation, where those are known."""
    least, greatest = row["least"], row["greatest"]
    for bucket in buckets:
        if least is None or greatest is None or bucket.high < least or bucket.low > greatest:
            yield bucket
        else:
            yield Bucket(max(bucket.low, least), min(bucket.high, greatest), bucket.count)


def _union(parts: Iterable[str]) -> str:
    return "\nUNION ALL\n".join(parts)


def _at(row: Row, frame: Frame) -> int:
    first = (frame.since - frame.origin).total_seconds() // frame.step
    return int(row["step"] - first)


def _finite(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None
