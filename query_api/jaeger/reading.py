"""Stored traces as Jaeger shows them."""

import asyncio
from collections.abc import Sequence
from typing import Any

from database.queries import load
from query_api import otlp_spans
from query_api.jaeger import shapes
from query_api.trace_lookup import StoredTrace

READS = load("query_api")

# More of them would keep the event loop from others for longer than 10 ms.
AT_ONCE = 200


async def read_trace(connection: Any, trace: StoredTrace, most_spans: int) -> dict[str, Any]:
    """A trace with so many of its spans; a warning says where there are more."""
    reader = await connection.cursor(READS["exported_spans"], *trace.place)
    rows = await reader.fetch(most_spans + 1)
    if len(rows) <= AT_ONCE:
        return _trace(trace, rows, most_spans)
    return await asyncio.to_thread(_trace, trace, rows, most_spans)


def _trace(trace: StoredTrace, rows: Sequence[Any], most_spans: int) -> dict[str, Any]:
    processes: dict[str, dict[str, Any]] = {}
    known: dict[object, tuple[str, dict[str, Any]]] = {}
    spans = []
    for row in rows[:most_spans]:
        origin = (row["resource_id"], row["service_name"], row["scope_id"])
        if origin not in known:
            known[origin] = _origin(row, processes)
        process_id, scope = known[origin]
        spans.append(shapes.span(otlp_spans.span(row), scope, process_id))
    more = f"{most_spans} of {trace.span_count} spans are shown"
    return {
        "traceID": trace.trace_id,
        "spans": spans,
        "processes": processes,
        "warnings": [more] if len(rows) > most_spans else None,
    }


def _origin(row: Any, processes: dict[str, dict[str, Any]]) -> tuple[str, dict[str, Any]]:
    """The id of its process, which is added where it is new, and its scope."""
    envelope = otlp_spans.envelope(row)
    process = shapes.process(envelope["resource"], row["service_name"])
    process_id = next((known for known, there in processes.items() if there == process), f"p{len(processes) + 1}")
    processes[process_id] = process
    return process_id, envelope["scopeSpans"][0]["scope"]
