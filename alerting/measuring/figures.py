"""What an aggregation makes of the rows that a search finds."""

from dataclasses import dataclass

from alerting.measuring.asked import Asked

SHARES = {"p50": 0.5, "p90": 0.9, "p95": 0.95, "p99": 0.99}
COUNTED = ("count", "rate", "ratio")
ABSENCE = "absence"
COUNTS = (*COUNTED, ABSENCE)
TIMED = (*COUNTS, "avg", "max", *SHARES)


@dataclass(frozen=True)
class Columns:
    """Expressions of SQL over rows: how many they are, by an aggregate; when each was; how long it took."""

    number: str
    time: str
    duration: str | None = None


def figure(aggregation: str, columns: Columns, part: str, asked: Asked) -> str:
    """SQL for the value of rows: of those that pass the condition `part`, and of all as their whole."""
    counted = f"coalesce({columns.number} FILTER (WHERE {part}), 0)::float8"
    # A duration that is no number is none.
    finite = (
        f"CASE WHEN {columns.duration} > '-infinity' AND {columns.duration} < 'infinity' THEN {columns.duration} END"
    )
    match aggregation:
        case "count":
            return counted
        case "rate":
            return f"{counted} / {asked.seconds}"
        case "ratio":
            return f"{counted} / nullif({columns.number}, 0)"
        case "percent":
            return f"100 * {counted} / nullif({columns.number}, 0)"
        case "absence":
            return f"extract(epoch FROM $2::timestamptz - max({columns.time}))::float8 / 60"
        case "avg" | "max":
            return f"{aggregation}({finite})"
    return f"percentile_cont({SHARES[aggregation]}) WITHIN GROUP (ORDER BY {finite})"


def nothing(aggregation: str, asked: Asked) -> float | None:
    """The value where there are no rows, None where there is none."""
    if aggregation in ("count", "rate"):
        return 0.0
    return asked.minutes if aggregation == ABSENCE else None
