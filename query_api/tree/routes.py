"""A trace as a tree, page by page."""

import json
from typing import Annotated

from fastapi import APIRouter, HTTPException, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import AfterValidator, Field

from database.queries import load
from query_api.answers import FAILURES, NOT_FOUND, json_answer, json_array
from query_api.parameters import Text, TraceId, empty_is
from query_api.snapshot import snapshot
from query_api.trace_lookup import stored_trace
from query_api.trace_models import TraceTree
from query_api.tree.pages import key, page
from query_api.tree.reading import read_tree
from query_api.tree.timing import Tree

SQL = load("query_api")
router = APIRouter(prefix="/traces", tags=["traces"], responses=FAILURES)

NANOSECONDS_A_MS = 1e6


def _check(cursor: str | None) -> str | None:
    if cursor is not None:
        key(cursor)
    return cursor


Limit = Annotated[Annotated[int, Field(ge=1, le=1000)], empty_is(500), Query()]
Levels = Annotated[
    Annotated[int, Field(ge=0, le=10_000)] | None,
    empty_is(None),
    Query(description="How many levels to show below the first; `descendants` tells of the rest. All unless given."),
]
SpanId = Annotated[Text, Query(description="Only this span and what is below it.", examples=["051581bf3cb55c13"])]
After = Annotated[
    str | None,
    AfterValidator(_check),
    empty_is(None),
    Query(description="The `next_cursor` of the page before, with the same `span_id` and `levels`."),
]


@router.get("/{trace_id}/tree", response_model=TraceTree, responses=NOT_FOUND)
async def trace_tree(
    request: Request,
    trace_id: TraceId,
    span_id: SpanId = None,
    levels: Levels = None,
    limit: Limit = 500,
    cursor: After = None,
) -> Response:
    """A trace's spans depth first, each below its parent and siblings by their start, page by page.

    A span that arrived more than once (same id, same start) is shown once. A span whose parent has not come stands at
    the top. Of spans with one id the earliest is the parent of their children. A span in progress is taken to last
    until the latest time known of its trace. The critical path is that of the earliest root: seen from the end, what it
    waited for at each moment. The tree is that of all spans, whatever is asked of it, so 100,000 spans take about a
    second a page.
    """
    async with snapshot(request) as connection:
        trace = await stored_trace(connection, trace_id)
        tree = await read_tree(connection, trace)
        forest = tree.forest
        top = None
        if span_id is not None:
            top = forest.index_of(span_id)
            if top is None:
                raise HTTPException(404, "Span not found")
        try:
            shown = page(forest, top, levels, key(cursor) if cursor else None, limit)
        except KeyError:
            raise _unknown(cursor) from None
        nodes = [forest.nodes[index] for index in shown.nodes]
        rows = await connection.fetch(SQL["tree_spans"], *trace.place, [node.span_id for node in nodes])
    items = {row["id"]: row["item"] for row in rows}
    spans = json_array(
        items[node.id].removesuffix("}") + "," + json.dumps(_place(tree, index))[1:]
        for index, node in zip(shown.nodes, nodes, strict=True)
    )
    rest = {
        "span_count": len(forest.nodes),
        "root_missing": not forest.roots,
        "missing_parents": len(forest.orphans),
        "complete": tree.complete,
        "limit": limit,
        "next_cursor": shown.next_cursor,
    }
    return json_answer(f'{{"trace":{trace.item},"spans":{spans},{json.dumps(rest)[1:]}')


def _place(tree: Tree, index: int) -> dict[str, object]:
    forest = tree.forest
    waited = tree.critical_path.get(index)
    return {
        "depth": forest.depths[index],
        "children": len(forest.children[index]),
        "descendants": forest.descendants[index],
        "self_ms": None if forest.nodes[index].end is None else tree.self_times[index] / NANOSECONDS_A_MS,
        "critical_path_ms": None if waited is None else waited / NANOSECONDS_A_MS,
        "errors_below": forest.failures_below[index],
        "parent_missing": index in forest.orphans,
        "parent_cut": index in forest.circular,
    }


def _unknown(cursor: str | None) -> RequestValidationError:
    message = "names no span of this tree"
    return RequestValidationError([{"type": "cursor", "loc": ("query", "cursor"), "msg": message, "input": cursor}])
