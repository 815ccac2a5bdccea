"""The job that folds what writers append about operations and log levels into one row a minute, and a quarter."""

from datetime import datetime, timedelta

from database import queries
from database.jobs import Report
from database.lease import Lease
from database.quarters import OF_OPERATIONS

SQL = queries.load(__package__)

# A row of deltas stands for one transaction of a writer and holds up to a few thousand elements; so many fold
# in about a second.
TRANSACTIONS_AT_ONCE = 500


class Folding:
    """Moves deltas into minutes. A batch is one transaction: a reader that sums both sees every figure once."""

    name = "folding"
    interval = timedelta(seconds=10)
    timeout = timedelta(minutes=5)

    def __init__(self, lease: Lease) -> None:
        self._lease = lease

    async def run_once(self, now: datetime) -> Report:
        return {
            "operations": await self._fold_operations(),
            "logs": await self._fold_logs(),
            "quarters": await OF_OPERATIONS.close(self._lease, now),
        }

    async def _fold_operations(self) -> int:
        """Folds all there is, batch by batch, and returns how many rows of deltas that was."""
        total = 0
        while True:
            async with self._lease.transaction() as connection:
                closed = await OF_OPERATIONS.closed(connection)
                batch = await connection.fetchrow(SQL["fold_operations"], TRANSACTIONS_AT_ONCE, closed)
                await OF_OPERATIONS.renew(connection, batch["quarters"], batch["operations"])
            folded: int = batch["folded"]
            total += folded
            if folded < TRANSACTIONS_AT_ONCE:
                return total

    async def _fold_logs(self) -> int:
        """As `_fold_operations`."""
        total = 0
        while True:
            async with self._lease.transaction() as connection:
                folded: int = await connection.fetchval(SQL["fold_logs"], TRANSACTIONS_AT_ONCE)
            total += folded
            if folded < TRANSACTIONS_AT_ONCE:
                return total
