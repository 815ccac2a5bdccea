"""Whom policy tells, as a table. How a line reads is said in tests/telling_stories.py; the cooldown is 15 minutes."""

import json
from datetime import timedelta
from typing import Any

import pytest

from alerting.notices import Told
from alerting.policy.policies import Policies
from tests.alert_stories import START, a_rule, words_of
from tests.telling_stories import MINUTE, Listener, inhibition, route, silence

TOLD = "fire firing>slack, "
REMIND_HOURLY = {"reminder": 3600}
NEVER_REMIND = {"reminder": 0}
ALL_SILENT = "alertname =~ .+"

COOLDOWN = {
    "told once": ({}, "fire firing>slack, on, on, on"),
    "every channel of the rule": ({"channels": ("slack", "email")}, "fire firing>slack firing>email, on"),
    "each channel once": ({"channels": ("slack", "slack")}, "fire firing>slack, @15 on reminder>slack !reminded"),
    "no channel": ({"channels": ()}, "fire, on, well"),
    "reminded when the cooldown has passed": (
        {},
        TOLD + "@14 on, on reminder>slack !reminded, on, @14 on reminder>slack !reminded",
    ),
    "reminded late when nobody looked": (
        {},
        TOLD + "@100 on reminder>slack !reminded, @14 on, on reminder>slack !reminded",
    ),
    "reminded as often as the rule says": (REMIND_HOURLY, TOLD + "@15 on, @44 on, on reminder>slack !reminded"),
    "never within the cooldown": ({"reminder": 60}, TOLD + "on, @13 on, on reminder>slack !reminded"),
    "never reminded": (NEVER_REMIND, TOLD + "@15 on, @1000 on"),
    "without a cooldown nothing reminds by itself": ({"cooldown": 0}, TOLD + "on, @1000 on, well resolved>slack"),
    "without a cooldown a reminder of its own does": (
        {"cooldown": 0, "reminder": 60},
        TOLD + "on reminder>slack !reminded, on reminder>slack !reminded",
    ),
    "resolved": ({}, TOLD + "well resolved>slack"),
    "resolved is said once": ({}, TOLD + "well resolved>slack, well"),
    "again within the cooldown is held back": ({}, TOLD + "well resolved>slack, fire !held_back, on, on"),
    "and told at its end": (
        {},
        TOLD + "well resolved>slack, fire !held_back, @12 on, on firing>slack, @14 on, on reminder>slack !reminded",
    ),
    "and nobody hears of it if it ends before": ({}, TOLD + "well resolved>slack, fire !held_back, well, @20 on"),
    "each time anew": (
        {},
        TOLD + "well resolved>slack, fire !held_back, well, fire !held_back, well, @11 fire firing>slack",
    ),
    "again after the cooldown": ({}, TOLD + "well resolved>slack, @14 fire firing>slack"),
    "a reminder begins the cooldown anew": (
        {},
        TOLD + "@15 on reminder>slack !reminded, well resolved>slack, @13 fire !held_back, on firing>slack",
    ),
    "a longer cooldown from now on counts": ({"cooldown": 7200}, TOLD + "well resolved>slack, @100 fire !held_back"),
}

ACKNOWLEDGED = {
    "no reminders": ({}, TOLD + "ack, @20 on, @2000 on"),
    "but the end": ({}, TOLD + "ack, @20 on, well resolved>slack"),
    "while it is held back: nobody hears of it": ({}, TOLD + "well resolved>slack, fire !held_back, ack, @20 on, well"),
    "the next one is told": ({}, TOLD + "ack, well resolved>slack, @20 fire firing>slack"),
}

CLOCK = {
    "back: at most a cooldown more": ({}, TOLD + "@-1000 on, @14 on, on reminder>slack !reminded"),
    "back: held back no longer than a cooldown": (
        {},
        TOLD + "well resolved>slack, @-1000 fire !held_back, @14 on, on firing>slack",
    ),
    "ahead": ({}, TOLD + "@1000000 on reminder>slack !reminded, on"),
}

