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

# Where a day is too little for a partition: a year of hours would be 400 of them.
LENGTHS = {
    "metric_hours": 28 * DAY,
    "attribute_keys": 7 * DAY,
    "attribute_values": 7 * DAY,
    "operation_quarters": 7 * DAY,
    "service_quarters": 7 * DAY,
    "edge_quarters": 7 * DAY,
}

# Readers of a DEFAULT partition wait while its rows are moved: about a second for so many.
MOVED_AT_ONCE = 50_000

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
    for parent in PARENTS:
        whole, length = wanted_of(parent, now, retention_days, days_kept), LENGTHS.get(parent, DAY)
        covered = await _covered(connection, parent)
        first = list(missing([], whole, length=length))
        if not covered and await _make_first(connection, parent, first, guard, care):
            continue
        holes = list(missing(covered, whole, length=length))
        lengths = await _lengths(connection, parent, holes, now) if length == DAY else {}
        await _make_aside(connection, parent, missing(covered, whole, lengths, length), guard, care)
    return care


async def _lengths(connection: Any, parent: str, holes: list[Range], now: datetime) -> dict[datetime, timedelta]:
    """By day, how long its partitions should be: future ones by the volume of yesterday; where DEFAULT holds too
    many rows to move a whole day, an hour."""
    today = midnight(now)
    rows = await connection.fetchval(SQL["rows_between"], parent, today - DAY, today) if holes else 0
    lengths = {}
    for day in sorted({midnight(hole.lower) for hole in holes}):
        if await _crowded(connection, parent, Range(day, day + DAY)):
            lengths[day] = HOUR
        elif day > now:
            lengths[day] = length_for(rows)
    return lengths


async def _covered(connection: Any, parent: str) -> list[Range]:
    return [leaf.range for leaf in await leaves(connection) if leaf.parent == parent and leaf.range]


async def _make_first(connection: Any, parent: str, ranges: list[Range], guard: Guard | None, care: Care) -> bool:
    """Makes all partitions of a table that has none, at once: nobody reads a table that is new. False when
    somebody does, when DEFAULT holds rows of these ranges, or when a table is in the way."""
    try:
        async with connection.transaction():
            await _begin(connection, guard)
            if await _covered(connection, parent):
                return False
            await connection.execute("".join(_ddl("make_partition", parent, range_) for range_ in ranges))
    except (
        asyncpg.LockNotAvailableError,
        asyncpg.DeadlockDetectedError,
        asyncpg.CheckViolationError,
        asyncpg.DuplicateTableError,
    ):
        return False
    care.made += len(ranges)
    return True


async def _make_aside(connection: Any, parent: str, ranges: Iterable[Range], guard: Guard | None, care: Care) -> None:
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
        if any(range_.overlaps(taken) for taken in await _covered(connection, parent)):
            return
        await connection.execute(_ddl("make_table_aside", parent, range_))
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
    await connection.execute(SQL["lock_partitions"])


async def _crowded(connection: Any, parent: str, range_: Range) -> bool:
    text = _ddl("rows_in_default", parent, range_)
    return bool(await connection.fetchval(text, MOVED_AT_ONCE + 1) > MOVED_AT_ONCE)


def _ddl(name: str, parent: str, range_: Range) -> str:
    # DDL takes no parameters; names and times are made here and hold no quote.
    return SQL[name].format(
        parent=parent,
        child=range_.child_of(parent),
        column=PARENTS[parent],
        lower=range_.lower.isoformat(),
        upper=range_.upper.isoformat(),
    )
