"""Times, sizes and lists in words."""

from collections.abc import Sequence

UNITS = ((86_400, "day"), (3600, "hour"), (60, "minute"), (1, "second"))
ALMOST = 0.99
"""Of a unit: 59 minutes and 50 seconds are an hour."""
NAMED = 3


def span(seconds: float) -> str:
    """A duration by its largest unit: `3 hours`."""
    for size, name in UNITS:
        if seconds >= ALMOST * size or size == 1:
            return count(round(seconds / size), name)
    raise AssertionError


def count(number: int, name: str) -> str:
    return f"{number:,} {name}" if number == 1 else f"{number:,} {name}s"


def size(number: int) -> str:
    """Bytes in MiB, or GiB from ten on."""
    return f"{number >> 20:,} MiB" if number < 10 << 30 else f"{number >> 30:,} GiB"


def names(all_: Sequence[str]) -> str:
    """The first few, and how many more there are."""
    shown = ", ".join(all_[:NAMED])
    return shown if len(all_) <= NAMED else f"{shown} and {len(all_) - NAMED} more"
