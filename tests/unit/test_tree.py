"""The tree of a trace, its times and its pages, against trees written by hand, and in general."""

from itertools import permutations, product
from random import Random
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from query_api.tree.forest import Forest, Node
from query_api.tree.pages import cursor, key, page
from query_api.tree.timing import critical_path, ends, self_times

Drawn = tuple[str, str | None, int, int | None]


def node(span_id: str, parent: str | None, start: int, end: int | None, failed: bool = False) -> Node:
    return Node(UUID(int=abs(start)), span_id, parent, "shop", span_id, start, end, failed)


def forest(*drawn: Drawn | Node) -> Forest:
    """As the database gives it: by start, then by id."""
    nodes = [each if isinstance(each, Node) else node(*each) for each in drawn]
    return Forest(sorted(nodes, key=lambda each: (each.start, each.span_id)))


def outline(tree: Forest) -> str:
    return " ".join(f"{tree.depths[index]}{tree.nodes[index].span_id}" for index in tree.order)


def by_name(tree: Forest, values: list[int]) -> dict[str, int]:
    return {each.span_id: values[index] for index, each in enumerate(tree.nodes)}


CHAT: list[Drawn] = [
    ("root", None, 0, 100),
    ("rag", "root", 10, 40),
    ("embed", "rag", 10, 20),
    ("search", "rag", 20, 35),
    ("llm", "root", 45, 95),
    ("log", "root", 96, None),
]


@pytest.mark.parametrize("order", list(permutations(CHAT[:4])))
def test_the_order_of_arrival_does_not_matter(order: tuple[Drawn, ...]) -> None:
    assert outline(forest(*order, *CHAT[4:])) == "0root 1rag 2embed 2search 1llm 1log"


@pytest.mark.parametrize(
    ("drawn", "expected"),
    [
        ([], ""),
        ([("a", None, 0, 1)], "0a"),
        ([("a", "a", 0, 1)], "0a"),
        ([("a", "", 0, 1)], "0a"),
        ([("b", "gone", 5, 6), ("a", None, 0, 1)], "0a 0b"),
        ([("b", "gone", 0, 6), ("a", None, 1, 2), ("c", "b", 3, 4)], "0b 1c 0a"),
        ([("b", "a", 0, 1), ("a", None, 5, 6)], "0a 1b"),
        ([("a", "b", 0, 1), ("b", "a", 2, 3)], "0a 1b"),
        ([("a", "c", 0, 1), ("b", "a", 2, 3), ("c", "b", 4, 5), ("d", "b", 6, 7)], "0a 1b 2c 2d"),
        ([("d", "b", 0, 1), ("a", "c", 2, 3), ("b", "a", 4, 5), ("c", "b", 6, 7)], "0a 1b 2d 2c"),
        ([("a", "b", 0, 1), ("b", "a", 2, 3), ("r", None, 1, 2), ("x", "y", 4, 5), ("y", "x", 5, 6)], "0a 1b 0r 0x 1y"),
        ([("a", None, 0, 9), ("a", None, 1, 9), ("b", "a", 2, 3)], "0a 1b 0a"),
        ([("a", "a", 0, 9), ("a", "b", 1, 9), ("b", "a", 2, 3)], "0a 1b 2a"),
        ([("r", None, 0, 9), ("c", "r", 5, 6), ("b", "r", 5, 6), ("a", "r", 7, 8)], "0r 1b 1c 1a"),
    ],
)
def test_what_is_missing_doubled_or_crossed_has_its_place(drawn: list[Drawn], expected: str) -> None:
    assert outline(forest(*drawn)) == expected


def test_marks_tell_roots_orphans_and_where_a_circle_was_cut() -> None:
    tree = forest(
        ("root", None, 0, 9), ("lost", "gone", 1, 2), ("x", "y", 3, 4), ("y", "x", 5, 6), ("self", "self", 7, 8)
    )
    named = [each.span_id for each in tree.nodes]
    assert [named[index] for index in tree.roots] == ["root", "self"]
    assert {named[index] for index in tree.orphans} == {"lost"}
    assert {named[index] for index in tree.circular} == {"x"}


def test_descendants_and_errors_below_are_counted() -> None:
    tree = forest(
        node("root", None, 0, 9, True),
        node("a", "root", 1, 5),
        node("b", "a", 2, 3, True),
        node("c", "a", 3, 4, True),
        node("d", "root", 6, 7),
    )
    assert by_name(tree, tree.descendants) == {"root": 4, "a": 2, "b": 0, "c": 0, "d": 0}
    assert by_name(tree, tree.failures_below) == {"root": 2, "a": 2, "b": 0, "c": 0, "d": 0}


