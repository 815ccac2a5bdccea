"""The API process's application behind a real HTTP server, in a thread of the test's own process."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import asyncpg
import httpx
import uvicorn

from database.lease import Lease
from server.api import configured
from server.app import create_app
from server.settings import Settings
from tests.conftest import run
from tests.prepared_database import short_settings

STOP_SECONDS = 20.0
WIPED = (
    "traces",
    "trace_spans",
    "structured_logs",
    "log_deltas",
    "log_minutes",
    "operation_deltas",
    "operation_minutes",
    "operation_quarters",
    "service_quarters",
    "operations",
    "edge_minutes",
    "edge_quarters",
    "edges",
    "resources",
    "scopes",
    "saved_views",
    "pinned_traces",
    "retention_rules",
    "deletions",
    "alert_rules",
    "alert_history",
    "alert_notices",
    "alert_channels",
    "alert_silences",
    "alert_routes",
    "alert_inhibitions",
    "alert_instances",
    "alert_reports",
    "alert_states",
    "alert_audit",
)


@contextmanager
def served_api(dsn: str, settings: Settings | None = None, port: int = 0, **more: Any) -> Iterator[httpx.Client]:
    """A client of the application over this database, on this port of 127.0.0.1, or a free one.

    more: of uvicorn's configuration.
    """
    config = configured(create_app(settings or short_settings(), dsn), **more)
    server = uvicorn.Server(config)
    # The socket listens before the server runs, so the first request waits for it instead of being refused.
    with socket.create_server(("127.0.0.1", port)) as listening:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            port = listening.getsockname()[1]
            with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30) as client:
                yield client
        finally:
            server.should_exit = True
            thread.join(STOP_SECONDS)
            assert not thread.is_alive()


async def lead(pool: Any) -> Lease:
    """The lead over maintenance, taken from the application: else its jobs and those of the test work side by side."""
    lease = Lease(pool, "maintenance", "test", timedelta(minutes=10))
    while not await lease.acquire():
        await pool.execute("UPDATE enterprise.leases SET expires_at = '-infinity' WHERE name = 'maintenance'")
    return lease


def sql(dsn: str, statement: str, *arguments: object) -> list[Any]:
    """Rows of one statement, as any other program would run it."""

    async def fetch() -> list[Any]:
        connection = await asyncpg.connect(dsn)
        try:
            return list(await connection.fetch(statement, *arguments))
        finally:
            await connection.close()

    return run(fetch())


def wipe(dsn: str) -> None:
    """Deletes all telemetry and what was saved, so that tests can share a database."""

    async def delete() -> None:
        connection = await asyncpg.connect(dsn)
        try:
            for table in WIPED:
                await connection.execute(f"DELETE FROM enterprise.{table}")
        finally:
            await connection.close()

    run(delete())
