"""Links between spans, both ways."""

from datetime import timedelta

from fastapi import APIRouter, Request, Response

from database.queries import load
from query_api.answers import FAILURES, NOT_FOUND, json_answer, json_array
from query_api.parameters import Text, TraceId
from query_api.snapshot import snapshot
from query_api.trace_lookup import stored_trace
from query_api.trace_models import TraceLinks

SQL = load(__package__)
router = APIRouter(prefix="/traces", tags=["traces"], responses=FAILURES)

MOST_LINKS = 1000
# What links to a trace began after it, by clocks that differ.
CLOCKS_DIFFER = timedelta(hours=1)


@router.get("/{trace_id}/links", response_model=TraceLinks, responses=NOT_FOUND)
async def trace_links(request: Request, trace_id: TraceId, span_id: Text = None) -> Response:
    """The links of a trace's spans to others, and those of others to them; of one span with `span_id`.

    Spans that link to the trace are found if they began no more than an hour before it.
    """
    async with snapshot(request) as connection:
        trace = await stored_trace(connection, trace_id)
        outgoing = await connection.fetch(SQL["links_from_trace"], *trace.place, span_id, MOST_LINKS + 1)
        incoming = await connection.fetch(
            SQL["links_to_trace"], trace_id, trace.earliest, CLOCKS_DIFFER, span_id, MOST_LINKS + 1
        )
    complete = len(outgoing) <= MOST_LINKS and len(incoming) <= MOST_LINKS
    lists = [json_array(row[0] for row in rows[:MOST_LINKS]) for rows in (outgoing, incoming)]
    return json_answer(f'{{"outgoing":{lists[0]},"incoming":{lists[1]},"complete":{"true" if complete else "false"}}}')
