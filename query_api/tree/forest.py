"""The tree that spans make by their parents, whatever is missing, doubled or crossed."""

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID


class Node(NamedTuple):
    """A span, as far as a tree needs it. Times are ns since 1970; end is None while it is in progress."""

    id: UUID
    span_id: str
    parent_id: str | None
    service: str | None
    name: str
    start: int
    end: int | None
    failed: bool


class Forest:
    """Nodes in depth-first order, siblings as they were given. Nodes are known by their index among those given.

    A node whose parent is not there stands at the top, and so does one without a parent. Of several with the same
    span_id the first is the parent of their children. Where parents run in a circle its first node stands at the top.
    """

    def __init__(self, nodes: Sequence[Node]) -> None:
        self.nodes = nodes
        count = len(nodes)
        self.parents = [-1] * count
        self.children: list[list[int]] = [[] for _ in nodes]
        self.roots: list[int] = []
        self.orphans: set[int] = set()
        self.circular: set[int] = set()
        self._first: dict[str, int] = {}
        self._place()
        self.depths = [0] * count
        self.order = self._depth_first()
        if len(self.order) < count:
            self._cut_circles()
            self.order = self._depth_first()
        self.positions = [0] * count
        for position, index in enumerate(self.order):
            self.positions[index] = position
        self.descendants = [0] * count
        self.failures_below = [0] * count
        self._add_up()

    @property
    def tops(self) -> list[int]:
        """Those without a parent among the nodes, as they were given."""
        return [index for index, parent in enumerate(self.parents) if parent < 0]

    def index_of(self, span_id: str) -> int | None:
        """The first node with this id, the one that has their children."""
        return self._first.get(span_id)

    def _place(self) -> None:
        first = self._first
        for index, node in enumerate(self.nodes):
            first.setdefault(node.span_id, index)
        for index, node in enumerate(self.nodes):
            if not node.parent_id or node.parent_id == node.span_id:
                self.roots.append(index)
            elif (parent := first.get(node.parent_id)) is None:
                self.orphans.add(index)
            else:
                self.parents[index] = parent
                self.children[parent].append(index)

    def _depth_first(self) -> list[int]:
        order: list[int] = []
        waiting = self.tops
        waiting.reverse()
        while waiting:
            index = waiting.pop()
            order.append(index)
            children = self.children[index]
            if children:
                below = self.depths[index] + 1
                for child in reversed(children):
                    self.depths[child] = below
                    waiting.append(child)
        return order

    def _cut_circles(self) -> None:
        seen_from = [-1] * len(self.nodes)
        for index in range(len(self.nodes)):
            at = index
            while at >= 0 and seen_from[at] < 0:
                seen_from[at] = index
                at = self.parents[at]
            if at >= 0 and seen_from[at] == index:
                self._cut(at)

    def _cut(self, member: int) -> None:
        circle = [member]
        while (parent := self.parents[circle[-1]]) != member:
            circle.append(parent)
        top = min(circle)
        self.children[self.parents[top]].remove(top)
        self.parents[top] = -1
        self.circular.add(top)

    def _add_up(self) -> None:
        for index in reversed(self.order):
            parent = self.parents[index]
            if parent >= 0:
                self.descendants[parent] += self.descendants[index] + 1
                self.failures_below[parent] += self.failures_below[index] + self.nodes[index].failed
