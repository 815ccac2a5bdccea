"""The exporters in one process: what they answer, when the database is there, away, and back."""

import asyncio
import logging
import math
import threading
import time
import uuid
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, closing, contextmanager
from urllib.parse import urlsplit

import pytest
from opentelemetry.exporter.postgres.log_exporter import PostgresLogExporter
from opentelemetry.exporter.postgres.metric_exporter import PostgresMetricExporter
from opentelemetry.exporter.postgres.schema_version import NEWEST
from opentelemetry.exporter.postgres.span_exporter import PostgresSpanExporter
from opentelemetry.instrumentation.logging.handler import LoggingHandler
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import SimpleLogRecordProcessor
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import (
    InMemoryMetricReader,
    MetricExportResult,
    MetricReader,
    PeriodicExportingMetricReader,
)
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor, SpanExportResult

from tests import rows
from tests.conftest import execute, with_database
from tests.stories import tell_all

SUCCESS, FAILURE = SpanExportResult.SUCCESS, SpanExportResult.FAILURE
SPANS = "SELECT count(*) FROM enterprise.trace_spans"
BUSY = "LOCK enterprise.traces IN ACCESS EXCLUSIVE MODE"
POINTS_BUSY = "LOCK enterprise.metric_series IN ACCESS EXCLUSIVE MODE"
THREAD = "opentelemetry-exporter-postgres"


@contextmanager
def exporting(dsn: str, millis: float = 10_000) -> Iterator[PostgresSpanExporter]:
    exporter = PostgresSpanExporter(dsn, millis)
    try:
        yield exporter
    finally:
        exporter.shutdown()


