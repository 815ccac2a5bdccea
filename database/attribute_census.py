"""The job that counts which attributes rows carry, and with which values, in a sample of what came."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from typing import Any

from database import queries
from database.jobs import Report
from database.lease import Lease
from database.ranges import wanted

SQL = queries.load(__package__)

# So many rows of a signal are read in a run, and of their attributes so many bytes as they are stored.
ROWS_READ = 3_000
BYTES_READ = 20_000_000
# Up to so many blocks are read whole. Of more, rows are sought in so many places.
BLOCKS_READ = 600
PLACES_TRIED = 40_000
# A block has rows in lines 1, 2, …; hardly ever beyond this one, for rows take more than 128 bytes.
LINES = 64
# Blocks that were the last ones at the run before, and may have been filled since.
BLOCKS_AGAIN = 16
# Of a service and day. A hundred values make a list to choose from; a key with more is sought by typing it.
KEYS_KEPT = 1_000
VALUES_KEPT = 100
WORK_MEM = "64MB"


@dataclass(frozen=True)
class Source:
    """Rows to count in: their table, their query, and the names of its `columns`."""

    table: str
    signal: str
    query: str
    columns: tuple[str, ...]


SOURCES = (
    Source(
        "trace_spans", "spans", "rows_of_spans", ("operation_name", "service_name", "status", "error_message", "kind")
    ),
    Source(
        "structured_logs",
        "logs",
        "rows_of_logs",
        (
            "level",
            "logger_name",
            "service_name",
            "user_email",
            "department",
            "session_id",
            "endpoint",
            "exception_type",
            "exception_message",
            "event_name",
            "severity_text",
        ),
    ),
)


@dataclass(frozen=True)
class Leaf:
    """A partition with its size and the size it had at the run before, in blocks."""

    table: str
    child: str
    blocks: int
    known: int

    @property
    def first(self) -> int:
        """The first block that may hold new rows."""
        return max(min(self.known, self.blocks) - BLOCKS_AGAIN, 0)


class AttributeCensus:
    """Adds what a sample of the rows that came since the last run carries to attribute_keys and attribute_values.

    Every row is counted at most once, and each that was read stands for as many as it was drawn from. What came is
    known by the positions of the writers; where it lies, by how the partitions grew. A run covers all that came,
    however much; it reads all of it while that is little.
    """

    name = "attribute_census"
    interval = timedelta(seconds=30)
    timeout = timedelta(minutes=5)

    def __init__(self, lease: Lease, retention_days: int) -> None:
        self._lease = lease
        self._retention_days = retention_days

    async def run_once(self, now: datetime) -> Report:
        oldest = wanted(now, self._retention_days).lower
        report: Report = {}
        async with self._lease.transaction() as connection:
            backlog = await connection.fetch(SQL["attribute_backlog"])
            tables = [source.table for source in SOURCES]
            leaves = [Leaf(*row) for row in await connection.fetch(SQL["attribute_leaves"], tables)]
            # What stands for plain SQL goes on, whether rows came or not.
            if not any(row["writer"] > 0 for row in backlog) and all(leaf.blocks == leaf.known for leaf in leaves):
                return report
            await connection.execute(f"SET LOCAL work_mem = '{WORK_MEM}'")
            for source in SOURCES:
                grown = [leaf for leaf in leaves if leaf.table == source.table]
                if grown:
                    report[source.signal] = await _count(connection, source, grown, backlog, oldest, now)
            await connection.execute(
                SQL["move_attribute_positions"],
                [row["writer"] for row in backlog],
                [row["upto"] for row in backlog],
                [leaf.child for leaf in leaves],
                [leaf.blocks for leaf in leaves],
            )
        return report


async def _count(
    connection: Any, source: Source, leaves: Sequence[Leaf], backlog: Sequence[Any], oldest: datetime, now: datetime
) -> Report:
    rows = " UNION ALL ".join(rows_to_read(source, leaves))
    found = await connection.fetchrow(
        SQL["count_attributes"].format(rows=rows),
        [row["writer"] for row in backlog],
        [row["after"] for row in backlog],
        [row["upto"] for row in backlog],
        source.signal,
        source.columns,
        oldest,
        now,
        ROWS_READ,
        BYTES_READ,
        VALUES_KEPT,
    )
    values = await connection.fetchval(SQL["prune_attribute_values"], found["grown"], VALUES_KEPT)
    keys = await connection.fetchval(SQL["prune_attribute_keys"], found["days"], KEYS_KEPT)
    return {"arrived": round(found["arrived"]), "read": found["read"], "pruned": {"keys": keys, "values": values}}


def rows_to_read(source: Source, leaves: Sequence[Leaf]) -> list[str]:
    """SQL for the rows to read, one query a partition."""
    candidates = sum(leaf.blocks - leaf.first for leaf in leaves)
    if candidates <= BLOCKS_READ:
        return [
            SQL[source.query].format(leaf=leaf.child, weight=1, places=SQL["all_places"].format(first=leaf.first))
            for leaf in leaves
        ]
    drawn = []
    for leaf in leaves:
        lines = (leaf.blocks - leaf.first) * LINES
        steps = ceil(PLACES_TRIED * lines / (candidates * LINES))
        stride = lines / steps
        places = SQL["some_places"].format(first=leaf.first, lines=LINES, stride=stride, steps=steps)
        drawn.append(SQL[source.query].format(leaf=leaf.child, weight=stride, places=places))
    return drawn
