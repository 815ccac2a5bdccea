"""Rules of metric_type alertmanager: others say what fires, and for how long."""

from typing import Any

from alerting.labels import labels_of
from alerting.measurements import Measured, Sample
from alerting.measuring.asked import Asked, Unmeasurable
from database.queries import load

SQL = load(__package__)
REPORTED = "alertmanager"
MOST_REPORTS = 10_000


async def measure_reports(connection: Any, asked: Asked) -> Measured:
    """1 for each label set that is reported to fire, and nothing for the others. Label sets have any names.

    Raises Unmeasurable for more than MOST_REPORTS.
    """
    rows = await connection.fetch(SQL["reports"], asked.rule.id, asked.until, MOST_REPORTS + 1)
    if len(rows) > MOST_REPORTS:
        raise Unmeasurable(f"more than {MOST_REPORTS} alerts of this name are reported to fire")
    samples = [Sample(labels_of(row["labels"]), 1.0, {"note": row["note"]} if row["note"] else {}) for row in rows]
    return Measured(samples, missing=0.0)
