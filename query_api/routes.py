"""The read API as one router, under the prefix that dashboards and scripts rely on."""

from fastapi import APIRouter

from query_api import (
    fields,
    ingest,
    llm,
    log_context,
    log_export,
    log_stats,
    logs,
    rag,
    saved_views,
    search_progress,
    traces,
    usage,
)
from query_api.tail import events, websocket

router = APIRouter(prefix="/api/observability")
router.include_router(traces.router)
# Before the paths with an id, which would take their names for one.
router.include_router(log_export.router)
router.include_router(log_stats.router)
router.include_router(log_context.router)
router.include_router(websocket.router)
router.include_router(events.router)
router.include_router(logs.router)
router.include_router(search_progress.router)
router.include_router(fields.router)
router.include_router(ingest.router)
router.include_router(llm.router)
router.include_router(rag.router)
router.include_router(saved_views.router)
router.include_router(usage.router)
