"""When a notice is tried again."""

import random
from datetime import datetime, timedelta

from alerting.delivery.outcome import Outcome

FIRST_DELAY = timedelta(seconds=1)
LONGEST_DELAY = timedelta(minutes=5)
GIVE_UP_AFTER = timedelta(hours=24)
JITTER = 0.2


def next_attempt(outcome: Outcome, attempt: int, created_at: datetime, now: datetime) -> datetime | None:
    """None where there is to be none: a notice is given up after a day. Never sooner than the channel asked for."""
    if not outcome.again:
        return None
    wait = delay(attempt, random.uniform(-JITTER, JITTER))
    if outcome.wait is not None:
        wait = max(wait, outcome.wait)
    at = now + wait
    return at if at < created_at + GIVE_UP_AFTER else None


def delay(attempt: int, jitter: float) -> timedelta:
    """After so many attempts; jitter is a share of it that is added."""
    # 2 to the power of a large number of attempts is no timedelta any more.
    doublings = min(attempt - 1, 16)
    return min(FIRST_DELAY * (1 << doublings), LONGEST_DELAY) * (1 + jitter)
