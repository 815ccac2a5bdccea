"""The job that derives who calls whom from the spans that came."""

import time
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from database import queries
from database.jobs import Report
from database.lease import Lease
from database.quarters import OF_EDGES
from database.ranges import DAY, wanted

SQL = queries.load(__package__)

# A step counts the spans of so much of the writers' time, after it has looked as far ahead for their other ends.
SLICE_US = 10_000_000
# After a step that found nothing comes one twice as long, up to this: a writer may have rested for an hour.
LONGEST_SLICE_US = 30 * SLICE_US
# With a backlog the job works half of the time, so that whoever reads and writes has the machine for the other half.
BUSY_SECONDS = 5.0
# A trace that is touched is read whole, up to this size; the calls of a larger one are not counted any more.
MOST_SPANS = 100_000
# How long the consumer of a message waits for the producer's span.
LINKS_WAIT = DAY
# Without statistics a join of what was just read looks small enough for a nested loop, which it is not. Memoize would
# hash the attributes of every span.
SETTINGS = "SET LOCAL enable_nestloop = off; SET LOCAL enable_memoize = off; SET LOCAL work_mem = '64MB'"


class ServiceMap:
    """Counts calls between services, and to databases, queues and others, by the minute, in edge_minutes.

    A call needs both of its ends. Whichever comes last, in whatever transaction, receiver or hour, counts it, once.
    What a client says about its server counts when no span of the server has come by the step after, and is taken
    back when one comes later. What came is known by the positions of the writers; a step is one transaction.
    """

    name = "service_map"
    interval = timedelta(seconds=10)
    timeout = timedelta(minutes=5)

    def __init__(self, lease: Lease, retention_days: int) -> None:
        self._lease = lease
        self._retention_days = retention_days

    async def run_once(self, now: datetime) -> Report:
        oldest = wanted(now, self._retention_days).lower
        began = time.monotonic()
        spans = calls = 0
        length = SLICE_US
        last = False
        while not last and time.monotonic() - began < BUSY_SECONDS:
            async with self._lease.transaction() as connection:
                last, counted = await _step(connection, oldest, length)
            spans += counted["spans"]
            calls += counted["calls"]
            length = SLICE_US if counted["spans"] else min(2 * length, LONGEST_SLICE_US)
        async with self._lease.transaction() as connection:
            await connection.execute(SQL["delete_waiting_links"], now - LINKS_WAIT)
        return {"spans": spans, "calls": calls, "caught_up": last, "quarters": await OF_EDGES.close(self._lease, now)}


async def _step(connection: Any, oldest: datetime, length: int) -> tuple[bool, dict[str, int]]:
    """Counts what was seen by the step before, and looks on. True when that is all there is.

    Writers with a longer backlog go on by so many µs, each by its own clock, while the others wait for them.
    """
    backlog = await connection.fetch(SQL["edge_backlog"])
    behind = {
        row["writer"]: row["upto"] - row["since"] - length
        for row in backlog
        if row["since"] is not None and row["upto"] - row["since"] > length + SLICE_US
    }
    if behind:
        upto = [row["upto"] - behind[row["writer"]] if row["writer"] in behind else row["seen"] for row in backlog]
    else:
        upto = [row["upto"] for row in backlog]
    counted = await _count(connection, backlog, upto, oldest)
    seen_until = backlog[0]["looked_at"] - timedelta(microseconds=max(behind.values(), default=0))
    await connection.execute(SQL["move_edge_positions"], [row["writer"] for row in backlog], upto, seen_until)
    return not behind, counted


async def _count(connection: Any, backlog: Sequence[Any], upto: Sequence[int], oldest: datetime) -> dict[str, int]:
    new = [row for row in backlog if row["seen"] > row["counted"]]
    if not new:
        return {"spans": 0, "calls": 0}
    closed = await OF_EDGES.closed(connection)
    await connection.execute(SETTINGS)
    found = await connection.fetchrow(
        SQL["count_edges"],
        *([row[name] for row in backlog] for name in ("writer", "earlier", "counted", "seen")),
        upto,
        oldest,
        min(row["counted"] for row in new),
        max(row["seen"] for row in new),
        MOST_SPANS,
        closed,
    )
    await connection.execute("SET LOCAL enable_nestloop = on")
    await OF_EDGES.renew(connection, found["quarters"], found["edges"])
    return {"spans": found["spans"], "calls": found["calls"]}
