"""How much time counts between two evaluations."""

from datetime import datetime, timedelta

from alerting.rules import Rule

# Evaluations come a little early or late: `for` of five intervals is over at the sixth evaluation all the same.
EARLY = 0.1


def counted(before: datetime, now: datetime, rule: Rule) -> float:
    """Seconds; none when the clock went back, at most two intervals when it jumped ahead or nobody evaluated."""
    return min(max(now - before, timedelta(0)), 2 * rule.interval).total_seconds()


def is_over(seconds: float, wanted: timedelta, rule: Rule) -> bool:
    """Whether so many counted seconds are as long as is wanted."""
    return seconds >= (wanted - EARLY * min(wanted, rule.interval)).total_seconds()
