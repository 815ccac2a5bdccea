"""The alert engine's lifetime within the API process, and what its routes need."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from opentelemetry.metrics import Meter

from alerting.api.acting import router as acting
from alerting.api.policy_routing import router as policies
from alerting.api.routing import router as rules_and_alerts
from alerting.engine import engine
from alerting.engine.routes import router as engine_state
from alerting.links import Links
from alerting.measuring.sources import open_sources
from server.settings import Settings


def add(app: FastAPI) -> None:
    """The routes of alerts."""
    app.include_router(engine_state)
    app.include_router(rules_and_alerts)
    app.include_router(policies)
    app.include_router(acting)


@asynccontextmanager
async def running(app: FastAPI, settings: Settings, dsn: str, meter: Meter) -> AsyncIterator[None]:
    """Evaluates and tells while entered. The database MAY come later."""
    heartbeat = settings.alert_heartbeat_url
    app.state.links = Links(settings.public_url)
    login = settings.alert_sql_dsn
    async with open_sources(dsn, None if login is None else login.get_secret_value()) as sources:
        app.state.sources = sources
        evaluation = await engine.start(
            dsn,
            sources=sources,
            links=app.state.links,
            meter=meter,
            retention_days=settings.retention_days,
            heartbeat_url=None if heartbeat is None else heartbeat.get_secret_value(),
        )
        try:
            yield
        finally:
            await evaluation.stop()
