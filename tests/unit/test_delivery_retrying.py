"""When a notice is tried again, and what channels ask for."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerting.delivery.http import LONGEST_WAIT, retry_after
from alerting.delivery.outcome import Outcome, failed, refused, told
from alerting.delivery.retrying import GIVE_UP_AFTER, JITTER, delay, next_attempt

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("attempt", "seconds"), [(1, 1), (2, 2), (3, 4), (4, 8), (9, 256), (10, 300), (11, 300), (1_000_000, 300)]
)
def test_delays_double_from_a_second_to_five_minutes(attempt: int, seconds: int) -> None:
    assert delay(attempt, 0.0) == timedelta(seconds=seconds)


@given(st.integers(1, 10_000), st.floats(0, 7_200))
def test_it_is_never_sooner_than_the_channel_asked_for(attempt: int, asked: float) -> None:
    wait = timedelta(seconds=asked)
    at = next_attempt(failed("busy", wait), attempt, NOW, NOW)
    assert at is not None
    assert at - NOW >= max(wait, delay(attempt, -JITTER))
    assert at - NOW <= max(wait, delay(attempt, JITTER))


@pytest.mark.parametrize("outcome", [told(), refused("no"), Outcome(told=True, error="one of three refused")])
def test_what_is_done_or_permanent_is_not_tried_again(outcome: Outcome) -> None:
    assert next_attempt(outcome, 1, NOW, NOW) is None


def test_it_is_given_up_after_a_day() -> None:
    late = NOW + GIVE_UP_AFTER - timedelta(seconds=1)
    assert next_attempt(failed("down"), 1, NOW, late - timedelta(minutes=10)) is not None
    assert next_attempt(failed("down"), 5, NOW, late) is None


@pytest.mark.parametrize(
    ("value", "wait"),
    [
        ("0", timedelta(0)),
        ("30", timedelta(seconds=30)),
        (" 7 ", timedelta(seconds=7)),
        ("Mon, 23 Nov 2026 09:31:00 GMT", timedelta(minutes=1)),
        ("Mon, 23 Nov 2026 09:29:00 GMT", timedelta(0)),
        ("99999999999999999999999", LONGEST_WAIT),
        ("9" * 400, LONGEST_WAIT),
        ("86400", LONGEST_WAIT),
        ("-1", None),
        ("soon", None),
        ("", None),
        (None, None),
    ],
)
def test_retry_after_is_seconds_or_a_date(value: str | None, wait: timedelta | None) -> None:
    assert retry_after(value, NOW) == wait
