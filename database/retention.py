"""The job that lets go of what is older than the retention: partitions whole, the rest in batches."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import partial
from types import MappingProxyType
from typing import Any

from database import queries
from database.jobs import Report
from database.lease import Lease
from database.locks import limit_waiting, patiently
from database.partitions import PARENTS, leaves, wanted_of
from database.ranges import DAY, wanted

SQL = queries.load(__package__)

ROWS_AT_ONCE = 5000
# A run ends after so many batches a table; the next one goes on.
BATCHES_A_RUN = 200
# A row that was expired when it came (a clock of 1970) is kept for a day, so that its sender finds it.
KEPT_AFTER_ARRIVAL = DAY
# Writers refresh last_seen at most daily, and rows may be a day older than their arrival.
KEPT_UNSEEN_AFTER_RETENTION = 2 * DAY
# Rows dated beyond the days ahead wait in DEFAULT for their day; of more than these, half a gigabyte, the
# farthest go.
FUTURE_ROWS_KEPT = 1_000_000

REPORT_KEPT = 7 * DAY

# How what expired is deleted from DEFAULT: rows that tell how late they came by that, minutes at once.
FROM_DEFAULT = {
    "trace_spans": "delete_expired_from_default",
    "structured_logs": "delete_expired_logs_from_default",
    "metric_points": "delete_expired_from_default",
}
DICTIONARIES = ("operations", "edges")
# What rolled-up metrics refer to is kept as long as the oldest of them.
METRIC_DICTIONARIES = ("resources", "scopes", "metric_series", "metric_bounds")


class Retention:
    """Drops expired partitions; deletes expired traces, what DEFAULT held too long, and names unseen since."""

    name = "retention"
    interval = timedelta(minutes=10)
    timeout = timedelta(minutes=9)

    def __init__(
        self, pool: Any, lease: Lease, retention_days: int, days_kept: Mapping[str, int] = MappingProxyType({})
    ) -> None:
        self._pool = pool
        self._lease = lease
        self._retention = timedelta(days=retention_days)
        self._days_kept = days_kept

    async def run_once(self, now: datetime) -> Report:
        kept = wanted(now, self._retention.days)
        arrived_before = now - KEPT_AFTER_ARRIVAL
        # By spans and points when they came; by logs also the transaction, where they came by plain SQL.
        arrivals: dict[str, list[object]] = {
            parent: [int(arrived_before.timestamp() * 1_000_000)] for parent in FROM_DEFAULT
        }
        arrivals["structured_logs"].append(await self._transactions_ended(now, arrived_before))
        report = await self._drop_expired(now)
        # The partitions went first, so the trigger on traces finds few spans left to delete.
        deleted = {"traces": await self._delete(SQL["delete_expired_traces"], kept.lower, arrived_before)}
        for parent, column in PARENTS.items():
            kept = wanted_of(parent, now, self._retention.days, self._days_kept)
            query = SQL[FROM_DEFAULT.get(parent, "delete_expired_minutes")].format(parent=parent, column=column)
            deleted[f"{parent}_default"] = await self._delete(query, kept.lower, *arrivals.get(parent, []))
            deleted[f"{parent}_default beyond the bound"] = await self._delete(
                SQL["delete_farthest"].format(parent=parent, column=column), kept.upper, FUTURE_ROWS_KEPT
            )
        longest = timedelta(days=max(self._retention.days, *self._days_kept.values(), 0))
        for tables, kept_for in ((DICTIONARIES, self._retention), (METRIC_DICTIONARIES, longest)):
            unseen = now - kept_for - KEPT_UNSEEN_AFTER_RETENTION
            for table in tables:
                deleted[table] = await self._delete(SQL["delete_unseen"].format(table=table), unseen)
        idle_since = now - self._retention - KEPT_UNSEEN_AFTER_RETENTION
        deleted["writers"] = await self._delete(SQL["delete_idle_writers"], idle_since)
        deleted["ingest_report"] = await self._delete(SQL["delete_old_ingest_report"], now - REPORT_KEPT)
        return report | {"deleted": {table: rows for table, rows in deleted.items() if rows}}

    async def _transactions_ended(self, now: datetime, before: datetime) -> int:
        """Below this id all transactions were over before then, as far as runs have noted it."""
        async with self._lease.transaction() as connection:
            await connection.execute(SQL["mark_transactions"], now)
            await connection.execute(SQL["forget_transaction_marks"], before)
            ended: int = await connection.fetchval(SQL["transactions_ended"], before)
        return ended

    async def _drop_expired(self, now: datetime) -> Report:
        # What an earlier run left behind goes first: a partition that was made again gets the same name.
        dropped, left = await self._drop_detached()
        async with self._pool.acquire() as connection:
            expired = [
                leaf
                for leaf in await leaves(connection)
                if leaf.range is not None
                and leaf.range.upper <= wanted_of(leaf.parent, now, self._retention.days, self._days_kept).lower
            ]
        postponed = [
            leaf.child
            for leaf in expired
            if f"{leaf.child}_dropped" in left or not await patiently(partial(self._detach, leaf.parent, leaf.child))
        ]
        more, left = await self._drop_detached()
        return {"dropped": dropped + more, "postponed": postponed + left}

    async def _drop_detached(self) -> tuple[list[str], list[str]]:
        """The tables that were dropped, and those that somebody still reads."""
        async with self._pool.acquire() as connection:
            detached = [row["relation"] for row in await connection.fetch(SQL["detached_leaves"], list(PARENTS))]
        dropped = [relation for relation in detached if await patiently(partial(self._drop, relation))]
        return dropped, [relation for relation in detached if relation not in dropped]

    async def _drop(self, relation: str) -> None:
        async with self._lease.transaction() as connection:
            await limit_waiting(connection)
            await connection.execute(SQL["drop_detached"].format(table=relation))

    async def _detach(self, parent: str, child: str) -> None:
        async with self._lease.transaction() as connection:
            await limit_waiting(connection)
            await connection.execute(SQL["detach_partition"].format(parent=parent, child=child))

    async def _delete(self, query: str, *arguments: object) -> int:
        total = 0
        for _ in range(BATCHES_A_RUN):
            async with self._lease.transaction() as connection:
                deleted: int = await connection.fetchval(query, *arguments, ROWS_AT_ONCE)
            total += deleted
            if deleted < ROWS_AT_ONCE:
                break
        return total
