"""When a rule is evaluated: on a grid of its interval that its id shifts, so that many rules do not fall together."""

import zlib
from datetime import UTC, datetime, timedelta
from uuid import UUID

from apscheduler.triggers.base import BaseTrigger

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# Over so much time those are spread that are due at once, after a start for instance.
AT_ONCE = timedelta(seconds=5)


class Turns:
    """The turns of one rule. interval: at least a second."""

    def __init__(self, rule_id: UUID, interval: timedelta) -> None:
        self.interval = interval
        self._share = zlib.crc32(rule_id.bytes) / 2**32

    def after(self, moment: datetime) -> datetime:
        """The first turn that is later than it."""
        origin = EPOCH + self._share * self.interval
        return origin + ((moment - origin) // self.interval + 1) * self.interval

    def following(self, begun: datetime) -> datetime:
        """The turn after an evaluation that may have begun between turns: never less than half an interval later."""
        return self.after(begun + self.interval / 2)

    def first(self, last: datetime | None, now: datetime) -> datetime:
        """When to begin. last: the last evaluation. At once, give or take, where a turn was missed."""
        due = None if last is None else self.following(last)
        if due is None or due < now:
            return now + self._share * min(self.interval, AT_ONCE)
        return min(due, self.following(now))


class TurnsTrigger(BaseTrigger):  # type: ignore[misc]
    """A rule's turns, as APScheduler asks for them."""

    def __init__(self, turns: Turns) -> None:
        self._turns = turns

    def get_next_fire_time(self, previous_fire_time: datetime | None, now: datetime) -> datetime:
        if previous_fire_time is None:
            return self._turns.after(now)
        return max(self._turns.following(previous_fire_time), self._turns.after(now))
