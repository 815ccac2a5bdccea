"""Partitions of the time-partitioned tables: which exist, and making the ones that should.

What no partition holds is in the table's DEFAULT one. Its rows move into a new partition in the transaction that
attaches it, so no reader ever misses a row.
"""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from types import MappingProxyType
from typing import Any

import asyncpg

from database import queries
from database.locks import limit_waiting, patiently
from database.ranges import DAY, HOUR, Range, length_for, midnight, missing, wanted

SQL = queries.load(__package__)

# Columns that rows are partitioned by.
PARENTS = {
    "trace_spans": "start_time",
    "structured_logs": "timestamp",
    "operation_minutes": "minute",
    "log_minutes": "minute",
    "metric_points": "time",
    "metric_minutes": "minute",
    "metric_hours": "hour",
    "attribute_keys": "day",
    "attribute_values": "day",
    "operation_quarters": "quarter",
    "service_quarters": "quarter",
    "edge_minutes": "minute",
    "edge_quarters": "quarter",
    "gen_ai_spans": "timestamp",
}

# Where a day is too little for a partition: a year of hours would be 400 of them, and a month of any table 38.
LENGTHS = {
    "log_minutes": 7 * DAY,
    "edge_minutes": 7 * DAY,
    "metric_hours": 28 * DAY,
    "attribute_keys": 7 * DAY,
    "attribute_values": 7 * DAY,
    "operation_quarters": 7 * DAY,
    "service_quarters": 7 * DAY,
    "edge_quarters": 7 * DAY,
}

# Readers of a DEFAULT partition wait while its rows are moved: about a second for so many.
MOVED_AT_ONCE = 50_000

# Readers wait 100 ms while so many are attached, and each takes up to ten locks of the 6,400 that a PostgreSQL has.
MADE_AT_ONCE = 50
# Each that is attached reads all of DEFAULT, so beyond this size readers are let in between.
READ_EACH_TIME = 1 << 20

Guard = Callable[[Any], Awaitable[None]]


@dataclass(frozen=True)
class Leaf:
    """A partition. Its range is None for DEFAULT."""

    parent: str
    child: str
    range: Range | None


@dataclass
class Care:
    """What `ensure` did. Ranges postponed could not get their lock; crowded ones have too many rows in DEFAULT to
    move at once and stay there; obstructed ones have a foreign table in their place. All are tried again the next
    time, and until then DEFAULT takes their rows."""

    made: int = 0
    moved: int = 0
    postponed: list[str] = field(default_factory=list)
    crowded: list[str] = field(default_factory=list)
    obstructed: list[str] = field(default_factory=list)

    def report(self) -> dict[str, Any]:
        return asdict(self)


async def leaves(connection: Any) -> list[Leaf]:
    """All attached partitions of enterprise's time-partitioned tables. An open end is the end of time."""
    return [
        Leaf(
            row["parent"],
            row["child"],
            None
            if row["is_default"]
            else Range(
                row["lower_bound"] or datetime.min.replace(tzinfo=UTC),
                row["upper_bound"] or datetime.max.replace(tzinfo=UTC),
            ),
        )
        for row in await connection.fetch(SQL["leaves"], list(PARENTS))
    ]


def wanted_of(parent: str, now: datetime, retention_days: int, days_kept: Mapping[str, int]) -> Range:
    """What a table's partitions should cover."""
    return wanted(now, days_kept.get(parent, retention_days), LENGTHS.get(parent, DAY))


async def floors(connection: Any) -> dict[str, datetime]:
    """By table, up to when ranges went because of the size set for all telemetry; they are not made again."""
    return {row["parent"]: row["kept_from"] for row in await connection.fetch(SQL["retention_floors"])}


async def ensure(
    connection: Any,
    now: datetime,
    retention_days: int,
    guard: Guard | None = None,
    *,
    days_kept: Mapping[str, int] = MappingProxyType({}),
) -> Care:
    """Makes the partitions that are missing from [now - retention_days, now + 7 days], in whole UTC days.

    days_kept has the tables with a retention of their own. Several programs MAY call it at once. The connection MUST be
    in no transaction. guard is called at the start of each transaction and MAY raise to stop the work; what was made
    before stays.
    """
    care = Care()
    covered = _covered(await leaves(connection))
    kept_from = await floors(connection)
    for parent in PARENTS:
        whole, length = wanted_of(parent, now, retention_days, days_kept), LENGTHS.get(parent, DAY)
        holes = list(missing(covered[parent], whole, length=length))
        if not holes:
            continue
        lengths = await _lengths(connection, parent, holes, now) if length == DAY else {}
        floor = kept_from.get(parent, whole.lower)
        ranges = [range_ for range_ in missing(covered[parent], whole, lengths, length) if range_.upper > floor]
        for start in range(0, len(ranges), MADE_AT_ONCE):
            some = ranges[start : start + MADE_AT_ONCE]
            if not await _make_all(connection, parent, some, guard, care):
                await _make_each(connection, parent, some, guard, care)
    return care


