"""Real parts for every test: a PostgreSQL, a migrated database of its own, a running Otelgres."""

import asyncio
import os
import uuid
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any, TypeVar
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import pytest

from server.embedded import EmbeddedPostgres
from tests.otelgres_process import OtelgresProcess
from tests.reachable import reachable_directory

T = TypeVar("T")
RETENTION_DAYS = 30


@pytest.fixture(scope="session")
def postgres_dsn() -> Iterator[str]:
    """A server whose role may make databases: OTELGRES_TEST_DSN, else an embedded one of this session."""
    given = os.environ.get("OTELGRES_TEST_DSN")
    if given:
        yield given
        return
    with reachable_directory() as directory, EmbeddedPostgres(directory / "data") as postgres:
        yield postgres.dsn


@pytest.fixture(scope="session")
def template_database(postgres_dsn: str) -> Iterator[str]:
    """Name of a database with all migrations and today's partitions, to copy and never to connect to."""
    from database import migrate, partitions, pool

    name = f"otelgres_template_{uuid.uuid4().hex[:8]}"

    async def fill(dsn: str) -> None:
        await migrate.migrate(dsn)
        connection = await pool.connect(dsn)
        await partitions.ensure(connection, datetime.now(UTC), RETENTION_DAYS)
        await connection.close()

    run(execute(postgres_dsn, f"CREATE DATABASE {name}"))
    try:
        run(fill(with_database(postgres_dsn, name)))
        yield name
    finally:
        run(execute(postgres_dsn, f"DROP DATABASE {name} WITH (FORCE)"))


@pytest.fixture
def database(postgres_dsn: str, template_database: str) -> Iterator[str]:
    """DSN of a migrated, empty database that is this test's own."""
    yield from copied(postgres_dsn, template_database)


@pytest.fixture
def empty_database(postgres_dsn: str) -> Iterator[str]:
    """DSN of a database without anything in it."""
    yield from copied(postgres_dsn, "template1")


@pytest.fixture
def server(database: str) -> Iterator[Callable[..., OtelgresProcess]]:
    """Starts `otelgres serve` on this test's database, with settings as given; stops all at the end."""
    started: list[OtelgresProcess] = []

    def start(**settings: str) -> OtelgresProcess:
        process = OtelgresProcess({"OTELGRES_DSN": database, **settings})
        started.append(process)
        return process

    yield start
    for process in started:
        process.close()


def copied(server_dsn: str, template: str) -> Iterator[str]:
    name = f"otelgres_test_{uuid.uuid4().hex[:12]}"
    run(execute(server_dsn, f"CREATE DATABASE {name} TEMPLATE {template}"))
    try:
        yield with_database(server_dsn, name)
    finally:
        run(execute(server_dsn, f"DROP DATABASE {name} WITH (FORCE)"))


async def execute(dsn: str, statement: str) -> None:
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


def with_database(dsn: str, name: str) -> str:
    return urlunsplit(urlsplit(dsn)._replace(path=f"/{name}"))


def run(work: Coroutine[Any, Any, T]) -> T:
    """Run to the end in a thread, so that the event loop of an asynchronous test is left alone."""
    with ThreadPoolExecutor(max_workers=1) as pool:
        return pool.submit(asyncio.run, work).result()
