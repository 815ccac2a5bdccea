"""The alert engine's lifetime within the API process, and what its routes need."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from opentelemetry.metrics import Meter
from pydantic import SecretStr

from alerting.alertmanager.routing import router as alertmanager
from alerting.api.acting import router as acting
from alerting.api.channel_test import router as channel_test
from alerting.api.policy_routing import router as policies
from alerting.api.routing import router as rules_and_alerts
from alerting.delivery import senders
from alerting.engine import engine
from alerting.engine.routes import router as engine_state
from alerting.links import Links
from alerting.measuring.sources import open_sources
from alerting.provisioning.routes import router as provisioning
from alerting.provisioning.standing import Provisioner
from database.pool import connect_pool
from server.alert_channels import environment
from server.settings import Settings

# Of the senders, who keep one to hear of notices.
MOST_CONNECTIONS = 4
STATEMENT_TIMEOUT_MS = 10_000


def add(app: FastAPI) -> None:
    """The routes of alerts."""
    app.include_router(engine_state)
    app.include_router(rules_and_alerts)
    app.include_router(policies)
    app.include_router(alertmanager)
    app.include_router(provisioning)
    app.include_router(acting)
    app.include_router(channel_test)


@asynccontextmanager
async def running(app: FastAPI, settings: Settings, dsn: str, meter: Meter) -> AsyncIterator[None]:
    """Evaluates and tells while entered. The database MAY come later."""
    app.state.links = Links(settings.public_url)
    app.state.channels_without_row = environment(settings)
    app.state.provisioner = Provisioner(app.state.pool, settings.alert_file, app.state.links)
    app.state.provisioner.start()
    try:
        async with _evaluating(app, settings, dsn, meter):
            yield
    finally:
        await app.state.provisioner.stop()


@asynccontextmanager
async def _evaluating(app: FastAPI, settings: Settings, dsn: str, meter: Meter) -> AsyncIterator[None]:
    async with open_sources(dsn, _text(settings.alert_sql_dsn)) as sources, _sending(app, dsn, meter):
        app.state.sources = sources
        evaluation = await engine.start(
            dsn,
            sources=sources,
            links=app.state.links,
            meter=meter,
            retention_days=settings.retention_days,
            heartbeat_url=_text(settings.alert_heartbeat_url),
        )
        try:
            yield
        finally:
            await evaluation.stop()


@asynccontextmanager
async def _sending(app: FastAPI, dsn: str, meter: Meter) -> AsyncIterator[None]:
    pool = await connect_pool(dsn, min_size=0, max_size=MOST_CONNECTIONS, statement_timeout_ms=STATEMENT_TIMEOUT_MS)
    app.state.senders = await senders.start(pool, app.state.channels_without_row, meter)
    try:
        yield
    finally:
        await app.state.senders.stop()
        pool.terminate()


def _text(secret: SecretStr | None) -> str | None:
    return None if secret is None else secret.get_secret_value()
