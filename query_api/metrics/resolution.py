"""Where the values of a window come from: points, minutes or hours."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import Any

from database.queries import load
from database.ranges import EPOCH
from query_api.search.arguments import Arguments
from query_api.steps import HOUR, MINUTE

SQL = load("query_api")

# What came so long ago is taken for all that will come; later points are seen once they are rolled up.
SETTLED = {"minutes": timedelta(minutes=1), "hours": timedelta(minutes=5)}


class Resolution(Enum):
    """What is read, the coarsest first. The value is also the name of its table, after metric_."""

    HOURS = "hours"
    MINUTES = "minutes"
    POINTS = "points"


# Steps have to be a multiple of so many seconds.
LENGTHS = {Resolution.HOURS: HOUR, Resolution.MINUTES: MINUTE, Resolution.POINTS: 1}
COLUMNS = {Resolution.HOURS: "hour", Resolution.MINUTES: "minute", Resolution.POINTS: "time"}


@dataclass(frozen=True)
class Segment:
    """A range [since, until) that is read from one table."""

    resolution: Resolution
    since: datetime
    until: datetime

    def rows(self, arguments: Arguments) -> str:
        """SQL for points, minutes or hours in one form."""
        return self._source("metric_rows_of_points", "metric_rows_of_rollup", arguments)

    def buckets(self, arguments: Arguments) -> str:
        """SQL for what was added to the buckets of histograms, a bucket a row."""
        return self._source("metric_buckets_of_points", "metric_buckets_of_rollup", arguments)

    def _source(self, of_points: str, of_rollup: str, arguments: Arguments) -> str:
        bounds = {
            "since": arguments.add(self.since, "timestamptz"),
            "until": arguments.add(self.until, "timestamptz"),
        }
        if self.resolution is Resolution.POINTS:
            return SQL[of_points].format(points=SQL["metric_points_paired"].format(**bounds))
        table = f"metric_{self.resolution.value}"
        return SQL[of_rollup].format(table=table, time=COLUMNS[self.resolution], **bounds)


@dataclass(frozen=True)
class Reach:
    """Since when each table has rows, and the arrival up to which all points are rolled up."""

    since: dict[Resolution, datetime]
    rolled_up: datetime

    @property
    def earliest(self) -> datetime:
        return min(self.since.values())

    def segments(self, earliest: datetime, latest: datetime, step: int) -> Iterator[Segment]:
        """The window without gaps and overlaps, from the coarsest table that knows it; what is too new from finer ones.

        The window MUST lie at multiples of the step. What no table reaches that can serve such a step is left out.
        """
        able = [resolution for resolution in Resolution if step % LENGTHS[resolution] == 0]
        whole = [resolution for resolution in able if self.since[resolution] <= earliest]
        main = whole[0] if whole else min(able, key=lambda resolution: self.since[resolution])
        begin = max(earliest, aligned(self.since[main], step, up=True))
        for resolution in able[able.index(main) :]:
            end = min(latest, self._complete_to(resolution))
            if begin < end:
                yield Segment(resolution, begin, end)
                begin = end

    def _complete_to(self, resolution: Resolution) -> datetime:
        if resolution is Resolution.POINTS:
            return datetime.max.replace(tzinfo=UTC)
        return aligned(self.rolled_up - SETTLED[resolution.value], LENGTHS[resolution])


async def reach(connection: Any, now: datetime) -> Reach:
    """What the tables have at the moment of the connection's snapshot."""
    row = await connection.fetchrow(SQL["metric_reach"])
    rolled_up = EPOCH + timedelta(microseconds=row["rolled_up"]) if row["rolled_up"] is not None else now
    return Reach({resolution: row[resolution.value] or EPOCH for resolution in Resolution}, min(rolled_up, now))


def aligned(moment: datetime, step: int, up: bool = False) -> datetime:
    """The multiple of the step, counted from 1970, at the moment or before it; or after it."""
    length = timedelta(seconds=step)
    number = -((EPOCH - moment) // length) if up else (moment - EPOCH) // length
    return EPOCH + number * length
