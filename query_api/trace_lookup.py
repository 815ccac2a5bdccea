"""A trace by its id, and where its spans are."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from fastapi import HTTPException

from database.queries import load

SQL = load(__package__)


@dataclass(frozen=True)
class StoredTrace:
    """Its row as JSON text. All its spans start from earliest to latest and have ended by ended."""

    trace_id: str
    item: str
    span_count: int
    earliest: datetime
    latest: datetime
    ended: datetime

    @property
    def place(self) -> tuple[str, datetime, datetime]:
        """Its id, and the range of times that prunes the partitions once the planner knows it."""
        return self.trace_id, self.earliest, self.latest


async def stored_trace(connection: Any, trace_id: str) -> StoredTrace:
    """Raises 404 for an unknown id."""
    row = await connection.fetchrow(SQL["trace_by_id"], trace_id)
    if row is None:
        raise HTTPException(404, "Trace not found")
    return StoredTrace(trace_id, row["trace"], row["span_count"], row["earliest"], row["latest"], row["ended"])
