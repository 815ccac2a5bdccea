"""The job that lets go of what is older than the retention: partitions whole, the rest in batches."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

from database import partitions, queries, size_cap
from database.jobs import Report
from database.lease import Lease
from database.partitions import PARENTS, Leaf, leaves, wanted_of
from database.ranges import DAY, Range
from database.removal import PINNABLE, Removal, has_nothing_to_remove

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
# Of these, what pinned rows refer to by this column stays with them.
ORIGINS = {"resources": "resource_id", "scopes": "scope_id"}


class Retention:
    """Drops expired partitions, and more where all telemetry takes too much; deletes expired traces, what DEFAULT held
    too long, and names unseen since. What is pinned stays."""

    name = "retention"
    interval = timedelta(minutes=10)
    timeout = timedelta(minutes=9)

    def __init__(
        self,
        pool: Any,
        lease: Lease,
        retention_days: int,
        days_kept: Mapping[str, int] = MappingProxyType({}),
        most_bytes: int | None = None,
    ) -> None:
        self._pool = pool
        self._lease = lease
        self._removal = Removal(pool, lease)
        self._retention = timedelta(days=retention_days)
        self._days_kept = days_kept
        self._most_bytes = most_bytes

    async def run_once(self, now: datetime) -> Report:
        # What an earlier run left behind goes first: a partition that was made again gets the same name.
        dropped, left = await self._removal.drop_detached()
        postponed = await self._remove_expired(now, left)
        capped = await size_cap.hold(self._pool, self._removal, self._most_bytes, now)
        more, left = await self._removal.drop_detached()
        late_since = min((self._expired_at(leaf) for leaf in postponed), default=None)
        return {
            "dropped": dropped + more,
            "postponed": [leaf.child for leaf in postponed] + left,
            "late_since": None if late_since is None else late_since.isoformat(),
            "cap_bytes": self._most_bytes,
            "bytes": capped.bytes,
            "over_bytes": capped.over_bytes,
            "over_why": capped.why,
            "removed_for_size": capped.removed,
            "deleted": await self._delete_rest(now),
        }

    async def _delete_rest(self, now: datetime) -> dict[str, int]:
        """What lies in no partition that could be dropped."""
        arrived_before = now - KEPT_AFTER_ARRIVAL
        # By spans and points when they came; by logs also the transaction, where they came by plain SQL.
        arrivals: dict[str, list[object]] = {
            parent: [int(arrived_before.timestamp() * 1_000_000)] for parent in FROM_DEFAULT
        }
        arrivals["structured_logs"].append(await self._transactions_ended(now, arrived_before))
        floors = await self._floors()
        # The partitions went first, so the trigger on traces finds few spans left to delete.
        spans_kept = self._kept("trace_spans", now, floors)
        deleted = {"traces": await self._delete(SQL["delete_expired_traces"], spans_kept.lower, arrived_before)}
        for parent, column in PARENTS.items():
            kept = self._kept(parent, now, floors)
            query = SQL[FROM_DEFAULT.get(parent, "delete_expired_minutes")].format(
                parent=parent, column=column, unpinned=SQL["unpinned"] if parent in PINNABLE else ""
            )
            deleted[f"{parent}_default"] = await self._delete(query, kept.lower, *arrivals.get(parent, []))
            deleted[f"{parent}_default beyond the bound"] = await self._delete(
                SQL["delete_farthest"].format(parent=parent, column=column), kept.upper, FUTURE_ROWS_KEPT
            )
        longest = timedelta(days=max(self._retention.days, *self._days_kept.values(), 0))
        for tables, kept_for in ((DICTIONARIES, self._retention), (METRIC_DICTIONARIES, longest)):
            unseen = now - kept_for - KEPT_UNSEEN_AFTER_RETENTION
            for table in tables:
                query = SQL["delete_unseen"].format(table=table, unpinned=self._unpinned_origin(table))
                deleted[table] = await self._delete(query, unseen)
        idle_since = now - self._retention - KEPT_UNSEEN_AFTER_RETENTION
        deleted["writers"] = await self._delete(SQL["delete_idle_writers"], idle_since)
        deleted["ingest_report"] = await self._delete(SQL["delete_old_ingest_report"], now - REPORT_KEPT)
        return {table: rows for table, rows in deleted.items() if rows}

    @staticmethod
    def _unpinned_origin(table: str) -> str:
        return SQL["unpinned_origin"].format(column=ORIGINS[table]) if table in ORIGINS else ""

    async def _transactions_ended(self, now: datetime, before: datetime) -> int:
        """Below this id all transactions were over before then, as far as runs have noted it."""
        async with self._lease.transaction() as connection:
            await connection.execute(SQL["mark_transactions"], now)
            await connection.execute(SQL["forget_transaction_marks"], before)
            ended: int = await connection.fetchval(SQL["transactions_ended"], before)
        return ended

    async def _remove_expired(self, now: datetime, left: list[str]) -> list[Leaf]:
        """Those that could not go. left: tables that still have the names that detached ones get."""
        async with self._pool.acquire() as connection:
            floors = await partitions.floors(connection)
            expired = [
                leaf
                for leaf in await leaves(connection)
                if leaf.range is not None
                and leaf.range.upper <= self._kept(leaf.parent, now, floors).lower
                and not await has_nothing_to_remove(connection, leaf)
            ]
        return [leaf for leaf in expired if f"{leaf.child}_dropped" in left or not await self._removal.remove(leaf)]

    async def _floors(self) -> Mapping[str, datetime]:
        async with self._pool.acquire() as connection:
            return await partitions.floors(connection)

    def _kept(self, parent: str, now: datetime, floors: Mapping[str, datetime]) -> Range:
        whole = wanted_of(parent, now, self._retention.days, self._days_kept)
        return Range(max(whole.lower, floors.get(parent, whole.lower)), whole.upper)

    def _expired_at(self, leaf: Leaf) -> datetime:
        assert leaf.range is not None
        return leaf.range.upper + timedelta(days=self._days_kept.get(leaf.parent, self._retention.days))

    async def _delete(self, query: str, *arguments: object) -> int:
        total = 0
        for _ in range(BATCHES_A_RUN):
            async with self._lease.transaction() as connection:
                deleted: int = await connection.fetchval(query, *arguments, ROWS_AT_ONCE)
            total += deleted
            if deleted < ROWS_AT_ONCE:
                break
        return total
