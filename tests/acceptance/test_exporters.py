"""Applications that write to PostgreSQL themselves, set up by the environment alone."""

import asyncio
import collections
import json
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import httpx
import pytest

from tests import instrumented, rows
from tests.conftest import execute
from tests.cutting_proxy import CuttingProxy, connect, through
from tests.instrumented import Ended, program
from tests.otelgres_process import free_ports

SPANS = "SELECT count(*) FROM enterprise.trace_spans"
LOGS = "SELECT count(*) FROM enterprise.structured_logs"
TURNS = "SELECT value_int FROM enterprise.metrics WHERE name = 'turns' ORDER BY time"
INSTANCES = "SELECT count(DISTINCT resource->>'service.instance.id') FROM enterprise.metrics WHERE name = $1"
COUNTED = """
    SELECT attributes->>'process' AS process, max(value_int) AS count
    FROM enterprise.metrics WHERE name = $1 GROUP BY 1"""
NAMES = "SELECT operation_name FROM enterprise.trace_spans"
SHORT = {"OTEL_EXPORTER_POSTGRES_TIMEOUT": "2000"}
CONFIGURATION = """
file_format: "1.0"
resource: {{attributes: [{{name: service.name, value: declared}}]}}
tracer_provider:
  processors: [{{batch: {{exporter: {{postgres: {{dsn: "{dsn}", timeout_millis: 5000}}}}}}}}]
logger_provider:
  processors: [{{batch: {{exporter: {{postgres: {{dsn: "{dsn}"}}}}}}}}]
meter_provider:
  readers: [{{periodic: {{exporter: {{postgres: {{dsn: "{dsn}", temporality_preference: delta}}}}}}}}]
"""


async def run(name: str, *arguments: str, dsn: str, **more: str) -> Ended:
    return await asyncio.to_thread(instrumented.run, program(name, *arguments), dsn, **more)


