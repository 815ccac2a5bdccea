"""What is kept of each signal, by what, and how that fares."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from database.queries import load

SQL = load(__package__)

SIGNALS = {"trace_spans": "spans", "structured_logs": "logs", "metric_points": "points"}


@dataclass(frozen=True, slots=True)
class Kept:
    """What is set: days by table, and what all telemetry may take in bytes."""

    days: Mapping[str, int]
    most_bytes: int | None


async def state(connection: Any, kept: Kept) -> dict[str, Any]:
    """As RetentionState has it."""
    days = [kept.days[parent] for parent in SIGNALS]
    rows = await connection.fetch(SQL["kept_signals"], list(SIGNALS), days)
    signals = [
        {"signal": SIGNALS[row["parent"]], "keep_days": kept.days[row["parent"]]}
        | {key: value for key, value in row.items() if key != "parent"}
        for row in rows
    ]
    last = dict(await connection.fetchrow(SQL["retention_run"]))
    return {"signals": signals, "cap_bytes": kept.most_bytes} | last
