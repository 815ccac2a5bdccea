"""Durations as the rollups keep them: counted by bucket, each 4 % wide."""

from collections.abc import Mapping
from typing import Any

GROWTH = 1.04
# Of what percentiles say, for durations above a microsecond.
RELATIVE_ERROR = 0.02


def bounds_ms(bucket: int) -> tuple[float, float]:
    """The bucket holds durations above the first and up to the second; all up to a microsecond share bucket 0."""
    return (GROWTH ** (bucket - 1) / 1000 if bucket > 0 else 0.0), GROWTH**bucket / 1000


def middle_ms(bucket: int) -> float:
    """The duration that is equally far, in proportion, from both bounds."""
    return 2 * GROWTH**bucket / (1 + GROWTH) / 1000


def red_of(row: Mapping[str, Any], seconds: float, counted: str = "spans") -> dict[str, object]:
    """Rate, errors and durations of a row with a count, errors, duration_ms, and the buckets p50, p95 and p99."""
    count = row[counted]
    return {
        counted: count,
        "rate": count / seconds,
        "errors": row["errors"],
        "error_rate": row["errors"] / count,
        "mean_ms": row["duration_ms"] / count,
        **{f"{name}_ms": middle_ms(row[name]) for name in ("p50", "p95", "p99")},
    }
