"""Holding all telemetry within a size: the ranges that ended first go first, of spans, logs and points alike."""

from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

from database import queries
from database.partitions import PARENTS, Leaf, leaves
from database.removal import Removal, has_nothing_to_remove

SQL = queries.load(__package__)

SIGNALS = ("trace_spans", "structured_logs", "metric_points")


@dataclass
class Capped:
    """What was done for the cap. over_bytes: what is still too much; why: what stands in the way then."""

    bytes: int
    removed: list[str] = field(default_factory=list)
    over_bytes: int = 0
    why: str | None = None


async def hold(pool: Any, removal: Removal, most_bytes: int | None, now: datetime) -> Capped:
    """Removes partitions of signals until all telemetry takes at most so many bytes, as far as that can be done.

    A range that has not ended stays, and so does what is pinned.
    """
    capped = Capped(await _telemetry_bytes(pool))
    if most_bytes is None or capped.bytes <= most_bytes:
        return capped
    for leaf in await _candidates(pool, now):
        assert leaf.range is not None
        # Others would go for what a reader of this one holds up.
        if not await removal.remove(leaf, partial(_raise_floor, leaf.parent, leaf.range.upper)):
            capped.why = f"{leaf.child} is being read: it goes when its readers have gone"
            break
        capped.removed.append(leaf.child)
        capped.bytes = await _telemetry_bytes(pool)
        if capped.bytes <= most_bytes:
            return capped
    else:
        capped.why = "only what is pinned, what is being written and what is no signal is left"
    capped.over_bytes = capped.bytes - most_bytes
    return capped


async def _candidates(pool: Any, now: datetime) -> list[Leaf]:
    """Partitions of signals that have ended and can give room back, the earliest ended first."""
    async with pool.acquire() as connection:
        ended = [
            (leaf.range.upper, SIGNALS.index(leaf.parent), leaf)
            for leaf in await leaves(connection)
            if leaf.parent in SIGNALS and leaf.range is not None and leaf.range.upper <= now
        ]
        rows = await connection.fetch(SQL["leaves_with_rows"], [leaf.child for _, _, leaf in ended])
        with_rows = {row["child"] for row in rows}
        return [
            leaf
            for _, _, leaf in sorted(ended, key=lambda each: each[:2])
            if leaf.child in with_rows and not await has_nothing_to_remove(connection, leaf)
        ]


async def _telemetry_bytes(pool: Any) -> int:
    taken: int = await pool.fetchval(SQL["telemetry_bytes"], list(PARENTS))
    return taken


async def _raise_floor(parent: str, kept_from: datetime, connection: Any) -> None:
    await connection.execute(SQL["raise_floor"], parent, kept_from)
