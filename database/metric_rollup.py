"""The job that rolls metric points up: by the minute as they come, by the hour once the hour is over."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from types import MappingProxyType

from database import queries
from database.jobs import Report
from database.lease import Lease
from database.partitions import wanted_of

SQL = queries.load(__package__)

# A transaction reads the points of so much of the writers' time. One that finds none is followed by one twice as long:
# a writer may have rested for hours.
SLICE_US = 10_000_000
HOURS_AT_ONCE = 5_000
# Points of an hour that are later than this make it be computed again.
SETTLED = timedelta(minutes=2)


class MetricRollup:
    """Computes each minute and hour of a series from all that lies within, so a late point makes it right again.

    What came since the last run is found by the positions of the writers, which miss nothing.
    """

    name = "metric_rollup"
    interval = timedelta(seconds=30)
    timeout = timedelta(minutes=5)

    def __init__(self, lease: Lease, retention_days: int, days_kept: Mapping[str, int] = MappingProxyType({})) -> None:
        self._lease = lease
        self._retention_days = retention_days
        self._days_kept = days_kept

    async def run_once(self, now: datetime) -> Report:
        return {"minutes": await self._fold_minutes(now), "hours": await self._fold_hours(now)}

    def _oldest(self, table: str, now: datetime) -> datetime:
        """Older rows of the table may be gone already."""
        return wanted_of(table, now, self._retention_days, self._days_kept).lower

    async def _fold_minutes(self, now: datetime) -> int:
        oldest = self._oldest("metric_points", now)
        total = 0
        length = SLICE_US
        while True:
            async with self._lease.transaction() as connection:
                backlog = await connection.fetch(SQL["metric_backlog"])
                if not backlog:
                    return total
                end = min(row["since"] for row in backlog) + length
                due = [row for row in backlog if row["since"] < end]
                writers = [row["writer"] for row in due]
                after, upto = [row["after"] for row in due], [min(row["upto"], end) for row in due]
                folded: int = await connection.fetchval(
                    SQL["fold_metric_minutes"], writers, after, upto, oldest, min(after), max(upto)
                )
                await connection.execute(SQL["move_metric_positions"], writers, upto)
            total += folded
            if end >= max(row["upto"] for row in backlog):
                return total
            length = SLICE_US if folded else 2 * length

    async def _fold_hours(self, now: datetime) -> int:
        total = 0
        while True:
            async with self._lease.transaction() as connection:
                folded: int = await connection.fetchval(
                    SQL["fold_metric_hours"], now - SETTLED, HOURS_AT_ONCE, self._oldest("metric_minutes", now)
                )
            total += folded
            if folded < HOURS_AT_ONCE:
                return total
