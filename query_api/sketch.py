"""Durations as the rollups keep them: counted by bucket, each 4 % wide; of edges, twice as wide."""

from collections.abc import Mapping, Sequence
from itertools import accumulate
from typing import Any

GROWTH = 1.04
# Of what percentiles say, for durations above a microsecond.
RELATIVE_ERROR = 0.02
PERCENTILES = {"p50": 0.5, "p95": 0.95, "p99": 0.99}
EDGE_GROWTH = GROWTH**2
EDGE_RELATIVE_ERROR = 0.04


def bounds_ms(bucket: int) -> tuple[float, float]:
    """The bucket holds durations above the first and up to the second; all up to a microsecond share bucket 0."""
    return (GROWTH ** (bucket - 1) / 1000 if bucket > 0 else 0.0), GROWTH**bucket / 1000


def middle_ms(bucket: int, growth: float = GROWTH) -> float:
    """The duration that is equally far, in proportion, from both bounds."""
    return 2 * growth**bucket / (1 + growth) / 1000


def percentile_buckets(buckets: Sequence[int], counts: Sequence[int]) -> dict[str, int]:
    """The buckets that hold the 50th, 95th and 99th percentile. buckets: one at least, in any order."""
    ordered = sorted(zip(buckets, counts, strict=True))
    upto = list(accumulate(count for _, count in ordered))
    return {
        name: next(bucket for (bucket, _), reached in zip(ordered, upto, strict=True) if reached >= part * upto[-1])
        for name, part in PERCENTILES.items()
    }


def red_of(row: Mapping[str, Any], seconds: float, counted: str = "spans", growth: float = GROWTH) -> dict[str, object]:
    """Rate, errors and durations of a row with a count, errors, duration_ms, and the buckets p50, p95 and p99."""
    count = row[counted]
    return {
        counted: count,
        "rate": count / seconds,
        "errors": row["errors"],
        "error_rate": row["errors"] / count,
        "mean_ms": row["duration_ms"] / count,
        **{f"{name}_ms": middle_ms(row[name], growth) for name in PERCENTILES},
    }
