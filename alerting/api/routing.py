"""Rules, alerts and their story as one router, under the prefix that pages and scripts rely on."""

from fastapi import APIRouter

from access.guards import needs
from access.principals import Role
from alerting.api import audit, counts, history, instances, preview, rules

router = APIRouter(prefix="/api/observability/alerts", dependencies=[needs(Role.VIEWER, to_change=Role.EDITOR)])
router.include_router(preview.router)
router.include_router(rules.router)
router.include_router(instances.router)
router.include_router(history.router)
router.include_router(audit.router)
router.include_router(counts.router)
