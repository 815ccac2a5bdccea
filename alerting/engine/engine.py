"""The engine of one process: it evaluates while this process leads, and watches while another does."""

import asyncio
import logging
import os
import socket
import time
import uuid
from collections import Counter
from datetime import UTC, datetime
from typing import Any

from opentelemetry.metrics import Meter

from alerting.engine.clock import Clock
from alerting.engine.evaluating import Evaluating, Outcome
from alerting.engine.heartbeat import Heartbeat
from alerting.engine.lanes import SLOTS, is_slow
from alerting.engine.leadership import Leadership, hand_over
from alerting.engine.listening import listen
from alerting.engine.retention import Retention
from alerting.engine.schedule import Schedule, Scheduled
from alerting.engine.telemetry import Telemetry
from alerting.engine.watchdog import Watchdog
from alerting.links import Links
from alerting.measuring.sources import Sources
from alerting.recording.acting import settle
from database.pool import connect_pool
from database.queries import load

SQL = load(__package__)
LOOKS_EVERY_SECONDS = 5.0
# Changes that come together are looked at together.
GATHER_SECONDS = 0.1
JUMP_SECONDS = 2.0
STATEMENT_TIMEOUT_MS = 5_000
# A leader that stands still within a transaction must not keep the lease's row locked.
IDLE_TIMEOUT_MS = 3_000
# As many as can ask at once, so that the renewal of the lease never waits for one.
MOST_CONNECTIONS = SLOTS + 5
STOP_SECONDS = 3.0
_log = logging.getLogger(__name__)


class Engine:
    """MUST be started within an event loop, and stopped."""

    def __init__(
        self,
        dsn: str,
        pool: Any,
        *,
        sources: Sources,
        links: Links,
        meter: Meter,
        retention_days: int,
        heartbeat_url: str | None = None,
    ) -> None:
        self._dsn = dsn
        self._pool = pool
        self._links = links
        self._clock = Clock()
        holder = f"{socket.gethostname()}:{os.getpid()}:{uuid.uuid4().hex[:8]}"
        self._leadership = Leadership(pool, holder, self._clock)
        self._evaluating = Evaluating(pool, self._leadership, sources, links, self._clock)
        self._schedule = Schedule(self._evaluate, self._clock)
        self._telemetry = Telemetry(meter, self._rules_by_lane, lambda: self._leadership.held)
        self._running: set[asyncio.Task[Any]] = set()
        self._work = [
            self._leadership.keep(),
            self._follow(),
            listen(dsn, self._leadership.changed.set),
            Watchdog(pool, links).watch(),
            Retention(self._leadership, self._clock, retention_days).keep(),
        ]
        if heartbeat_url:
            self._work.append(Heartbeat(heartbeat_url, pool, self._leadership).beat_on())

    def start(self) -> None:
        self._schedule.start()
        for work in self._work:
            self._track(asyncio.create_task(work))

    async def stop(self) -> None:
        """Evaluations under way are given up, which changes nothing. Another process leads at once."""
        self._schedule.stop()
        running = list(self._running)
        for task in running:
            task.cancel()
        if running:
            await asyncio.wait(running, timeout=STOP_SECONDS)
        await hand_over(self._leadership, STOP_SECONDS)
        self._pool.terminate()

    async def _evaluate(self, scheduled: Scheduled) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._track(task)
        try:
            outcome, run = await self._evaluating.evaluate(scheduled)
        except asyncio.CancelledError:
            # The engine stops. APScheduler would log it as a failure of the job.
            return
        self._telemetry.evaluated(outcome.value, run.duration, run.lag, run.missed)
        if outcome is Outcome.UNRECORDED:
            self._schedule.again(scheduled)
        elif outcome is Outcome.CHANGED:
            self._leadership.changed.set()

    async def _follow(self) -> None:
        """Keeps the schedule as the rules are, while this process leads, and empty else."""
        changed, ahead = self._leadership.changed, _ahead()
        while True:
            changed.clear()
            if abs(_ahead() - ahead) > JUMP_SECONDS:
                # APScheduler goes by the machine's clock, and that was set.
                self._schedule.clear()
            ahead = _ahead()
            try:
                await self._look()
            except Exception as error:  # noqa: BLE001 the database is away: the next round looks again
                _log.debug("rules could not be read: %s", error)
            try:
                await asyncio.wait_for(changed.wait(), LOOKS_EVERY_SECONDS)
                await asyncio.sleep(GATHER_SECONDS)
            except TimeoutError:
                continue

    async def _look(self) -> None:
        if not self._leadership.held:
            self._schedule.clear()
            return
        self._schedule.follow(await self._pool.fetch(SQL["rules_to_evaluate"]))
        for row in await self._pool.fetch(SQL["disabled_but_open"]):
            async with self._leadership.transaction() as connection:
                await settle(connection, row["id"], "disabled", self._clock.now(), self._links)

    def _rules_by_lane(self) -> dict[str, int]:
        lanes = Counter("slow" if is_slow(rule.last_duration) else "fast" for rule in self._schedule.rules)
        return {lane: lanes[lane] for lane in ("fast", "slow")}

    def _track(self, task: asyncio.Task[Any]) -> None:
        self._running.add(task)
        task.add_done_callback(self._running.discard)


def _ahead() -> float:
    """Of the machine's clock before the one that nobody sets."""
    return datetime.now(UTC).timestamp() - time.monotonic()


async def start(
    dsn: str,
    *,
    sources: Sources,
    links: Links,
    meter: Meter,
    retention_days: int,
    heartbeat_url: str | None = None,
) -> Engine:
    """An engine over a pool of its own. The database MAY come later."""
    # An evaluation that takes longer than its interval is counted, and the next turn is skipped.
    logging.getLogger("apscheduler.scheduler").setLevel(logging.ERROR)
    pool = await connect_pool(
        dsn,
        min_size=0,
        max_size=MOST_CONNECTIONS,
        statement_timeout_ms=STATEMENT_TIMEOUT_MS,
        idle_in_transaction_timeout_ms=IDLE_TIMEOUT_MS,
    )
    engine = Engine(
        dsn,
        pool,
        sources=sources,
        links=links,
        meter=meter,
        retention_days=retention_days,
        heartbeat_url=heartbeat_url,
    )
    engine.start()
    return engine
