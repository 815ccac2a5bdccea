"""What was acknowledged against what is stored."""

import asyncio
import time
from dataclasses import dataclass, field
from pathlib import Path

import asyncpg

from database import pool, queries
from tests.faults import journal, spool
from tests.faults.items import REQUESTS, Stream, service_of
from tests.faults.load import Load

SQL = queries.load(__package__)
QUIET_SECONDS = 0.5
"""A verdict stands when the next one, so much later, is the same."""


@dataclass(frozen=True)
class Tally:
    """Items of one stream. missing: acknowledged and not stored. doubled: rows beyond the first of an item."""

    acknowledged: int = 0
    stored: int = 0
    missing: int = 0
    doubled: int = 0


@dataclass(frozen=True)
class Verdict:
    """miscounted: how many spans the traces' own counts are off. waiting: requests still in a spool."""

    tallies: dict[Stream, Tally] = field(default_factory=lambda: {stream: Tally() for stream in Stream})
    miscounted: int = 0
    waiting: int = 0

    @property
    def clean(self) -> bool:
        off = [tally.missing + tally.doubled for tally in self.tallies.values()]
        return not (sum(off) or self.miscounted or self.waiting)


async def settle(dsn: str, spool_directory: Path, load: Load, seconds: float) -> Verdict:
    """The verdict once the spool is empty and the rows are stable; after so many seconds, the one there is.

    All senders MUST have ended.
    """
    acknowledged = journal.read(load.journals)
    deadline = time.monotonic() + seconds
    last: Verdict | None = None
    while True:
        try:
            found = await verdict(dsn, spool_directory, load.numbers, acknowledged)
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
            if time.monotonic() > deadline:
                raise
        else:
            if (found == last and found.clean) or time.monotonic() > deadline:
                return found
            last = found
        await asyncio.sleep(QUIET_SECONDS)


async def verdict(dsn: str, spool_directory: Path, senders: range, acknowledged: dict[int, int]) -> Verdict:
    """The verdict at this moment on the senders of these numbers. acknowledged: items by request."""
    # Before the rows are read: what is no longer in the spool is stored by then.
    waiting = spool.state(spool_directory).requests
    first, after = (number * len(Stream) * REQUESTS for number in (senders.start, senders.stop))
    connection = await pool.connect(dsn)
    try:
        stored = {
            row["request"]: (row["rows"], row["items"])
            for query in (SQL["stored_traces"], SQL["stored_logs"])
            for row in await connection.fetch(query, first, after)
        }
        counted = await connection.fetchval(SQL["counted_spans"], [service_of(number) for number in senders])
    finally:
        await connection.close()
    tallies = {stream: _tally(stream, acknowledged, stored) for stream in Stream}
    spans = sum(rows for request, (rows, _) in stored.items() if Stream.of(request).signal == "traces")
    return Verdict(tallies, abs(counted - spans), waiting)


def _tally(stream: Stream, acknowledged: dict[int, int], stored: dict[int, tuple[int, int]]) -> Tally:
    of_stream = {request: items for request, items in acknowledged.items() if Stream.of(request) is stream}
    found = {request: counts for request, counts in stored.items() if Stream.of(request) is stream}
    return Tally(
        acknowledged=sum(of_stream.values()),
        stored=sum(items for _, items in found.values()),
        missing=sum(max(0, items - found.get(request, (0, 0))[1]) for request, items in of_stream.items()),
        doubled=sum(rows - items for rows, items in found.values()),
    )
