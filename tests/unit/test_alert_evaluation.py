"""The evaluator as a table: every state, policy and edge. How a line reads is said in tests/alert_stories.py."""

from datetime import timedelta
from typing import Any

import pytest

from alerting.deciding.evaluation import evaluate
from alerting.measurements import Measured, Sample
from alerting.states import Change, Phase
from tests.alert_stories import ONE, OTHER, START, Teller, a_rule, words_of

FOR = {"pending_for": 120}
KEEP = {"keep_firing_for": 120}
TWO_OF_THREE = {"windows_needed": 2, "windows_seen": 3}
GROUPED = {"group_by": "service"}
LOST = {**GROUPED, "condition": "lt"}

CONDITIONS = {
    "above": ({}, "11 firing !firing"),
    "the threshold is not above itself": ({}, "10 inactive"),
    "below is not above": ({}, "9 inactive"),
    "gte takes the threshold": ({"condition": "gte"}, "10 firing !firing"),
    "gte does not take less": ({"condition": "gte"}, "9.999 inactive"),
    "lt": ({"condition": "lt"}, "9 firing !firing"),
    "the threshold is not below itself": ({"condition": "lt"}, "10 inactive"),
    "lte takes the threshold": ({"condition": "lte"}, "10 firing !firing"),
    "lte does not take more": ({"condition": "lte"}, "10.001 inactive"),
    "eq": ({"condition": "eq"}, "10 firing !firing"),
    "eq is exact": ({"condition": "eq"}, "10.0000001 inactive"),
    "neq": ({"condition": "neq"}, "11 firing !firing"),
    "neq of the threshold": ({"condition": "neq"}, "10 inactive"),
    "zero is a value": ({"condition": "lt"}, "0 firing !firing"),
    "minus zero is zero": ({"condition": "eq", "threshold": 0}, "-0 firing !firing"),
    "infinity is above": ({}, "inf firing !firing"),
    "minus infinity is below": ({"condition": "lt"}, "-inf firing !firing"),
    "minus infinity is not above": ({}, "-inf inactive"),
    "NaN is no data, even to neq": ({"condition": "neq"}, "nan inactive !no_data/no_data"),
}

PHASES = {
    "first run, nothing wrong": ({}, "0 inactive"),
    "first run fires": ({}, "11 firing !firing"),
    "goes on firing": ({}, "11 firing !firing, 12 firing, 11 firing"),
    "resolves at once": ({}, "11 firing !firing, 10 inactive !resolved"),
    "fires again as another alert": ({}, "11 firing !firing, 1 inactive !resolved, 11 firing !firing"),
    "stays inactive": ({}, "1 inactive, 2 inactive"),
    "pending first": (FOR, "11 pending !pending"),
    "pending, not long enough": (FOR, "11 pending !pending, 11 pending"),
    "pending long enough": (FOR, "11 pending !pending, 11 pending, 11 firing !firing"),
    "pending, then well": (FOR, "11 pending !pending, 1 inactive !inactive"),
    "pending begins anew": (
        FOR,
        "11 pending !pending, 11 pending, 1 inactive !inactive, 11 pending !pending, 11 pending",
    ),
    "exactly as long as wanted": ({"pending_for": 60}, "11 pending !pending, @60 11 firing !firing"),
    "an evaluation that comes a little early counts": (
        {"pending_for": 60},
        "11 pending !pending, @59 11 firing !firing",
    ),
    "an evaluation that comes too early does not": ({"pending_for": 60}, "11 pending !pending, @53 11 pending"),
    "for less than an interval waits for the next": ({"pending_for": 5}, "11 pending !pending, 11 firing !firing"),
    "after firing it need not be pending": (FOR, "11 pending !pending, 11 pending, 11 firing !firing, 11 firing"),
    "recovering first": (KEEP, "11 firing !firing, 1 recovering !recovering"),
    "recovering, not long enough": (KEEP, "11 firing !firing, 1 recovering !recovering, 1 recovering"),
    "recovered": (KEEP, "11 firing !firing, 1 recovering !recovering, 1 recovering, 1 inactive !resolved"),
    "the same alert goes on": (KEEP, "11 firing !firing, 1 recovering !recovering, 11 firing !still_firing, 11 firing"),
    "recovering begins anew": (
        KEEP,
        "11 firing !firing, 1 recovering !recovering, 1 recovering, 11 firing !still_firing, "
        "1 recovering !recovering, 1 recovering, 1 inactive !resolved",
    ),
    "back to firing needs no `for`": (
        FOR | KEEP,
        "11 pending !pending, 11 pending, 11 firing !firing, 1 recovering !recovering, 11 firing !still_firing",
    ),
    "a person resolves and it fires again": ({}, "11 firing !firing, person inactive, 11 firing !firing"),
    "a person resolves what is over": ({}, "11 firing !firing, person inactive, 1 inactive"),
    "a person resolves, and `for` begins anew": (
        {"pending_for": 60},
        "11 pending !pending, 11 firing !firing, person inactive, 11 pending !pending, 11 firing !firing",
    ),
    "a person resolves what recovers": (
        KEEP,
        "11 firing !firing, 1 recovering !recovering, person inactive, 1 inactive",
    ),
}

