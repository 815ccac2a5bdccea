"""Two trees side by side, against comparisons written by hand."""

from collections.abc import Iterable
from itertools import pairwise
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from query_api.tree.comparing import Path, paths
from query_api.tree.forest import Node
from query_api.tree.timing import Tree, tree_of

Drawn = tuple[int, int | None, str, int, int]


def tree(drawn: Iterable[Drawn]) -> Tree:
    """Spans by number, number of the parent, name, start and end."""
    nodes = [
        Node(UUID(int=number), str(number), None if parent is None else str(parent), "shop", name, start, end, False)
        for number, parent, name, start, end in drawn
    ]
    return tree_of(sorted(nodes, key=lambda node: node.start))


def told(path: Path) -> tuple[str, str, tuple[int, int, int], tuple[int, int, int]]:
    sides = [(side.count, side.total, side.self_time) for side in (path.left, path.right)]
    return f"{path.depth}{path.name}", path.change, sides[0], sides[1]


NONE = (0, 0, 0)


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        ([], [], []),
        ([(1, None, "a", 0, 9)], [(7, None, "a", 100, 109)], [("0a", "same", (1, 9, 9), (1, 9, 9))]),
        (
            [(1, None, "a", 0, 9)],
            [(1, None, "b", 0, 9)],
            [("0a", "only_left", (1, 9, 9), NONE), ("0b", "only_right", NONE, (1, 9, 9))],
        ),
        (
            [(1, None, "chat", 0, 100), (2, 1, "rag", 10, 40), (3, 2, "embed", 10, 20), (4, 1, "llm", 50, 90)],
            [
                (1, None, "chat", 0, 130),
                (2, 1, "rag", 10, 30),
                (3, 1, "llm", 40, 80),
                (4, 1, "llm", 80, 120),
                (5, 4, "cache", 80, 85),
            ],
            [
                ("0chat", "slower", (1, 100, 30), (1, 130, 30)),
                ("1rag", "faster", (1, 30, 20), (1, 20, 20)),
                ("2embed", "only_left", (1, 10, 10), NONE),
                ("1llm", "slower", (1, 40, 40), (2, 80, 75)),
                ("2cache", "only_right", NONE, (1, 5, 5)),
            ],
        ),
        # The same name at another place is another path.
        (
            [(1, None, "a", 0, 9), (2, 1, "a", 1, 5)],
            [(1, None, "a", 0, 9), (2, None, "a", 1, 5)],
            [("0a", "slower", (1, 9, 5), (2, 13, 13)), ("1a", "only_left", (1, 4, 4), NONE)],
        ),
    ],
)
def test_spans_are_matched_by_the_names_above_them(
    left: list[Drawn], right: list[Drawn], expected: list[tuple[str, str, tuple[int, int, int], tuple[int, int, int]]]
) -> None:
    assert [told(path) for path in paths(tree(left), tree(right))] == expected


def test_services_tell_paths_apart() -> None:
    nodes = [Node(UUID(int=1), "1", None, service, "get", 0, 5, False) for service in ("a", None)]
    left, right = (tree_of([node]) for node in nodes)
    assert [(path.service, path.change) for path in paths(left, right)] == [("a", "only_left"), (None, "only_right")]


SPANS = st.lists(
    st.tuples(st.integers(1, 12), st.none() | st.integers(1, 12), st.sampled_from("abc"), st.integers(0, 9)),
    max_size=15,
)


def from_numbers(numbers: list[tuple[int, int | None, str, int]]) -> Tree:
    return tree((number, parent, name, start, start + 5) for number, parent, name, start in numbers)


@given(SPANS, SPANS)
@settings(max_examples=200, deadline=None)
def test_every_span_is_counted_once_on_its_side(
    left: list[tuple[int, int | None, str, int]], right: list[tuple[int, int | None, str, int]]
) -> None:
    trees = from_numbers(left), from_numbers(right)
    found = list(paths(*trees))
    for side, one in zip(("left", "right"), trees, strict=True):
        sums = [getattr(path, side) for path in found]
        assert sum(each.count for each in sums) == len(one.forest.nodes)
        assert sum(each.self_time for each in sums) == sum(one.self_times)
        assert sum(each.total for each in sums) == 5 * len(one.forest.nodes)
    depths = [path.depth for path in found]
    assert all(after <= before + 1 for before, after in pairwise([-1, *depths]))


@given(SPANS)
@settings(max_examples=100, deadline=None)
def test_a_trace_is_the_same_as_itself(numbers: list[tuple[int, int | None, str, int]]) -> None:
    one = from_numbers(numbers)
    assert {path.change for path in paths(one, one)} <= {"same"}


def test_a_long_chain_is_no_trouble() -> None:
    chain = tree((number, number - 1 or None, "step", number, 100_001) for number in range(1, 50_001))
    assert sum(1 for _ in paths(chain, chain)) == 50_000
