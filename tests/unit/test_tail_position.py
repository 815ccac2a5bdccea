"""Positions of the live tail: their tokens, and which rows lie between two of them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from query_api.tail.position import PLAIN_SQL, Place, Position, decode

HOUR = 3600 * 10**6
CLOCKS = st.integers(10**15, 2 * 10**15)
WRITERS = st.dictionaries(st.integers(1, 2**31 - 1), CLOCKS, max_size=5)


@st.composite
def snapshots(draw: st.DrawFn) -> str:
    numbers = sorted(draw(st.sets(st.integers(3, 10**12), min_size=2, max_size=6)))
    return f"{numbers[0]}:{numbers[-1]}:{','.join(map(str, numbers[:-1] if draw(st.booleans()) else []))}"


@st.composite
def places(draw: st.DrawFn) -> Place:
    if draw(st.booleans()):
        return Place(PLAIN_SQL, draw(st.integers(3, 10**12)), str(draw(st.uuids())), draw(snapshots()))
    return Place(draw(st.integers(1, 2**31 - 1)), draw(CLOCKS), str(draw(st.uuids())))


@given(st.builds(Position, CLOCKS, snapshots(), WRITERS, st.none() | places()))
def test_a_token_says_the_whole_position(position: Position) -> None:
    assert decode(str(position)) == position
    assert not set(str(position)) - set("0123456789abcdef-:,.~")


@pytest.mark.parametrize(
    "token",
    [
        "",
        "1",
        "x~5:5:~~",
        "1~5:5:~",
        "1~5:4:~~",
        "1~0:5:~~",
        "1~5:9:4~~",
        "1~5:9:7,6~~",
        "1~5:9:9~~",
        "1~5:9:7,7~~",
        "1~5:9:7,~~",
        f"1~5:{2**63}:~~",
        f"{2**63}~5:5:~~",
        "1~5:5:~2147483648.1~",
        "1~5:5:~1.-2~",
        f"1~5:5:~1.{2**63 - 1}~",
        "1~5:5:~~1.1.nope",
        "1~5:5:~~0.1.00000000-0000-0000-0000-000000000000",
        "1~5:5:~~1.1.00000000-0000-0000-0000-000000000000.5:5:",
        "1~5:5:~~1.1.------------------------------------",
        "1~5:5:~" + "1.1," * 20_000 + "1.1~",
        "١~5:5:~~",
    ],
)
def test_what_no_message_has_carried_is_refused(token: str) -> None:
    with pytest.raises(ValueError, match="A token is that of a message, whole"):
        decode(token)


def test_a_writer_that_is_not_listed_is_read_from_an_hour_before() -> None:
    here, head = Position(5 * HOUR, "5:5:", {1: HOUR}), Position(6 * HOUR, "7:7:", {2: 5 * HOUR, 3: 3 * HOUR})
    assert list(here.due(head)) == [(2, 4 * HOUR, 5 * HOUR)]
    here, head = Position(1000, "5:5:", {1: 10, 2: 20, 9: 5}), Position(2000, "7:7:", {1: 10, 2: 25, 3: 7})
    assert list(here.due(head)) == [(2, 20, 25), (3, 0, 7)]


def test_before_a_batch_all_writers_have_been_read_up_to_it() -> None:
    here, head = Position(0, "5:5:", {1: 10, 2: 10, 3: 10, 4: 10}), Position(99, "7:7:", {1: 30, 2: 15, 3: 30, 4: 10})
    assert here.before(head, 2, 13) == Position(0, "7:7:", {1: 13, 2: 12, 3: 12, 4: 10})
    assert here.before(head, 3, 30) == Position(0, "7:7:", {1: 30, 2: 15, 3: 29, 4: 10})
    # What a writer had committed before is never unread, whatever its clock.
    assert here.before(head, 1, 4) == Position(0, "7:7:", {1: 10, 2: 10, 3: 10, 4: 10})
    assert here.before(head, PLAIN_SQL, 6) == Position(0, "5:5:", {1: 10, 2: 10, 3: 10, 4: 10})


def test_a_far_head_is_approached_in_stretches_after_what_was_begun() -> None:
    head = Position(100, "9:9:", {1: 90, 2: 30, 3: 5})
    here = Position(0, "5:5:", {1: 10, 2: 20, 3: 5})
    assert here.towards(head, 100) is head
    assert here.towards(head, 25) == Position(25, "5:5:", {1: 25, 2: 25, 3: 5})
    assert Position(0, "5:5:", {1: 50}).towards(head, 25) == Position(25, "5:5:", {1: 50, 2: 25, 3: 5})
    begun = Position(0, "5:5:", {1: 10, 2: 20}, Place(2, 21, "x"))
    assert begun.towards(head, 100) == Position(0, "5:5:", {1: 10, 2: 21})
    begun = Position(0, "5:5:", {1: 10, 2: 20}, Place(PLAIN_SQL, 6, "x", "8:8:"))
    assert begun.towards(head, 100) == Position(0, "8:8:", {1: 10, 2: 20})
