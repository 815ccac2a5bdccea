"""A window in slices: together the whole of it, newest first."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import assume, given
from hypothesis import strategies as st

from query_api.slices import newest_first
from query_api.window import Window

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
MOMENTS = st.datetimes(timezones=st.just(UTC))


def test_each_slice_reaches_four_times_as_far_back() -> None:
    parts = list(newest_first(Window(NOW - 30 * MINUTE, None), NOW))
    assert parts == [
        Window(NOW - MINUTE, None),
        Window(NOW - 4 * MINUTE, NOW - MINUTE),
        Window(NOW - 16 * MINUTE, NOW - 4 * MINUTE),
        Window(NOW - 30 * MINUTE, NOW - 16 * MINUTE),
    ]


@given(MOMENTS, st.none() | MOMENTS, MOMENTS)
def test_slices_follow_each_other_and_make_up_the_window(
    earliest: datetime, latest: datetime | None, newest: datetime
) -> None:
    assume(latest is None or earliest < latest)
    parts = list(newest_first(Window(earliest, latest), newest))
    assert (parts[0].latest, parts[-1].earliest) == (latest, earliest)
    assert all(after.latest == before.earliest for before, after in pairwise(parts))
    assert all(part.latest is None or part.earliest < part.latest for part in parts)
    assert len(parts) < 30
