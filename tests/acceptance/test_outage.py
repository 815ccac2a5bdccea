"""PostgreSQL goes away and comes back: senders are answered all the while, and everything is stored once."""

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from urllib.parse import parse_qsl, urlsplit

import asyncpg
import grpc
import httpx
import psutil
import pytest
from google.rpc import error_details_pb2

from server.embedded import EmbeddedPostgres
from tests import payloads, rows
from tests.conftest import run
from tests.otelgres_process import OtelgresProcess
from tests.prepared_database import prepare, short_settings
from tests.reachable import reachable_directory
from tests.senders import GrpcSender, post, post_async, until_accepted

KINDS = ("traces", "logs")
TABLES = {"traces": "trace_spans", "logs": "structured_logs"}
DOUBLED = {
    "traces": "SELECT count(*) - count(DISTINCT (trace_id, span_id)) FROM enterprise.trace_spans",
    "logs": "SELECT count(*) - count(DISTINCT (timestamp, service_name, message)) FROM enterprise.structured_logs",
}
ITEMS = 10


@contextmanager
def ready_postgres() -> Iterator[EmbeddedPostgres]:
    """A PostgreSQL of this test's own, with our tables."""
    with reachable_directory() as directory, EmbeddedPostgres(directory / "data") as server:
        run(prepare(server.dsn, short_settings()))
        yield server


@pytest.fixture
def postgres() -> Iterator[EmbeddedPostgres]:
    with ready_postgres() as server:
        yield server


@contextmanager
def otelgres(dsn: str, **settings: str) -> Iterator[OtelgresProcess]:
    process = OtelgresProcess({"OTELGRES_DSN": dsn, **settings})
    try:
        yield process
    except BaseException:
        print(process.output())
        raise
    finally:
        process.close()


def body_of(kind: str, service: str, count: int = ITEMS) -> bytes:
    message = payloads.spans(count, service=service) if kind == "traces" else payloads.records(count, service=service)
    return message.SerializeToString()


class Load:
    """Four senders, each with a signal and a transport of its own, that retry as SDKs do."""

    def __init__(self, process: OtelgresProcess) -> None:
        self._process = process
        self._stop = False
        self._progress = asyncio.Condition()
        self.acknowledged = dict.fromkeys(KINDS, 0)
        self.slowest = 0.0

    async def until(self, more: int) -> None:
        """Until so many more items of each signal are acknowledged."""
        wanted = {kind: count + more for kind, count in self.acknowledged.items()}
        async with asyncio.timeout(60), self._progress:
            await self._progress.wait_for(lambda: all(self.acknowledged[kind] >= wanted[kind] for kind in KINDS))

    @asynccontextmanager
    async def running(self) -> AsyncIterator["Load"]:
        tasks = [asyncio.create_task(self._send(kind, transport)) for kind in KINDS for transport in ("grpc", "http")]
        try:
            yield self
        finally:
            self._stop = True
            await asyncio.gather(*tasks)

    async def _send(self, kind: str, transport: str) -> None:
        process = self._process
        async with GrpcSender(process.otlp_grpc_target) as sender, httpx.AsyncClient(timeout=8) as client:
            number = 0
            while not self._stop:
                body = body_of(kind, f"{transport}-{number}")
                number += 1

                async def attempt(body: bytes = body) -> bytes:
                    if transport == "grpc":
                        return await sender.send(kind, body, seconds=8)
                    return await post_async(client, f"{process.otlp_http_url}/v1/{kind}", body)

                began = time.monotonic()
                assert await until_accepted(attempt, 60) == b""
                self.slowest = max(self.slowest, time.monotonic() - began)
                async with self._progress:
                    self.acknowledged[kind] += ITEMS
                    self._progress.notify_all()


async def all_there_once(dsn: str, acknowledged: dict[str, int]) -> None:
    for kind, table in TABLES.items():
        await rows.until(dsn, f"SELECT count(*)::int FROM enterprise.{table}", acknowledged[kind], 60)
        assert await rows.value(dsn, DOUBLED[kind]) == 0


async def spool_is_empty(process: OtelgresProcess) -> None:
    """As the receivers report it, which they do once it is."""
    query = "SELECT count(*)::int FROM enterprise.spools WHERE oldest_received_at IS NOT NULL"
    await rows.until(process.dsn, query, 0, 60)


