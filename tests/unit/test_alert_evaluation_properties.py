"""What holds of the evaluator whatever is measured, whenever."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from enum import Enum

from hypothesis import given, settings
from hypothesis import strategies as st

from alerting.deciding.flapping import LOOKED_AT
from alerting.deciding.memory import Memory, memory_of
from alerting.deciding.resolving import resolved_by_person
from alerting.deciding.windows import MOST_WINDOWS
from alerting.labels import Labels, fingerprint
from alerting.measurements import Failed, Measured, Measurement, Sample
from alerting.rules import Absence, Condition, Rule
from alerting.states import Change, Decision, Phase
from tests.alert_stories import Teller, a_rule


class Whim(Enum):
    """What people do between two evaluations."""

    NONE = "none"
    CHANGE = "change"
    RESOLVE = "resolve"


LABEL_SETS: list[Labels] = [(), (("service", "one"),), (("service", "two"),), (("level", "ERROR"),)]
SPELLS = st.sampled_from([0, 1, 60, 119, 120, 300]).map(lambda seconds: timedelta(seconds=seconds))
VALUES = st.sampled_from([None, 0.0, 9.9, 10.0, 10.1, 11.0, float("nan"), float("inf"), float("-inf")]) | st.floats()
RULES = st.builds(
    a_rule,
    condition=st.sampled_from(Condition),
    threshold=st.sampled_from([10.0, 0.0]),
    window=st.sampled_from([60, 300]),
    pending_for=st.sampled_from([0, 0, 60, 150]),
    keep_firing_for=st.sampled_from([0, 0, 60, 150]),
    windows_needed=st.integers(-1, 4),
    windows_seen=st.integers(-1, 4) | st.just(10**9),
    on_no_data=st.sampled_from(Absence),
    on_error=st.sampled_from(Absence),
    group_by=st.sampled_from(["", "service", "level"]).map(lambda name: (name,) if name else ()),
)
MEASUREMENTS: st.SearchStrategy[Measurement] = st.builds(
    lambda values, missing: Measured([Sample(labels, value) for labels, value in values.items()], missing),
    st.dictionaries(st.sampled_from(LABEL_SETS), VALUES, max_size=len(LABEL_SETS)),
    st.sampled_from([None, 0.0]),
) | st.just(Failed("no"))
CLOCK = st.sampled_from([60, 60, 60, 60, 59, 0, 200, -3600, 10**7])
STEPS = st.lists(st.tuples(MEASUREMENTS, CLOCK, st.sampled_from([*Whim, *[Whim.NONE] * 5])), min_size=1, max_size=25)
LIVES = st.tuples(RULES, RULES, STEPS)

Life = tuple[Rule, Rule, list[tuple[Measurement, int, Whim]]]
Look = Callable[[Teller, dict[str, Decision]], None]


def live(life: Life, look: Look = lambda teller, decisions: None) -> Teller:
    """Through all steps; now and then a person resolves what fires, or changes the rule."""
    rule, other, steps = life
    teller = Teller(rule)
    for measurement, seconds, whim in steps:
        teller.now += timedelta(seconds=seconds)
        if whim is Whim.CHANGE:
            teller.rule, other = other, teller.rule
        if whim is Whim.RESOLVE:
            resolve_all(teller)
        look(teller, teller.evaluate(measurement))
    return teller


def resolve_all(teller: Teller) -> None:
    for print_, state in teller.states.items():
        teller.states[print_] = resolved_by_person(state, teller.now)


@given(LIVES)
@settings(max_examples=100, deadline=None)
def test_firing_and_resolved_take_turns(life: Life) -> None:
    """So there is one open instance of a label set at most, and it is the phase that says whether."""

    def look(teller: Teller, decisions: dict[str, Decision]) -> None:
        for print_, decision in decisions.items():
            was_open = decision.before is not None and decision.before.phase.is_open
            for event in decision.events:
                if event.change is Change.FIRING:
                    assert not was_open
                    was_open = True
                if event.change is Change.RESOLVED:
                    assert was_open
                    was_open = False
            assert was_open == decision.after.phase.is_open
            assert not (decision.forget and decision.after.phase is not Phase.INACTIVE)
            assert fingerprint(decision.after.labels) == print_

    live(life, look)


@given(LIVES)
@settings(max_examples=50, deadline=None)
def test_what_is_remembered_is_bounded_and_survives_json(life: Life) -> None:
    def look(teller: Teller, decisions: dict[str, Decision]) -> None:
        for state in teller.states.values():
            stored = json.loads(json.dumps(state.memory, allow_nan=False))
            assert memory_of(stored).as_json() == state.memory
            memory = memory_of(stored)
            assert len(memory.windows) <= MOST_WINDOWS
            assert len(memory.turns) <= LOOKED_AT
            assert len(json.dumps(stored)) < 400

    live(life, look)


@given(LIVES)
@settings(max_examples=50, deadline=None)
def test_label_sets_that_stay_away_are_forgotten(life: Life) -> None:
    """All but those that fire because they stay away; a person's word ends these, too."""
    teller = live(life)
    for _ in range(2 * LOOKED_AT + MOST_WINDOWS):
        teller.now += timedelta(seconds=60)
        teller.evaluate(Measured([]))
        resolve_all(teller)
    assert set(teller.states) <= {""}


@given(LIVES)
@settings(max_examples=50, deadline=None)
def test_a_failure_moves_nothing_that_should_be_kept(life: Life) -> None:
    teller = live(life)
    teller.rule = replace(teller.rule, on_error=Absence.KEEP)
    known = {print_: (state.phase, state.memory) for print_, state in teller.states.items()}
    for _ in range(5):
        teller.now += timedelta(seconds=60)
        decisions = teller.evaluate(Failed("no"))
        assert not any(decision.events for decision in decisions.values())
    assert {print_: (state.phase, state.memory) for print_, state in teller.states.items()} == known


@given(st.builds(Memory, st.text(), st.text(), st.floats(0, 1e9), st.floats(0, 1e9), st.text("01"), st.text("01")))
def test_a_memory_is_its_json(memory: Memory) -> None:
    assert memory_of(json.loads(json.dumps(memory.as_json()))) == memory


def test_a_memory_of_another_version_is_read_as_far_as_it_goes() -> None:
    assert memory_of({"held": 3.0, "mood": "good"}) == Memory(held=3.0)
