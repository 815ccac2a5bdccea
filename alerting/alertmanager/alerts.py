"""Alerts and their groups, as Alertmanager's clients read them."""

from collections.abc import Iterable
from typing import Annotated

import re2
from fastapi import APIRouter, Depends, HTTPException, Query, Request

from alerting.alertmanager.errors import ERRORS, PlainErrors
from alerting.alertmanager.filters import read_filters
from alerting.alertmanager.shapes import AlertGroup, AlertStatus, GettableAlert, Receiver
from alerting.alertmanager.standing import Standing, read_standings
from alerting.policy.matching import all_match
from query_api.parameters import Now
from query_api.snapshot import snapshot

router = APIRouter(tags=["alertmanager"], responses=ERRORS, route_class=PlainErrors)

Shown = Annotated[bool, Query()]


class Wanted:
    """Which alerts a client asks for."""

    def __init__(
        self,
        active: Shown = True,
        silenced: Shown = True,
        inhibited: Shown = True,
        unprocessed: Shown = True,
        filter: Annotated[list[str] | None, Query(examples=[['severity="critical"']])] = None,
        receiver: Annotated[str | None, Query(description="An expression that all of its name matches.")] = None,
    ) -> None:
        self._states = {"active": active, "unprocessed": unprocessed, "suppressed": True}
        self._silenced, self._inhibited = silenced, inhibited
        self._matchers = read_filters(filter or [])
        try:
            options = re2.Options()
            options.log_errors = False
            self._receiver = re2.compile(receiver, options) if receiver else None
        except re2.error:
            raise HTTPException(400, f"failed to parse receiver param: {receiver}") from None

    def has(self, alert: Standing) -> bool:
        return (
            self._states[alert.state]
            and (self._silenced or not alert.silenced_by)
            and (self._inhibited or not alert.inhibited_by)
            and all_match(self._matchers, alert.labels)
            and any(map(self.has_receiver, alert.receivers or [""]))
        )

    def has_receiver(self, name: str) -> bool:
        return self._receiver is None or self._receiver.fullmatch(name) is not None


Asked = Annotated[Wanted, Depends()]


@router.get("/alerts", response_model=list[GettableAlert], response_model_exclude_none=True)
async def alerts(request: Request, now: Now, wanted: Asked) -> list[GettableAlert]:
    """What fires, by fingerprint. What was posted and not evaluated yet is unprocessed."""
    async with snapshot(request) as connection:
        found = await read_standings(connection, now)
    return [_shown(alert) for alert in sorted(filter(wanted.has, found), key=lambda alert: alert.fingerprint)]


@router.get("/alerts/groups", response_model=list[AlertGroup], response_model_exclude_none=True)
async def groups(request: Request, now: Now, wanted: Asked) -> list[AlertGroup]:
    """What fires, as channels are told of it: an alert is in as many groups as there are channels for it."""
    async with snapshot(request) as connection:
        found = await read_standings(connection, now)
    return grouped(filter(wanted.has, found), wanted)


def grouped(found: Iterable[Standing], wanted: Wanted) -> list[AlertGroup]:
    groups: dict[tuple[str, str, tuple[tuple[str, str], ...]], AlertGroup] = {}
    for alert in sorted(found, key=lambda alert: alert.fingerprint):
        for route in alert.routes:
            names = sorted(alert.labels) if route.group_by is None else route.group_by
            labels = {name: alert.labels[name] for name in names if name in alert.labels}
            for channel in filter(wanted.has_receiver, alert.channels(route)):
                place = (channel, route.name, tuple(labels.items()))
                group = groups.setdefault(place, AlertGroup(labels=labels, receiver=Receiver(name=channel), alerts=[]))
                group.alerts.append(_shown(alert))
    return [groups[place] for place in sorted(groups)]


def _shown(alert: Standing) -> GettableAlert:
    row = alert.row
    return GettableAlert(
        labels=alert.labels,
        annotations=row["annotations"],
        fingerprint=alert.fingerprint,
        receivers=[Receiver(name=name) for name in alert.receivers],
        starts_at=row["starts_at"],
        ends_at=row["ends_at"],
        updated_at=row["updated_at"],
        status=AlertStatus(
            state=alert.state, silenced_by=list(alert.silenced_by), inhibited_by=list(alert.inhibited_by)
        ),
        generator_url=row["generator_url"],
    )
