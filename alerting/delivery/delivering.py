"""One claimed notice: what is left to tell of it, the attempt, and its place in the books."""

import asyncio
import logging
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import asyncpg

from alerting.delivery.channels import Environment, Unconfigured, read_channel
from alerting.delivery.message import Message, message_of, resolved_alone
from alerting.delivery.messenger import Messenger
from alerting.delivery.outbox import CLAIM_LASTS, Attempt, drop, instances_untold, record
from alerting.delivery.outcome import Outcome, refused
from alerting.delivery.retrying import next_attempt
from alerting.delivery.telemetry import Telemetry

NEVER_TOLD = "it is over, and of the firing this channel never heard"
RECORD_AGAIN_AFTER = 0.5
UNREACHABLE = (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError)

_log = logging.getLogger(__name__)


class Delivery:
    """Takes claimed rows to their channels. clock: the time that goes into the books."""

    def __init__(
        self,
        pool: Any,
        environment: Environment,
        messenger: Messenger,
        telemetry: Telemetry,
        clock: Callable[[], datetime],
    ) -> None:
        self._pool = pool
        self._environment = environment
        self._messenger = messenger
        self._telemetry = telemetry
        self._clock = clock

    async def deliver(self, row: Any) -> timedelta | None:
        """How long the channel asked to be left alone. A claim that the database does not let it finish runs out."""
        deadline = time.monotonic() + CLAIM_LASTS.total_seconds()
        message = await self._worth_telling(row)
        if message is None:
            return None
        attempt = await self._attempt(message)
        await self._record(message, attempt, told=row["told"], deadline=deadline)
        return attempt.outcome.wait

    async def _worth_telling(self, row: Any) -> Message | None:
        """None where nothing is left of it, or where it is no notice."""
        try:
            message, alone = message_of(row), resolved_alone(row)
        except (KeyError, TypeError, ValueError) as error:
            _log.error("notice %s cannot be read: %r", row["id"], error)
            await self._drop(row, f"it cannot be read: {error!r}")
            return None
        if alone:
            async with self._pool.acquire() as connection:
                message = message.without(await instances_untold(connection, message.channel, alone))
        if not message.items:
            await self._drop(row, NEVER_TOLD)
            return None
        return message

    async def _drop(self, row: Any, why: str) -> None:
        async with self._pool.acquire() as connection:
            await drop(connection, row, why, self._clock())

    async def _attempt(self, message: Message) -> Attempt:
        began_at, began, kind = self._clock(), time.monotonic(), "none"
        try:
            async with self._pool.acquire() as connection:
                channel = await read_channel(connection, message.channel, self._environment)
        except Unconfigured as reason:
            outcome: Outcome = refused(str(reason))
        else:
            kind = channel.kind
            outcome = await self._messenger.send(channel, message)
        seconds = time.monotonic() - began
        self._telemetry.attempted(kind, outcome, seconds)
        return Attempt(outcome, message.attempt, began_at, seconds * 1_000)

    async def _record(self, message: Message, attempt: Attempt, *, told: bool, deadline: float) -> None:
        """Tries for as long as nobody else may send it, since what is not recorded is sent again."""
        now = self._clock()
        due_at = next_attempt(attempt.outcome, message.attempt, message.created_at, now)
        if due_at is not None:
            state, finished_at = "waiting", None
        else:
            state, finished_at = ("sent" if told or attempt.outcome.told else "failed"), now
        while True:
            try:
                async with self._pool.acquire() as connection, connection.transaction():
                    await record(connection, message, attempt, state, due_at, finished_at)
                break
            except UNREACHABLE as error:
                if time.monotonic() > deadline:
                    _log.warning("what came of notice %s could not be recorded: %s", message.id, error)
                    return
                await asyncio.sleep(RECORD_AGAIN_AFTER)
        if state == "failed":
            _log.warning("channel %s was not told: %s", message.channel, attempt.outcome.error)
