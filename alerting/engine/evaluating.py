"""One evaluation of one rule: read, measured, recorded."""

import logging
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import Any
from uuid import UUID

import asyncpg

from alerting.engine.clock import Clock
from alerting.engine.lanes import Lanes, is_slow
from alerting.engine.leadership import Leadership
from alerting.engine.schedule import Scheduled
from alerting.links import Links
from alerting.measurements import Failed
from alerting.measuring.measuring import measure
from alerting.measuring.sources import Sources
from alerting.recording.broken import record_broken
from alerting.recording.recording import Run, record
from alerting.rules import rule_of
from database.lease import LeaseLost
from database.queries import load

SQL = load(__package__)
_log = logging.getLogger(__name__)


class Outcome(Enum):
    """What came of an evaluation. The values are an attribute of our metrics."""

    EVALUATED = "evaluated"
    FAILED = "failed"
    CHANGED = "changed"
    """The rule was changed meanwhile: nothing was recorded, and its next evaluation is due at once."""
    UNRECORDED = "unrecorded"
    """The database is away, or somebody else leads: nothing was recorded."""


class Evaluating:
    """Evaluates under the lease, with what `start` of the engine gave it."""

    def __init__(self, pool: Any, leadership: Leadership, sources: Sources, links: Links, clock: Clock) -> None:
        self._pool = pool
        self._leadership = leadership
        self._sources = sources
        self._links = links
        self._clock = clock
        self._lanes = Lanes()

    async def evaluate(self, scheduled: Scheduled) -> tuple[Outcome, Run]:
        """Raises nothing but cancellation."""
        async with self._lanes.slot(is_slow(scheduled.last_duration)):
            lag, missed = scheduled.begin(datetime.now(UTC))
            began = self._clock.now()
            if not self._leadership.held:
                return Outcome.UNRECORDED, Run(timedelta(0), lag, missed)
            try:
                outcome, duration = await self._evaluate(scheduled.id, began, lag, missed)
            except (LeaseLost, TimeoutError, OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
                _log.debug("an evaluation of rule %s was not recorded: %s", scheduled.id, error)
                outcome, duration = Outcome.UNRECORDED, self._clock.now() - began
            scheduled.last_duration = duration
            return outcome, Run(duration, lag, missed)

    async def _evaluate(self, rule_id: UUID, began: datetime, lag: timedelta, missed: int) -> tuple[Outcome, timedelta]:
        row = await self._pool.fetchrow(SQL["rule"], rule_id)
        if row is None:
            return Outcome.CHANGED, timedelta(0)
        try:
            rule = rule_of(row)
        except Exception as error:  # noqa: BLE001 plain SQL can write what is no rule
            run = Run(timedelta(0), lag, missed)
            return await self._broken(rule_id, f"is no rule that can be evaluated: {error}", run), run.duration
        measurement = await measure(rule, self._sources, began)
        run = Run(self._clock.now() - began, lag, missed)
        try:
            async with self._leadership.transaction() as connection:
                recorded = await record(connection, rule, measurement, began, run, self._links)
        except Exception as error:
            if is_passing(error):
                raise
            _log.exception("an evaluation of %s cannot be recorded", rule.name)
            return await self._broken(rule_id, f"cannot be recorded: {error}", run), run.duration
        if recorded is None:
            return Outcome.CHANGED, run.duration
        return Outcome.FAILED if isinstance(measurement, Failed) else Outcome.EVALUATED, run.duration

    async def _broken(self, rule_id: UUID, error: str, run: Run) -> Outcome:
        async with self._leadership.transaction() as connection:
            await record_broken(connection, rule_id, error, self._clock.now(), run, self._links)
        return Outcome.FAILED


def is_passing(error: Exception) -> bool:
    """Whether the same may succeed a little later: it is not for what was to be written."""
    if isinstance(error, asyncpg.PostgresError):
        return (error.sqlstate or "")[:2] not in ("22", "23", "54")
    return isinstance(error, LeaseLost | TimeoutError | OSError | asyncpg.InterfaceError)
