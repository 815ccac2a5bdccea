"""When rules are evaluated: the grid of turns."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from alerting.engine.schedule import Scheduled
from alerting.engine.turns import AT_ONCE, Turns, TurnsTrigger

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)
MINUTE = 60 * SECOND
times = st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC))
intervals = st.integers(1, 86_400).map(lambda seconds: seconds * SECOND)


@given(st.uuids(), intervals, times)
def test_turns_lie_an_interval_apart(rule_id: UUID, interval: timedelta, moment: datetime) -> None:
    turns = Turns(rule_id, interval)
    first = turns.after(moment)
    assert moment < first <= moment + interval
    assert turns.following(first) == turns.after(first) == first + interval


@given(st.uuids(), intervals, times)
def test_after_an_evaluation_half_an_interval_passes_and_no_two(
    rule_id: UUID, interval: timedelta, begun: datetime
) -> None:
    assert interval / 2 <= Turns(rule_id, interval).following(begun) - begun <= 1.5 * interval


@given(st.uuids(), intervals, times, st.none() | times)
def test_the_first_is_soon_where_a_turn_was_missed_and_never_far(
    rule_id: UUID, interval: timedelta, now: datetime, last: datetime | None
) -> None:
    first = Turns(rule_id, interval).first(last, now)
    assert now <= first <= now + 1.5 * interval
    if last is None or last < now - 2 * interval:
        assert first <= now + min(interval, AT_ONCE)


def test_a_thousand_rules_are_spread() -> None:
    seconds = [int((Turns(UUID(int=n), MINUTE).after(NOW) - NOW) / SECOND) for n in range(1000)]
    assert max(seconds.count(second) for second in range(60)) < 50


def test_the_trigger_leaves_out_what_a_standstill_missed() -> None:
    turns = Turns(UUID(int=1), MINUTE)
    trigger, first = TurnsTrigger(turns), turns.after(NOW)
    assert trigger.get_next_fire_time(None, NOW) == first
    assert trigger.get_next_fire_time(first, first) == first + MINUTE
    assert trigger.get_next_fire_time(first, first + 10 * MINUTE + SECOND) == first + 11 * MINUTE


def test_lag_and_missed_turns_are_counted() -> None:
    turns = Turns(UUID(int=1), MINUTE)
    due = turns.after(NOW)
    rule = Scheduled(UUID(int=1), 1, turns, due)
    assert rule.begin(due - SECOND) == (timedelta(0), 0)
    assert rule.due == due + MINUTE
    assert rule.begin(due + 3 * MINUTE + 5 * SECOND) == (2 * MINUTE + 5 * SECOND, 2)
    assert rule.due == due + 4 * MINUTE
