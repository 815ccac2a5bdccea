"""The columns of histograms and summaries, in COPY format; or why a point cannot be one."""

from itertools import pairwise
from math import isnan, ldexp

from opentelemetry.exporter.postgres import rows, wire
from opentelemetry.exporter.postgres.batch import Batch
from opentelemetry.exporter.postgres.metric_fields import EXPONENTIAL, HISTOGRAM
from opentelemetry.exporter.postgres.origin import content_id
from opentelemetry.exporter.postgres.point_fields import (
    PointFields,
    exponential_buckets,
    fixed_values,
    quantile_values,
)

MAX_COUNT = 0x7FFFFFFFFFFFFFFF
MAX_BUCKETS = 4_096
"""Of each sign of an exponential histogram; SDKs send 160."""
MAX_KNOWN = 1_000
GREATEST_EXPONENT, LEAST_EXPONENT = 1024, -1074
"""Doubles lie between 2^-1074 and 2^1024."""

Columns = tuple[bytes | None, str | None]


class Distributions:
    """Reads what points of histograms and summaries hold. Keeps the bounds that came lately."""

    def __init__(self) -> None:
        self._bounds: dict[bytes, tuple[int, tuple[float, ...]] | None] = {}

    def columns(self, batch: Batch, buf: bytes, point: PointFields, kind: int) -> Columns:
        """The columns from `count` to `quantile_values`, or the reason why the point is refused."""
        if kind == HISTOGRAM:
            return self._histogram(batch, point)
        if kind == EXPONENTIAL:
            return _exponential(buf, point)
        return _summary(buf, point)

    def _histogram(self, batch: Batch, point: PointFields) -> Columns:
        found = self._known(point.bounds)
        if found is None:
            return None, "explicit_bounds must rise"
        bounds_id, bounds = found
        counts = fixed_values(point.bucket_counts, "Q")
        if counts and len(counts) != len(bounds) + 1:
            return None, f"{len(bounds)} bounds make {len(bounds) + 1} buckets, not {len(counts)}"
        if bounds and not counts:
            return None, f"it has {len(bounds)} bounds and no bucket_counts"
        if counts and sum(counts) != point.count:
            wire.altered("a histogram's count is not the sum of its buckets: both are kept")
        batch.bounds[bounds_id] = bounds
        return (
            _totals(point) + rows.bigint(bounds_id) + rows.bigints([_count(each) for each in counts]) + rows.NULL * 9
        ), None

    def _known(self, raw: bytes) -> tuple[int, tuple[float, ...]] | None:
        """Id and values of bounds; None where they do not rise."""
        if raw in self._bounds:
            return self._bounds[raw]
        bounds = fixed_values(raw, "d")
        rising = all(one < next for one, next in pairwise(bounds)) and not any(map(isnan, bounds))
        found = (content_id(raw), bounds) if rising else None
        if len(self._bounds) >= MAX_KNOWN:
            self._bounds.clear()
        self._bounds[raw] = found
        return found


def _exponential(buf: bytes, point: PointFields) -> Columns:
    signs: list[bytes] = []
    buckets = point.zero_count
    for ranges in (point.positive, point.negative):
        offset, counts = exponential_buckets(buf, ranges)
        if len(counts) > MAX_BUCKETS:
            return None, f"{len(counts)} buckets are more than {MAX_BUCKETS}"
        if counts and not _holds_doubles(point.scale, offset, len(counts)):
            return None, f"buckets from index {offset} at scale {point.scale} lie outside the range of a double"
        signs.append(rows.integer(offset) + rows.bigints([_count(each) for each in counts]))
        buckets += sum(counts)
    if buckets != point.count:
        wire.altered("a histogram's count is not the sum of its buckets: both are kept")
    return (
        _totals(point)
        + rows.NULL * 2
        + rows.integer(point.scale)
        + rows.bigint(_count(point.zero_count))
        + rows.double(point.zero_threshold or 0.0)
        + b"".join(signs)
        + rows.NULL * 2
    ), None


def _holds_doubles(scale: int, offset: int, buckets: int) -> bool:
    """Whether each bucket, (2^(i/2^scale), 2^((i+1)/2^scale)], can hold a double."""
    try:
        least, greatest = ldexp(offset + 1, -scale), ldexp(offset + buckets - 1, -scale)
    except OverflowError:
        return False
    return least >= LEAST_EXPONENT and greatest < GREATEST_EXPONENT and offset + buckets <= 0x80000000


def _summary(buf: bytes, point: PointFields) -> Columns:
    quantiles, values = quantile_values(buf, point.quantiles)
    if not all(0 <= quantile <= 1 for quantile in quantiles):
        return None, "a quantile must lie between 0 and 1"
    if point.sum is None:
        point.sum = 0.0
    return _totals(point) + rows.NULL * 9 + rows.doubles(quantiles) + rows.doubles(values), None


def _totals(point: PointFields) -> bytes:
    return rows.bigint(_count(point.count)) + rows.double(point.sum) + rows.double(point.min) + rows.double(point.max)


def _count(value: float) -> int:
    """A count as bigint, which ends at half the range of the wire's."""
    if value > MAX_COUNT:
        wire.altered("a count is greater than 2^63 - 1: it is cut to that")
        return MAX_COUNT
    return int(value)
