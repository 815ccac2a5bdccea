"""What a sample says of all."""

from dataclasses import dataclass
from math import ceil, floor, sqrt

# 19 of 20 true counts lie within their interval.
DEVIATIONS = 1.96


@dataclass(frozen=True)
class Sample:
    """Rows read, each as likely as any other, of so many that match."""

    read: int
    matching: int

    @property
    def is_all(self) -> bool:
        return self.read == self.matching

    def count(self, seen: int) -> int:
        """Of all, when so many of those read are."""
        return seen if self.is_all else round(seen * self.matching / self.read)

    def interval(self, seen: int) -> tuple[int, int]:
        """Between which the count of all lies: Wilson's interval, which holds for few rows too."""
        if self.is_all:
            return seen, seen
        share, weight = seen / self.read, DEVIATIONS**2 / self.read
        centre = (share + weight / 2) / (1 + weight)
        half = sqrt(share * (1 - share) * weight + weight**2 / 4) / (1 + weight)
        low, high = floor((centre - half) * self.matching), ceil((centre + half) * self.matching)
        return max(low, seen), min(high, self.matching - self.read + seen)
