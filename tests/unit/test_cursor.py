"""Cursors from a time alone, and back to a time."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from query_api.cursor import LEAST_TEXT, LEAST_UUID, UUID, Cursor, decode


@given(st.datetimes(timezones=st.just(UTC)))
def test_where_all_that_is_earlier_begins_can_be_sent_and_read(time: datetime) -> None:
    for_traces = Cursor.before(time, LEAST_TEXT)
    assert decode(str(for_traces)) == for_traces
    for_logs = Cursor.before(time, LEAST_UUID)
    assert decode(str(for_logs), UUID) == for_logs
    assert for_traces.moment == for_logs.moment == time


def test_a_time_that_python_does_not_know_has_no_moment() -> None:
    for time in ("infinity", "-infinity", "12026-01-01 00:00:00+00", "0044-03-15 12:00:00+00 BC"):
        cursor = decode(str(Cursor(time, "a")))
        assert cursor is not None
        assert cursor.moment is None
