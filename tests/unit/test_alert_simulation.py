"""A rule, its evaluator and its policy together, through random weather: nobody is told too much or too little."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import pairwise
from typing import Any
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from alerting.deciding.resolving import resolved_by_person
from alerting.labels import Labels, fingerprint
from alerting.measurements import Failed, Measured, Measurement, Sample
from alerting.notices import Told
from alerting.policy.policies import Policies
from alerting.policy.telling import Alert, tell
from alerting.rules import Absence, Rule
from alerting.states import Change
from tests.alert_stories import ONE, OTHER, START, Teller, a_rule
from tests.telling_stories import MINUTE, inhibition, route, silence

COOLDOWN = 15 * MINUTE
LOUD = (Told.FIRING, Told.REMINDER)


@dataclass(frozen=True)
class Said:
    """One notice, as it was decided."""

    at: datetime
    labels: Labels
    instance: UUID
    channel: str
    told: Told


@dataclass
class World:
    """Keeps states, instances and what policy remembers, as recording does, and writes down what is said."""

    rule: Rule
    policies: Policies
    open: dict[str, Alert] = field(default_factory=dict)
    told: dict[str, Any] = field(default_factory=dict)
    said: list[Said] = field(default_factory=list)
    opened: int = 0

    def __post_init__(self) -> None:
        self.teller = Teller(self.rule)

    @property
    def now(self) -> datetime:
        return self.teller.now

    def evaluate(self, measurement: Measurement) -> None:
        closed = []
        for print_, decision in self.teller.evaluate(measurement).items():
            for event in decision.events:
                if event.change is Change.RESOLVED:
                    closed.append(replace(self.open.pop(print_), resolved_at=self.now))
                if event.change is Change.FIRING:
                    self.opened += 1
                    number = UUID(int=self.opened)
                    assert print_ not in self.open
                    self.open[print_] = Alert(self.rule, decision.after.labels, number, self.now, None, False, {})
        self._tell([*closed, *self.open.values()])

    def acknowledge(self) -> None:
        self.open = {print_: replace(alert, acknowledged=True) for print_, alert in self.open.items()}

    def resolve(self) -> None:
        closed = [replace(alert, resolved_at=self.now) for alert in self.open.values()]
        for print_ in self.open:
            self.teller.states[print_] = resolved_by_person(self.teller.states[print_], self.now)
        self.open = {}
        self._tell(closed)

    def _tell(self, alerts: list[Alert]) -> None:
        firing = [self.rule.alert_labels(alert.labels) for alert in self.open.values()]
        for alert in alerts:
            print_ = fingerprint(alert.labels)
            telling = tell(replace(alert, told=self.told.get(print_, {})), self.policies, firing, self.now)
            self.told[print_] = json.loads(json.dumps(telling.told))
            assert len(json.dumps(telling.told)) < 1000
            for notice in telling.notices:
                self.said.append(Said(self.now, alert.labels, alert.instance_id, notice.channel, notice.told))


RULES = st.builds(
    a_rule,
    group_by=st.just("service"),
    pending_for=st.sampled_from([0, 0, 120]),
    keep_firing_for=st.sampled_from([0, 0, 120]),
    reminder=st.sampled_from([0, 60, 900, 3600]),
    on_no_data=st.sampled_from(Absence),
    on_error=st.sampled_from(Absence),
    channels=st.sampled_from([("slack",), ("slack", "email")]),
)
ROUTES = st.lists(
    st.builds(
        route,
        st.sampled_from(["a", "b"]),
        st.sampled_from(["", "service = one"]),
        st.sampled_from([None, "one", "one two", ""]),
        goes_on=st.booleans(),
        reminder=st.sampled_from([0, 20, 60]),
        escalate_after=st.sampled_from([0, 5, 30]),
        escalate_to=st.sampled_from(["", "boss", "one boss"]),
    ),
    max_size=2,
).map(tuple)
SILENCES = st.lists(
    st.builds(
        lambda labels, start, length: silence(labels, start, start + length),
        st.sampled_from(["service = one", "severity = warning"]),
        st.integers(0, 100),
        st.integers(1, 60),
    ),
    max_size=2,
).map(tuple)
INHIBITIONS = st.sampled_from([(), (inhibition("service = one", "service = other"),)])
POLICIES = st.builds(Policies, silences=SILENCES, inhibitions=INHIBITIONS, routes=ROUTES)
VALUES = st.sampled_from([0.0, 11.0, 11.0, None])
MEASUREMENTS: st.SearchStrategy[Measurement] = st.one_of(
    st.builds(lambda one, other: Measured([Sample(ONE, one), Sample(OTHER, other)], 0.0), VALUES, VALUES),
    st.builds(lambda one: Measured([Sample(ONE, one)], 0.0), VALUES),
    st.just(Failed("no")),
)
MINUTES = st.sampled_from([1, 1, 1, 5, 16])
WHIMS = st.sampled_from(["", "", "", "", "acknowledge", "resolve"])
STEPS = st.lists(st.tuples(MEASUREMENTS, MINUTES, WHIMS), min_size=1, max_size=30)


def live(rule: Rule, policies: Policies, steps: list[tuple[Measurement, int, str]]) -> Iterator[World]:
    world = World(rule, policies)
    for measurement, minutes, whim in steps:
        world.teller.now += minutes * MINUTE
        if whim:
            getattr(world, whim)()
        world.evaluate(measurement)
        yield world


@given(RULES, POLICIES, STEPS)
@settings(max_examples=40, deadline=None)
def test_who_was_told_of_an_alert_is_told_of_its_end_once_and_nobody_else(
    rule: Rule, policies: Policies, steps: list[tuple[Measurement, int, str]]
) -> None:
    (*_, world) = live(rule, policies, steps)
    knows: dict[tuple[UUID, str], list[Told]] = {}
    for said in world.said:
        knows.setdefault((said.instance, said.channel), []).append(said.told)
    is_open = {alert.instance_id for alert in world.open.values()}
    for (instance, _), told in knows.items():
        assert told[0] in (Told.FIRING, Told.ESCALATION)
        assert told.count(Told.FIRING) <= 1
        assert told.count(Told.ESCALATION) <= 1
        assert told.count(Told.RESOLVED) == (instance not in is_open)
        assert Told.RESOLVED not in told[:-1]


@given(RULES, POLICIES, STEPS)
@settings(max_examples=40, deadline=None)
def test_the_cooldown_lies_between_what_is_told_of_a_label_set(
    rule: Rule, policies: Policies, steps: list[tuple[Measurement, int, str]]
) -> None:
    (*_, world) = live(rule, policies, steps)
    for labels in (ONE, OTHER, ()):
        times = sorted({said.at for said in world.said if said.labels == labels and said.told in LOUD})
        assert all(later - earlier >= COOLDOWN for earlier, later in pairwise(times))


@given(RULES, POLICIES, STEPS)
@settings(max_examples=40, deadline=None)
def test_nobody_is_told_of_what_is_silenced_or_acknowledged_but_of_its_end(
    rule: Rule, policies: Policies, steps: list[tuple[Measurement, int, str]]
) -> None:
    for world in live(rule, policies, steps):
        acknowledged = {alert.instance_id for alert in world.open.values() if alert.acknowledged}
        for said in world.said:
            if said.at == world.now and said.told is not Told.RESOLVED:
                labels = rule.alert_labels(said.labels)
                assert said.instance not in acknowledged
                assert not any(silence.mutes(labels, world.now) for silence in policies.silences)


@given(RULES, POLICIES, STEPS)
@settings(max_examples=40, deadline=None)
def test_whatever_went_before_an_alert_that_goes_on_is_told_within_its_cooldown(
    rule: Rule, policies: Policies, steps: list[tuple[Measurement, int, str]]
) -> None:
    (*_, world) = live(rule, replace(policies, routes=()), steps)
    world.policies = Policies()
    acknowledged = {alert.instance_id for alert in world.open.values() if alert.acknowledged}
    for _ in range(15 + 3):
        world.teller.now += MINUTE
        world.evaluate(Measured([Sample(ONE, 11.0), Sample(OTHER, 11.0)], 0.0))
    assert {alert.labels for alert in world.open.values()} == {ONE, OTHER}
    told = {said.instance for said in world.said}
    assert {alert.instance_id for alert in world.open.values()} <= told | acknowledged


def test_a_day_of_one_alert() -> None:
    """Fires after two minutes, is reminded by the quarter of an hour, silenced over lunch, acknowledged, and ends."""
    world = World(a_rule(pending_for=120), Policies(silences=(silence("severity = warning", 60, 120),)))
    for minute in range(1, 200):
        world.teller.now = START + minute * MINUTE
        if minute == 150:
            world.acknowledge()
        world.evaluate(Measured([Sample((), 11.0 if minute < 190 else 0.0)]))
    assert [(round((said.at - START) / MINUTE), said.told.value) for said in world.said] == [
        (3, "firing"),
        (18, "reminder"),
        (33, "reminder"),
        (48, "reminder"),
        (120, "reminder"),
        (135, "reminder"),
        (190, "resolved"),
    ]