SILENCES = {
    "from the first": ((silence(ALL_SILENT, 0, 5),), "fire !silenced, on, @4 on firing>slack !unsilenced"),
    "to the last": ((silence(ALL_SILENT, 0, 5),), "fire !silenced, on, well, on"),
    "said once": ((silence(ALL_SILENT, 0, 50),), "fire !silenced, @20 on, @20 on"),
    "ended exactly": ((silence(ALL_SILENT, 0, 1),), "fire !silenced, on firing>slack !unsilenced"),
    "not begun yet": (
        (silence(ALL_SILENT, 1, 20),),
        TOLD + "on !silenced, @20 on reminder>slack !unsilenced !reminded",
    ),
    "one that ends within the cooldown": (
        (silence(ALL_SILENT, 1, 5),),
        TOLD + "on !silenced, @5 on !unsilenced, @8 on, on reminder>slack !reminded",
    ),
    "what was told before is told of its end": (
        (silence(ALL_SILENT, 1, 20),),
        TOLD + "on !silenced, well resolved>slack",
    ),
    "that does not match": ((silence("alertname = Other", 0, 20),), TOLD + "on"),
    "by severity": ((silence("severity =~ warn.*", 0, 20),), "fire !silenced"),
    "of which all have to match": ((silence("severity = warning;service = shop", 0, 20),), TOLD + "on"),
    "one after the other": (
        (silence(ALL_SILENT, 0, 5, 1), silence(ALL_SILENT, 3, 9, 2)),
        "fire !silenced, on, on, on !silenced, on, on !silenced, @4 on firing>slack !unsilenced",
    ),
    "and acknowledged meanwhile": ((silence(ALL_SILENT, 0, 5),), "fire !silenced, ack, @10 on !unsilenced, well"),
    "the next instance is silenced, too": ((silence(ALL_SILENT, 0, 50),), "fire !silenced, well, fire !silenced"),
    "it is held back after that": (
        (silence(ALL_SILENT, 2, 4),),
        TOLD + "well resolved>slack, fire !silenced, @2 on !unsilenced !held_back, @10 on, on firing>slack",
    ),
}


@pytest.mark.parametrize(
    ("fields", "story"),
    [
        pytest.param(*case, id=f"{table}: {name}")
        for table, cases in {"cooldown": COOLDOWN, "acknowledged": ACKNOWLEDGED, "clock": CLOCK}.items()
        for name, case in cases.items()
    ],
)
def test_a_rule_by_itself(fields: dict[str, Any], story: str) -> None:
    assert Listener(a_rule(**fields)).tell(story) == words_of(story)


@pytest.mark.parametrize(("silences", "story"), [pytest.param(*case, id=name) for name, case in SILENCES.items()])
def test_silences(silences: tuple[Any, ...], story: str) -> None:
    assert Listener(policies=Policies(silences=silences)).tell(story) == words_of(story)