def receivers(process: OtelgresProcess) -> list[int]:
    children = psutil.Process(process.pid).children(recursive=True)
    return [child.pid for child in children if "server.worker" in " ".join(child.cmdline())]


def postgres_processes(server: EmbeddedPostgres) -> list[psutil.Process]:
    assert server.pid is not None
    main = psutil.Process(server.pid)
    return [main, *main.children(recursive=True)]


async def test_senders_are_answered_while_postgresql_is_stopped(postgres: EmbeddedPostgres) -> None:
    """Receivers are killed in between, so that what they held on disk is found by others."""
    with otelgres(postgres.dsn, OTELGRES_WORKERS="2") as process:
        load = Load(process)
        async with load.running():
            await load.until(100)
            await asyncio.to_thread(postgres.stop)
            await load.until(300)
            for pid in receivers(process):
                os.kill(pid, signal.SIGKILL)
            await load.until(300)
            await asyncio.to_thread(postgres.start)
            await rows.until(process.dsn, "SELECT count(*) > 0 FROM enterprise.spools", True)
            await load.until(100)
        await all_there_once(process.dsn, load.acknowledged)
        await spool_is_empty(process)
        assert process.output().count("the database takes data again") >= 1


async def test_senders_are_answered_while_postgresql_hangs(postgres: EmbeddedPostgres) -> None:
    with otelgres(postgres.dsn, OTELGRES_WORKERS="1") as process:
        load = Load(process)
        async with load.running():
            await load.until(100)
            stopped = postgres_processes(postgres)
            for each in stopped:
                each.suspend()
            try:
                await load.until(200)
                assert load.slowest < 4.5
            finally:
                for each in stopped:
                    each.resume()
            await load.until(100)
        await all_there_once(process.dsn, load.acknowledged)
        await spool_is_empty(process)


async def test_a_full_spool_puts_senders_off_until_there_is_room(postgres: EmbeddedPostgres) -> None:
    with otelgres(postgres.dsn, OTELGRES_SPOOL_BYTES="300kB") as process:
        acknowledged = dict.fromkeys(KINDS, 0)
        await asyncio.to_thread(postgres.stop)
        async with GrpcSender(process.otlp_grpc_target) as sender:
            while True:
                body = body_of("traces", "full", 100)
                try:
                    await sender.send("traces", body)
                except grpc.aio.AioRpcError as error:
                    refused = error
                    break
                acknowledged["traces"] += 100
                assert acknowledged["traces"] < 20_000
            assert acknowledged["traces"] > 0
            assert refused.code() is grpc.StatusCode.UNAVAILABLE
            hint = dict(refused.trailing_metadata() or ())["google.rpc.retryinfo-bin"]
            assert error_details_pb2.RetryInfo.FromString(hint).retry_delay.seconds == 1
            log = body_of("logs", "full", 1000)
            answer = await asyncio.to_thread(post, process, "logs", log)
            assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")

            await asyncio.to_thread(postgres.start)
            await until_accepted(lambda: sender.send("traces", body))
            acknowledged["traces"] += 100
        async with httpx.AsyncClient(timeout=8) as client:
            await until_accepted(lambda: post_async(client, f"{process.otlp_http_url}/v1/logs", log))
        acknowledged["logs"] += 1000
        await all_there_once(process.dsn, acknowledged)
        await spool_is_empty(process)
        assert "the spool is full" in process.output()


async def test_without_a_spool_a_short_absence_is_waited_for(postgres: EmbeddedPostgres) -> None:
    with otelgres(postgres.dsn, OTELGRES_SPOOL_BYTES="0") as process:
        load = Load(process)
        async with load.running():
            await load.until(50)
            await asyncio.to_thread(postgres.stop)
            await asyncio.to_thread(postgres.start)
            await load.until(50)
        await all_there_once(process.dsn, load.acknowledged)
        assert await rows.value(process.dsn, "SELECT count(*)::int FROM enterprise.spools") == 0


async def set_read_only(dsn: str, value: str) -> None:
    """For every session of the server from now on; those that are there end."""
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute(f"ALTER SYSTEM SET default_transaction_read_only = {value}")
        await connection.execute("SELECT pg_reload_conf()")
        await connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE backend_type = 'client backend' "
            "AND pid <> pg_backend_pid()"
        )
    finally:
        await connection.close()


