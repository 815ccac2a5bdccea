"""One APScheduler job for each rule, at the rule's own interval."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from apscheduler.jobstores.base import JobLookupError
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from alerting.engine.clock import Clock
from alerting.engine.turns import Turns, TurnsTrigger

AGAIN = timedelta(seconds=5)
SECOND = timedelta(seconds=1)


@dataclass
class Scheduled:
    """A rule whose turns come. due: the turn that comes next, or is late; times are the machine's own."""

    id: UUID
    version: int
    turns: Turns
    due: datetime
    last_duration: timedelta | None = None

    def begin(self, now: datetime) -> tuple[timedelta, int]:
        """How late this evaluation begins, and how many turns fell out before it."""
        lag = max(now - self.due, timedelta(0))
        missed = lag // self.turns.interval
        self.due = self.turns.following(max(now, self.due))
        return lag, missed


class Schedule:
    """The rules that are evaluated here. evaluate: raises nothing."""

    def __init__(self, evaluate: Callable[[Scheduled], Awaitable[None]], clock: Clock) -> None:
        self._evaluate = evaluate
        self._clock = clock
        self._rules: dict[UUID, Scheduled] = {}
        self._scheduler = AsyncIOScheduler(
            timezone=UTC, job_defaults={"max_instances": 1, "coalesce": True, "misfire_grace_time": None}
        )

    @property
    def rules(self) -> Iterable[Scheduled]:
        return self._rules.values()

    def start(self) -> None:
        self._scheduler.start()

    def stop(self) -> None:
        """No evaluation begins any more; those that run are left alone."""
        self._scheduler.shutdown(wait=False)
        self._rules.clear()

    def clear(self) -> None:
        self._scheduler.remove_all_jobs()
        self._rules.clear()

    def follow(self, rows: Iterable[Mapping[str, Any]]) -> None:
        """Makes these the rules. One whose version and interval are as before keeps its turns."""
        wanted = {row["id"]: row for row in rows}
        for gone in self._rules.keys() - wanted.keys():
            self._remove(gone)
        for rule_id, row in wanted.items():
            interval = max(row["interval_seconds"], 1) * SECOND
            known = self._rules.get(rule_id)
            if known is None or known.turns.interval != interval:
                self._add(row, interval)
            elif known.version != row["version"]:
                known.version = row["version"]
                self._at(known, datetime.now(UTC))

    def again(self, rule: Scheduled) -> None:
        """Once more soon: its evaluation came to nothing."""
        if self._rules.get(rule.id) is rule:
            self._at(rule, min(rule.due, datetime.now(UTC) + AGAIN))

    def _add(self, row: Mapping[str, Any], interval: timedelta) -> None:
        turns, now, milliseconds = Turns(row["id"], interval), datetime.now(UTC), row["last_duration_ms"]
        last = None if row["last_evaluated_at"] is None else self._clock.local(row["last_evaluated_at"])
        first = turns.first(last, now)
        due = first if last is None else min(first, turns.following(last))
        duration = None if milliseconds is None else timedelta(milliseconds=milliseconds)
        rule = Scheduled(row["id"], row["version"], turns, due, duration)
        self._rules[rule.id] = rule
        self._scheduler.add_job(
            self._evaluate,
            TurnsTrigger(turns),
            args=(rule,),
            id=str(rule.id),
            next_run_time=first,
            replace_existing=True,
        )

    def _at(self, rule: Scheduled, moment: datetime) -> None:
        rule.due = moment
        self._scheduler.modify_job(str(rule.id), next_run_time=moment)

    def _remove(self, rule_id: UUID) -> None:
        del self._rules[rule_id]
        try:
            self._scheduler.remove_job(str(rule_id))
        except JobLookupError:
            return
