"""The API process's application: reads, health, pages, and the scheduled jobs' lifetime."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from importlib.metadata import version
from pathlib import Path

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.routing import Route

from access.api.routing import router as access
from access.keys.ring import KeyRing
from access.keys.watching import watched
from database.pool import connect_pool
from query_api.jaeger.routes import router as jaeger
from query_api.retention.routes import router as retention
from query_api.retention.state import Kept
from query_api.routes import router as reads
from query_api.tail.hub import Tail
from server import alerts, health, mistaken, pages, people, scheduler, state
from server.callers import Callers, key_on
from server.gate import Gate
from server.headers import SafeHeaders
from server.metering import Metering
from server.metrics_page import PATH, MetricsPage
from server.settings import Settings
from server.tail_telemetry import TailTelemetry

READ_TIMEOUT_MS = 15_000
MOST_CONNECTIONS = 10
CLOSE_SECONDS = 3
MOST_BODY_BYTES = 16 * 1024 * 1024


def create_app(settings: Settings, dsn: str, metrics_directory: Path | None = None) -> FastAPI:
    """The application over the database that `dsn` names; it MAY start while that database is away.

    metrics_directory: where the receivers beside it offer their metrics.
    """
    metering = Metering()
    policy = people.policy_of(settings)
    ring = KeyRing()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        app.state.pool = await connect_pool(
            dsn, min_size=0, max_size=MOST_CONNECTIONS, statement_timeout_ms=READ_TIMEOUT_MS
        )
        app.state.looks = health.Looks(app.state.pool, dsn)
        app.state.tail = Tail(dsn, TailTelemetry(metering.meter))
        maintenance = await scheduler.start(
            dsn,
            retention_days=settings.retention_days,
            days_kept=settings.days_kept,
            most_bytes=settings.retention_size,
            meter=metering.meter,
        )
        try:
            async with watched(dsn, ring), alerts.running(app, settings, dsn, metering.meter):
                yield
        finally:
            await app.state.tail.close()
            app.state.looks.stop()
            await maintenance.stop()
            with suppress(TimeoutError):
                await asyncio.wait_for(app.state.pool.close(), CLOSE_SECONDS)
            metering.close()

    app = FastAPI(
        title="Otelgres",
        version=version("otelgres"),
        description="Traces and logs from PostgreSQL. Every failure answers {detail}: 401 to whoever has not said "
        "who they are, 403 where their role or key does not suffice.",
        openapi_url="/api/openapi.json",
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
        max_body_size=MOST_BODY_BYTES,
    )
    app.state.people = policy
    app.state.kept = Kept(settings.days_of_signals, settings.retention_size)
    app.include_router(reads)
    app.include_router(jaeger)
    app.include_router(retention)
    alerts.add(app)
    app.include_router(access)
    app.include_router(health.router)
    state.add(app, settings, metrics_directory)
    pages.add(app)
    app.router.routes.append(Route(PATH, MetricsPage(metrics_directory, {"api": metering.text}), methods=["GET"]))
    app.add_exception_handler(RequestValidationError, mistaken.answer)
    app.add_exception_handler(Exception, _unexpected)
    app.add_middleware(Gate, settings=settings, callers=Callers(policy, settings.admin_token, key_on(ring)))
    app.add_middleware(SafeHeaders, policy=policy)
    return app


async def _unexpected(request: Request, error: Exception) -> JSONResponse:
    # The error itself is raised on and logged by the HTTP server.
    return JSONResponse({"detail": "Otelgres failed on this request; its log says why"}, status_code=500)