@pytest.mark.parametrize(
    ("drawn", "expected"),
    [
        (CHAT[:5], {"root": 20, "rag": 5, "embed": 10, "search": 15, "llm": 50}),
        ([("r", None, 0, 10), ("a", "r", 1, 6), ("b", "r", 4, 8)], {"r": 3, "a": 5, "b": 4}),
        ([("r", None, 0, 10), ("a", "r", 1, 9), ("b", "r", 2, 3)], {"r": 2, "a": 8, "b": 1}),
        ([("r", None, 5, 10), ("a", "r", 0, 7), ("b", "r", 9, 20)], {"r": 2, "a": 7, "b": 11}),
        ([("r", None, 0, 10), ("a", "r", 12, 20)], {"r": 10, "a": 8}),
        ([("r", None, 0, None), ("a", "r", 2, None), ("b", "a", 4, 30)], {"r": 2, "a": 2, "b": 26}),
    ],
)
def test_self_time_is_what_no_child_covers(drawn: list[Drawn], expected: dict[str, int]) -> None:
    tree = forest(*drawn)
    assert by_name(tree, self_times(tree, ends(tree.nodes))) == expected


@pytest.mark.parametrize(
    ("drawn", "expected"),
    [
        ([], {}),
        ([("r", None, 0, 10)], {"r": 10}),
        ([("r", None, 0, 0)], {"r": 0}),
        (CHAT[:5], {"root": 20, "rag": 5, "embed": 10, "search": 15, "llm": 50}),
        # In parallel: the one that ended last, and before it began the one that ended before that.
        ([("r", None, 0, 10), ("a", "r", 1, 6), ("b", "r", 4, 8)], {"r": 6, "b": 4}),
        ([("r", None, 0, 10), ("a", "r", 1, 4), ("b", "r", 4, 8), ("c", "r", 2, 7)], {"r": 3, "b": 4, "a": 3}),
        # Children count within their parents' time, and not at all outside of it.
        ([("r", None, 0, 10), ("a", "r", 8, 20), ("b", "a", 15, 19), ("c", "a", 8, 9)], {"r": 8, "a": 1, "c": 1}),
        ([("r", None, 5, 10), ("a", "r", 0, 7)], {"r": 3, "a": 2}),
        # Of the earliest root, and without a root of the first.
        ([("x", "gone", 0, 50), ("r", None, 1, 3), ("s", None, 2, 9)], {"r": 2}),
        ([("x", "gone", 0, 5), ("y", "gone", 1, 9)], {"x": 5}),
        (
            [("r", None, 0, None), ("a", "r", 2, 6), ("b", "r", 7, None), ("c", "b", 8, 12)],
            {"r": 3, "a": 4, "b": 1, "c": 4},
        ),
    ],
)
def test_the_critical_path_is_what_the_root_waited_for(drawn: list[Drawn], expected: dict[str, int]) -> None:
    tree = forest(*drawn)
    path = critical_path(tree, ends(tree.nodes))
    assert {tree.nodes[index].span_id: time for index, time in path.items()} == expected


SPANS = st.lists(
    st.tuples(st.integers(0, 12), st.none() | st.integers(0, 14), st.integers(0, 40), st.none() | st.integers(0, 30)),
    max_size=40,
)


def from_numbers(numbers: list[tuple[int, int | None, int, int | None]]) -> Forest:
    distinct = {(start, name): (name, parent, start, length) for name, parent, start, length in numbers}
    return forest(
        *(
            (f"s{name}", None if parent is None else f"s{parent}", start, None if length is None else start + length)
            for name, parent, start, length in distinct.values()
        )
    )


@given(SPANS)
@settings(max_examples=300, deadline=None)
def test_each_span_stands_once_below_its_parent(numbers: list[tuple[int, int | None, int, int | None]]) -> None:
    tree = from_numbers(numbers)
    assert sorted(tree.order) == list(range(len(tree.nodes)))
    for position, index in enumerate(tree.order):
        parent = tree.parents[index]
        below = tree.order[position + 1 : position + 1 + tree.descendants[index]]
        assert all(tree.depths[each] > tree.depths[index] for each in below)
        if parent < 0:
            assert tree.depths[index] == 0
            assert (index in tree.roots) + (index in tree.orphans) + (index in tree.circular) == 1
        else:
            assert tree.depths[index] == tree.depths[parent] + 1
            assert tree.nodes[index].parent_id == tree.nodes[parent].span_id
            assert tree.positions[parent] < position <= tree.positions[parent] + tree.descendants[parent]
    assert sum(tree.descendants[top] + 1 for top in tree.tops) == len(tree.nodes)
    for index, children in enumerate(tree.children):
        assert children == sorted(children)
        assert all(tree.parents[child] == index for child in children)


