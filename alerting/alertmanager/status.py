"""What answers here, and by which configuration, as Alertmanager would write it."""

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import PlainTextResponse

from access.guards import needs, public
from access.principals import Role
from alerting.alertmanager.errors import ERRORS, PlainErrors
from alerting.alertmanager.filters import written
from alerting.alertmanager.shapes import ClusterStatus, Config, Receiver, Status, VersionInfo
from alerting.policy.policies import Policies, read_policies
from alerting.policy.routing import Route
from database.queries import load
from query_api.snapshot import snapshot

SQL = load(__package__)
SPOKEN = "0.27.0"
"""The release of Alertmanager whose API is spoken here: clients choose by it how they ask."""
OWN_CHANNELS = "channels of the rule"

router = APIRouter(tags=["alertmanager"], responses=ERRORS, route_class=PlainErrors)
probes = APIRouter(include_in_schema=False)
started = datetime.now(UTC)


@router.get("/status", response_model=Status)
async def status(request: Request) -> Status:
    """What answers here, and by which configuration, as JSON, which is YAML."""
    async with snapshot(request) as connection:
        configuration = _configuration(await read_policies(connection), await connection.fetch(SQL["receivers"]))
    return Status(
        cluster=ClusterStatus(),
        version_info=VersionInfo(
            version=SPOKEN,
            revision=version("otelgres"),
            branch="otelgres",
            build_user="",
            build_date="",
            go_version="",
        ),
        config=Config(original=json.dumps(configuration, indent=2)),
        uptime=started,
    )


@router.get("/receivers", response_model=list[Receiver])
async def receivers(request: Request) -> list[Receiver]:
    """The channels that there are, or that a rule or a route names."""
    async with snapshot(request) as connection:
        return [Receiver(name=row["name"]) for row in await connection.fetch(SQL["receivers"])]


@probes.get("/-/healthy", dependencies=[public])
@probes.get("/-/ready", dependencies=[public])
async def probe() -> PlainTextResponse:
    return PlainTextResponse("OK")


@probes.get("/metrics", dependencies=[needs(Role.VIEWER)])
async def metrics() -> PlainTextResponse:
    """karma looks here for the version."""
    return PlainTextResponse(f'alertmanager_build_info{{branch="otelgres",version="{SPOKEN}"}} 1\n')


def _configuration(policies: Policies, receivers: Sequence[Any]) -> dict[str, Any]:
    return {
        "route": {
            "receiver": OWN_CHANNELS,
            "group_by": ["..."],
            "routes": [one for route in policies.routes for one in _routes(route)],
        },
        "inhibit_rules": [
            {
                "source_matchers": [written(matcher) for matcher in each.source],
                "target_matchers": [written(matcher) for matcher in each.target],
                "equal": list(each.equal),
            }
            for each in policies.inhibitions
        ],
        "receivers": [{"name": OWN_CHANNELS}, *({"name": row["name"]} for row in receivers)],
    }


def _routes(route: Route) -> Iterator[dict[str, Any]]:
    """One for each channel, since a route of Alertmanager has one receiver."""
    channels = [OWN_CHANNELS] if route.channels is None else list(route.channels)
    for place, channel in enumerate(channels, 1):
        shown: dict[str, Any] = {
            "receiver": channel,
            "matchers": [written(matcher) for matcher in route.matchers],
            "group_by": ["..."] if route.group_by is None else list(route.group_by),
            "continue": route.goes_on or place < len(channels),
        }
        times = {"group_wait": route.group_wait, "group_interval": route.group_interval}
        if route.reminder is not None:
            times["repeat_interval"] = route.reminder
        yield shown | {name: _seconds(value) for name, value in times.items() if value > timedelta(0)}


def _seconds(value: timedelta) -> str:
    return f"{round(value.total_seconds())}s"
