"""What a maintenance job is, and how its outcome is kept in enterprise.maintenance_runs."""

import asyncio
import logging
from datetime import datetime, timedelta
from typing import Any, Protocol

from database import queries
from database.error_line import error_line
from database.lease import LeaseLost

SQL = queries.load(__package__)
log = logging.getLogger(__name__)

Report = dict[str, Any]


class Job(Protocol):
    """A piece of scheduled work. run_once MUST be safe to repeat, to cancel, and to run late."""

    name: str
    interval: timedelta
    timeout: timedelta

    async def run_once(self, now: datetime) -> Report:
        """Does what is due at `now`, a time in UTC, and says what it did, in values that JSON holds."""


async def run(job: Job, pool: Any) -> str | None:
    """Runs a job once at the database's time, within its timeout, and records the outcome. Returns why it failed.

    Only cancellation is raised: a job that fails stops nobody else.
    """
    try:
        now = await pool.fetchval(SQL["current_time"])
        async with asyncio.timeout(job.timeout.total_seconds()):
            report = await job.run_once(now)
        await pool.execute(SQL["record_success"], job.name, now, report)
    except LeaseLost as error:
        return f"left to another: {error}"
    except Exception as error:  # noqa: BLE001 whatever a job raises, the next one runs
        line = error_line(error)
        await _record_failure(job, pool, line)
        return line
    return None


async def _record_failure(job: Job, pool: Any, line: str) -> None:
    try:
        await pool.execute(SQL["record_failure"], job.name, line)
    except Exception as error:  # noqa: BLE001 the database is away, which the failure says already
        log.debug("maintenance %s: its failure was not recorded: %s", job.name, error)
