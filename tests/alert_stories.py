"""Stories of one label set, a line each, told to the evaluator: what is measured, and what becomes of it.

A story is steps divided by commas, a step words: `[@seconds] [field=value] measured phase [!event[/reason] ...]`.
`@` says how long after the step before it is, 60 seconds without; `field=value` changes the rule. Measured is a number,
`none` (a sample without a value), `absent` (a sample of another label set alone), `empty` (no sample), `error`, or
`person` who resolves what fires. A phase `-` means that nothing is kept.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from alerting.deciding.evaluation import evaluate
from alerting.deciding.resolving import resolved_by_person
from alerting.labels import Labels, fingerprint
from alerting.measurements import Failed, Measured, Measurement, Sample
from alerting.rules import Absence, Condition, Rule
from alerting.states import Decision, State

START = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
RULE = Rule(UUID(int=1), "High Error Rate", "error_count", Condition.GT, 10)
ONE: Labels = (("service", "one"),)
OTHER: Labels = (("service", "other"),)


def a_rule(**fields: Any) -> Rule:
    """High Error Rate, but for what is said; seconds for durations, texts for enumerations."""
    return replace(RULE, **{name: _value(name, value) for name, value in fields.items()})


class Teller:
    """Keeps the states of a rule between evaluations, as recording does."""

    def __init__(self, rule: Rule, missing: float | None = None) -> None:
        self.rule = rule
        self.missing = missing
        self.now = START
        self.states: dict[str, State] = {}

    @property
    def labels(self) -> Labels:
        return ONE if self.rule.group_by else ()

    def tell(self, story: str) -> list[str]:
        """What became of it, in the words of the story."""
        return [self._step(step.split()) for step in story.split(",")]

    def evaluate(self, measurement: Measurement) -> dict[str, Decision]:
        decisions = {
            fingerprint(each.after.labels): each for each in evaluate(self.rule, measurement, self.states, self.now)
        }
        for print_, decision in decisions.items():
            assert decision.before == self.states.get(print_)
            self.states[print_] = decision.after
            if decision.forget:
                del self.states[print_]
        return decisions

    def _step(self, words: list[str]) -> str:
        self.now += timedelta(seconds=60)
        said = []
        while words[0].startswith("@") or "=" in words[0]:
            word = words.pop(0)
            said.append(word)
            if word.startswith("@"):
                self.now += timedelta(seconds=float(word[1:]) - 60)
            else:
                name, _, value = word.partition("=")
                self.rule = replace(self.rule, **{name: _value(name, value)})
        said += [words[0], *self._become(words[0])]
        return " ".join(said)

    def _become(self, measured: str) -> list[str]:
        own = fingerprint(self.labels)
        if measured == "person":
            self.states[own] = resolved_by_person(self.states[own], self.now)
            return ["inactive"]
        decision = self.evaluate(self._measurement(measured)).get(own)
        phase = self.states[own].phase.value if own in self.states else "-"
        events = decision.events if decision else ()
        return [phase, *(_event(event.change.value, event.reason) for event in events)]

    def _measurement(self, measured: str) -> Measurement:
        if measured == "error":
            return Failed("the database is on fire")
        if measured == "absent":
            return Measured([Sample(OTHER, 0.0)], self.missing)
        if measured == "empty":
            return Measured([], self.missing)
        value = None if measured == "none" else float(measured)
        return Measured([Sample(self.labels, value)], self.missing)


def words_of(story: str) -> list[str]:
    return [" ".join(step.split()) for step in story.split(",")]


def _event(change: str, reason: str) -> str:
    return f"!{change}" if reason == "condition" else f"!{change}/{reason}"


def _value(name: str, value: Any) -> Any:
    return _KINDS[name](value) if name in _KINDS else value


def _seconds(value: Any) -> timedelta:
    return timedelta(seconds=float(value))


_KINDS: Mapping[str, Callable[[Any], Any]] = {
    "condition": Condition,
    "on_no_data": Absence,
    "on_error": Absence,
    "threshold": float,
    "windows_needed": int,
    "windows_seen": int,
    "group_by": lambda names: tuple(names.split()) if isinstance(names, str) else names,
    **dict.fromkeys(("window", "interval", "pending_for", "keep_firing_for", "cooldown", "reminder"), _seconds),
}
