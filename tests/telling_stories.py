"""Stories of whom policy tells of one label set, a line each.

A story is steps divided by commas, a step words: `[@minutes] happens [told>channel ...] [!event ...]`. `@` says how
long after the step before it is, one minute without. What happens: `fire` opens an instance, `on` finds it firing
still, `ack` acknowledges it first, `well` resolves it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from alerting.labels import Labels
from alerting.policy.inhibitions import Inhibition
from alerting.policy.matching import Matcher
from alerting.policy.policies import Policies
from alerting.policy.routing import Route
from alerting.policy.silences import Silence
from alerting.policy.telling import Alert, Telling, tell
from alerting.rules import Rule
from tests.alert_stories import START, a_rule

MINUTE = timedelta(minutes=1)


def matchers(text: str) -> tuple[Matcher, ...]:
    """From `name op value` divided by semicolons."""
    return tuple(Matcher(*each.split()) for each in text.split(";") if each)


def silence(text: str, start: float, end: float, number: int = 1) -> Silence:
    """start, end: minutes since START."""
    return Silence(UUID(int=number), matchers(text), START + start * MINUTE, START + end * MINUTE)


def inhibition(source: str, target: str, *equal: str) -> Inhibition:
    return Inhibition(f"{source} over {target}", matchers(source), matchers(target), equal)


def route(name: str, text: str = "", channels: str | None = None, **fields: Any) -> Route:
    """channels, group_by, escalate_to: names divided by spaces; durations in minutes."""
    for duration in ("group_wait", "group_interval", "reminder", "escalate_after"):
        if duration in fields:
            fields[duration] *= MINUTE
    for names in ("group_by", "escalate_to"):
        if names in fields:
            fields[names] = tuple(fields[names].split())
    return Route(name, matchers(text), None if channels is None else tuple(channels.split()), **fields)


@dataclass
class Listener:
    """Keeps what policy wants to have kept, as recording does. others: the labels of what else fires."""

    rule: Rule = field(default_factory=a_rule)
    policies: Policies = field(default_factory=Policies)
    labels: Labels = ()
    others: tuple[Mapping[str, str], ...] = ()

    def __post_init__(self) -> None:
        self.now = START - MINUTE
        self.told: Mapping[str, Any] = {}
        self.instances = 0
        self.alert: Alert | None = None

    def tell(self, story: str) -> list[str]:
        """What became of it, in the words of the story."""
        return [self._step(step.split()) for step in story.split(",")]

    def happen(self, what: str) -> Telling:
        if what == "fire":
            self.instances += 1
            self.alert = Alert(self.rule, self.labels, UUID(int=self.instances), self.now, None, False, {})
        assert self.alert is not None
        if what == "ack":
            self.alert = replace(self.alert, acknowledged=True)
        if what == "well":
            self.alert = replace(self.alert, resolved_at=self.now)
        own = [] if self.alert.resolved_at else [self.rule.alert_labels(self.labels)]
        alert = replace(self.alert, rule=self.rule, told=self.told)
        telling = tell(alert, self.policies, [*own, *self.others], self.now)
        self.told = telling.told
        return telling

    def _step(self, words: list[str]) -> str:
        minutes = float(words[0][1:]) if words[0].startswith("@") else 1
        self.now += minutes * MINUTE
        what = words[1] if words[0].startswith("@") else words[0]
        telling = self.happen(what)
        said = [f"{notice.told.value}>{notice.channel}" for notice in telling.notices]
        said += [f"!{event}" for event, _ in telling.events]
        return " ".join([*words[: words.index(what) + 1], *said])