@given(SPANS)
@settings(max_examples=300, deadline=None)
def test_times_add_up(numbers: list[tuple[int, int | None, int, int | None]]) -> None:
    tree = from_numbers(numbers)
    ended = ends(tree.nodes)
    times = self_times(tree, ended)
    for index, each in enumerate(tree.nodes):
        covered = {
            moment
            for child in tree.children[index]
            for moment in range(max(tree.nodes[child].start, each.start), min(ended[child], ended[index]))
        }
        assert times[index] == ended[index] - each.start - len(covered)
    path = critical_path(tree, ended)
    if tree.nodes:
        first = tree.roots[0] if tree.roots else tree.order[0]
        assert sum(path.values()) == ended[first] - tree.nodes[first].start
        assert all(index == first or tree.parents[index] in path for index in path)
        assert all(0 <= time <= ended[index] - tree.nodes[index].start for index, time in path.items())


def test_self_times_of_spans_within_their_parents_side_by_side_are_the_roots_duration() -> None:
    random = Random(7)
    drawn: list[Drawn] = [("0", None, 0, 1 << 40)]
    for number in range(1, 500):
        parent = drawn[random.randrange(len(drawn))]
        taken = [(start, end) for _, above, start, end in drawn if above == parent[0]]
        begin = max((end for _, end in taken if end is not None), default=parent[2])
        assert parent[3] is not None
        room = parent[3] - begin
        drawn.append((str(number), parent[0], begin + room // 8, begin + room // 2))
    tree = forest(*drawn)
    assert sum(self_times(tree, ends(tree.nodes))) == 1 << 40


def pages(tree: Forest, top: int | None, levels: int | None, limit: int) -> list[int]:
    found: list[int] = []
    after = None
    while True:
        shown = page(tree, top, levels, after, limit)
        assert len(shown.nodes) <= limit
        found += shown.nodes
        if shown.next_cursor is None:
            return found
        assert len(shown.nodes) == limit
        after = key(shown.next_cursor)


@given(SPANS, st.integers(1, 7), st.none() | st.integers(0, 3), st.none() | st.integers(0, 39))
@settings(max_examples=300, deadline=None)
def test_pages_are_the_whole_of_what_was_asked(
    numbers: list[tuple[int, int | None, int, int | None]], limit: int, levels: int | None, top: int | None
) -> None:
    tree = from_numbers(numbers)
    top = None if top is None or top >= len(tree.nodes) else top
    first = 0 if top is None else tree.positions[top]
    last = len(tree.nodes) if top is None else first + tree.descendants[top] + 1
    base = 0 if top is None else tree.depths[top]
    wanted = [index for index in tree.order[first:last] if levels is None or tree.depths[index] - base <= levels]
    assert pages(tree, top, levels, limit) == wanted


def test_a_chain_of_100000_spans_and_as_many_siblings_are_no_trouble() -> None:
    count = 100_000
    chain = Forest([node(str(number), str(number - 1) if number else None, number, count) for number in range(count)])
    assert (chain.depths[-1], chain.descendants[0]) == (count - 1, count - 1)
    siblings = Forest([node(str(number), "0" if number else None, number, count) for number in range(count)])
    assert (len(siblings.children[0]), siblings.depths[-1]) == (count - 1, 1)
    for tree in (chain, siblings):
        ended = ends(tree.nodes)
        assert sum(critical_path(tree, ended).values()) == count
        assert sum(self_times(tree, ended)) >= count


@pytest.mark.parametrize("text", ["", "abc", "fHw", "MTIz", "fGE", "\u00e4"])
def test_a_cursor_that_no_answer_has_given_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="next_cursor"):
        key(text)


@pytest.mark.parametrize(("start", "span_id"), list(product([0, -5, 1763890200123456789], ["00f1", "a|b", "ü"])))
def test_a_cursor_names_its_span(start: int, span_id: str) -> None:
    assert key(cursor(node(span_id, None, start, None))) == (start, span_id)
