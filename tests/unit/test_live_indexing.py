"""When a partition counts as slow and when as fast, by its sizes over time."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from database.live_indexing import FAST, SLOW, WATCHED_FOR, Watch

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
LOOK = timedelta(seconds=5)
LOOKS = WATCHED_FOR // LOOK


def watched(*growth: int, size: int = 8192) -> Watch:
    """After a first look at this size, and one every five seconds by which so many bytes more had come."""
    watch = Watch(NOW, size)
    for number, more in enumerate(growth, 1):
        size += more
        watch.look(NOW + number * LOOK, size)
    return watch


def test_few_rows_for_five_minutes_are_slow() -> None:
    slow = int(SLOW * LOOK.total_seconds())
    assert not watched(*[slow] * (LOOKS - 1)).slow
    assert watched(*[slow] * LOOKS).slow
    assert not watched(*[slow + 1] * LOOKS).slow


def test_bursts_count_by_their_average() -> None:
    burst = int(SLOW * WATCHED_FOR.total_seconds())
    assert watched(burst, *[0] * (LOOKS - 1)).slow
    assert not watched(burst + 1, *[0] * (LOOKS - 1)).slow


def test_one_look_is_enough_to_be_fast_and_to_be_so_no_longer() -> None:
    much = int(FAST * LOOK.total_seconds())
    assert not watched(much).fast
    assert watched(much + 1).fast
    assert not watched(much + 1, 0).fast


def test_an_empty_partition_is_watched_from_its_first_rows_on() -> None:
    assert not watched(*[0] * 3 * LOOKS, size=0).slow
    assert not watched(*[0] * 3 * LOOKS, 8192, *[0] * (LOOKS - 1), size=0).slow
    assert watched(*[0] * 3 * LOOKS, 8192, *[0] * LOOKS, size=0).slow


def test_an_emptied_partition_is_no_fast_one() -> None:
    watch = watched(FAST * 100)
    watch.look(NOW + 2 * LOOK, 0)
    assert not watch.fast


@given(st.lists(st.integers(0, 4 * SLOW * 5), min_size=LOOKS, max_size=2 * LOOKS))
def test_what_is_called_slow_was_so_on_average_over_some_five_minutes(growth: list[int]) -> None:
    watch = watched(*growth)
    if watch.slow:
        averages = [sum(growth[end - LOOKS : end]) for end in range(LOOKS, len(growth) + 1)]
        assert min(averages) <= SLOW * WATCHED_FOR.total_seconds()