WINDOWS = {
    "one of three is too little": (TWO_OF_THREE, "11 inactive"),
    "two in a row": (TWO_OF_THREE, "11 inactive, 11 firing !firing"),
    "two with one between": (TWO_OF_THREE, "11 inactive, 1 inactive, 11 firing !firing"),
    "two too far apart": (TWO_OF_THREE, "11 inactive, 1 inactive, 1 inactive, 11 inactive"),
    "one well window does not resolve": (TWO_OF_THREE, "11 inactive, 11 firing !firing, 1 firing"),
    "two well windows do": (TWO_OF_THREE, "11 inactive, 11 firing !firing, 1 firing, 1 inactive !resolved"),
    "errors are no window": (TWO_OF_THREE, "11 inactive, error inactive, error inactive, 11 firing !firing"),
    "no data is no window": (
        TWO_OF_THREE,
        "11 inactive, none inactive !no_data/no_data, none inactive, 11 firing !data_again !firing",
    ),
    "no data that counts as well is one": (
        TWO_OF_THREE | {"on_no_data": "ok"},
        "11 inactive, none inactive !no_data/no_data, none inactive, 11 inactive !data_again",
    ),
    "and `for` begins then": (
        TWO_OF_THREE | {"pending_for": 60},
        "11 inactive, 11 pending !pending, 1 firing !firing",
    ),
    "all of all": (
        {"windows_needed": 3, "windows_seen": 3},
        "11 inactive, 11 inactive, 11 firing !firing, 1 inactive !resolved",
    ),
    "more than all is all": ({"windows_needed": 5, "windows_seen": 2}, "11 inactive, 11 firing !firing"),
    "none is one": ({"windows_needed": 0, "windows_seen": 0}, "1 inactive, 11 firing !firing"),
    "more windows from now on say nothing of before": (
        {},
        "11 firing !firing, windows_seen=3 windows_needed=3 11 firing, 11 firing, 1 inactive !resolved",
    ),
    "a person resolves, and the windows begin anew": (
        TWO_OF_THREE,
        "11 inactive, 11 firing !firing, person inactive, 11 inactive, 11 firing !firing",
    ),
}

