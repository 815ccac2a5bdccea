"""The job that closes traces whose root never came."""

from datetime import datetime, timedelta

from database import queries
from database.jobs import Report
from database.lease import Lease

SQL = queries.load(__package__)

IDLE = timedelta(minutes=5)
TRACES_AT_ONCE = 1000


class ClosingIdle:
    """Closes traces that have no root and were idle for five minutes, by what they have, and marks them.

    A trace written by hand (no entry_status) stays as it was written.
    """

    name = "closing_idle"
    interval = timedelta(seconds=30)
    timeout = timedelta(minutes=2)

    def __init__(self, lease: Lease) -> None:
        self._lease = lease

    async def run_once(self, now: datetime) -> Report:
        total = 0
        while True:
            async with self._lease.transaction() as connection:
                closed: int = await connection.fetchval(SQL["close_idle"], now - IDLE, TRACES_AT_ONCE)
            total += closed
            if closed < TRACES_AT_ONCE:
                return {"closed": total}
