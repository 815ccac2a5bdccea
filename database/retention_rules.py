"""The job that keeps the rules which let a service or a level go before the rest of its signal."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import asyncpg

from database import queries
from database.jobs import Report
from database.lease import Lease
from database.partitions import leaves

SQL = queries.load(__package__)

TABLES = {"spans": "trace_spans", "logs": "structured_logs"}
# Four megabytes of rows: a transaction of milliseconds, so that nobody waits long for the traces it locks.
BLOCKS_AT_ONCE = 512

Rule = Mapping[str, Any]


class RetentionRules:
    """Deletes what rules let go, in sealed partitions that are wholly older than a rule keeps its rows.

    Works in short transactions and rests as long as each of them took. What is pinned stays.
    """

    name = "retention_rules"
    interval = timedelta(minutes=10)
    timeout = timedelta(hours=6)

    def __init__(self, pool: Any, lease: Lease) -> None:
        self._pool = pool
        self._lease = lease

    async def run_once(self, now: datetime) -> Report:
        deleted: dict[str, int] = {}
        for child, inserted, rules in await self._due(now):
            try:
                rows = await self._keep(child, rules)
            except asyncpg.UndefinedTableError:
                continue
            async with self._lease.transaction() as connection:
                await connection.execute(SQL["record_rules_kept"], [rule["id"] for rule in rules], child, inserted)
            if rows:
                deleted[child] = rows
        async with self._lease.transaction() as connection:
            await connection.execute(SQL["forget_rules_kept"])
        return {"deleted": deleted}

    async def _due(self, now: datetime) -> list[tuple[str, int, list[Rule]]]:
        """Partitions with the rows that came into them so far and the rules to keep there, the oldest first."""
        async with self._pool.acquire() as connection:
            rules = await connection.fetch(SQL["retention_rules"])
            if not rules:
                return []
            sealed = {row["child"]: row for row in await connection.fetch(SQL["rules_kept"])}
            ended = sorted(
                (leaf.range.upper, leaf.child, leaf.parent)
                for leaf in await leaves(connection)
                if leaf.range is not None and leaf.child in sealed
            )
        found = []
        for upper, child, parent in ended:
            due = [
                rule
                for rule in rules
                if TABLES[rule["signal"]] == parent
                and upper <= now - timedelta(days=rule["keep_days"])
                and rule["id"] not in sealed[child]["rules"]
            ]
            if due:
                found.append((child, sealed[child]["inserted"], due))
        return found

    async def _keep(self, child: str, rules: Sequence[Rule]) -> int:
        query = SQL["delete_spans_by_rules" if rules[0]["signal"] == "spans" else "delete_logs_by_rules"]
        services = [rule["service_name"] for rule in rules]
        levels = [rule["level"] for rule in rules]
        blocks = await self._pool.fetchval(SQL["blocks_of"], child)
        total = 0
        for first in range(0, blocks, BLOCKS_AT_ONCE):
            began = time.monotonic()
            statement = query.format(child=child, first=first, after=first + BLOCKS_AT_ONCE, unpinned=SQL["unpinned"])
            async with self._lease.transaction() as connection:
                total += await connection.fetchval(statement, services, levels)
            # As long again for everybody else.
            await asyncio.sleep(time.monotonic() - began)
        return total
