"""Which ranges of time a partitioned table should have: UTC days, or parts of days where one is too much."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import MappingProxyType

DAY = timedelta(days=1)
QUARTER = timedelta(hours=6)
HOUR = timedelta(hours=1)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

# Days ahead of today that exist already: room for clocks that run fast and for a week without care.
DAYS_AHEAD = 7

# 20 million spans are 10 GB of heap: a leaf beyond that makes one index build or freeze a matter of an hour.
# Hourly leaves are close to a thousand a table, which costs planning time, so they wait for 80 million.
QUARTER_FROM_ROWS = 20_000_000
HOUR_FROM_ROWS = 80_000_000


@dataclass(frozen=True, order=True)
class Range:
    """Times from lower, inclusive, to upper, exclusive; both with time zone."""

    lower: datetime
    upper: datetime

    def child_of(self, parent: str) -> str:
        """The partition's name: parent_pYYYYMMDD for a whole day, with _HH or _HHMM for a part of one."""
        if self.upper - self.lower == DAY and self.lower == midnight(self.lower):
            return f"{parent}_p{self.lower:%Y%m%d}"
        return f"{parent}_p{self.lower:%Y%m%d_%H%M}" if self.lower.minute else f"{parent}_p{self.lower:%Y%m%d_%H}"

    def overlaps(self, other: "Range") -> bool:
        return self.lower < other.upper and other.lower < self.upper


def midnight(time: datetime) -> datetime:
    """The start of the time's day. The time MUST be in UTC."""
    return time.replace(hour=0, minute=0, second=0, microsecond=0)


def wanted(now: datetime, retention_days: int, length: timedelta = DAY) -> Range:
    """What partitions should cover: from the midnight before which rows expire to the end of the days ahead.

    length: of a partition, in whole days; the ends are multiples of it since 1970.
    """
    today = midnight(now)
    lower, upper = today - timedelta(days=retention_days), today + DAY * (DAYS_AHEAD + 1)
    return Range(lower - (lower - EPOCH) % length, upper + (EPOCH - upper) % length)


def length_for(rows_of_yesterday: float) -> timedelta:
    """How long future ranges should be when yesterday brought so many rows."""
    if rows_of_yesterday > HOUR_FROM_ROWS:
        return HOUR
    return QUARTER if rows_of_yesterday > QUARTER_FROM_ROWS else DAY


def missing(
    covered: list[Range],
    whole: Range,
    lengths: Mapping[datetime, timedelta] = MappingProxyType({}),
    length: timedelta = DAY,
) -> Iterator[Range]:
    """The ranges to make so that `whole`, which MUST be a multiple of `length`, is covered without overlap.

    lengths says, by a day's midnight, how long its ranges should be; `length` where it says nothing. What is left of a
    piece that is covered in part is filled by the hour, of a piece longer than a day by the day.
    """
    start = whole.lower
    while start < whole.upper:
        for piece in _pieces(Range(start, start + length), lengths.get(start, length)):
            holes = _holes(piece, covered)
            if holes == [piece]:
                yield piece
            else:
                for hole in holes:
                    yield from _cut(hole, DAY if length > DAY else HOUR)
        start += length


def _pieces(whole: Range, length: timedelta) -> Iterator[Range]:
    lower = whole.lower
    while lower < whole.upper:
        yield Range(lower, lower + length)
        lower += length


def _holes(piece: Range, covered: list[Range]) -> list[Range]:
    holes = []
    lower = piece.lower
    for taken in sorted(other for other in covered if other.overlaps(piece)):
        if lower < taken.lower:
            holes.append(Range(lower, taken.lower))
        lower = max(lower, taken.upper)
    if lower < piece.upper:
        holes.append(Range(lower, piece.upper))
    return holes


def _cut(hole: Range, unit: timedelta) -> Iterator[Range]:
    lower = hole.lower
    while lower < hole.upper:
        next_unit = lower - (lower - EPOCH) % unit + unit
        yield Range(lower, min(next_unit, hole.upper))
        lower = next_unit