ROUTES = {
    "the first that matches": ((route("a", "", "one"), route("b", "", "two")), "fire firing>one, well resolved>one"),
    "the first that matches, not others": (
        (route("a", "severity = critical", "one"), route("b", "severity = warning", "two")),
        "fire firing>two",
    ),
    "none that matches: the rule's own": ((route("a", "severity = critical", "one"),), TOLD + "well resolved>slack"),
    "the rule's own channels, otherwise grouped": ((route("a", group_by="severity"),), TOLD + "well resolved>slack"),
    "nobody": ((route("a", "", ""),), "fire, @20 on, well"),
    "going on": ((route("a", "", "one", goes_on=True), route("b", "", "two")), "fire firing>one firing>two"),
    "going on to the end": ((route("a", "", "one", goes_on=True),), "fire firing>one"),
    "a channel of two routes is told once": (
        (route("a", "", "one two", goes_on=True), route("b", "", "two three")),
        "fire firing>one firing>two firing>three, well resolved>one resolved>two resolved>three",
    ),
    "reminded as the route says": (
        (route("a", "", "one", reminder=60),),
        "fire firing>one, @15 on, @44 on, on reminder>one !reminded",
    ),
    "never reminded, says the route": ((route("a", "", "one", reminder=0),), "fire firing>one, @1000 on"),
    "each route reminds for itself": (
        (route("a", "", "one", reminder=20, goes_on=True), route("b", "", "two", reminder=40)),
        "fire firing>one firing>two, @20 on reminder>one !reminded, @20 on reminder>one reminder>two !reminded",
    ),
    "and within the cooldown of the other not": (
        (route("a", "", "one", reminder=20, goes_on=True), route("b", "", "two", reminder=30)),
        "fire firing>one firing>two, @20 on reminder>one !reminded, @10 on, @5 on reminder>two !reminded",
    ),
    "escalated when nobody acknowledges": (
        (route("a", "", "one", escalate_after=10, escalate_to="boss"),),
        "fire firing>one, @9 on, on escalation>boss !escalated, on, @3 on, well resolved>boss resolved>one",
    ),
    "escalated once": (
        (route("a", "", "one", escalate_after=10, escalate_to="boss", reminder=0),),
        "fire firing>one, @10 on escalation>boss !escalated, @10 on, @1000 on",
    ),
    "not when it is acknowledged": (
        (route("a", "", "one", escalate_after=10, escalate_to="boss"),),
        "fire firing>one, ack, @100 on, well resolved>one",
    ),
    "acknowledged after it": (
        (route("a", "", "one", escalate_after=10, escalate_to="boss"),),
        "fire firing>one, @10 on escalation>boss !escalated, ack, @100 on, well resolved>boss resolved>one",
    ),
    "to a channel that knows of it": (
        (route("a", "", "one", escalate_after=10, escalate_to="one"),),
        "fire firing>one, @10 on escalation>one !escalated, well resolved>one",
    ),
    "to two channels of two routes": (
        (
            route("a", "", "one", escalate_after=5, escalate_to="boss", goes_on=True),
            route("b", "", "two", escalate_after=10, escalate_to="boss big"),
        ),
        "fire firing>one firing>two, @5 on escalation>boss !escalated, @5 on escalation>big !escalated, on",
    ),
    "at once": (
        (route("a", "", "one", escalate_after=0, escalate_to="boss"),),
        "fire firing>one escalation>boss !escalated, on",
    ),
    "nobody but the boss, later": (
        (route("a", "", "", escalate_after=5, escalate_to="boss"),),
        "fire, @5 on escalation>boss !escalated, well resolved>boss",
    ),
    "the time runs from when people could know": (
        (route("a", "", "one", escalate_after=10, escalate_to="boss", reminder=0),),
        "fire firing>one, well resolved>one, fire !held_back, @13 on firing>one, @9 on, on escalation>boss !escalated",
    ),
    "the next instance is escalated anew": (
        (route("a", "", "one", escalate_after=0, escalate_to="boss"),),
        "fire firing>one escalation>boss !escalated, well resolved>boss resolved>one, "
        "@15 fire firing>one escalation>boss !escalated",
    ),
}


@pytest.mark.parametrize(("routes", "story"), [pytest.param(*case, id=name) for name, case in ROUTES.items()])
def test_routes(routes: tuple[Any, ...], story: str) -> None:
    assert Listener(policies=Policies(routes=routes)).tell(story) == words_of(story)


def test_silenced_alerts_are_not_escalated() -> None:
    policies = Policies(
        silences=(silence(ALL_SILENT, 5, 30),), routes=(route("a", escalate_after=10, escalate_to="boss", reminder=0),)
    )
    story = TOLD + "@10 on !silenced, @19 on, on escalation>boss !unsilenced !escalated"
    assert Listener(policies=policies).tell(story) == words_of(story)


