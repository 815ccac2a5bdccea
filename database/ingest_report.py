"""The table of what receivers refused, deferred, altered or took for a repetition, minute by minute."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from database import queries

SQL = queries.load(__package__)


class ReportLine(NamedTuple):
    """A row of enterprise.ingest_report, all times in UTC. Empty texts stand for what is not known."""

    minute: datetime
    signal: str
    transport: str
    service: str
    kind: str
    reason: str
    requests: int
    items: int
    sample: dict[str, str]
    first_seen: datetime
    last_seen: datetime


async def add(connection: Any, lines: Sequence[ReportLine]) -> None:
    """Adds to what is there of the same minute, in one statement; `lines` MUST hold no place twice."""
    await connection.execute(SQL["add_ingest_report"], *(list(column) for column in zip(*lines, strict=True)))
