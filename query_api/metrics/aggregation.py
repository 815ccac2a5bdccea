"""What values of a metric are made into, and for which of its types that can be said."""

from dataclasses import dataclass
from enum import Enum
from typing import Literal

from query_api.metrics.series import Series

Kind = Literal["value", "delta", "distribution"]


class Aggregation(Enum):
    """How the points of a group and step become one value."""

    AVG = "avg"
    SUM = "sum"
    MIN = "min"
    MAX = "max"
    LAST = "last"
    COUNT = "count"
    RATE = "rate"
    INCREASE = "increase"
    P50 = "p50"
    P90 = "p90"
    P95 = "p95"
    P99 = "p99"

    @property
    def share(self) -> float | None:
        """Of a quantile, the share of observations that are not above it."""
        return int(self.value[1:]) / 100 if self.value.startswith("p") else None

    @property
    def bounds(self) -> "Bounds":
        """What an answer may cost."""
        return BOUNDS if self.share is None else OF_QUANTILES


@dataclass(frozen=True)
class Bounds:
    """Of one answer: values over all groups; minutes and hours that are read; points, which have to be sorted."""

    values: int
    rows: int
    points: int


BOUNDS = Bounds(values=50_000, rows=2_000_000, points=250_000)
# A row is a whole histogram.
OF_QUANTILES = Bounds(values=10_000, rows=200_000, points=50_000)

GROWTH = (Aggregation.RATE, Aggregation.INCREASE)


def kind(series: Series) -> Kind:
    """value: what is there at a time. delta: what was added since the point before. distribution: many values."""
    if series.type in ("gauge", "sum"):
        return "delta" if series.temporality == "delta" else "value"
    return "distribution"


def obstacle(aggregation: Aggregation, series: Series) -> str | None:
    """Why this cannot be said of such a series; None where it can."""
    if aggregation.share is not None:
        if series.type in ("histogram", "exponential_histogram"):
            return _unspecified(series)
        return f"a {series.type} has no buckets to take a quantile from"
    if series.type in ("gauge", "sum"):
        if aggregation not in GROWTH:
            return None
        if series.type == "gauge":
            return "a gauge does not count, so it has no increase"
        if series.temporality == "cumulative" and not series.monotonic:
            return "a sum that goes both ways has no increase"
        return _unspecified(series)
    if aggregation is Aggregation.LAST:
        return f"a {series.type} has no last value"
    if aggregation in (Aggregation.MIN, Aggregation.MAX) and series.temporality != "delta":
        return f"the least and greatest value of a cumulative {series.type} are those since it began"
    return _unspecified(series)


def _unspecified(series: Series) -> str | None:
    return "its temporality is unspecified" if series.temporality == "unspecified" else None
