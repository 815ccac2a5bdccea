"""Channels, silences, routes and inhibitions as one router."""

from fastapi import APIRouter

from access.guards import needs
from access.principals import Role
from alerting.api import channels, inhibitions, notice_routes, silences

router = APIRouter(prefix="/api/observability/alerts", dependencies=[needs(Role.VIEWER, to_change=Role.EDITOR)])
router.include_router(channels.router)
router.include_router(silences.router)
router.include_router(notice_routes.router)
router.include_router(inhibitions.router)
