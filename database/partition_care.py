"""The job that keeps partitions ahead of the rows and DEFAULT small."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

from database import partitions, queries
from database.jobs import Report
from database.lease import Lease

SQL = queries.load(__package__)


class PartitionCare:
    """Makes missing partitions, moving their rows out of DEFAULT, and reports what DEFAULT holds."""

    name = "partition_care"
    interval = timedelta(seconds=60)
    timeout = timedelta(minutes=10)

    def __init__(
        self, pool: Any, lease: Lease, retention_days: int, days_kept: Mapping[str, int] = MappingProxyType({})
    ) -> None:
        self._pool = pool
        self._lease = lease
        self._retention_days = retention_days
        self._days_kept = days_kept

    async def run_once(self, now: datetime) -> Report:
        async with self._pool.acquire() as connection:
            care = await partitions.ensure(
                connection, now, self._retention_days, self._lease.confirm, days_kept=self._days_kept
            )
            rows = await connection.fetch(SQL["default_sizes"], list(partitions.PARENTS))
        sizes = {row["child"]: {"rows": row["rows"], "bytes": row["bytes"]} for row in rows}
        return care.report() | {"default": sizes}
