"""Where the time of a trace went. All in nanoseconds.

A span without an end is taken to last until the latest time known of its trace.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from query_api.tree.forest import Forest, Node


@dataclass(frozen=True)
class Tree:
    """A trace's spans and what their places say; times in nanoseconds.

    complete: False where the trace has more spans than these.
    """

    forest: Forest
    ends: Sequence[int]
    self_times: Sequence[int]
    critical_path: dict[int, int]
    complete: bool


def tree_of(nodes: Sequence[Node], *, complete: bool = True) -> Tree:
    """The tree of nodes that come by their start."""
    forest = Forest(nodes)
    ended = ends(nodes)
    return Tree(forest, ended, self_times(forest, ended), critical_path(forest, ended), complete)


def ends(nodes: Sequence[Node]) -> list[int]:
    """When each ends."""
    latest = max((node.start if node.end is None else node.end for node in nodes), default=0)
    return [max(latest, node.start) if node.end is None else node.end for node in nodes]


def self_times(forest: Forest, ends: Sequence[int]) -> list[int]:
    """How long each ran while none of its children did."""
    nodes = forest.nodes
    times = [end - node.start for node, end in zip(nodes, ends, strict=True)]
    for index, children in enumerate(forest.children):
        if not children:
            continue
        # The times up to here are covered or counted; nodes come by their start.
        covered_to, last = nodes[index].start, ends[index]
        covered = 0
        for child in children:
            start, end = max(nodes[child].start, covered_to), min(ends[child], last)
            if end > start:
                covered += end - start
                covered_to = end
        times[index] -= covered
    return times


def critical_path(forest: Forest, ends: Sequence[int]) -> dict[int, int]:
    """The nodes that the first root waited for, itself included, with the time each contributed; it adds up to the
    root's. Without a root it is the first top's.

    Seen from the end, whoever waits waited for the child that ended last before. Children count only within the time
    of their parent.
    """
    if not forest.nodes:
        return {}
    top = forest.roots[0] if forest.roots else forest.order[0]
    path: dict[int, int] = {}
    waiting = [(top, forest.nodes[top].start, ends[top])]
    while waiting:
        index, start, end = waiting.pop()
        own, until = 0, end
        within = [
            (-min(ends[child], end), max(forest.nodes[child].start, start), child) for child in forest.children[index]
        ]
        for ended, child_start, child in sorted(within):
            child_end = -ended
            if child_start < child_end <= until:
                own += until - child_end
                until = child_start
                waiting.append((child, child_start, child_end))
        path[index] = own + until - start
    return path
