"""How many logs and spans, over how long, and which of them belong into which partition."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from database.ranges import Range


@dataclass(frozen=True)
class Volume:
    """`rows` logs and as many spans, evenly over the `days` before `until`; the newest has the number 0."""

    rows: int
    days: int
    until: datetime

    @property
    def step(self) -> timedelta:
        """From one row to the next."""
        return timedelta(days=self.days) / self.rows

    def numbers(self, times: Range, rows_an_item: int = 1) -> range:
        """The items in a range of times, where an item stands for so many rows."""
        step, count = rows_an_item * self.step, self.rows // rows_an_item
        newest, oldest = (
            -((times.upper - self.until) // step) if self.until >= times.upper else 0,
            (self.until - times.lower) // step,
        )
        return range(min(max(newest, 0), count), min(max(oldest + 1, 0), count))


def chunks(numbers: range, size: int) -> Iterator[range]:
    """The numbers in pieces of at most `size`."""
    return (numbers[start : start + size] for start in range(0, len(numbers), size))
