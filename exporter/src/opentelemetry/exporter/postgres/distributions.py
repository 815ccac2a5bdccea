"""The columns of histograms and summaries; or why a point cannot be one."""

from itertools import pairwise
from math import isnan, ldexp

from opentelemetry.exporter.postgres import rows, wire
from opentelemetry.exporter.postgres.batch import Batch
from opentelemetry.exporter.postgres.copy_row import Row
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

ODD_COUNT = "a histogram's count is not the sum of its buckets: both are kept"
_NO_EXPONENTIAL = rows.NULL * 9


class Distributions:
    """Reads what points of histograms and summaries hold: first refusal(), then add() for the same point.

    Keeps the bounds that came lately.
    """

    def __init__(self) -> None:
        self._bounds: dict[bytes, tuple[int, tuple[float, ...]] | None] = {}
        self._found: tuple[int, tuple[float, ...]] = (0, ())
        self._columns = b""

    def refusal(self, buf: bytes, point: PointFields, kind: int) -> str | None:
        """The reason why the point cannot be stored, if there is one."""
        if kind == HISTOGRAM:
            return self._histogram(point)
        if kind == EXPONENTIAL:
            return self._exponential(buf, point)
        return self._summary(buf, point)

    def add(self, row: Row, batch: Batch, point: PointFields, kind: int) -> None:
        """Adds the columns from `count` to `quantile_values`."""
        row.bigint(_count(point.count))
        for value in (point.sum, point.min, point.max):
            if value is None:
                row.null()
            else:
                row.double(value)
        if kind != HISTOGRAM:
            row.encoded(self._columns)
            return
        bounds_id, bounds = self._found
        batch.bounds[bounds_id] = bounds
        row.bigint(bounds_id)
        if row.counts(point.bucket_counts) != point.count or point.count > MAX_COUNT:
            _tell_odd(point)
        row.encoded(_NO_EXPONENTIAL)

    def _histogram(self, point: PointFields) -> str | None:
        found = self._known(point.bounds)
        if found is None:
            return "explicit_bounds must rise"
        if len(point.bucket_counts) % 8:
            raise wire.DecodeError("the message ends within a packed value")
        bounds, buckets = len(found[1]), len(point.bucket_counts) // 8
        if buckets and buckets != bounds + 1:
            return f"{bounds} bounds make {bounds + 1} buckets, not {buckets}"
        if bounds and not buckets:
            return f"it has {bounds} bounds and no bucket_counts"
        self._found = found
        return None

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

    def _exponential(self, buf: bytes, point: PointFields) -> str | None:
        signs: list[bytes] = []
        buckets = point.zero_count
        for ranges in (point.positive, point.negative):
            offset, counts = exponential_buckets(buf, ranges)
            if len(counts) > MAX_BUCKETS:
                return f"{len(counts)} buckets are more than {MAX_BUCKETS}"
            if counts and not _holds_doubles(point.scale, offset, len(counts)):
                return f"buckets from index {offset} at scale {point.scale} lie outside the range of a double"
            signs.append(rows.integer(offset) + rows.bigints([_count(each) for each in counts]))
            buckets += sum(counts)
        if buckets != point.count:
            wire.altered(ODD_COUNT)
        self._columns = (
            rows.NULL * 2
            + rows.integer(point.scale)
            + rows.bigint(_count(point.zero_count))
            + rows.double(point.zero_threshold or 0.0)
            + b"".join(signs)
            + rows.NULL * 2
        )
        return None

    def _summary(self, buf: bytes, point: PointFields) -> str | None:
        quantiles, values = quantile_values(buf, point.quantiles)
        if not all(0 <= quantile <= 1 for quantile in quantiles):
            return "a quantile must lie between 0 and 1"
        if point.sum is None:
            point.sum = 0.0
        self._columns = _NO_EXPONENTIAL + rows.doubles(quantiles) + rows.doubles(values)
        return None


def _holds_doubles(scale: int, offset: int, buckets: int) -> bool:
    """Whether each bucket, (2^(i/2^scale), 2^((i+1)/2^scale)], can hold a double."""
    try:
        least, greatest = ldexp(offset + 1, -scale), ldexp(offset + buckets - 1, -scale)
    except OverflowError:
        return False
    return least >= LEAST_EXPONENT and greatest < GREATEST_EXPONENT and offset + buckets <= 0x80000000


def _tell_odd(point: PointFields) -> None:
    """Counts what is odd about the buckets of a histogram whose sum is not its count, or beyond bigint."""
    counts = fixed_values(point.bucket_counts, "Q")
    if counts and sum(counts) != point.count:
        wire.altered(ODD_COUNT)
    for count in counts:
        _count(count)


def _count(value: float) -> int:
    """A count as bigint, which ends at half the range of the wire's."""
    if value > MAX_COUNT:
        wire.altered("a count is greater than 2^63 - 1: it is cut to that")
        return MAX_COUNT
    return int(value)
