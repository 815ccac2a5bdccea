"""The parts under measurement: a PostgreSQL, our tables in a database of their own, the receiver processes."""

import asyncio
import os
import shutil
import socket
import tempfile
import uuid
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from access.audit import By
from access.keys.keeping import create
from access.keys.wish import KeyWish
from benchmarks.ingest import measure
from database import pool, queries
from server import schema
from server.children import Child
from server.embedded import EmbeddedPostgres
from server.settings import Settings

SQL = queries.load(__package__)

HOST = "127.0.0.1"
RETENTION_DAYS = 30
STOP_SECONDS = 30.0


@dataclass(frozen=True)
class Receivers:
    """Processes that share two ports, by transport. key: what they ask for; None where everybody may send."""

    ports: dict[str, int]
    pids: list[int]
    key: str | None = None


@dataclass(frozen=True)
class Stage:
    """What a run needs. keyed: receivers beside the others that ask for a key; None where they were not wanted.
    postgresql: its process ids where it runs on this machine."""

    dsn: str
    connection: Any
    receivers: Receivers
    keyed: Receivers | None
    postgresql: list[int]
    server: dict[str, str]

    def groups(self, receivers: Receivers) -> dict[str, list[int]]:
        """Process ids by what they do."""
        return {"receiver": receivers.pids} | ({"postgresql": self.postgresql} if self.postgresql else {})


@asynccontextmanager
async def built(dsn: str | None, *, with_keys: bool = False) -> AsyncIterator[Stage]:
    """Start all; take all away again at the end. Nothing that was in the server of `dsn` is touched."""
    async with AsyncExitStack() as stack:
        database = await stack.enter_async_context(embedded() if dsn is None else own_database(dsn))
        await schema.bring_up(database, RETENTION_DAYS)
        connection = await pool.connect(database)
        stack.push_async_callback(connection.close)
        receivers = await _receivers(stack, database)
        keyed = await _receivers(stack, database, await _key(connection)) if with_keys else None
        facts = dict(await connection.fetchrow(SQL["server_facts"]))
        postmaster = measure.parent_named(facts.pop("pid"), "postgres")
        yield Stage(database, connection, receivers, keyed, [postmaster] if postmaster else [], facts)


async def _receivers(stack: AsyncExitStack, dsn: str, key: str | None = None) -> Receivers:
    ports = free_ports("grpc", "http")
    pids = [
        await stack.enter_async_context(_receiver(dsn, ports, "open" if key is None else "keys"))
        for _ in range(Settings().worker_count)
    ]
    return Receivers(ports, pids, key)


async def _key(connection: Any) -> str:
    wish = KeyWish.model_validate({"name": "benchmark", "scopes": ["traces", "logs", "metrics"]})
    async with connection.transaction():
        return (await create(connection, wish, By("benchmark")))[1]


@asynccontextmanager
async def embedded() -> AsyncIterator[str]:
    directory = _reachable_directory()
    postgres = EmbeddedPostgres(directory / "data")
    try:
        yield await asyncio.to_thread(postgres.start)
    finally:
        await asyncio.to_thread(postgres.stop)
        await asyncio.to_thread(shutil.rmtree, directory)


def _reachable_directory() -> Path:
    directory = Path(tempfile.mkdtemp(prefix="otelgres-bench-"))
    # Root's PostgreSQL runs as a system user, who must be able to enter.
    directory.chmod(0o755)
    return directory


@asynccontextmanager
async def own_database(dsn: str) -> AsyncIterator[str]:
    name = f"otelgres_bench_{uuid.uuid4().hex[:12]}"
    connection = await pool.connect(dsn)
    try:
        await connection.execute(f"CREATE DATABASE {name}")
        try:
            yield urlunsplit(urlsplit(dsn)._replace(path=f"/{name}"))
        finally:
            await connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
    finally:
        await connection.close()


@asynccontextmanager
async def process(name: str, module: str, **settings: str) -> AsyncIterator[int]:
    """`python -m module`, a part of the server, while it is ready; its process id. settings: without OTELGRES_."""
    environment = {name: value for name, value in os.environ.items() if not name.upper().startswith("OTELGRES_")}
    environment |= {f"OTELGRES_{name}": value for name, value in settings.items()}
    parent_fd, our_end = os.pipe()
    child = Child(name, module, environment | {"OTELGRES_HOST": HOST}, parent_fd)
    try:
        await child.start()
        assert child.pid is not None
        yield child.pid
    finally:
        await child.stop(grace=STOP_SECONDS)
        os.close(our_end)
        os.close(parent_fd)


def _receiver(dsn: str, ports: dict[str, int], access: str) -> AbstractAsyncContextManager[int]:
    return process(
        "receiver",
        "server.worker",
        DSN=dsn,
        OTLP_GRPC_PORT=str(ports["grpc"]),
        OTLP_HTTP_PORT=str(ports["http"]),
        INGEST_ACCESS=access,
    )


def free_ports(*names: str) -> dict[str, int]:
    sockets = [socket.create_server((HOST, 0)) for _ in names]
    try:
        return {name: each.getsockname()[1] for name, each in zip(names, sockets, strict=True)}
    finally:
        for each in sockets:
            each.close()
