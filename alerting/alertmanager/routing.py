"""Alertmanager's API as one router."""

from fastapi import APIRouter

from alerting.alertmanager import alerts, posting, silences, status

router = APIRouter(prefix="/alertmanager")
for part in (alerts, posting, silences, status):
    router.include_router(part.router, prefix="/api/v2")
router.include_router(status.probes)