NO_DATA = {
    "on the first run": ({}, "none inactive !no_data/no_data"),
    "said once": ({}, "none inactive !no_data/no_data, none inactive, nan inactive"),
    "then data": ({}, "none inactive !no_data/no_data, 1 inactive !data_again"),
    "keep: nothing is decided": (
        {},
        "11 firing !firing, none firing !no_data/no_data, none firing, 11 firing !data_again",
    ),
    "keep: resolves with data": (
        {},
        "11 firing !firing, none firing !no_data/no_data, 1 inactive !data_again !resolved",
    ),
    "keep: pending does not move on": (
        FOR,
        "11 pending !pending, none pending !no_data/no_data, none pending, none pending, 11 pending !data_again, "
        "11 firing !firing",
    ),
    "keep: recovering does not move on": (
        KEEP,
        "11 firing !firing, 1 recovering !recovering, none recovering !no_data/no_data, none recovering, "
        "none recovering, 1 recovering !data_again, 1 inactive !resolved",
    ),
    "ok: never fires": ({"on_no_data": "ok"}, "none inactive !no_data/no_data"),
    "ok: resolves": ({"on_no_data": "ok"}, "11 firing !firing, none inactive !no_data/no_data !resolved/no_data"),
    "ok: no longer pending": (
        FOR | {"on_no_data": "ok"},
        "11 pending !pending, none inactive !no_data/no_data !inactive/no_data",
    ),
    "ok: recovers": (
        KEEP | {"on_no_data": "ok"},
        "11 firing !firing, none recovering !no_data/no_data !recovering/no_data, none recovering, "
        "none inactive !resolved/no_data",
    ),
    "alert: fires": ({"on_no_data": "alert"}, "none firing !no_data/no_data !firing/no_data"),
    "alert: waits for `for`": (
        FOR | {"on_no_data": "alert"},
        "none pending !no_data/no_data !pending/no_data, none pending, none firing !firing/no_data",
    ),
    "alert: goes on": ({"on_no_data": "alert"}, "11 firing !firing, none firing !no_data/no_data, none firing"),
    "alert: resolves with data": (
        {"on_no_data": "alert"},
        "none firing !no_data/no_data !firing/no_data, 1 inactive !data_again !resolved",
    ),
    "alert: goes on with bad data": (
        {"on_no_data": "alert"},
        "none firing !no_data/no_data !firing/no_data, 11 firing !data_again",
    ),
    "alert: by NaN as well": ({"on_no_data": "alert"}, "nan firing !no_data/no_data !firing/no_data"),
    "changed to keep: no data keeps nothing firing that rests on none": (
        {"on_no_data": "alert"},
        "none firing !no_data/no_data !firing/no_data, on_no_data=keep none inactive !resolved/no_data",
    ),
    "changed to keep: what rested on data meanwhile is kept": (
        {"on_no_data": "alert"},
        "none firing !no_data/no_data !firing/no_data, 11 firing !data_again, "
        "on_no_data=keep none firing !no_data/no_data",
    ),
    "no sample at all is no data, too": (
        {},
        "11 firing !firing, empty firing !no_data/no_data, 1 inactive !data_again !resolved",
    ),
}

ERRORS = {
    "on the first run": ({}, "error -"),
    "keep: firing goes on": ({}, "11 firing !firing, error firing, error firing, 1 inactive !resolved"),
    "keep: inactive stays": ({}, "1 inactive, error inactive"),
    "keep: pending does not move on": (
        FOR,
        "11 pending !pending, error pending, error pending, error pending, 11 pending, 11 firing !firing",
    ),
    "keep: recovering does not move on": (
        KEEP,
        "11 firing !firing, 1 recovering !recovering, error recovering, error recovering, error recovering, "
        "1 recovering, 1 inactive !resolved",
    ),
    "no word of data": (
        {},
        "none inactive !no_data/no_data, error inactive, none inactive, error inactive, 1 inactive !data_again",
    ),
    "ok: resolves": ({"on_error": "ok"}, "11 firing !firing, error inactive !resolved/error"),
    "ok: no longer pending": (FOR | {"on_error": "ok"}, "11 pending !pending, error inactive !inactive/error"),
    "alert: fires on the first run": ({"on_error": "alert"}, "error firing !firing/error"),
    "alert: fires": ({"on_error": "alert"}, "1 inactive, error firing !firing/error"),
    "alert: moves pending on": (
        FOR | {"on_error": "alert"},
        "11 pending !pending, error pending, error firing !firing/error",
    ),
    "alert: resolves with data": ({"on_error": "alert"}, "error firing !firing/error, 1 inactive !resolved"),
    "alert: resolves when there is merely no data": (
        {"on_error": "alert"},
        "error firing !firing/error, none inactive !no_data/no_data !resolved/no_data",
    ),
    "alert: what the condition began is kept by no data": (
        {"on_error": "alert"},
        "11 firing !firing, error firing, 11 firing, none firing !no_data/no_data",
    ),
    "each policy for itself": (
        {"on_error": "ok", "on_no_data": "alert"},
        "none firing !no_data/no_data !firing/no_data, error inactive !resolved/error, none firing !firing/no_data",
    ),
    "changed to keep: goes on until it is measured": (
        {"on_error": "alert"},
        "error firing !firing/error, on_error=keep error firing, 1 inactive !resolved",
    ),
}

