"""Rules, alerts and their story as one router, under the prefix that pages and scripts rely on."""

from fastapi import APIRouter

from alerting.api import audit, counts, history, instances, preview, rules

router = APIRouter(prefix="/api/observability/alerts")
router.include_router(preview.router)
router.include_router(rules.router)
router.include_router(instances.router)
router.include_router(history.router)
router.include_router(audit.router)
router.include_router(counts.router)
