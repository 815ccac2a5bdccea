"""Variables and macros become what Grafana makes of them."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from tests.grafana_queries import Moment, UnknownMacro

SINCE = datetime(2026, 9, 1, 10, tzinfo=UTC)
ASKED = Moment(SINCE, SINCE + timedelta(hours=1, milliseconds=250), "5m")


@pytest.mark.parametrize(
    ("sql", "expanded"),
    [
        ("$__time(start)", 'start AS "time"'),
        ("$__timeEpoch(start)", 'extract(epoch from start) as "time"'),
        ('$__timeFilter("time")', "\"time\" BETWEEN '2026-09-01T10:00:00Z' AND '2026-09-01T11:00:00.25Z'"),
        ("$__timeFrom() $__timeTo()", "'2026-09-01T10:00:00Z' '2026-09-01T11:00:00.25Z'"),
        ("$__timeGroup(t,'1h')", "floor(extract(epoch from t)/3600)*3600"),
        ("$__timeGroupAlias(t, $__interval)", 'floor(extract(epoch from t)/300)*300 AS "time"'),
        ("$__timeGroup(t,30d), a", 'floor(extract(epoch from t)/2592000)*2592000 AS "time", a'),
        ("x / $__interval_ms", "x / 300000"),
    ],
)
def test_macros(sql: str, expanded: str) -> None:
    assert ASKED.expanded(sql, {}) == expanded


@pytest.mark.parametrize("written", ["$name", "${name}", "[[name]]"])
def test_variables_without_a_format_are_pasted(written: str) -> None:
    assert ASKED.expanded(f"a = '{written}'", {"name": "x' OR true --"}) == "a = 'x' OR true --'"


@pytest.mark.parametrize(
    ("value", "literal"),
    [("shop", "'shop'"), ("o'neil's", "'o''neil''s'"), ('"', "'\\\"'"), (["a", "b'"], "'a','b'''"), ("$__x", "'$__x'")],
)
def test_sqlstring_makes_literals(value: str, literal: str) -> None:
    assert ASKED.expanded("${name:sqlstring}", {"name": value}) == literal


def test_values_are_not_searched_for_variables() -> None:
    assert ASKED.expanded("${a:sqlstring} ${b:sqlstring}", {"a": "${b:sqlstring}", "b": "x"}) == "'${b:sqlstring}' 'x'"


def test_an_argument_ends_at_the_first_parenthesis_as_it_does_in_grafana() -> None:
    assert "BETWEEN" in (expanded := ASKED.expanded("$__timeFilter(to_timestamp(x))", {}))
    assert expanded.startswith("to_timestamp(x BETWEEN")


def test_what_grafana_does_not_know_is_an_error() -> None:
    with pytest.raises(UnknownMacro, match="__timeFiltre"):
        ASKED.expanded("$__timeFiltre(t)", {})
    with pytest.raises(KeyError, match="nobody"):
        ASKED.expanded("$nobody", {})


def test_times_are_told_in_utc() -> None:
    elsewhere = SINCE.astimezone(timezone(timedelta(hours=2)))
    assert Moment(elsewhere, elsewhere).expanded("$__timeFrom()", {}) == "'2026-09-01T10:00:00Z'"
