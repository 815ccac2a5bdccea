"""How many bytes a process holds, and for whom."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from receiver.admission import Admission
from receiver.refusals import Unavailable

MAX = 1000


def admitted(admission: Admission, sender: str, size: int) -> bool:
    try:
        admission.take(sender, size)
    except Unavailable:
        return False
    return True


def test_a_sender_alone_gets_half_and_the_next_ones_half_of_what_is_left() -> None:
    admission = Admission(MAX)
    for sender, share in (("a", 500), ("b", 250), ("c", 125)):
        taken = 0
        while admitted(admission, sender, 5):
            taken += 5
        assert taken == share


def test_one_request_is_taken_whatever_its_size_but_only_alone() -> None:
    admission = Admission(MAX)
    assert admitted(admission, "large", 5 * MAX)
    assert not admitted(admission, "other", 1)
    admission.give("large", 5 * MAX)
    assert admitted(admission, "other", 1)
    assert not admitted(admission, "large", 5 * MAX)


def test_a_sender_that_holds_nothing_gets_all_that_is_free() -> None:
    admission = Admission(MAX)
    assert admitted(admission, "a", 400)
    assert admitted(admission, "b", 600)
    assert admission.held_bytes == MAX


@given(st.lists(st.tuples(st.sampled_from("abcd"), st.integers(0, 700))))
def test_the_bound_holds_and_all_is_given_back(requests: list[tuple[str, int]]) -> None:
    admission = Admission(MAX)
    taken = [request for request in requests if admitted(admission, *request)]
    assert admission.held_bytes == sum(size for _, size in taken)
    assert admission.held_bytes <= MAX
    for request in taken:
        admission.give(*request)
    assert admission.held_bytes == 0
    assert admitted(admission, "e", MAX)


def test_a_refusal_takes_nothing() -> None:
    admission = Admission(MAX)
    admission.take("a", MAX)
    with pytest.raises(Unavailable):
        admission.take("b", 1)
    assert admission.held_bytes == MAX
