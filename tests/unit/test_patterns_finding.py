"""Patterns of messages: which belong together, whatever their order."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from query_api.patterns import clustering
from query_api.patterns.allowance import Allowance
from query_api.patterns.finding import patterns
from tests.message_strategies import kindred

PATIENCE = 60.0


def found(messages: list[str]) -> dict[str, int]:
    return {pattern.template: len(pattern.places) for pattern in patterns(messages, Allowance(PATIENCE))}


@pytest.mark.parametrize(
    ("messages", "expected"),
    [
        ([], {}),
        (["", " ", "\n"], {"": 3}),
        (["user ann logged in", "user ben logged in", "cache is cold"], {"user <*> logged in": 2, "cache is cold": 1}),
        (["took 5 ms", "took 17 ms", "took 5 ms"], {"took <*> ms": 3}),
        (["a b", "a b c"], {"a b": 1, "a b c": 1}),
        (["start worker pool", "stop worker pool"], {"start worker pool": 1, "stop worker pool": 1}),
        (["1 worker is up", "2 workers is up"], {"<*> <*> is up": 2}),
        (['say "x y" now', "say hello now"], {"say <...> now": 2}),
        (["GET /a 200", "GET /b 200"], {"GET /a <*>": 1, "GET /b <*>": 1}),
        (["1 2 3 4 user ann is in", "1 2 3 4 user ben is in"], {"<*> <*> <*> <*> user <*> is in": 2}),
        (["Error:\n at a", "Error:\n at b c", "Error: none"], {"Error: <...>": 2, "Error: none": 1}),
        (["open a b c", "open x y z"], {"open a b c": 1, "open x y z": 1}),
    ],
)
def test_messages_of_one_kind_are_one_pattern(messages: list[str], expected: dict[str, int]) -> None:
    assert found(messages) == expected


def test_the_most_frequent_come_first_and_each_knows_its_places() -> None:
    messages = ["a 1", "b 1", "b 2", "c 1", "b 3", "c 2"]
    assert [(pattern.template, pattern.places) for pattern in patterns(messages, Allowance(PATIENCE))] == [
        ("b <*>", [1, 2, 4]),
        ("c <*>", [3, 5]),
        ("a <*>", [0]),
    ]


@given(messages=kindred, shuffled=st.randoms(use_true_random=False))
@settings(max_examples=100, deadline=None)
def test_every_message_is_in_one_pattern_whatever_their_order(messages: list[str], shuffled: random.Random) -> None:
    before = found(messages)
    assert sum(before.values()) == len(messages)
    shuffled.shuffle(messages)
    assert found(messages) == before


def test_of_too_many_kinds_the_rare_ones_are_left_out() -> None:
    kinds = clustering.MOST_FIRST_TOKENS + clustering.MOST_TOGETHER + 50
    messages = [f"{word} {word}" for word in map(_letters, range(kinds))]
    frequent = _letters(kinds - 1)
    patterns_found = found([*messages, f"{frequent} {frequent}"])
    assert sum(patterns_found.values()) == kinds + 1 - 50
    assert patterns_found[f"{frequent} {frequent}"] == 2


def test_work_ends_when_nobody_waits_for_it_any_more() -> None:
    allowance = Allowance(PATIENCE)
    allowance.end()
    with pytest.raises(TimeoutError):
        patterns(["a"], allowance)
    with pytest.raises(TimeoutError):
        patterns(["a"], Allowance(-1))


def _letters(number: int) -> str:
    return "".join(chr(ord("a") + int(digit)) for digit in str(number))
