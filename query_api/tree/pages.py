"""Pages of a tree: some rows of its depth-first order, and where to go on."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass

from query_api.tree.forest import Forest, Node

Key = tuple[int, str]


@dataclass(frozen=True)
class Page:
    """Nodes by their indexes; next_cursor: None at the end."""

    nodes: list[int]
    next_cursor: str | None


def page(forest: Forest, top: int | None, levels: int | None, after: Key | None, limit: int) -> Page:
    """At most so many nodes after a key, from all or from one with what is below it.

    levels: how far below the first level to go. Raises KeyError for a key that no node has.
    """
    at, stop = 0, len(forest.order)
    if top is not None:
        at = forest.positions[top]
        stop = at + forest.descendants[top] + 1
    first_depth = 0 if top is None else forest.depths[top]
    deepest = None if levels is None else first_depth + levels
    if after is not None:
        at = _step(forest, _indexes(forest)[after], deepest)
    nodes: list[int] = []
    while at < stop and len(nodes) < limit:
        index = forest.order[at]
        nodes.append(index)
        at = _step(forest, index, deepest)
    return Page(nodes, cursor(forest.nodes[nodes[-1]]) if at < stop and nodes else None)


def _step(forest: Forest, index: int, deepest: int | None) -> int:
    """The position after a node, and after all below it where that is too deep."""
    closed = deepest is not None and forest.depths[index] >= deepest
    return forest.positions[index] + 1 + (forest.descendants[index] if closed else 0)


def _indexes(forest: Forest) -> dict[Key, int]:
    return {(node.start, node.span_id): index for index, node in enumerate(forest.nodes)}


def cursor(node: Node) -> str:
    return urlsafe_b64encode(f"{node.start}|{node.span_id}".encode()).decode().rstrip("=")


def key(text: str) -> Key:
    """Raises ValueError for what no answer has given as its next_cursor."""
    try:
        start, separator, span_id = urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode().partition("|")
        if separator:
            return int(start), span_id
    except ValueError:
        pass
    raise ValueError("must be the next_cursor of an answer")
