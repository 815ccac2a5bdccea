"""Deleting what a filter matches, a person's data for instance, wherever it lies."""

import asyncio
import time
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import asyncpg

from database import queries
from database.jobs import Report
from database.lease import Lease
from database.partitions import PARENTS

SQL = queries.load(__package__)

# Four megabytes of rows: a transaction of milliseconds, so that nobody waits long for the traces it locks.
BLOCKS_AT_ONCE = 512
KEPT_UNCONFIRMED = timedelta(days=1)

# By table: which of its rows are sought, and what they are counted as.
MATCHES = {
    "gen_ai_spans": ("deletion_of_gen_ai", None),
    "metric_hours": ("deletion_of_points", None),
    "metric_minutes": ("deletion_of_points", None),
    "metric_points": ("deletion_of_points", "points"),
    "structured_logs": ("deletion_of_logs", "logs"),
    "trace_spans": ("deletion_of_spans", "spans"),
}
COUNTED = ("spans", "logs", "points")


class Deletions:
    """Counts what was asked for, and deletes what was confirmed, in short transactions with as long a rest."""

    name = "deletions"
    interval = timedelta(seconds=10)
    timeout = timedelta(hours=6)

    def __init__(self, pool: Any, lease: Lease) -> None:
        self._pool = pool
        self._lease = lease

    async def run_once(self, now: datetime) -> Report:
        async with self._lease.transaction() as connection:
            await connection.execute(SQL["deletion_expire"], now - KEPT_UNCONFIRMED)
        worked_on = [row["id"] for row in await self._pool.fetch(SQL["deletion_open"])]
        for deletion in worked_on:
            while True:
                began = time.monotonic()
                async with self._lease.transaction() as connection:
                    if not await advance(connection, deletion):
                        break
                # As long again for everybody else.
                await asyncio.sleep(time.monotonic() - began)
        return {"worked_on": worked_on}


async def advance(connection: Any, deletion: int) -> bool:
    """Does the next piece of a deletion; False when it is counted, done, or was no more to be worked on.

    The connection MUST be in a transaction. Several programs MAY work on one deletion.
    """
    sought = await connection.fetchrow(SQL["deletion_locked"], deletion)
    if sought is None:
        return False
    place = await _next_place(connection, sought)
    if place is None:
        await _finish(connection, sought)
        return False
    parent, child, first, blocks = place
    counts = dict.fromkeys((*COUNTED, "traces"), 0)
    try:
        async with connection.transaction():
            found = await _work(connection, sought, parent, child, first)
    except asyncpg.UndefinedTableError:
        # Its time was over meanwhile.
        found = {"rows": 0, "traces": 0}
    counted_as = MATCHES[parent][1]
    if counted_as:
        counts[counted_as] = found["rows"]
    counts["traces"] = found["traces"]
    after = first + BLOCKS_AT_ONCE
    done = min(after, blocks) - first
    await connection.execute(SQL["deletion_advance"], deletion, child, after, done, *counts.values())
    return True


async def _next_place(connection: Any, sought: Mapping[str, Any]) -> tuple[str, str, int, int] | None:
    """Table, partition, its first block that was not looked at, and how many it has."""
    tables = [table for table in MATCHES if table != "gen_ai_spans" or sought["of_person"]]
    arguments = tables, sought["rows_from"], sought["rows_to"], sought["leaf"]
    for row in await connection.fetch(SQL["deletion_places"], *arguments):
        first = sought["block"] if row["child"] == sought["leaf"] else 0
        if first < row["blocks"]:
            return row["parent"], row["child"], first, row["blocks"]
    return None


async def _work(connection: Any, sought: Mapping[str, Any], parent: str, child: str, first: int) -> Mapping[str, Any]:
    place = {"child": child, "first": first, "after": first + BLOCKS_AT_ONCE, "column": PARENTS[parent]}
    matches = SQL[MATCHES[parent][0]].format(**place)
    if sought["state"] == "counting":
        query = SQL["deletion_count"]
    elif parent == "trace_spans":
        query = SQL["deletion_delete_spans"]
    else:
        query = SQL["deletion_delete"]
    found: Mapping[str, Any] = await connection.fetchrow(query.format(child=child, matches=matches), sought["id"])
    if parent == "metric_points" and sought["state"] == "deleting":
        await connection.execute(SQL["deletion_clear_exemplars"].format(**place), sought["id"])
    return found


async def _finish(connection: Any, sought: Mapping[str, Any]) -> None:
    if sought["state"] == "counting":
        await connection.execute(SQL["deletion_counted"], sought["id"])
        return
    done = dict(await connection.fetchrow(SQL["deletion_finish"], sought["id"]))
    await connection.execute(SQL["deletion_forget_found"], sought["id"])
    await connection.execute(SQL["deletion_audit"], str(sought["id"]), done)
