"""The stretch of time that a read of rollups covers, in whole minutes or quarters of an hour."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from database.quarters import QUARTER, Quarters
from database.ranges import EPOCH
from query_api.window import Window

MINUTE = timedelta(minutes=1)
# A longer window is widened to whole quarters, which are there already.
LONGEST_IN_MINUTES = timedelta(hours=2)
WORK_MEM = "64MB"


@dataclass(frozen=True)
class RollupSpan:
    """From earliest on, before latest; both whole minutes, or whole quarters."""

    earliest: datetime
    latest: datetime
    now: datetime

    @classmethod
    def of(cls, window: Window, now: datetime, unit: timedelta | None = None) -> "RollupSpan":
        """The window, up to now unless it says otherwise, widened to whole units."""
        earliest, latest = window.earliest, window.latest or now
        if earliest >= latest:
            latest = earliest + MINUTE
        unit = unit or (QUARTER if latest - earliest > LONGEST_IN_MINUTES else MINUTE)
        first, end = (earliest - EPOCH) // unit, -((EPOCH - latest) // unit)
        return cls(_moment(first * unit), _moment(end * unit), now)

    @property
    def seconds(self) -> float:
        """How long it is, without what is still to come."""
        return self.seconds_of(self.earliest, self.latest)

    def seconds_of(self, begins: datetime, ends: datetime) -> float:
        """How much of that time is over, one second at least; of what is all to come, its length."""
        until = min(ends, self.now) if self.now > begins else ends
        return max((until - begins).total_seconds(), 1.0)

    def step(self, number: int, length: timedelta) -> tuple[datetime, datetime]:
        """Where the step of that number since 1970 begins and ends within the span."""
        begins, ends = _moment(number * length), _moment((number + 1) * length)
        return max(begins, self.earliest), min(ends, self.latest)

    async def begin(
        self, connection: Any, rollup: Quarters, step: timedelta | None = None
    ) -> tuple[datetime, datetime, datetime, datetime]:
        """What queries of figures take first: the span, and the quarters in it that are there and fit the step.

        The connection's transaction is made ready to add up many buckets.
        """
        # PostgreSQL takes the buckets for few, and few are as well sorted or looked through; here all are many.
        await connection.execute(
            f"SET LOCAL enable_sort = off; SET LOCAL enable_nestloop = off; SET LOCAL work_mem = '{WORK_MEM}'"
        )
        if step is not None and step % QUARTER:
            return self.earliest, self.latest, self.earliest, self.earliest
        closed = await rollup.closed(connection)
        first = _moment(-((EPOCH - self.earliest) // QUARTER) * QUARTER)
        end = min(_moment((self.latest - EPOCH) // QUARTER * QUARTER), closed)
        if first >= end:
            first = end = self.earliest
        return self.earliest, self.latest, first, end


def _moment(since_epoch: timedelta) -> datetime:
    """As near to that time as dates reach."""
    try:
        return EPOCH + since_epoch
    except OverflowError:
        return (datetime.min if since_epoch < timedelta() else datetime.max).replace(tzinfo=UTC)
