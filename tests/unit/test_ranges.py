"""Which partitions should exist, as a function of time and volume."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from database.ranges import DAY, HOUR, QUARTER, Range, length_for, missing, wanted

NOON = datetime(2026, 3, 10, 12, 34, 56, tzinfo=UTC)
MIDNIGHT = datetime(2026, 3, 10, tzinfo=UTC)


def test_whole_utc_days_from_the_oldest_kept_to_a_week_ahead() -> None:
    assert wanted(NOON, 30) == Range(datetime(2026, 2, 8, tzinfo=UTC), datetime(2026, 3, 18, tzinfo=UTC))


def test_long_ranges_begin_at_multiples_of_their_length() -> None:
    length = 28 * DAY
    whole = wanted(NOON, 400, length)
    assert whole.lower <= NOON - 400 * DAY < whole.lower + length
    assert whole.upper - length < NOON + 8 * DAY <= whole.upper
    ranges = list(missing([], whole, length=length))
    assert {range_.upper - range_.lower for range_ in ranges} == {length}
    assert (ranges[0].lower, ranges[-1].upper) == (whole.lower, whole.upper)
    assert wanted(NOON + DAY, 400, length).lower in (whole.lower, whole.lower + length)
    assert list(missing(ranges, whole, length=length)) == []
    hole = Range(ranges[0].lower, ranges[0].lower + 2 * DAY)
    assert list(missing([Range(hole.upper, whole.upper)], whole, length=length)) == [
        Range(hole.lower, hole.lower + DAY),
        Range(hole.lower + DAY, hole.upper),
    ]


def test_names_say_the_start_as_exactly_as_needed() -> None:
    assert Range(MIDNIGHT, MIDNIGHT + DAY).child_of("t") == "t_p20260310"
    assert Range(MIDNIGHT, MIDNIGHT + QUARTER).child_of("t") == "t_p20260310_00"
    assert Range(MIDNIGHT + HOUR * 18, MIDNIGHT + DAY).child_of("t") == "t_p20260310_18"
    assert Range(MIDNIGHT + HOUR / 2, MIDNIGHT + HOUR).child_of("t") == "t_p20260310_0030"


def test_length_follows_the_volume_of_yesterday() -> None:
    assert [length_for(rows) for rows in (0, 20_000_000, 20_000_001, 80_000_000, 80_000_001)] == [
        DAY,
        DAY,
        QUARTER,
        QUARTER,
        HOUR,
    ]


def test_a_day_can_be_divided_and_the_next_one_not() -> None:
    ranges = list(missing([], Range(MIDNIGHT, MIDNIGHT + 2 * DAY), {MIDNIGHT: QUARTER}))
    assert [range_.upper - range_.lower for range_ in ranges] == [QUARTER] * 4 + [DAY]


def test_what_is_covered_stays_and_the_rest_is_filled_by_the_hour() -> None:
    covered = [Range(MIDNIGHT, MIDNIGHT + HOUR * 22), Range(MIDNIGHT + HOUR * 22.5, MIDNIGHT + HOUR * 23)]
    assert list(missing(covered, Range(MIDNIGHT, MIDNIGHT + DAY))) == [
        Range(MIDNIGHT + HOUR * 22, MIDNIGHT + HOUR * 22.5),
        Range(MIDNIGHT + HOUR * 23, MIDNIGHT + DAY),
    ]


@settings(deadline=None)
@given(
    cuts=st.lists(st.integers(0, 3 * 24 * 4), max_size=12, unique=True).map(sorted),
    lengths=st.dictionaries(st.integers(0, 2), st.sampled_from([DAY, QUARTER, HOUR])),
)
def test_whatever_exists_the_whole_is_covered_once_by_names_of_their_own(
    cuts: list[int], lengths: dict[int, timedelta]
) -> None:
    whole = Range(MIDNIGHT, MIDNIGHT + 3 * DAY)
    quarter_hours = [MIDNIGHT + HOUR / 4 * cut for cut in cuts]
    covered = [Range(lower, upper) for lower, upper in list(pairwise(quarter_hours))[::2]]
    made = list(missing(covered, whole, {MIDNIGHT + DAY * day: length for day, length in lengths.items()}))
    everything = sorted(covered + made)
    assert all(left.upper == right.lower for left, right in pairwise(everything))
    assert (everything[0].lower, everything[-1].upper) == (whole.lower, whole.upper)
    assert len({range_.child_of("t") for range_ in made}) == len(made)
    assert list(missing(everything, whole)) == []
