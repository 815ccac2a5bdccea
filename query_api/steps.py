"""The steps that an answer over time is cut into."""

from collections.abc import Sequence
from datetime import timedelta

MINUTE, HOUR, DAY = 60, 3600, 86_400
LENGTHS = (1, 2, 5, 10, 15, 30, MINUTE, 120, 300, 600, 900, 1800, HOUR, 7200, 10_800, 21_600, 43_200, DAY)
"""Seconds of a step where a request does not say."""
MOST_BY_DEFAULT = 120
"""So many where a request does not say."""


def step_for(span: timedelta, lengths: Sequence[int] = LENGTHS) -> int:
    """Seconds of a step, so that the span has at most MOST_BY_DEFAULT of them wherever it begins.

    The lengths rise; beyond the last one a step is of whole days.
    """
    for length in lengths:
        if span <= timedelta(seconds=length) * (MOST_BY_DEFAULT - 1):
            return length
    return -(-span // timedelta(days=MOST_BY_DEFAULT - 1)) * DAY
