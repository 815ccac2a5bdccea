"""The service map: who calls whom, how often, how long it takes, and how often it fails."""

import json
from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import Field

from database.quarters import OF_EDGES
from database.queries import load
from query_api.answers import FAILURES, json_answer
from query_api.parameters import Now, Text, empty_is
from query_api.rollup_span import RollupSpan
from query_api.service_models import ServiceMapAnswer
from query_api.sketch import EDGE_GROWTH, EDGE_RELATIVE_ERROR, percentile_buckets, red_of
from query_api.snapshot import snapshot
from query_api.window import Window, window

SQL = load(__package__)
router = APIRouter(prefix="/services/map", tags=["services"], responses=FAILURES)

Service = Annotated[Text, Query(description="Calls of and to this service only.", examples=["shop"])]
Limit = Annotated[
    Annotated[int, Field(ge=1, le=5000)], empty_is(1000), Query(description="Edges at most, the busiest ones.")
]


@router.get("", response_model=ServiceMapAnswer)
async def service_map(
    request: Request,
    now: Now,
    window: Annotated[Window, Depends(window)],
    service: Service = None,
    limit: Limit = 1000,
) -> Response:
    """Services, databases, queues, models and outside peers, with the calls between them.

    A call is a span of one service with its parent in another, or a server or consumer with its client or producer;
    its duration is that of the span called. It is counted within 30 seconds, whichever end comes first and however
    late the other: `lag_seconds` says how far that is. Where no server's span came, the call is counted by what the
    client says about its peer, and corrected when the span comes. Counts are exact, percentiles within
    `relative_error`. The window is widened to whole minutes, from two hours on to quarters of an hour.
    """
    span = RollupSpan.of(window, now)
    async with snapshot(request) as connection:
        lag = await connection.fetchrow(SQL["service_map_lag"])
        rows = await connection.fetch(SQL["service_map"], *await span.begin(connection, OF_EDGES), service, limit)
    nodes = {node["id"]: node for row in rows for node in (_node(row, "source"), _node(row, "target"))}
    edges = [
        {
            "kind": row["kind"],
            "source": _id(row, "source"),
            "target": _id(row, "target"),
            **red_of({**row, **percentile_buckets(row["buckets"], row["counts"])}, span.seconds, "calls", EDGE_GROWTH),
        }
        for row in rows
    ]
    answer = {
        "from": span.earliest.isoformat(),
        "to": span.latest.isoformat(),
        "relative_error": EDGE_RELATIVE_ERROR,
        "counted_until": lag["counted_until"].isoformat(),
        "lag_seconds": lag["seconds"],
        "nodes": sorted(nodes.values(), key=lambda node: str(node["id"])),
        "edges": edges,
        "limit": limit,
    }
    return json_answer(json.dumps(answer))


def _node(row: Mapping[str, Any], end: str) -> dict[str, str | None]:
    system = row["system"] if row[f"{end}_type"] != "service" else None
    return {"id": _id(row, end), "type": row[f"{end}_type"], "name": row[end], "system": system}


def _id(row: Mapping[str, Any], end: str) -> str:
    parts = [row[f"{end}_type"], row[end]]
    if row["system"] is not None and row[f"{end}_type"] != "service":
        parts.insert(1, row["system"])
    return ":".join(parts)
