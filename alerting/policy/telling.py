"""The decision whom to tell of one alert at one evaluation."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from alerting.labels import Labels
from alerting.notices import Told
from alerting.policy.policies import Policies
from alerting.policy.remembering import Remembered, Sent, remembered_of
from alerting.policy.routing import Destination, Route, destinations, routes_of_alert
from alerting.rules import Rule

Events = tuple[tuple[str, Mapping[str, Any]], ...]
MOST_NAMED = 10


@dataclass(frozen=True)
class Alert:
    """An instance as policy sees it. told: what the last `Telling` for its label set left."""

    rule: Rule
    labels: Labels
    instance_id: UUID
    triggered_at: datetime
    resolved_at: datetime | None
    acknowledged: bool
    told: Mapping[str, Any]


@dataclass(frozen=True)
class Notice:
    """One item for one channel. It is due at due_at, but no sooner than `gap` after the last notice of its group."""

    channel: str
    group_key: str
    due_at: datetime
    told: Told
    gap: timedelta = timedelta(0)


@dataclass(frozen=True)
class Telling:
    """told: MUST be given back with the next alert of the label set, of this instance or another."""

    notices: tuple[Notice, ...]
    told: Mapping[str, Any]
    events: Events = ()


def tell(alert: Alert, policies: Policies, firing: Collection[Mapping[str, str]], now: datetime) -> Telling:
    """firing: Rule.alert_labels of all alerts that fire.

    Between two evaluations that tell channels of firing or remind them lies the rule's cooldown at least. Only who was
    told of an instance is told that it is resolved, and once.
    """
    memory = remembered_of(alert.told, now)
    labels = alert.rule.alert_labels(alert.labels)
    routes = routes_of_alert(policies.routes, labels)
    is_known = memory.instance == str(alert.instance_id)
    if alert.resolved_at is not None:
        return _tell_of_end(alert, memory, routes, now) if is_known else Telling((), alert.told)
    if not is_known:
        memory = Remembered(last=memory.last, instance=str(alert.instance_id))
    memory, muting = _mute(memory, policies, labels, firing, now)
    if memory.silenced or memory.inhibited or alert.acknowledged:
        return Telling((), memory.as_json(), muting)
    memory, notices, events = _tell_of_firing(alert, memory, routes, now)
    memory, escalations, escalated = _escalate(alert, memory, routes, now)
    return Telling(notices + escalations, memory.as_json(), muting + events + escalated)


def _tell_of_end(alert: Alert, memory: Remembered, routes: tuple[Route, ...], now: datetime) -> Telling:
    ways = destinations(routes, alert.rule, alert.labels)
    notices = tuple(
        _notice(Told.RESOLVED, channel, sent.group_key, ways.get(channel), now) for channel, sent in memory.to.items()
    )
    is_cool = _is_cool(alert.rule, memory, now)
    return Telling(notices, Remembered(last=None if is_cool else memory.last).as_json())


def _mute(
    memory: Remembered,
    policies: Policies,
    labels: Mapping[str, str],
    firing: Collection[Mapping[str, str]],
    now: datetime,
) -> tuple[Remembered, Events]:
    silences = [str(silence.id) for silence in policies.silences if silence.mutes(labels, now)]
    inhibitions = [each.name for each in policies.inhibitions if each.inhibits(labels, firing)]
    silenced, inhibited = tuple(sorted(silences)[:MOST_NAMED]), tuple(inhibitions[:MOST_NAMED])
    events: list[tuple[str, Mapping[str, Any]]] = []
    if silenced != memory.silenced:
        events.append(("silenced", {"silences": [*silenced]}) if silenced else ("unsilenced", {}))
    if inhibited != memory.inhibited:
        events.append(("inhibited", {"inhibitions": [*inhibited]}) if inhibited else ("uninhibited", {}))
    return replace(memory, silenced=silenced, inhibited=inhibited), tuple(events)


def _tell_of_firing(
    alert: Alert, memory: Remembered, routes: tuple[Route, ...], now: datetime
) -> tuple[Remembered, tuple[Notice, ...], Events]:
    """Channels that were not told of this instance, and those whose reminder is due."""
    rule = alert.rule
    if not _is_cool(rule, memory, now):
        if memory.since or memory.is_held:
            return memory, (), ()
        assert memory.last is not None
        return replace(memory, is_held=True), (), (("held_back", {"until": (memory.last + rule.cooldown).isoformat()}),)
    notices = []
    for way in destinations(routes, rule, alert.labels).values():
        sent = memory.to.get(way.channel)
        if sent is None:
            notices.append(_notice(Told.FIRING, way.channel, way.group_key, way, now))
        elif way.reminder > timedelta(0) and now - sent.at >= way.reminder:
            notices.append(_notice(Told.REMINDER, way.channel, way.group_key, way, now))
    sent_now = {notice.channel: Sent(notice.group_key, now) for notice in notices}
    memory = replace(
        memory,
        last=now if notices else memory.last,
        since=memory.since or now,
        to={**memory.to, **sent_now},
        is_held=False,
    )
    reminded = [notice.channel for notice in notices if notice.told is Told.REMINDER]
    return memory, tuple(notices), (("reminded", {"channels": reminded}),) if reminded else ()


def _escalate(
    alert: Alert, memory: Remembered, routes: tuple[Route, ...], now: datetime
) -> tuple[Remembered, tuple[Notice, ...], Events]:
    if memory.since is None:
        return memory, (), ()
    due: dict[str, str] = {}
    for route in routes:
        if route.escalate_after is not None and now - memory.since >= route.escalate_after:
            for channel in route.escalate_to:
                if channel not in memory.escalated:
                    due.setdefault(channel, route.group_key(alert.rule, alert.labels))
    if not due:
        return memory, (), ()
    notices = tuple(Notice(channel, key, now, Told.ESCALATION) for channel, key in due.items())
    told = {channel: Sent(key, now) for channel, key in due.items()}
    memory = replace(memory, to={**told, **memory.to}, escalated=(*memory.escalated, *due))
    return memory, notices, (("escalated", {"channels": list(due)}),)


def _is_cool(rule: Rule, memory: Remembered, now: datetime) -> bool:
    return memory.last is None or now - memory.last >= rule.cooldown


def _notice(told: Told, channel: str, group_key: str, way: Destination | None, now: datetime) -> Notice:
    """way: how the channel is told now; one that is told no more by any route hears of the end at once."""
    if way is None:
        return Notice(channel, group_key, now, told)
    return Notice(channel, group_key, now + way.wait, told, way.gap)
