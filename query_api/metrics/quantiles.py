"""Quantiles of histograms whose buckets need not be alike: of several bounds, several scales, both kinds."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate

# Of a rank: sums of counts may differ in their last digits by the order they are made in.
ENOUGH = 1 - 1e-12


@dataclass(frozen=True)
class Bucket:
    """So many observations, none below low, none above high; infinite where a bucket has no such edge."""

    low: float
    high: float
    count: float


@dataclass(frozen=True)
class Estimate:
    """Where observations are spread evenly in their buckets it is value; it is never outside of low and high."""

    value: float
    low: float
    high: float


def of_bounds(bounds: Sequence[float], index: int, count: float) -> Bucket:
    """The bucket at this place between explicit bounds."""
    return Bucket(
        bounds[index - 1] if index > 0 else -math.inf, bounds[index] if index < len(bounds) else math.inf, count
    )


def of_scale(scale: int, index: int, positive: bool, count: float) -> Bucket:
    """An exponential bucket: from base^index to base^(index + 1), base being 2^(2^-scale)."""
    low, high = _power(scale, index), _power(scale, index + 1)
    return Bucket(low, high, count) if positive else Bucket(-high, -low, count)


def quantile(buckets: Sequence[Bucket], share: float) -> Estimate | None:
    """Of all observations the least one that this share of them does not exceed; None where there are none.

    An end without an edge is taken for its other edge, or for 0 where that is above 0 at the lower end.
    """
    total = sum(bucket.count for bucket in buckets)
    if total <= 0:
        return None
    rank = share * total
    low = _edge_at(((bucket.low, bucket.count) for bucket in buckets), rank)
    high = _edge_at(((bucket.high, bucket.count) for bucket in buckets), rank)
    value = _interpolated([_finite(bucket) for bucket in buckets], rank)
    return Estimate(min(max(value, low), high), low, high)


def _power(scale: int, index: int) -> float:
    try:
        return math.exp2(math.ldexp(index, -scale))
    except OverflowError:
        return math.inf if index > 0 else 0.0


def _edge_at(edges: Iterable[tuple[float, float]], rank: float) -> float:
    """The first edge at which the counts up to it reach the rank."""
    ordered = sorted(edges)
    for (edge, _), reached in zip(ordered, accumulate(count for _, count in ordered), strict=True):
        if reached >= rank * ENOUGH:
            return edge
    return ordered[-1][0]


def _finite(bucket: Bucket) -> Bucket:
    low, high = bucket.low, bucket.high
    if math.isinf(low):
        low = min(high, 0.0)
    if math.isinf(high):
        high = low
    if math.isinf(low):
        low = high
    return Bucket(low, high, bucket.count)


def _interpolated(buckets: Sequence[Bucket], rank: float) -> float:
    """Where the counts reach the rank if observations are spread evenly within their buckets."""
    low = _edge_at(((bucket.low, bucket.count) for bucket in buckets), rank)
    high = _edge_at(((bucket.high, bucket.count) for bucket in buckets), rank)
    between = {edge for bucket in buckets for edge in (bucket.low, bucket.high) if low <= edge <= high}
    before, reached_before = low, 0.0
    for edge in sorted(between):
        reached = sum(bucket.count * _share_up_to(bucket, edge) for bucket in buckets)
        if reached >= rank * ENOUGH:
            if edge == before or reached <= reached_before:
                return edge
            passed = (rank - reached_before) / (reached - reached_before)
            return before + (edge - before) * min(max(passed, 0.0), 1.0)
        before, reached_before = edge, reached
    return high


def _share_up_to(bucket: Bucket, edge: float) -> float:
    if bucket.high <= edge:
        return 1.0
    return max(0.0, (edge - bucket.low) / (bucket.high - bucket.low)) if edge > bucket.low else 0.0