GROUPS: dict[str, tuple[dict[str, Any], str]] = {
    "a quiet label set is not worth keeping": (GROUPED, "1 -"),
    "fires": (GROUPED, "11 firing !firing"),
    "and is forgotten when it is long over": (
        GROUPED,
        "11 firing !firing, 1 inactive !resolved, " + "1 inactive, " * 19 + "1 -, 1 -",
    ),
    "without data it is not worth keeping either": (GROUPED, "none -"),
    "gone after its window": (
        GROUPED,
        "11 firing !firing, absent firing !no_data/no_data, absent firing, absent firing, absent firing, "
        "absent - !resolved/gone, absent -",
    ),
    "gone when no label set comes any more": (
        GROUPED,
        "11 firing !firing, empty firing !no_data/no_data, empty firing, empty firing, empty firing, "
        "empty - !resolved/gone",
    ),
    "gone after two evaluations at least": (
        GROUPED | {"window": 60},
        "11 firing !firing, absent firing !no_data/no_data, absent - !resolved/gone",
    ),
    "not gone when it comes back": (
        GROUPED | {"window": 120},
        "11 firing !firing, absent firing !no_data/no_data, 12 firing !data_again, absent firing !no_data/no_data, "
        "absent - !resolved/gone",
    ),
    "it is not absent while nothing can be measured": (
        GROUPED | {"window": 120},
        "11 firing !firing, absent firing !no_data/no_data, error firing, error firing, absent - !resolved/gone",
    ),
    "a sample without a value is not absent": (
        GROUPED | {"window": 60},
        "11 firing !firing, none firing !no_data/no_data, none firing, none firing",
    ),
    "pending and gone": (
        GROUPED | {"window": 60, "pending_for": 300},
        "11 pending !pending, absent pending !no_data/no_data, absent - !inactive/gone",
    ),
    "comes back as another alert": (
        GROUPED | {"window": 60},
        "11 firing !firing, absent firing !no_data/no_data, absent - !resolved/gone, 11 firing !firing",
    ),
    "ok: absent resolves at once": (
        GROUPED | {"on_no_data": "ok"},
        "11 firing !firing, absent inactive !no_data/no_data !resolved/no_data",
    ),
    "alert: one that vanishes fires": (
        GROUPED | {"on_no_data": "alert"},
        "1 inactive, absent firing !no_data/no_data !firing/no_data",
    ),
    "alert: and goes on, however long": (
        GROUPED | {"on_no_data": "alert", "window": 60},
        "1 inactive, absent firing !no_data/no_data !firing/no_data, absent firing, "
        "@86400 absent firing, absent firing",
    ),
    "alert: until it comes back": (
        GROUPED | {"on_no_data": "alert", "window": 60},
        "1 inactive, absent firing !no_data/no_data !firing/no_data, absent firing, 1 inactive !data_again !resolved",
    ),
    "alert: until a person resolves it": (
        GROUPED | {"on_no_data": "alert", "window": 60},
        "1 inactive, absent firing !no_data/no_data !firing/no_data, absent firing, absent firing, person inactive, "
        "absent -, absent -",
    ),
    "alert: an error alert is the rule's": (
        GROUPED | {"on_error": "alert"},
        "11 firing !firing, error firing, 1 inactive !resolved",
    ),
}

MISSING = {
    "a count that vanishes is 0": (GROUPED, "11 firing !firing, absent inactive !resolved"),
    "and recovers like any value": (
        GROUPED | KEEP,
        "11 firing !firing, absent recovering !recovering, empty recovering, absent inactive !resolved",
    ),
    "a label set that was never there is not missed": (LOST, "absent -"),
    "one that was there is": (LOST, "20 inactive, absent firing !firing"),
    "and is not forgotten while it fires": (
        LOST | {"window": 60},
        "20 inactive, absent firing !firing, absent firing, absent firing, absent firing, 20 inactive !resolved",
    ),
    "a pending one is waited for": (
        LOST | {"window": 60, "pending_for": 300},
        "20 inactive, absent pending !pending, absent pending, absent pending, absent pending, absent pending, "
        "absent firing !firing",
    ),
    "enough windows of it are waited for": (
        LOST | {"window": 60, "windows_needed": 5, "windows_seen": 5},
        "20 inactive, absent inactive, absent inactive, absent inactive, absent inactive, absent firing !firing",
    ),
}

