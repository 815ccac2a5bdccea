"""The logs of a trace or of one of its spans."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Any

from fastapi import Query

from database.queries import load
from query_api.answers import json_array
from query_api.parameters import empty_is
from query_api.trace_lookup import StoredTrace

SQL = load(__package__)

MOST_LOGS = 1000
PADDING = timedelta(minutes=5)

WithLogs = Annotated[
    bool, empty_is(False), Query(description="The logs too: the first 1,000 within 5 minutes of the trace's time.")
]


@dataclass(frozen=True)
class TraceLogs:
    """Logs in order of time, as JSON text; more: there are others."""

    items: str
    more: bool

    @property
    def fields(self) -> str:
        """As the last fields of an object."""
        return f',"logs":{self.items},"more_logs":{"true" if self.more else "false"}'


async def logs_of(connection: Any, trace: StoredTrace, span_id: str | None = None) -> TraceLogs:
    """At most MOST_LOGS."""
    rows = await connection.fetch(
        SQL["logs_of_trace"], trace.trace_id, trace.earliest, trace.ended, PADDING, span_id, MOST_LOGS + 1
    )
    return TraceLogs(json_array(row[0] for row in rows[:MOST_LOGS]), len(rows) > MOST_LOGS)