def test_an_inhibited_alert_is_told_when_its_source_is_over() -> None:
    listener = Listener(policies=Policies(inhibitions=(inhibition("severity = critical", "severity = warning"),)))
    listener.others = ({"alertname": "Database down", "severity": "critical"},)
    assert listener.tell("fire !inhibited, on") == ["fire !inhibited", "on"]
    listener.others = ()
    assert listener.tell("on, well") == ["on firing>slack !uninhibited", "well resolved>slack"]


def test_an_alert_does_not_inhibit_itself() -> None:
    listener = Listener(policies=Policies(inhibitions=(inhibition("alertname =~ .+", "alertname =~ .+"),)))
    assert listener.tell("fire") == ["fire firing>slack"]


def test_a_channel_that_a_rule_gets_while_firing_is_told_when_the_cooldown_has_passed() -> None:
    listener = Listener()
    listener.tell("fire")
    listener.rule = a_rule(channels=("slack", "email"))
    story = "@14 on, on reminder>slack firing>email !reminded, well resolved>slack resolved>email"
    assert listener.tell(story) == words_of(story)


def test_a_channel_that_a_rule_loses_while_firing_is_told_of_the_end_and_nothing_else() -> None:
    listener = Listener()
    listener.tell("fire")
    listener.rule = a_rule(channels=("email",))
    story = "@20 on firing>email, well resolved>slack resolved>email"
    assert listener.tell(story) == words_of(story)


def test_the_end_of_an_instance_that_was_never_told_changes_nothing_for_another() -> None:
    listener = Listener()
    listener.tell("fire")
    told, listener.told = listener.told, {**listener.told, "instance": "another"}
    assert listener.happen("well").notices == ()
    listener.told = told
    assert [notice.told for notice in listener.happen("well").notices] == [Told.RESOLVED]


def test_what_belongs_together_waits_for_each_other() -> None:
    routes = (route("a", "", "one", group_by="team", group_wait=0.5, group_interval=5),)
    teams = {"team": "shop"}
    (first,) = Listener(a_rule(own_labels=(("team", "shop"),)), Policies(routes=routes)).happen("fire").notices
    other = Listener(a_rule(name="Other"), Policies(routes=routes), labels=tuple(teams.items()))
    (second,) = other.happen("fire").notices
    assert first.group_key == second.group_key
    assert first.due_at == START - MINUTE + timedelta(seconds=30)
    assert first.gap == 5 * MINUTE
    other.now += MINUTE
    (end,) = other.happen("well").notices
    assert (end.group_key, end.due_at, end.gap) == (first.group_key, other.now + timedelta(seconds=30), 5 * MINUTE)


def test_the_end_is_told_in_the_group_of_the_beginning() -> None:
    listener = Listener(policies=Policies(routes=(route("a", "", "one", group_by="severity"),)))
    (firing,) = listener.happen("fire").notices
    listener.policies = Policies(routes=(route("b", "", "one", group_by="alertname"),))
    (resolved,) = listener.happen("well").notices
    assert resolved.group_key == firing.group_key


def test_an_alert_by_itself_is_its_own_group_and_due_at_once() -> None:
    listener = Listener(labels=(("service", "shop"),))
    (notice,) = listener.happen("fire").notices
    assert notice.group_key.startswith(f"{listener.rule.id}:")
    assert (notice.due_at, notice.gap) == (listener.now, timedelta(0))


def test_events_say_what_people_want_to_know() -> None:
    policies = Policies(
        silences=(silence(ALL_SILENT, -1, 0),), inhibitions=(inhibition("severity = critical", "severity = warning"),)
    )
    listener = Listener(policies=policies, others=({"severity": "critical"},))
    (silenced, inhibited) = listener.happen("fire").events
    assert silenced == ("silenced", {"silences": ["00000000-0000-0000-0000-000000000001"]})
    assert inhibited == ("inhibited", {"inhibitions": ["severity = critical over severity = warning"]})
    listener.policies = Policies()
    listener.happen("on")
    listener.happen("well")
    ((name, detail),) = listener.happen("fire").events
    assert (name, detail) == ("held_back", {"until": (listener.now + 15 * MINUTE).isoformat()})
    json.dumps([silenced, inhibited, detail])