CHANGED = {
    "a higher threshold resolves": ({}, "11 firing !firing, threshold=20 15 inactive !resolved/changed"),
    "however long it should recover": (KEEP, "11 firing !firing, threshold=20 15 inactive !resolved/changed"),
    "a threshold that still is met goes on": (
        {},
        "11 firing !firing, threshold=5 11 firing, 11 firing, 1 inactive !resolved",
    ),
    "with windows, too": (
        TWO_OF_THREE,
        "11 inactive, 11 firing !firing, threshold=5 11 firing, 11 firing, 1 firing, 1 inactive !resolved",
    ),
    "a lower threshold fires": ({}, "11 firing !firing, 1 inactive !resolved, threshold=0 1 firing !firing"),
    "pending begins anew": (
        FOR,
        "11 pending !pending, 11 pending, threshold=5 11 pending, 11 pending, 11 firing !firing",
    ),
    "pending no more": (FOR, "11 pending !pending, threshold=20 11 inactive !inactive/changed"),
    "recovering, and met again": (
        KEEP,
        "11 firing !firing, 5 recovering !recovering, threshold=1 5 firing !still_firing",
    ),
    "windows of before count no more": (TWO_OF_THREE, "11 inactive, threshold=5 11 inactive, 11 firing !firing"),
    "another question, no data": (
        {},
        "11 firing !firing, query=level:WARNING none inactive !no_data/no_data !resolved/changed",
    ),
    "another question, an error: not known yet": (
        {},
        "11 firing !firing, query=level:WARNING error firing, 1 inactive !resolved/changed",
    ),
    "what is not asked does not matter": (
        FOR,
        "11 pending !pending, severity=critical 11 pending, description=x name=y 11 firing !firing",
    ),
    "a label set that is absent": (GROUPED, "11 firing !firing, query=shop absent - !resolved/changed"),
    "the same change counts once": (
        {},
        "11 firing !firing, threshold=10.5 11 firing, 11 firing, 10 inactive !resolved",
    ),
}

CLOCKS = {
    "back while pending: no time counts": (
        {"pending_for": 60},
        "11 pending !pending, @-3600 11 pending, 11 firing !firing",
    ),
    "back while firing": ({}, "11 firing !firing, @-86400 11 firing, 1 inactive !resolved"),
    "back while recovering": (
        KEEP,
        "11 firing !firing, 1 recovering !recovering, @-3600 1 recovering, 1 recovering, 1 inactive !resolved",
    ),
    "ahead while pending: two intervals count": (
        {"pending_for": 240},
        "11 pending !pending, @86400 11 pending, 11 pending, 11 firing !firing",
    ),
    "ahead while recovering": (
        {"keep_firing_for": 240},
        "11 firing !firing, 1 recovering !recovering, @86400 1 recovering, 1 recovering, 1 inactive !resolved",
    ),
    "ahead, and a label set is not gone at once": (
        GROUPED,
        "11 firing !firing, @86400 absent firing !no_data/no_data, absent firing, absent firing, "
        "absent - !resolved/gone",
    ),
    "standing still": ({"pending_for": 60}, "11 pending !pending, @0 11 pending, @0 11 pending, 11 firing !firing"),
    "twice at once": ({}, "11 firing !firing, @0 11 firing, @0 1 inactive !resolved, @0 1 inactive"),
}

FLAP = "11 firing !firing, 1 inactive !resolved, "
FLAPPING = {
    "twice is not flapping": ({}, FLAP * 2 + "1 inactive"),
    "the third time is": ({}, FLAP * 2 + "11 firing !firing !flapping"),
    "and does not resolve": ({}, FLAP * 2 + "11 firing !firing !flapping, 1 recovering !recovering, 1 recovering"),
    "nor fire again": (
        {},
        FLAP * 2
        + "11 firing !firing !flapping, 1 recovering !recovering, 11 firing !still_firing, 1 recovering !recovering",
    ),
    "until it is calm for ten evaluations": (
        {},
        FLAP * 2
        + "11 firing !firing !flapping, 1 recovering !recovering, "
        + "1 recovering, " * 9
        + "1 inactive !steady !resolved",
    ),
    "or fires calmly": (
        {},
        FLAP * 2 + "11 firing !firing !flapping, " + "11 firing, " * 9 + "11 firing !steady, 1 inactive !resolved",
    ),
    "each turn begins the calm anew": (
        {},
        FLAP * 2
        + "11 firing !firing !flapping, 1 recovering !recovering, "
        + "1 recovering, " * 8
        + "11 firing !still_firing, 1 recovering !recovering, "
        + "1 recovering, " * 9
        + "1 inactive !steady !resolved",
    ),
    "errors are not calm": (
        {},
        FLAP * 2
        + "11 firing !firing !flapping, 1 recovering !recovering, "
        + "error recovering, " * 12
        + "1 recovering",
    ),
    "slow turns are no flapping": ({}, (FLAP + "1 inactive, " * 10) * 4 + "11 firing !firing"),
    "to be kept firing hides none of it": (
        KEEP,
        "11 firing !firing, 1 recovering !recovering, 11 firing !still_firing, 1 recovering !recovering, "
        "11 firing !still_firing !flapping",
    ),
    "pending is no turn": (FOR, "11 pending !pending, 1 inactive !inactive, " * 10 + "1 inactive"),
    "gone while flapping": (
        GROUPED | {"window": 60},
        FLAP * 2 + "11 firing !firing !flapping, absent firing !no_data/no_data, absent - !steady/gone !resolved/gone",
    ),
    "changed while flapping": (
        {},
        FLAP * 2 + "11 firing !firing !flapping, threshold=20 11 inactive !steady/changed !resolved/changed",
    ),
}

