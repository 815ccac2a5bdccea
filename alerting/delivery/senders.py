"""Senders of one process: woken by new notices, they claim what is due and take it to its channels."""

import asyncio
import logging
import os
import socket
import uuid
from collections import defaultdict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from typing import Any

from opentelemetry.metrics import Meter

from alerting.delivery.channels import Environment
from alerting.delivery.delivering import UNREACHABLE, Delivery
from alerting.delivery.lanes import Lane
from alerting.delivery.messenger import Messenger
from alerting.delivery.outbox import Ready, claim, outlook
from alerting.delivery.telemetry import Telemetry

CHANNEL = "alert_notices"
LOOK_EVERY = 10.0
"""Seconds between two looks at most, for an announcement may be lost with its connection."""
LOOK_AGAIN_AFTER = 0.2
RECONNECT_AFTER = (0.1, 0.5, 2.0, 5.0)
STOP_SECONDS = 3.0

_log = logging.getLogger(__name__)


def _now() -> datetime:
    return datetime.now(UTC)


class Senders:
    """Any number of them, in any number of processes, share the notices. Each is claimed by one at a time, so it is
    sent once, and again only where its sender ended, or lost the database, before it could record what came of it.

    pool: MUST leave at least two connections to it, of which it keeps one. messenger: closed with it.
    """

    def __init__(
        self,
        pool: Any,
        environment: Environment,
        meter: Meter,
        clock: Callable[[], datetime] = _now,
        messenger: Messenger | None = None,
    ) -> None:
        self.environment = environment
        self.messenger = messenger or Messenger()
        self._pool = pool
        self._clock = clock
        self._oldest = 0.0
        self._delivery = Delivery(pool, environment, self.messenger, Telemetry(meter, lambda: self._oldest), clock)
        self._claimer = f"{socket.gethostname()}:{os.getpid()}:{uuid.uuid4().hex[:8]}"
        self._lanes: defaultdict[str, Lane] = defaultdict(Lane)
        self._wake = asyncio.Event()
        self._deliveries: set[asyncio.Task[None]] = set()
        self._running: asyncio.Task[None] | None = None
        self._stopping = False

    def start(self) -> None:
        """Begins in the running event loop; MUST be stopped. The database MAY come later."""
        self._running = asyncio.create_task(self.run())

    async def stop(self) -> None:
        """Claims nothing any more, waits a moment for what is being sent, and leaves the rest to others."""
        self._stopping = True
        tasks = [self._running] if self._running else []
        for task in tasks:
            task.cancel()
        if self._deliveries:
            await asyncio.wait(self._deliveries, timeout=STOP_SECONDS)
        for delivery in self._deliveries:
            delivery.cancel()
        await asyncio.gather(*tasks, *self._deliveries, return_exceptions=True)
        await self.messenger.close()

    async def run(self) -> None:
        """Until it is stopped; what is being sent then goes on."""
        failures = 0
        # Giving back a lost connection may raise and hide that this was cancelled.
        while not self._stopping:
            try:
                async with self._listening() as connection:
                    while True:
                        await self._look(connection)
                        failures = 0
            except UNREACHABLE as failure:
                failures += 1
                if failures == 2:
                    _log.warning("alert notices wait for the database: %s", failure)
            except Exception:  # noqa: BLE001 - senders that stopped would be noticed by nobody
                failures += 1
                _log.exception("looking for alert notices failed")
            if not self._stopping:
                await asyncio.sleep(RECONNECT_AFTER[min(max(failures, 1), len(RECONNECT_AFTER)) - 1])

    @asynccontextmanager
    async def _listening(self) -> AsyncIterator[Any]:
        async with self._pool.acquire() as connection:
            connection.add_termination_listener(self._heard)
            try:
                await connection.add_listener(CHANNEL, self._heard)
                yield connection
            finally:
                with suppress(*UNREACHABLE):
                    connection.remove_termination_listener(self._heard)
                    await connection.remove_listener(CHANNEL, self._heard)

    def _heard(self, *_: object) -> None:
        self._wake.set()

    async def _look(self, connection: Any) -> None:
        """Claims what there is room for, or waits until there may be something to claim."""
        self._wake.clear()
        now = self._clock()
        waiting = await outlook(connection, now)
        self._oldest = max((ready.age or 0.0 for ready in waiting), default=0.0)
        claimed = 0
        for ready in waiting:
            room = self._lanes[ready.channel].room(now)
            if ready.seconds <= 0 and room > 0:
                rows = await claim(connection, ready.channel, room, now, self._claimer)
                claimed += len(rows)
                for row in rows:
                    self._send(row)
        if not claimed:
            with suppress(TimeoutError):
                async with asyncio.timeout(self._pause(waiting, now)):
                    await self._wake.wait()

    def _send(self, row: Any) -> None:
        self._lanes[row["channel"]].running += 1
        delivery = asyncio.create_task(self._deliver(row))
        self._deliveries.add(delivery)
        delivery.add_done_callback(self._deliveries.discard)

    async def _deliver(self, row: Any) -> None:
        lane = self._lanes[row["channel"]]
        try:
            wait = await self._delivery.deliver(row)
            if wait:
                lane.paused_until = self._clock() + wait
        except UNREACHABLE as failure:
            _log.warning("notice %s is left until its claim runs out: %s", row["id"], failure)
        except Exception:  # noqa: BLE001 - as above
            _log.exception("notice %s is left until its claim runs out", row["id"])
        finally:
            lane.running -= 1
            self._wake.set()

    def _pause(self, waiting: list[Ready], now: datetime) -> float:
        """Seconds until there may be something to claim. Channels without room wake it up when they have some."""
        seconds = LOOK_EVERY
        for ready in waiting:
            lane = self._lanes[ready.channel]
            if lane.pause(now) or lane.room(now):
                seconds = min(seconds, max(ready.seconds, lane.pause(now), LOOK_AGAIN_AFTER))
        return seconds


async def start(pool: Any, environment: Environment, meter: Meter, clock: Callable[[], datetime] = _now) -> Senders:
    """Senders at work; MUST be stopped before the pool is closed."""
    senders = Senders(pool, environment, meter, clock)
    senders.start()
    return senders
