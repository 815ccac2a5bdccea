"""Real parts for every test: a PostgreSQL, a migrated database of its own, a running Otelgres; and their order."""

import asyncio
import logging
import os
import uuid
from collections.abc import Callable, Coroutine, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import pytest
from opentelemetry.exporter.postgres import own_log

from server.embedded import EmbeddedPostgres
from server.settings import Settings
from tests.otelgres_process import RECEIVERS, OtelgresProcess
from tests.prepared_database import prepare, short_settings
from tests.reachable import reachable_directory

T = TypeVar("T")

# A server that is killed loses nothing by it; what only a failing machine would lose, no test looks at.
POSTGRES_CONFIGURATION = """\
fsync = off
full_page_writes = off
wal_level = minimal
max_wal_senders = 0
"""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files whose NOW is the moment of collection come first, so that it is not long ago; then those that start
    Otelgres: left to the end, they would run in one process while the others idle."""
    places = {item.path: 2 for item in items}
    for test in items:
        if isinstance(test, pytest.Function):
            places[test.path] = min(places[test.path], _place(test))
    items.sort(key=lambda item: places[item.path])


def _place(test: pytest.Function) -> int:
    if hasattr(test.module, "NOW"):
        return 0
    starts = hasattr(test.module, "OtelgresProcess") or bool({"server", "receivers"} & set(test.fixturenames))
    return 1 if starts else 2


@pytest.fixture(autouse=True)
def exporters_log() -> Iterator[None]:
    """Exporters keep their package's log lines apart from telemetry; other tests read them at the root."""
    package = logging.getLogger(own_log.__package__)
    yield
    package.propagate = True
    for handler in package.handlers[:]:
        package.removeHandler(handler)


@pytest.fixture(scope="session")
def postgres_dsn() -> Iterator[str]:
    """A server whose role may make databases: OTELGRES_TEST_DSN, else an embedded one of this session."""
    given = os.environ.get("OTELGRES_TEST_DSN")
    if given:
        yield given
        return
    with reachable_directory() as directory:
        (directory / "data").mkdir(mode=0o755)
        (directory / "data" / "local.conf").write_text(POSTGRES_CONFIGURATION)
        with EmbeddedPostgres(directory / "data") as postgres:
            yield postgres.dsn


@pytest.fixture(scope="session")
def template_database(postgres_dsn: str) -> Iterator[str]:
    """Name of a database with all migrations and today's partitions, to copy and never to connect to."""
    yield from template(postgres_dsn, short_settings())


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
    yield from starting(database)


@pytest.fixture
def receivers(database: str) -> Iterator[Callable[..., OtelgresProcess]]:
    """As `server`, without the API and the jobs."""
    yield from starting(database, RECEIVERS)


def starting(dsn: str, arguments: Sequence[str] = ()) -> Iterator[Callable[..., OtelgresProcess]]:
    started: list[OtelgresProcess] = []

    def start(**settings: str) -> OtelgresProcess:
        process = OtelgresProcess({"OTELGRES_DSN": dsn, **settings}, arguments=arguments)
        started.append(process)
        return process

    yield start
    for process in started:
        process.close()


def template(server_dsn: str, settings: Settings) -> Iterator[str]:
    name = f"otelgres_template_{uuid.uuid4().hex[:8]}"
    run(execute(server_dsn, f"CREATE DATABASE {name}"))
    try:
        run(prepare(with_database(server_dsn, name), settings))
        yield name
    finally:
        run(execute(server_dsn, f"DROP DATABASE {name} WITH (FORCE)"))


def copied(server_dsn: str, template: str) -> Iterator[str]:
    name = f"otelgres_test_{uuid.uuid4().hex[:12]}"
    # By default each page goes through the log; copying files costs a fraction where nothing waits for the disk.
    run(execute(server_dsn, f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy"))
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