@asynccontextmanager
async def silent_server() -> AsyncIterator[int]:
    """The port of a server that takes connections and says nothing."""
    stopped = asyncio.Event()

    async def hold(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await stopped.wait()
        writer.close()

    server = await asyncio.start_server(hold, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        stopped.set()
        server.close()


class Heard(list[str]):
    """The messages announced so far; `news` is set with each."""

    def __init__(self) -> None:
        super().__init__()
        self.news = asyncio.Event()

    def hear(self, *notification: object) -> None:
        self.append(json.loads(str(notification[-1]))["message"])
        self.news.set()


@asynccontextmanager
async def announcements(dsn: str) -> AsyncIterator[Heard]:
    heard = Heard()
    connection = await asyncpg.connect(dsn)
    try:
        await connection.add_listener("new_log", heard.hear)
        yield heard
    finally:
        await connection.close()


async def counted(dsn: str, name: str) -> dict[str, int]:
    """The last value of a counter of each process."""
    return {row["process"]: row["count"] for row in await rows.fetch(dsn, COUNTED, name)}


async def never(_: bytes) -> bool:
    return False


async def test_a_program_that_ends_at_once_loses_nothing(database: str) -> None:
    ended = await run("brief", "1500", dsn=database)
    assert (ended.returncode, ended.errors) == (0, "")
    assert await rows.value(database, SPANS) == 1500
    assert await rows.value(database, LOGS) == 1500
    assert await rows.value(database, TURNS) == 1500
    joined = "SELECT count(*) FROM enterprise.traces JOIN enterprise.structured_logs USING (trace_id)"
    assert await rows.value(database, joined) == 1500


async def test_metrics_by_environment(database: str) -> None:
    more = {
        "OTEL_EXPORTER_POSTGRES_METRICS_TEMPORALITY_PREFERENCE": "delta",
        "OTEL_EXPORTER_POSTGRES_METRICS_DEFAULT_HISTOGRAM_AGGREGATION": "base2_exponential_bucket_histogram",
    }
    ended = await run("brief", "5", dsn=database, **more)
    assert (ended.returncode, ended.errors) == (0, "")
    kinds = "SELECT DISTINCT type, temporality FROM enterprise.metric_series WHERE monotonic OR monotonic IS NULL"
    found = {(row["type"], row["temporality"]) for row in await rows.fetch(database, kinds)}
    assert found == {("sum", "delta"), ("gauge", None), ("exponential_histogram", "delta")}


async def test_a_name_can_be_looked_up_while_the_program_ends(database: str) -> None:
    """asyncio would use a thread of a pool for it, which takes no work any more by then."""
    async with CuttingProxy(lambda: connect(database), never) as proxy:
        ended = await run("brief", "1", dsn=through(database, proxy.port, "localhost"))
    assert (ended.returncode, ended.errors) == (0, "")
    assert await rows.value(database, SPANS) == 1


async def test_sigterm(database: str) -> None:
    process = instrumented.start(program("brief", "700", "wait"), database)
    assert process.stdout is not None
    assert await asyncio.to_thread(process.stdout.readline) == "recorded\n"
    process.send_signal(signal.SIGTERM)
    _, errors = await asyncio.to_thread(process.communicate, timeout=30)
    assert (process.returncode, errors) == (0, "")
    assert await rows.value(database, SPANS) == 700
    assert await rows.value(database, LOGS) == 700
    assert await rows.value(database, TURNS) == 700


async def test_its_own_statements_are_not_traced(database: str) -> None:
    ended = await run("brief", "3", "probe", dsn=database, OTEL_BSP_SCHEDULE_DELAY="10")
    assert (ended.returncode, ended.errors) == (0, "")
    assert {row["operation_name"] for row in await rows.fetch(database, NAMES)} == {"turn 0", "turn 1", "turn 2"}


async def test_forked_children_write_over_connections_of_their_own(database: str) -> None:
    async with announcements(database) as heard:
        process = instrumented.start(program("forking"), database)
        while "after" not in heard:
            await asyncio.wait_for(heard.news.wait(), 20)
            heard.news.clear()
    process.send_signal(signal.SIGTERM)
    _, errors = await asyncio.to_thread(process.communicate, timeout=30)
    assert (process.returncode, errors) == (0, "")
    names = collections.Counter(row["operation_name"] for row in await rows.fetch(database, NAMES))
    children = [name.format(number) for name in ("child {}", "last of child {}") for number in range(3)]
    assert names == collections.Counter(["before", "beside", "after", *children])
    assert await rows.value(database, LOGS) == 6
    assert await rows.value(database, "SELECT count(DISTINCT writer) FROM enterprise.trace_spans") == 4
    assert sorted((await counted(database, "records")).values()) == [1, 1, 1, 3]
    assert await rows.value(database, INSTANCES, "records") == 4


@pytest.mark.parametrize("preload", [["--preload"], []], ids=["preloaded", "loaded by each"])
async def test_gunicorn_with_four_workers(database: str, preload: list[str]) -> None:
    (port,) = free_ports(1)
    gunicorn = str(Path(sys.executable).with_name("gunicorn"))
    process = instrumented.start(
        [gunicorn, "-w", "4", "-b", f"127.0.0.1:{port}", *preload, "tests.applications.web:application"], database
    )
    try:
        workers = await answers_of(f"http://127.0.0.1:{port}/", workers=4)
    finally:
        process.send_signal(signal.SIGTERM)
        _, errors = await asyncio.to_thread(process.communicate, timeout=60)
    assert process.returncode == 0, errors
    assert "Traceback" not in errors
    assert "Exception" not in errors
    stored = "SELECT tags->>'worker' AS worker, count(*) FROM enterprise.trace_spans WHERE tags ? 'worker' GROUP BY 1"
    assert {row["worker"]: row["count"] for row in await rows.fetch(database, stored)} == workers
    assert await rows.value(database, LOGS + " WHERE logger_name = 'web'") == sum(workers.values())
    assert await counted(database, "answers") == workers
    assert await rows.value(database, INSTANCES, "answers") == 4
    loads = await rows.value(database, SPANS + " WHERE operation_name = 'load'")
    assert loads == (1 if preload else 4)


async def answers_of(url: str, workers: int) -> dict[str, int]:
    """Asks until that many processes have answered, each three times at least; how often each did."""
    answers: collections.Counter[str] = collections.Counter()
    deadline = time.monotonic() + 30
    async with httpx.AsyncClient(headers={"connection": "close"}) as client:
        while len(answers) < workers or min(answers.values()) < 3:
            assert time.monotonic() < deadline, answers
            try:
                found = await asyncio.gather(*(client.get(url) for _ in range(4)))
            except httpx.ConnectError:
                await asyncio.sleep(0.05)
                continue
            answers.update(answer.text for answer in found)
    return dict(answers)


async def test_a_database_that_is_not_there(database: str) -> None:
    """The first batch is waited for; those after it are not kept waiting as long again."""
    (port,) = free_ports(1)
    began = time.monotonic()
    ended = await run("brief", "2000", dsn=through(database, port), **SHORT)
    assert time.monotonic() - began < 12
    assert ended.returncode == 0
    assert ended.errors.count("the database does not take data") == 1
    assert "spans: 2000 were lost" in ended.errors
    assert "Traceback" not in ended.errors


async def test_a_database_that_says_nothing(database: str) -> None:
    began = time.monotonic()
    async with silent_server() as port:
        ended = await run("brief", "10", dsn=through(database, port), **SHORT)
    assert time.monotonic() - began < 12
    assert ended.returncode == 0
    assert "spans: 10 were lost" in ended.errors
    assert "Traceback" not in ended.errors


async def test_a_database_that_is_gone_at_the_end(database: str) -> None:
    """Spans and records are stored by then; the last values of the metrics are lost, and it is told."""
    async with CuttingProxy(lambda: connect(database), never) as proxy:
        more = {"OTEL_BSP_SCHEDULE_DELAY": "10", "OTEL_BLRP_SCHEDULE_DELAY": "10"} | SHORT
        process = instrumented.start(program("brief", "10", "wait"), through(database, proxy.port), **more)
        await rows.until(database, SPANS, 10)
        await rows.until(database, LOGS, 10)
    began = time.monotonic()
    process.send_signal(signal.SIGTERM)
    _, errors = await asyncio.to_thread(process.communicate, timeout=30)
    assert time.monotonic() - began < 5
    assert process.returncode == 0
    told = errors.splitlines()
    assert len(told) == 2, errors
    assert "the database does not take data" in told[0]
    assert told[1].startswith("metric points: ")
    assert told[1].endswith(" were lost in the end")


async def test_a_wrong_password_is_told_once_and_never_shown(database: str) -> None:
    dsn = urlsplit(database)._replace(netloc="nobody:hunter2@" + urlsplit(database).netloc.rpartition("@")[2]).geturl()
    ended = await run("brief", "1100", dsn=dsn, **SHORT)
    assert ended.returncode == 0
    assert ended.errors.count("check user and password") == 1
    assert "hunter2" not in ended.errors


@pytest.mark.parametrize("dsn", ["postgresql://me:hun/ter2@localhost/x", "mysql://me:hunter2@localhost/x", ""])
async def test_a_dsn_that_is_none(dsn: str) -> None:
    ended = await run("brief", "10", dsn=dsn, **SHORT)
    assert ended.returncode == 0
    assert "DSN" in ended.errors
    assert "hun" not in ended.errors
    assert "Traceback" not in ended.errors


VERSION = "INSERT INTO enterprise.schema_migrations (version, name, checksum) VALUES (999, 'future', 'x')"
OLDER = "DELETE FROM enterprise.schema_migrations WHERE version > 12"


@pytest.mark.parametrize(
    ("statement", "advice"),
    [
        ("DROP SCHEMA enterprise CASCADE", "run `otelgres migrate`"),
        (OLDER, "run `otelgres migrate`"),
        (VERSION, "upgrade opentelemetry-exporter-postgres"),
    ],
    ids=["missing", "older", "newer"],
)
async def test_tables_of_another_version_are_refused(database: str, statement: str, advice: str) -> None:
    await execute(database, statement)
    ended = await run("brief", "1100", dsn=database, **SHORT)
    assert ended.returncode == 0
    assert ended.errors.count(advice) == 1
    assert "Traceback" not in ended.errors
    if "DROP" not in statement:
        assert await rows.value(database, SPANS) == 0


async def test_a_configuration_file(database: str, tmp_path: Path) -> None:
    file = tmp_path / "otel.yaml"
    file.write_text(CONFIGURATION.format(dsn=database))
    ended = await run("brief", "2", dsn="", OTEL_CONFIG_FILE=str(file))
    assert ended.returncode == 0
    assert "Traceback" not in ended.errors
    assert await rows.value(database, SPANS + " WHERE service_name = 'declared'") == 2
    declared = (
        "SELECT value_int, temporality FROM enterprise.metrics WHERE service_name = 'declared' AND name = 'turns'"
    )
    assert [tuple(row.values()) for row in await rows.fetch(database, declared)] == [(2, "delta")]


async def test_without_instrumenting_tools(database: str) -> None:
    """The three lines that a program needs that sets its SDK up itself."""
    code = (
        "from opentelemetry.sdk.trace import TracerProvider\n"
        "from opentelemetry.sdk.trace.export import SimpleSpanProcessor\n"
        "from opentelemetry.exporter.postgres.span_exporter import PostgresSpanExporter\n"
        "provider = TracerProvider()\n"
        "provider.add_span_processor(SimpleSpanProcessor(PostgresSpanExporter()))\n"
        "with provider.get_tracer('x').start_as_current_span('alone'): pass\n"
    )
    environment = instrumented.environment(database)
    done = await asyncio.to_thread(
        subprocess.run, [sys.executable, "-c", code], env=environment, capture_output=True, text=True, timeout=30
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert await rows.value(database, SPANS) == 1
