"""Minutes of a rollup rolled up by quarters of an hour, for reads of hours and days."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from database import queries
from database.lease import Lease
from database.ranges import EPOCH

SQL = queries.load(__package__)

QUARTER = timedelta(minutes=15)
# Most of what belongs to a quarter has come by then; what comes later costs computing it again.
SETTLED = timedelta(minutes=2)
# Of an older database the past is rolled up over several runs.
QUARTERS_A_RUN = 100


@dataclass(frozen=True)
class Quarters:
    """A rollup by its name in rollup_progress: its table of minutes, and the queries that compute a quarter, in order.

    Quarters before `closed` are right at every commit: whoever changes a minute before it MUST `renew` the quarter in
    the same transaction.
    """

    rollup: str
    minutes: str
    queries: tuple[str, ...]

    async def closed(self, connection: Any) -> datetime:
        """The end of the quarters that are there."""
        until: datetime = await connection.fetchval(SQL["quarters_closed"], self.rollup)
        return until

    async def renew(self, connection: Any, quarters: Sequence[datetime], keys: Sequence[int]) -> None:
        """Computes quarters again of which minutes have changed; quarters and keys are parallel."""
        keys_of = defaultdict(list)
        for quarter, key in zip(quarters, keys, strict=True):
            keys_of[quarter].append(key)
        for quarter, changed in sorted(keys_of.items()):
            await self._compute(connection, quarter, changed)

    async def close(self, lease: Lease, now: datetime) -> int:
        """Computes quarters that are over, each in a transaction, and says how many."""
        end = now - SETTLED
        end -= (end - EPOCH) % QUARTER
        for done in range(QUARTERS_A_RUN):
            async with lease.transaction() as connection:
                closed = await self.closed(connection)
                quarter = await connection.fetchval(SQL["next_quarter"].format(minutes=self.minutes), closed, end)
                if quarter is not None:
                    await self._compute(connection, quarter, None)
                upto = max(closed, end) if quarter is None else quarter + QUARTER
                if upto != closed:
                    await connection.execute(SQL["close_quarters"], self.rollup, upto)
            if quarter is None:
                return done
        return QUARTERS_A_RUN

    async def _compute(self, connection: Any, quarter: datetime, keys: Sequence[int] | None) -> None:
        for query in self.queries:
            await connection.execute(SQL[query], quarter, keys)


OF_OPERATIONS = Quarters("operations", "operation_minutes", ("roll_up_operations", "roll_up_services"))
OF_EDGES = Quarters("edges", "edge_minutes", ("roll_up_edges",))
