"""Two traces side by side: spans matched by the services and names on the way to them."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from query_api.tree.timing import Tree


@dataclass
class Sums:
    """The spans of one trace on a path; times in nanoseconds."""

    count: int = 0
    total: int = 0
    self_time: int = 0


@dataclass
class Path:
    """A service and a name below another path, or at the top."""

    service: str | None
    name: str
    depth: int
    left: Sums = field(default_factory=Sums)
    right: Sums = field(default_factory=Sums)
    below: dict[tuple[str | None, str], "Path"] = field(default_factory=dict)

    @property
    def change(self) -> str:
        """What became of it from left to right, all its spans together."""
        if not self.right.count:
            return "only_left"
        if not self.left.count:
            return "only_right"
        if self.left.total == self.right.total:
            return "same"
        return "slower" if self.left.total < self.right.total else "faster"


def paths(left: Tree, right: Tree) -> Iterator[Path]:
    """All paths of both, depth first: those of the left trace in its order, then what only the right one has."""
    above = Path(None, "", -1)
    _add(above, left, "left")
    _add(above, right, "right")
    waiting = list(reversed(above.below.values()))
    while waiting:
        path = waiting.pop()
        yield path
        waiting.extend(reversed(path.below.values()))


def _add(above: Path, tree: Tree, side: str) -> None:
    forest = tree.forest
    taken: dict[int, Path] = {-1: above}
    for index in forest.order:
        node, parent = forest.nodes[index], taken[forest.parents[index]]
        path = parent.below.get((node.service, node.name))
        if path is None:
            path = parent.below[node.service, node.name] = Path(node.service, node.name, parent.depth + 1)
        taken[index] = path
        sums: Sums = getattr(path, side)
        sums.count += 1
        sums.total += tree.ends[index] - node.start
        sums.self_time += tree.self_times[index]