@asynccontextmanager
async def away(dsn: str, elsewhere: str) -> AsyncIterator[None]:
    name = urlsplit(dsn).path.removeprefix("/")
    await execute(elsewhere, f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
    await execute(elsewhere, f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")
    try:
        yield
    finally:
        await execute(elsewhere, f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")


def story(number: int) -> list[object]:
    return list(tell_all(1, number, time.time_ns())[0].spans)


async def export(exporter: PostgresSpanExporter, number: int) -> SpanExportResult:
    return await asyncio.to_thread(exporter.export, story(number))


def writer_threads() -> int:
    return sum(thread.name == THREAD for thread in threading.enumerate())


async def test_many_threads_share_one_writer(database: str) -> None:
    with exporting(database) as one, exporting(database) as other, ThreadPoolExecutor(16) as pool:
        results = list(pool.map(lambda number: (one, other)[number % 2].export(story(number)), range(64)))
        assert writer_threads() == 1
    assert results == [SUCCESS] * 64
    assert writer_threads() == 0
    assert await rows.value(database, SPANS) == 64 * 12
    assert await rows.value(database, "SELECT count(DISTINCT writer) FROM enterprise.trace_spans") == 1


async def test_the_role_for_writers_is_enough(database: str) -> None:
    name, parts = f"app_{uuid.uuid4().hex[:8]}", urlsplit(database)
    await execute(database, f"CREATE ROLE {name} LOGIN PASSWORD 'p%w' IN ROLE otelgres_writer")
    host = parts.netloc.rpartition("@")[2]
    try:
        with exporting(parts._replace(netloc=f"{name}:p%25w@{host}").geturl()) as exporter:
            assert await export(exporter, 1) is SUCCESS
    finally:
        await execute(database, f"DROP ROLE {name}")


async def test_one_export_outlasts_a_short_outage(
    database: str, postgres_dsn: str, caplog: pytest.LogCaptureFixture
) -> None:
    with exporting(database) as exporter:
        assert await export(exporter, 1) is SUCCESS
        async with away(database, with_database(postgres_dsn, "postgres")):
            attempt = asyncio.create_task(export(exporter, 2))
            await until(lambda: "does not take data" in caplog.text)
        assert await attempt is SUCCESS
        assert caplog.text.count("does not take data") == 1
        assert caplog.text.count("takes data again") == 1
    assert await rows.value(database, SPANS) == 24


async def test_an_outage_costs_one_time_out_and_its_loss_is_told(
    database: str, postgres_dsn: str, caplog: pytest.LogCaptureFixture
) -> None:
    with exporting(database, 1500) as exporter:
        async with away(database, with_database(postgres_dsn, "postgres")):
            began = time.monotonic()
            assert await export(exporter, 1) is FAILURE
            assert 1.4 < time.monotonic() - began < 2.5
            began = time.monotonic()
            assert await export(exporter, 2) is FAILURE
            assert time.monotonic() - began < 1
        assert await export(exporter, 3) is SUCCESS
    lines = [record.getMessage() for record in caplog.records]
    assert len(lines) == 3
    assert "spans are stored again; 24 were lost meanwhile" in lines


async def test_migrating_mends_an_unfit_database(database: str, caplog: pytest.LogCaptureFixture) -> None:
    newer = NEWEST + 1
    await execute(database, f"INSERT INTO enterprise.schema_migrations VALUES ({newer}, 'future', 'x')")
    with exporting(database, 1000) as exporter:
        assert await export(exporter, 1) is FAILURE
        assert await rows.value(database, SPANS) == 0
        await execute(database, f"DELETE FROM enterprise.schema_migrations WHERE version = {newer}")
        assert await export(exporter, 2) is SUCCESS
    assert caplog.text.count("upgrade opentelemetry-exporter-postgres") == 1


async def test_a_sum_that_no_protocol_can_hold_is_told_once_and_costs_no_other(
    database: str, caplog: pytest.LogCaptureFixture
) -> None:
    provider = counted(PeriodicExportingMetricReader(PostgresMetricExporter(database), export_interval_millis=math.inf))
    provider.get_meter("t").create_counter("beyond").add(2**63)
    for _ in range(2):
        assert await asyncio.to_thread(provider.force_flush)
    await asyncio.to_thread(provider.shutdown)
    found = await rows.fetch(database, "SELECT name, value_int FROM enterprise.metrics")
    assert [tuple(row.values()) for row in found] == [("one", 1)] * 2
    assert caplog.text.count("metric points: 1 could not be encoded") == 1


def counted(reader: MetricReader) -> MeterProvider:
    """With a counter that stands at one."""
    provider = MeterProvider([reader])
    provider.get_meter("t").create_counter("one").add(1)
    return provider


@contextmanager
def held(dsn: str, lock: str = BUSY) -> Iterator[threading.Event]:
    """Locks the traces, or other tables, until the event is set."""
    locked, release = threading.Event(), threading.Event()

    async def hold() -> None:
        connection = await rows.asyncpg.connect(dsn)
        async with connection.transaction():
            await connection.execute(lock)
            locked.set()
            await asyncio.to_thread(release.wait)
        await connection.close()

    thread = threading.Thread(target=lambda: asyncio.run(hold()))
    thread.start()
    assert locked.wait(10)
    try:
        yield release
    finally:
        release.set()
        thread.join()


async def test_force_flush_says_whether_what_is_under_way_was_stored(database: str) -> None:
    with exporting(database) as exporter, held(database) as release:
        assert exporter.force_flush(0)
        attempt = asyncio.create_task(export(exporter, 1))
        await until(lambda: not exporter.force_flush(0))
        assert not await asyncio.to_thread(exporter.force_flush, 50)
        flush = asyncio.create_task(asyncio.to_thread(exporter.force_flush, 10_000))
        release.set()
        assert await flush
        assert await attempt is SUCCESS


async def test_shutdown_waits_for_what_is_under_way(database: str, caplog: pytest.LogCaptureFixture) -> None:
    with exporting(database) as exporter, held(database) as release:
        attempt = asyncio.create_task(export(exporter, 1))
        await until(lambda: not exporter.force_flush(0))
        shutdown = asyncio.create_task(asyncio.to_thread(exporter.shutdown))
        await until(lambda: exporter.export(()) is FAILURE)
        release.set()
        await shutdown
        assert await attempt is SUCCESS
        assert await export(exporter, 2) is FAILURE
    assert [record.getMessage() for record in caplog.records] == ["spans are lost: their exporter was shut down"]
    assert await rows.value(database, SPANS) == 12
    assert writer_threads() == 0


async def test_shutdown_ends_what_takes_too_long(database: str) -> None:
    with exporting(database) as exporter, held(database):
        attempt = asyncio.create_task(export(exporter, 1))
        await until(lambda: not exporter.force_flush(0))
        began = time.monotonic()
        await asyncio.to_thread(exporter.shutdown, 100)
        assert await attempt is FAILURE
        assert time.monotonic() - began < 4
    await until(lambda: writer_threads() == 0)


async def test_an_export_has_longer_than_the_time_that_the_reader_of_metrics_gives(database: str) -> None:
    """Which is less, at the end, than a connection takes to be made."""
    memory = InMemoryMetricReader()
    counted(memory)
    data = memory.get_metrics_data()
    assert data is not None
    exporter = PostgresMetricExporter(database)
    assert await asyncio.to_thread(exporter.export, data, 0.1) is MetricExportResult.SUCCESS
    exporter.shutdown()


async def test_the_time_that_the_reader_of_metrics_gives_for_a_shutdown_is_kept(database: str) -> None:
    exporter = PostgresMetricExporter(database)
    provider = counted(PeriodicExportingMetricReader(exporter, export_interval_millis=math.inf))
    with held(database, POINTS_BUSY):
        attempt = asyncio.create_task(asyncio.to_thread(provider.force_flush))
        await until(lambda: not exporter.force_flush(0))
        began = time.monotonic()
        await asyncio.to_thread(provider.shutdown, 100)
        assert time.monotonic() - began < 4
        await attempt


async def test_a_log_line_that_waits_for_its_own_export_ends_in_time(database: str, postgres_dsn: str) -> None:
    """The handler's lock is held meanwhile; what the exporter itself logs must not need it."""
    with closing(Provider(database, 1000)) as provider:
        async with away(database, with_database(postgres_dsn, "postgres")):
            began = time.monotonic()
            await asyncio.to_thread(provider.logger.warning, "lost")
            assert time.monotonic() - began < 2
        await asyncio.to_thread(provider.logger.warning, "kept")
    found = await rows.fetch(database, "SELECT message FROM enterprise.structured_logs")
    assert [row["message"] for row in found] == ["kept"]


class Provider:
    """Python's root logger with OpenTelemetry's handler, each record exported by whoever logs it."""

    def __init__(self, dsn: str, millis: float) -> None:
        self._provider = LoggerProvider()
        self._provider.add_log_record_processor(SimpleLogRecordProcessor(PostgresLogExporter(dsn, millis)))
        self._handler = LoggingHandler(logger_provider=self._provider)
        logging.getLogger().addHandler(self._handler)
        self.logger = logging.getLogger("simple")

    def close(self) -> None:
        logging.getLogger().removeHandler(self._handler)
        self._provider.shutdown()


async def until(condition: object, seconds: float = 10) -> None:
    assert callable(condition)
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        await asyncio.sleep(0.01)


async def test_the_environment_says_which_status_makes_a_trace_an_error(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_POSTGRES_ERROR_FROM_STATUS", "500")
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(PostgresSpanExporter(database)))
    for status in (404, 500):
        provider.get_tracer("till").start_span(str(status), attributes={"http.response.status_code": status}).end()
    provider.shutdown()
    stored = await rows.fetch(database, "SELECT operation_name, status FROM enterprise.traces ORDER BY 1")
    assert [tuple(row.values()) for row in stored] == [("404", "completed"), ("500", "error")]
