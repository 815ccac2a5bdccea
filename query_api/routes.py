"""The read API as one router, under the prefix that dashboards and scripts rely on."""

from fastapi import APIRouter

from access.guards import needs
from access.principals import Role
from query_api import (
    fields,
    ingest,
    llm,
    log_context,
    log_export,
    log_facets,
    log_patterns,
    log_stats,
    logs,
    rag,
    saved_views,
    search_progress,
    service_map,
    services,
    spans,
    trace_compare,
    trace_export,
    trace_links,
    trace_stats,
    traces,
    usage,
)
from query_api.metrics import catalogue, exemplars, query
from query_api.tail import events, websocket
from query_api.tree import outline
from query_api.tree import routes as tree

router = APIRouter(prefix="/api/observability", dependencies=[needs(Role.VIEWER)])
# Before the paths with an id, which would take their names for one.
router.include_router(trace_stats.router)
router.include_router(trace_compare.router)
router.include_router(tree.router)
router.include_router(outline.router)
router.include_router(trace_links.router)
router.include_router(trace_export.router)
router.include_router(traces.router)
router.include_router(spans.router)
router.include_router(log_export.router)
router.include_router(log_stats.router)
router.include_router(log_facets.router)
router.include_router(log_patterns.router)
router.include_router(log_context.router)
router.include_router(websocket.router)
router.include_router(events.router)
router.include_router(logs.router)
router.include_router(search_progress.router)
router.include_router(fields.router)
router.include_router(service_map.router)
router.include_router(services.router)
router.include_router(ingest.router)
router.include_router(catalogue.router)
router.include_router(query.router)
router.include_router(exemplars.router)
router.include_router(llm.router)
router.include_router(rag.router)
router.include_router(saved_views.router)
router.include_router(usage.router)
