"""Which tables a window is read from, and in which steps."""

from datetime import UTC, datetime, timedelta

import pytest
from fastapi.exceptions import RequestValidationError

from query_api.metrics.frame import MOST_STEPS, framed
from query_api.metrics.resolution import Reach, Resolution, aligned
from query_api.steps import MOST_BY_DEFAULT
from query_api.window import Window

NOW = datetime(2026, 11, 23, 10, 20, 30, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
MIDNIGHT = datetime(2026, 11, 23, tzinfo=UTC)
ROWS = 2_000_000
KEPT = {Resolution.POINTS: 7, Resolution.MINUTES: 30, Resolution.HOURS: 400}


def reach(lag: timedelta = timedelta(0), **days: int) -> Reach:
    kept = {resolution: days.get(resolution.value, KEPT[resolution]) for resolution in Resolution}
    return Reach({resolution: MIDNIGHT - kept[resolution] * DAY for resolution in Resolution}, NOW - lag)


def segments(span: timedelta, step: int, reached: Reach | None = None) -> list[tuple[str, str, str]]:
    frame = framed(Window(NOW - span, NOW), NOW, reached or reach(), step, 1, ROWS, "m")
    assert frame is not None
    return [
        (part.resolution.value, f"{part.since:%d %H:%M:%S}", f"{part.until:%d %H:%M:%S}") for part in frame.segments
    ]


def test_the_coarsest_table_that_the_step_allows_is_read_and_finer_ones_for_what_is_new() -> None:
    assert segments(3 * HOUR, 30) == [("points", "23 07:20:30", "23 10:20:30")]
    assert segments(3 * HOUR, 60) == [
        ("minutes", "23 07:20:00", "23 10:19:00"),
        ("points", "23 10:19:00", "23 10:21:00"),
    ]
    assert segments(3 * HOUR, 3600) == [
        ("hours", "23 07:00:00", "23 10:00:00"),
        ("minutes", "23 10:00:00", "23 10:19:00"),
        ("points", "23 10:19:00", "23 11:00:00"),
    ]
    assert segments(3 * HOUR, 5400) == [
        ("minutes", "23 06:00:00", "23 10:19:00"),
        ("points", "23 10:19:00", "23 10:30:00"),
    ]


def test_what_is_not_rolled_up_yet_is_read_from_points_however_much_that_is() -> None:
    assert segments(3 * HOUR, 3600, reach(lag=2 * HOUR)) == [
        ("hours", "23 07:00:00", "23 08:00:00"),
        ("minutes", "23 08:00:00", "23 08:19:00"),
        ("points", "23 08:19:00", "23 11:00:00"),
    ]
    assert segments(3 * HOUR, 3600, reach(lag=5 * DAY)) == [("points", "23 07:00:00", "23 11:00:00")]


def test_an_hour_counts_as_complete_when_it_is_over_for_five_minutes() -> None:
    assert segments(3 * HOUR, 3600, reach(lag=timedelta(minutes=24)))[0] == ("hours", "23 07:00:00", "23 09:00:00")


def test_a_table_that_reaches_back_far_enough_goes_before_a_coarser_one() -> None:
    kept = reach(hours=1, minutes=3)
    assert segments(2 * DAY, 3600, kept)[0] == ("minutes", "21 10:00:00", "23 10:19:00")
    assert segments(5 * DAY, 3600, kept)[0] == ("points", "18 10:00:00", "23 11:00:00")


def test_what_no_table_has_is_left_out() -> None:
    assert segments(40 * DAY, 86_400, reach(hours=20, minutes=10))[0][:2] == ("hours", "03 00:00:00")
    # Points are kept from midnight on; whole steps of 30 hours and a half minute begin 6:27 later.
    assert segments(10 * DAY, 30 * 3600 + 30)[0][:2] == ("points", "16 06:27:00")
    assert framed(Window(NOW - 500 * DAY, NOW - 450 * DAY), NOW, reach(), 60, 1, ROWS, "m") is None


@pytest.mark.parametrize("minutes", [1, 5, 60, 119, 120, 24 * 60, 7 * 24 * 60, 29 * 24 * 60, 399 * 24 * 60])
def test_a_chosen_step_gives_a_picture_and_is_a_minute_at_least(minutes: int) -> None:
    frame = framed(Window(NOW - minutes * MINUTE, None), NOW, reach(), None, 1, ROWS, "m")
    assert frame is not None
    assert frame.step >= 60
    assert frame.steps <= MOST_BY_DEFAULT + 1
    assert frame.since <= NOW - minutes * MINUTE
    assert frame.until >= NOW
    assert frame.segments[0].since == frame.since


def test_where_minutes_are_gone_or_too_many_hours_are_chosen() -> None:
    old = framed(Window(NOW - 40 * DAY, NOW - 39 * DAY), NOW, reach(), None, 1, ROWS, "m")
    many = framed(Window(NOW - DAY, NOW), NOW, reach(), None, 5000, ROWS, "m")
    assert old is not None
    assert many is not None
    assert (old.step, old.resolution, many.step, many.resolution) == (3600, Resolution.HOURS, 3600, Resolution.HOURS)


def test_steps_and_rows_are_bounded() -> None:
    for step, series, said in ((60, 1, "steps are more than 500"), (300, 5000, "5000 series over this window")):
        with pytest.raises(RequestValidationError) as refused:
            framed(Window(NOW - DAY, NOW), NOW, reach(), step, series, ROWS, "m")
        assert said in refused.value.errors()[0]["msg"]
    with pytest.raises(RequestValidationError) as refused:
        framed(Window(NOW - DAY, NOW), NOW, reach(), 60, 1, ROWS, "m")
    shortest = int(refused.value.errors()[0]["msg"].split()[-4])
    frame = framed(Window(NOW - DAY, NOW), NOW, reach(), shortest, 1, ROWS, "m")
    assert frame is not None
    assert frame.steps <= MOST_STEPS


@pytest.mark.parametrize("step", [1, 7, 60, 3600, 86_400, 5_000_000])
def test_steps_begin_at_multiples_since_1970(step: int) -> None:
    for moment in (NOW, datetime(1969, 12, 31, 23, 59, 59, tzinfo=UTC), datetime(1970, 1, 1, tzinfo=UTC)):
        down, up = aligned(moment, step), aligned(moment, step, up=True)
        assert down <= moment <= up
        assert down.timestamp() % step == up.timestamp() % step == 0
        assert up - down in (timedelta(0), timedelta(seconds=step))
