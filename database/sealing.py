"""The job that gives partitions their search indexes once their time has passed, and freezes them."""

from datetime import datetime, timedelta
from typing import Any

from database import queries, search_indexes
from database.jobs import Report
from database.lease import Lease
from database.partitions import Leaf, leaves

SQL = queries.load(__package__)

# Late rows of a range come within minutes; what comes later pays for the indexes row by row.
ENDED_FOR = timedelta(minutes=10)

SEALED = (*search_indexes.SEARCH_INDEXES, "metric_points")


class Sealing:
    """Builds the search indexes that ended partitions lack, newest first and one partition after the other, then
    vacuums and freezes them. An empty partition is left alone until rows come."""

    name = "sealing"
    interval = timedelta(seconds=60)
    timeout = timedelta(hours=12)

    def __init__(self, pool: Any, lease: Lease) -> None:
        self._pool = pool
        self._lease = lease

    async def run_once(self, now: datetime) -> Report:
        sealed = []
        for leaf in await self._due(now):
            async with self._lease.connection() as connection:
                await search_indexes.build(connection, leaf.parent, leaf.child)
                await connection.execute(SQL["freeze"].format(child=leaf.child))
            async with self._lease.transaction() as connection:
                await connection.execute(SQL["record_sealed"], leaf.child)
            sealed.append(leaf.child)
        return {"sealed": sealed}

    async def _due(self, now: datetime) -> list[Leaf]:
        async with self._pool.acquire() as connection:
            unsealed = {row["child"] for row in await connection.fetch(SQL["unsealed_leaves"], list(SEALED))}
            ended = [
                (leaf.range.lower, leaf)
                for leaf in await leaves(connection)
                if leaf.child in unsealed and leaf.range is not None and leaf.range.upper <= now - ENDED_FOR
            ]
        return [leaf for _, leaf in sorted(ended, key=lambda pair: pair[0], reverse=True)]
