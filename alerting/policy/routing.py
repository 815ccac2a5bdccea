"""Routes: which channels are told of an alert, together with which others, and how often."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from alerting.labels import Labels, fingerprint, labels_of
from alerting.policy.matching import Matcher, all_match, matchers_of
from alerting.rules import Rule

LONGEST_NAME_IN_KEY = 200


@dataclass(frozen=True)
class Route:
    """channels: None for the rule's own. group_by: None for every alert by itself, empty for all together.

    reminder: None for the rule's, zero for never. escalate_after: None for never.
    """

    name: str
    matchers: tuple[Matcher, ...] = ()
    channels: tuple[str, ...] | None = None
    group_by: tuple[str, ...] | None = None
    group_wait: timedelta = timedelta(0)
    group_interval: timedelta = timedelta(0)
    reminder: timedelta | None = None
    escalate_after: timedelta | None = None
    escalate_to: tuple[str, ...] = ()
    goes_on: bool = False

    def group_key(self, rule: Rule, labels: Labels) -> str:
        """At most 255 characters; the same for alerts that are told together."""
        if self.group_by is None:
            return f"{rule.id}:{fingerprint(labels)}"
        known = rule.alert_labels(labels)
        shared = labels_of({name: known.get(name, "") for name in self.group_by})
        return f"{self.name[:LONGEST_NAME_IN_KEY]}:{fingerprint((('', self.name), *shared))}"


OWN_CHANNELS = Route("")
"""What decides where no route matches."""


@dataclass(frozen=True)
class Destination:
    """One channel and how it is told. gap: between two notices of the group."""

    channel: str
    group_key: str
    wait: timedelta
    gap: timedelta
    reminder: timedelta


def routes_of_alert(routes: Sequence[Route], labels: Mapping[str, str]) -> tuple[Route, ...]:
    """routes: in the order of their places. labels: Rule.alert_labels."""
    return tuple(_matching(routes, labels)) or (OWN_CHANNELS,)


def destinations(routes: Sequence[Route], rule: Rule, labels: Labels) -> dict[str, Destination]:
    """By channel: one that several routes name is told once, as the first of them says."""
    found: dict[str, Destination] = {}
    for route in routes:
        for channel in rule.channels if route.channels is None else route.channels:
            found.setdefault(channel, _destination(route, rule, labels, channel))
    return found


def route_of(row: Mapping[str, Any]) -> Route:
    """From a row of enterprise.alert_routes. ValueError for what is none."""
    second, minute = timedelta(seconds=1), timedelta(minutes=1)
    return Route(
        name=row["name"],
        matchers=matchers_of(row["matchers"]),
        channels=_names(row["channels"]),
        group_by=_names(row["group_by"]),
        group_wait=row["group_wait_seconds"] * second,
        group_interval=row["group_interval_seconds"] * second,
        reminder=None if row["reminder_minutes"] is None else row["reminder_minutes"] * minute,
        escalate_after=None if row["escalate_after_minutes"] is None else row["escalate_after_minutes"] * minute,
        escalate_to=tuple(row["escalate_to"]),
        goes_on=row["goes_on"],
    )


def _matching(routes: Sequence[Route], labels: Mapping[str, str]) -> Iterator[Route]:
    for route in routes:
        if all_match(route.matchers, labels):
            yield route
            if not route.goes_on:
                return


def _destination(route: Route, rule: Rule, labels: Labels, channel: str) -> Destination:
    reminder = rule.reminder if route.reminder is None else route.reminder
    return Destination(
        channel=channel,
        group_key=route.group_key(rule, labels),
        wait=route.group_wait,
        gap=route.group_interval,
        reminder=rule.cooldown if reminder is None else reminder,
    )


def _names(column: Sequence[str] | None) -> tuple[str, ...] | None:
    return None if column is None else tuple(column)
