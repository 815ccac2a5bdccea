"""A whole trace in columns: what a picture of it needs, and no more."""

import asyncio
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import Any, TypeVar
from uuid import UUID

from fastapi import APIRouter, Request, Response
from msgspec.json import encode as to_json

from database.queries import load
from query_api.answers import FAILURES, NOT_FOUND, json_answer
from query_api.parameters import TraceId
from query_api.snapshot import snapshot
from query_api.trace_lookup import stored_trace
from query_api.tree.outline_models import TraceOutline
from query_api.tree.reading import read_tree
from query_api.tree.timing import Tree

SQL = load("query_api")
router = APIRouter(prefix="/traces", tags=["traces"], responses=FAILURES)

CATEGORIES = ("rag", "llm", "http", "other")
OFF_PATH = -1
MOST_EVENTS = 20_000
T = TypeVar("T")


@router.get("/{trace_id}/outline", response_model=TraceOutline, responses=NOT_FOUND)
async def trace_outline(request: Request, trace_id: TraceId) -> Response:
    """All spans of a trace in their places, in columns: 100,000 spans are about 5 MB and take some two seconds.

    Order, times and critical path are as in its tree. A category is the first that fits: rag in the name or a
    retrieval; llm in the name or another operation of gen_ai; http in the name or attributes of HTTP; other.
    """
    async with snapshot(request) as connection:
        trace = await stored_trace(connection, trace_id)
        tree = await read_tree(connection, trace)
        rows = await connection.fetch(SQL["outline_spans"], *trace.place)
    columns = await asyncio.to_thread(_text, tree, rows)
    return json_answer(f'{{"trace":{trace.item},{columns[1:]}')


def _text(tree: Tree, rows: list[Any]) -> str:
    return to_json(outline(tree, {row["id"]: row for row in rows})).decode()


def outline(tree: Tree, marks: Mapping[UUID, Mapping[str, Any]]) -> dict[str, object]:
    """The tree with what the rows of its spans say: kind, category, events, links."""
    forest, order = tree.forest, tree.forest.order
    nodes = [forest.nodes[index] for index in order]
    first = min((node.start for node in nodes), default=0)
    names = _numbered(node.name for node in nodes)
    services = _numbered(node.service for node in nodes)
    categories = _numbered(CATEGORIES)
    of = [marks[node.id] for node in nodes]
    spans = {
        "span_ids": [node.span_id for node in nodes],
        "depths": [forest.depths[index] for index in order],
        "names": [names[node.name] for node in nodes],
        "services": [services[node.service] for node in nodes],
        "kinds": [mark["kind"] for mark in of],
        "categories": [categories[mark["category"]] for mark in of],
        "starts": [node.start - first for node in nodes],
        "durations": [None if node.end is None else node.end - node.start for node in nodes],
        "self_times": [tree.self_times[index] for index in order],
        "critical_path": [tree.critical_path.get(index, OFF_PATH) for index in order],
        "events": [mark["events"] for mark in of],
        "links": [mark["links"] for mark in of],
    }
    events = list(islice(_events(of), MOST_EVENTS))
    return {
        "span_count": len(nodes),
        "root_missing": not forest.roots,
        "complete": tree.complete,
        "start_nanos": str(first),
        "names": list(names),
        "services": list(services),
        "categories": CATEGORIES,
        "spans": spans,
        "event_spans": [place for place, _ in events],
        "event_times": [time - first for _, time in events],
        "failed": [place for place, node in enumerate(nodes) if node.failed],
        "parent_missing": [place for place, index in enumerate(order) if index in forest.orphans],
        "parent_cut": [place for place, index in enumerate(order) if index in forest.circular],
    }


def _events(marks: Sequence[Mapping[str, Any]]) -> Iterator[tuple[int, int]]:
    """Of each event its span's place, and its time in ns since 1970; those without a readable time are left out."""
    for place, mark in enumerate(marks):
        if mark["event_times"] is None:
            continue
        for text in json.loads(mark["event_times"]):
            try:
                moment = datetime.fromisoformat(text)
                yield place, round(moment.timestamp() * 1e6) * 1000
            except (TypeError, ValueError, OverflowError):
                continue


def _numbered(values: Iterable[T]) -> dict[T, int]:
    """Each value's place among the different ones, in the order in which they come first."""
    return {value: place for place, value in enumerate(dict.fromkeys(values))}