TABLES = {
    "condition": CONDITIONS,
    "phase": PHASES,
    "windows": WINDOWS,
    "no data": NO_DATA,
    "error": ERRORS,
    "groups": GROUPS,
    "changed": CHANGED,
    "clock": CLOCKS,
    "flapping": FLAPPING,
}


@pytest.mark.parametrize(
    ("fields", "story"),
    [pytest.param(*case, id=f"{table}: {name}") for table, cases in TABLES.items() for name, case in cases.items()],
)
def test_the_story_is_told(fields: dict[str, Any], story: str) -> None:
    assert Teller(a_rule(**fields)).tell(story) == words_of(story)


@pytest.mark.parametrize(("fields", "story"), [pytest.param(*case, id=name) for name, case in MISSING.items()])
def test_what_is_missing_counts_as_zero(fields: dict[str, Any], story: str) -> None:
    assert Teller(a_rule(**fields), missing=0.0).tell(story) == words_of(story)


def test_an_error_of_a_rule_with_groups_is_one_alert_and_ends_with_the_error() -> None:
    teller = Teller(a_rule(group_by="service", on_error="alert"))
    teller.tell("11 firing")
    stood_in = "error", "absent"
    events = []
    for measured in stood_in:
        teller.now += timedelta(seconds=60)
        decision = teller.evaluate(teller._measurement(measured))[""]
        events += [(event.change, event.reason) for event in decision.events]
    assert events == [(Change.FIRING, "error"), (Change.RESOLVED, "gone")]


def test_label_sets_of_another_grouping_are_resolved() -> None:
    teller = Teller(a_rule(group_by="service"), missing=0.0)
    teller.tell("11 firing, 12 firing")
    teller.rule = a_rule(group_by="level", condition="lt")
    (decision,) = teller.evaluate(Measured([], missing=0.0)).values()
    assert [(event.change, event.reason) for event in decision.events] == [(Change.RESOLVED, "changed")]
    assert teller.states == {}


def test_a_known_label_set_of_the_same_grouping_is_judged_by_what_is_missing() -> None:
    teller = Teller(a_rule(group_by="service", condition="lt"), missing=0.0)
    teller.tell("20 inactive")
    teller.rule = a_rule(group_by="service", condition="lt", threshold=5)
    (decision,) = teller.evaluate(Measured([], missing=0.0)).values()
    assert [event.change for event in decision.events] == [Change.FIRING]


def test_no_data_at_all_of_a_rule_with_groups_is_one_alert() -> None:
    teller = Teller(a_rule(group_by="service", on_no_data="alert"))
    (decision,) = teller.evaluate(Measured([])).values()
    assert decision.after.labels == ()
    assert decision.after.phase is Phase.FIRING


def test_each_label_set_is_decided_by_itself() -> None:
    decisions = evaluate(
        a_rule(group_by="service"), Measured([Sample(ONE, 11.0), Sample(OTHER, 12.0), Sample((), 1.0)]), {}, START
    )
    assert {each.after.labels: each.after.phase for each in decisions} == {
        ONE: Phase.FIRING,
        OTHER: Phase.FIRING,
        (): Phase.INACTIVE,
    }


def test_the_context_of_the_sample_comes_along() -> None:
    (decision,) = evaluate(a_rule(), Measured([Sample((), 11.0, {"trace_id": "ab"})]), {}, START)
    assert decision.context == {"trace_id": "ab"}


def test_the_value_is_the_last_that_was_measured_and_since_is_when_the_phase_began() -> None:
    teller = Teller(a_rule())
    teller.tell("11 firing, 12 firing")
    began = START + timedelta(seconds=60)
    assert (teller.states[""].value, teller.states[""].since) == (12.0, began)
    teller.tell("none firing")
    assert (teller.states[""].value, teller.states[""].since) == (12.0, began)
    assert teller.states[""].evaluated_at == teller.now
    teller.tell("1 inactive")
    assert (teller.states[""].value, teller.states[""].since) == (1.0, teller.now)
