"""Alertmanager's API as one router."""

from fastapi import APIRouter

from access.guards import needs
from access.principals import Role
from alerting.alertmanager import alerts, posting, silences, status

router = APIRouter(prefix="/alertmanager")
GUARD = needs(Role.VIEWER, to_change=Role.EDITOR)
for part in (alerts, posting, silences, status):
    router.include_router(part.router, prefix="/api/v2", dependencies=[GUARD])
router.include_router(status.probes)