async def make_again(connection: Any, parent: str, range_: Range) -> None:
    """Makes the table of a range that was detached just now, aside; `attach` puts it into its place.

    The connection MUST be in the transaction that detached, which keeps everybody else out.
    """
    await connection.execute(_made_aside(parent, range_))


async def attach(connection: Any, parent: str, range_: Range) -> None:
    """Puts a table that was made aside into its place."""
    await connection.execute(_ddl("attach_partition", parent, range_))


async def lock(connection: Any) -> None:
    """Until the transaction ends, nobody else makes partitions. Comes before every lock of a table."""
    await connection.execute(SQL["lock_partitions"])


def _covered(found: Iterable[Leaf]) -> dict[str, list[Range]]:
    covered: dict[str, list[Range]] = {parent: [] for parent in PARENTS}
    for leaf in found:
        if leaf.range:
            covered[leaf.parent].append(leaf.range)
    return covered


async def _lengths(connection: Any, parent: str, holes: list[Range], now: datetime) -> dict[datetime, timedelta]:
    """By day, how long its partitions should be: future ones by the volume of yesterday; where DEFAULT holds too
    many rows to move a whole day, an hour."""
    today = midnight(now)
    rows = await connection.fetchval(SQL["rows_between"], parent, today - DAY, today)
    lengths = {}
    for day in sorted({midnight(hole.lower) for hole in holes}):
        if await _crowded(connection, parent, Range(day, day + DAY)):
            lengths[day] = HOUR
        elif day > now:
            lengths[day] = length_for(rows)
    return lengths


async def _make_all(connection: Any, parent: str, ranges: list[Range], guard: Guard | None, care: Care) -> bool:
    """Makes them in one transaction. False, with none made, when DEFAULT holds much or rows of these times, when
    somebody holds a lock or was faster, or when a table is in the way."""
    (default,) = await connection.fetch(SQL["default_sizes"], [parent])
    times = Range(ranges[0].lower, ranges[-1].upper)
    if default["bytes"] > READ_EACH_TIME or await _rows_in_default(connection, parent, times, 1):
        return False
    try:
        async with connection.transaction():
            await _begin(connection, guard)
            if await _taken(connection, parent, ranges):
                return False
            await connection.execute(";".join(_made_aside(parent, range_) for range_ in ranges))
            await connection.execute(_ddl("lock_default", parent, ranges[0]))
            await connection.execute(";".join(_ddl("attach_partition", parent, range_) for range_ in ranges))
    except (
        asyncpg.LockNotAvailableError,
        asyncpg.DeadlockDetectedError,
        asyncpg.CheckViolationError,
        asyncpg.DuplicateTableError,
    ):
        return False
    care.made += len(ranges)
    return True


async def _make_each(connection: Any, parent: str, ranges: list[Range], guard: Guard | None, care: Care) -> None:
    locked_out = False
    for range_ in ranges:
        child = range_.child_of(parent)
        if await _crowded(connection, parent, range_):
            care.crowded.append(child)
            continue
        try:
            # One that did not get its lock in all its tries says that the others would not either.
            locked_out = locked_out or not await patiently(partial(_make, connection, parent, range_, guard, care))
        except asyncpg.DuplicateTableError:
            care.obstructed.append(child)
            continue
        if locked_out:
            care.postponed.append(child)


async def _make(connection: Any, parent: str, range_: Range, guard: Guard | None, care: Care) -> None:
    async with connection.transaction():
        await _begin(connection, guard)
        if await _taken(connection, parent, [range_]):
            return
        await connection.execute(_made_aside(parent, range_))
        # Without this lock a row could come into DEFAULT after the move, and the attach would fail.
        await connection.execute(_ddl("lock_default", parent, range_))
        moved = await connection.execute(_ddl("move_from_default", parent, range_))
        await connection.execute(_ddl("attach_partition", parent, range_))
    care.made += 1
    care.moved += int(moved.split()[-1])


async def _begin(connection: Any, guard: Guard | None) -> None:
    await limit_waiting(connection)
    if guard:
        await guard(connection)
    await lock(connection)


async def _taken(connection: Any, parent: str, ranges: list[Range]) -> bool:
    covered = _covered(await leaves(connection))[parent]
    return any(range_.overlaps(taken) for range_ in ranges for taken in covered)


async def _crowded(connection: Any, parent: str, range_: Range) -> bool:
    return await _rows_in_default(connection, parent, range_, MOVED_AT_ONCE + 1) > MOVED_AT_ONCE


async def _rows_in_default(connection: Any, parent: str, range_: Range, at_most: int) -> int:
    rows: int = await connection.fetchval(_ddl("rows_in_default", parent, range_), at_most)
    return rows


def _made_aside(parent: str, range_: Range) -> str:
    # Writers COPY into leaves, for which PostgreSQL asks the leaf's own grants.
    return ";".join(_ddl(name, parent, range_) for name in ("make_table_aside", "grant_as_parent"))


def _ddl(name: str, parent: str, range_: Range) -> str:
    # DDL takes no parameters; names and times are made here and hold no quote.
    return SQL[name].format(
        parent=parent,
        child=range_.child_of(parent),
        column=PARENTS[parent],
        lower=range_.lower.isoformat(),
        upper=range_.upper.isoformat(),
    )
