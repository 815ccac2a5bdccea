"""Runs the maintenance jobs on their intervals, while this process holds the lease for them."""

import asyncio
import contextlib
import logging
import os
import socket
import time
import uuid
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Any

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.interval import IntervalTrigger
from opentelemetry.metrics import CallbackOptions, Meter, Observation

from database import jobs, maintenance
from database.lease import Lease
from database.pool import connect_pool
from server.ledger_gauge import LedgerGauge
from server.prices import price
from server.retention_gauge import RetentionGauge
from server.search_gauge import SearchGauge
from server.service_map_gauge import ServiceMapGauge

log = logging.getLogger(__name__)

LEASE_LASTS = timedelta(seconds=45)
LEASE_RENEWED_EVERY = timedelta(seconds=10)
STAGGER = timedelta(seconds=2)
STATEMENT_TIMEOUT_MS = 600_000
MOST_CONNECTIONS = 8
STOP_SECONDS = 3.0
RUNS = (0.01, 0.1, 1.0, 10.0, 60.0, 600.0)


class Scheduler:
    """The jobs of one process. They run on one holder of the lease at a time, by the database's clock."""

    def __init__(
        self,
        pool: Any,
        retention_days: int,
        meter: Meter,
        days_kept: Mapping[str, int] = MappingProxyType({}),
        most_bytes: int | None = None,
    ) -> None:
        self._pool = pool
        self._runs = meter.create_histogram(
            "otelgres.maintenance.run.duration",
            "s",
            "Runs of maintenance jobs.",
            explicit_bucket_boundaries_advisory=RUNS,
        )
        meter.create_observable_gauge(
            "otelgres.maintenance.since_success",
            [self._observe],
            "s",
            "Time since a job's last success, where this process leads: how far its results lag.",
        )
        holder = f"{socket.gethostname()}:{os.getpid()}:{uuid.uuid4().hex[:8]}"
        self._lease = Lease(pool, "maintenance", holder, LEASE_LASTS)
        self._running: set[asyncio.Task[Any]] = set()
        self._failures: dict[str, str] = {}
        self._succeeded: dict[str, float] = {}
        self._scheduler = AsyncIOScheduler(
            timezone=UTC, job_defaults={"max_instances": 1, "coalesce": True, "misfire_grace_time": None}
        )
        self._every(LEASE_RENEWED_EVERY, timedelta(0), self._renew)
        gauges = (LedgerGauge, SearchGauge, ServiceMapGauge, RetentionGauge)
        for gauge in [gauge(pool, meter) for gauge in gauges]:
            self._every(gauge.interval, STAGGER, self._look, gauge)
        work = maintenance.jobs(
            pool,
            self._lease,
            retention_days=retention_days,
            days_kept=days_kept,
            most_bytes=most_bytes,
            price=price,
        )
        for place, job in enumerate(work, 1):
            self._every(job.interval, place * STAGGER, self._run, job)

    def start(self) -> None:
        """Begins at once, in the running event loop."""
        self._scheduler.start()

    async def stop(self) -> None:
        """Cancels what runs, waits for it, and lets another process lead. Returns within seconds."""
        self._scheduler.shutdown(wait=False)
        running = list(self._running)
        for task in running:
            task.cancel()
        if running:
            await asyncio.wait(running, timeout=STOP_SECONDS)
        with contextlib.suppress(Exception):
            async with asyncio.timeout(STOP_SECONDS):
                await self._lease.release()
                await self._pool.close()
        self._pool.terminate()

    def _every(self, interval: timedelta, first_after: timedelta, work: Any, *arguments: object) -> None:
        self._scheduler.add_job(
            work,
            IntervalTrigger(seconds=int(interval.total_seconds()), timezone=UTC),
            args=arguments,
            next_run_time=datetime.now(UTC) + first_after,
        )

    async def _renew(self) -> None:
        led = self._lease.held
        try:
            with self._tracked():
                async with asyncio.timeout(LEASE_RENEWED_EVERY.total_seconds()):
                    await self._lease.acquire()
        except Exception as error:  # noqa: BLE001 the database is away: the next round tries again
            if led:
                log.warning("maintenance waits for the database: %s", error)
        else:
            if self._lease.held and not led:
                log.info("maintenance runs here")

    async def _run(self, job: jobs.Job) -> None:
        if self._lease.held:
            with self._tracked():
                began = time.monotonic()
                failure = await jobs.run(job, self._pool)
                self._tell(job, failure)
                outcome = "failed" if failure else "succeeded"
                if failure is None:
                    self._succeeded[job.name] = began
                self._runs.record(time.monotonic() - began, {"job": job.name, "outcome": outcome})

    def _observe(self, options: CallbackOptions) -> Iterable[Observation]:
        if self._lease.held:
            now = time.monotonic()
            for job, began in self._succeeded.copy().items():
                yield Observation(now - began, {"job": job})

    def _tell(self, job: jobs.Job, failure: str | None) -> None:
        """A line when a job begins to fail, or fails otherwise, and one when it works again."""
        before = self._failures.pop(job.name, None)
        if failure is not None:
            self._failures[job.name] = failure
            if failure != before:
                log.error("maintenance %s failed: %s", job.name, failure)
        elif before is not None:
            log.warning("maintenance %s works again", job.name)

    async def _look(self, gauge: LedgerGauge | SearchGauge | ServiceMapGauge | RetentionGauge) -> None:
        with self._tracked():
            await gauge.look()

    @contextlib.contextmanager
    def _tracked(self) -> Any:
        task = asyncio.current_task()
        assert task is not None
        self._running.add(task)
        try:
            yield
        finally:
            self._running.discard(task)


async def start(
    dsn: str,
    *,
    retention_days: int,
    meter: Meter,
    days_kept: Mapping[str, int] = MappingProxyType({}),
    most_bytes: int | None = None,
) -> Scheduler:
    """Schedules all maintenance over a pool of its own; MUST be stopped. The database MAY come later."""
    # A job that runs longer than its interval is no news: it goes on, and the next round is skipped.
    logging.getLogger("apscheduler.scheduler").setLevel(logging.ERROR)
    pool = await connect_pool(dsn, min_size=0, max_size=MOST_CONNECTIONS, statement_timeout_ms=STATEMENT_TIMEOUT_MS)
    scheduler = Scheduler(pool, retention_days, meter, days_kept, most_bytes)
    scheduler.start()
    return scheduler