def of_both(first: str, second: str) -> str:
    """A DSN with the hosts of two."""
    hosts = [dict(parse_qsl(urlsplit(dsn).query))["host"] for dsn in (first, second)]
    return urlsplit(first)._replace(query=f"host={','.join(hosts)}&port=5432").geturl()


@pytest.mark.parametrize("ending", ["read-only", "stopped", "hanging"])
async def test_the_host_that_takes_writes_is_followed(postgres: EmbeddedPostgres, ending: str) -> None:
    """The first host ends in several ways; from then on the second is written to, which took no writes before."""
    with ready_postgres() as second:
        await set_read_only(second.dsn, "on")
        with otelgres(of_both(postgres.dsn, second.dsn)) as process:
            load = Load(process)
            async with load.running():
                await load.until(50)
                before = await stored(postgres.dsn)
                assert before > 0
                assert await stored(second.dsn) == 0
                suspended = postgres_processes(postgres) if ending == "hanging" else []
                if ending == "read-only":
                    await set_read_only(postgres.dsn, "on")
                elif ending == "stopped":
                    await asyncio.to_thread(postgres.stop)
                for each in suspended:
                    each.suspend()
                await set_read_only(second.dsn, "off")
                await rows.until(second.dsn, "SELECT count(*) > 0 FROM enterprise.structured_logs", True)
                await load.until(50)
            for each in suspended:
                each.resume()
            if ending == "stopped":
                await asyncio.to_thread(postgres.start)
            deadline = time.monotonic() + 30
            while await stored(postgres.dsn) + await stored(second.dsn) < sum(load.acknowledged.values()):
                assert time.monotonic() < deadline
                await asyncio.sleep(0.05)


async def stored(dsn: str) -> int:
    tables = [await rows.value(dsn, f"SELECT count(*)::int FROM enterprise.{table}") for table in TABLES.values()]
    return sum(tables)


def test_nothing_is_taken_before_the_databases_disk_is_full() -> None:
    """No disk has as much room as is asked for here."""
    with reachable_directory() as directory:
        process = OtelgresProcess({"OTELGRES_DATA_DIR": str(directory / "data"), "OTELGRES_MIN_FREE_BYTES": "1TiB"})
        try:
            answer = post(process, "logs", body_of("logs", "full"))
            assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
            assert "disk is almost full" in answer.text
            assert process.output().count("less than 1048576: requests are put off") == 1
        finally:
            process.close()


async def test_a_deadline_that_leaves_no_time_is_refused_at_once(server: Callable[..., OtelgresProcess]) -> None:
    process = server()
    async with GrpcSender(process.otlp_grpc_target) as sender:
        await sender.send("logs", body_of("logs", "first"))
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await sender.send("logs", body_of("logs", "second"), seconds=0.15)
        assert refused.value.code() is grpc.StatusCode.UNAVAILABLE
    assert await rows.value(process.dsn, "SELECT count(*)::int FROM enterprise.structured_logs") == ITEMS


async def test_a_body_counts_as_it_arrives(server: Callable[..., OtelgresProcess]) -> None:
    """Bodies that stay unfinished take their share, and no more; another sender is served meanwhile."""
    process = server()
    chunk = b"x" * (1 << 20)
    head = (
        b"POST /v1/logs HTTP/1.1\r\nhost: x\r\ncontent-type: application/x-protobuf\r\ncontent-length: 60000000\r\n\r\n"
    )
    streams = [await asyncio.open_connection("127.0.0.1", process.otlp_http_port) for _ in range(3)]
    try:
        for _, writer in streams:
            writer.write(head)

        async def send() -> None:
            for _ in range(25):
                for _, writer in streams:
                    writer.write(chunk)
                    await writer.drain()

        async with asyncio.timeout(20):
            refused, _ = await asyncio.gather(first_answer([reader for reader, _ in streams]), send())
        assert b" 503 " in refused
        answer = await asyncio.to_thread(post, process, "logs", body_of("logs", "other"))
        assert answer.status_code == 200
    finally:
        for _, writer in streams:
            writer.transport.abort()


async def first_answer(readers: list[asyncio.StreamReader]) -> bytes:
    tasks = [asyncio.create_task(reader.readline()) for reader in readers]
    done, pending = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in pending:
        task.cancel()
    return done.pop().result()
