"""The job that gives partitions their search indexes while rows still come, as long as few do."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from database import queries, search_indexes
from database.jobs import Report
from database.lease import Lease
from database.search_indexes import SEARCH_INDEXES

SQL = queries.load(__package__)

# Bytes of rows a second. Keeping the indexes up takes writers 5 and 15 % of a processor at these (ADR 26).
SLOW = 300_000
FAST = 1_000_000
# Indexes are built from all rows at once, so how they come is watched before; for longer after they were dropped.
WATCHED_FOR = timedelta(minutes=5)
WATCHED_AGAIN_FOR = timedelta(hours=1)
# Nobody watches while indexes are built, which takes about a minute for so many bytes.
MOST_BYTES = 512 * 1024**2

Leaf = Mapping[str, Any]
Change = Callable[[Any, str, str], Awaitable[None]]


class Watch:
    """How fast a partition grows, as far as looks at its size tell."""

    def __init__(self, now: datetime, size: int) -> None:
        self.fast = False
        """More came since the look before than writers should keep indexes up for."""
        self.slow = False
        """Little came, on average over the time it was watched for."""
        self._looked_at, self._size = now, size
        self.begin(now, size, WATCHED_FOR)

    def begin(self, now: datetime, size: int, lasts: timedelta) -> None:
        """Whether it is slow is found out from here on."""
        self.slow = False
        self._began_at, self._size_then, self._lasts = now, size, lasts

    def look(self, now: datetime, size: int) -> None:
        self.fast = size - self._size > FAST * (now - self._looked_at).total_seconds()
        self._looked_at, self._size = now, size
        watched = now - self._began_at
        if self._size_then == 0:
            # An empty partition says nothing about how its rows will come.
            self.begin(now, size, self._lasts)
        elif watched >= self._lasts:
            slow = size - self._size_then <= SLOW * watched.total_seconds()
            self.begin(now, size, WATCHED_FOR)
            self.slow = slow


class LiveIndexing:
    """Builds the search indexes of the partitions of now once their rows have come slowly for some minutes, and drops
    them when rows come fast, for then they would hold up the writers."""

    name = "live_indexing"
    interval = timedelta(seconds=5)
    timeout = timedelta(minutes=10)

    def __init__(self, lease: Lease) -> None:
        self._lease = lease
        self._watches: dict[str, Watch] = {}

    async def run_once(self, now: datetime) -> Report:
        async with self._lease.transaction() as connection:
            leaves = await connection.fetch(SQL["open_leaves"], list(SEARCH_INDEXES), now)
        known, self._watches = self._watches, {}
        report: Report = {"built": [], "dropped": []}
        for leaf in leaves:
            watch = self._watches[leaf["child"]] = known.get(leaf["child"]) or Watch(now, leaf["bytes"])
            watch.look(now, leaf["bytes"])
        for leaf in leaves:
            watch = self._watches[leaf["child"]]
            if leaf["begun"] and (watch.fast or not leaf["indexed"]):
                await self._change(search_indexes.drop, leaf, now)
                report["dropped"].append(leaf["child"])
            elif watch.slow and not watch.fast and not leaf["indexed"] and leaf["bytes"] <= MOST_BYTES:
                await self._change(search_indexes.build, leaf, now)
                report["built"].append(leaf["child"])
        return report

    async def _change(self, change: Change, leaf: Leaf, now: datetime) -> None:
        # Also when it fails halfway: what was begun is dropped by the next run.
        self._watches[leaf["child"]].begin(now, leaf["bytes"], WATCHED_AGAIN_FOR)
        async with self._lease.connection() as connection:
            await change(connection, leaf["parent"], leaf["child"])
