"""What two traces have in common, and what changed from one to the other."""

import asyncio
import json
from itertools import islice
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from pydantic import AfterValidator

from query_api.answers import FAILURES, NOT_FOUND, json_answer
from query_api.parameters import without_nul
from query_api.snapshot import snapshot
from query_api.trace_lookup import stored_trace
from query_api.trace_models import TraceComparison
from query_api.tree.comparing import Path, Sums, paths
from query_api.tree.reading import read_tree
from query_api.tree.timing import Tree

router = APIRouter(prefix="/traces", tags=["traces"], responses=FAILURES)

MOST_PATHS = 5_000
NANOSECONDS_A_MS = 1e6
Id = Annotated[str, AfterValidator(without_nul), Query(examples=["5b8aa5a2d2c872e8321cf37308d69df2"])]


@router.get("/compare", response_model=TraceComparison, responses=NOT_FOUND)
async def trace_compare(request: Request, left: Id, right: Id) -> Response:
    """Two traces by their paths: spans whose services and names, from the top down to them, are the same, added up.

    Paths come depth first, those of the left trace in the order of its tree, then what only the right one has.
    `change` is slower or faster by `total_ms`; a span in progress is taken to last until the latest time known.
    """
    async with snapshot(request) as connection:
        traces = [await stored_trace(connection, trace_id) for trace_id in (left, right)]
        trees = [await read_tree(connection, trace) for trace in traces]
    rows, complete = await asyncio.to_thread(_rows, *trees)
    rest = {"paths": rows, "complete": complete}
    return json_answer(f'{{"left":{traces[0].item},"right":{traces[1].item},{json.dumps(rest)[1:]}')


def _rows(left: Tree, right: Tree) -> tuple[list[dict[str, object]], bool]:
    found = list(islice(paths(left, right), MOST_PATHS + 1))
    complete = len(found) <= MOST_PATHS and left.complete and right.complete
    return [_row(path) for path in found[:MOST_PATHS]], complete


def _row(path: Path) -> dict[str, object]:
    return {
        "service_name": path.service,
        "operation_name": path.name,
        "depth": path.depth,
        "change": path.change,
        "left": _sums(path.left),
        "right": _sums(path.right),
    }


def _sums(sums: Sums) -> dict[str, object] | None:
    if not sums.count:
        return None
    return {
        "count": sums.count,
        "total_ms": sums.total / NANOSECONDS_A_MS,
        "self_ms": sums.self_time / NANOSECONDS_A_MS,
    }
