"""The read API as one router, under the prefix that dashboards and scripts rely on."""

from fastapi import APIRouter

from query_api import ingest, logs, traces

router = APIRouter(prefix="/api/observability")
router.include_router(traces.router)
router.include_router(logs.router)
router.include_router(ingest.router)
