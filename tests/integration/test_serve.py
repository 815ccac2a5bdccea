"""`otelgres serve` and `otelgres migrate` as people run them: start, stop, crash, refusals."""

import asyncio
import json
import os
import secrets
import signal
import socket
import subprocess
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import asyncpg
import httpx
import psutil
import pytest

from server import database_check
from server.embedded import EmbeddedPostgres
from server.errors import OtelgresError
from tests.otelgres_process import (
    OTELGRES,
    PORT_VARIABLES,
    OtelgresProcess,
    free_ports,
    own_ports,
    plain_environment,
)
from tests.reachable import reachable_directory
from tests.transaction_pooler import transaction_pooler

Server = Callable[..., OtelgresProcess]
PAUSE = threading.Event()
TOKENS = {
    "OTELGRES_INGEST_TOKEN": "an ingest token for tests",
    "OTELGRES_ADMIN_TOKEN": "an admin token for tests",
}


@pytest.fixture(scope="module")
def data_dir() -> Iterator[Path]:
    """One directory for one embedded database after the other: each start has what the one before left."""
    with reachable_directory() as directory:
        yield directory / "a data directory"


@contextmanager
def serving(data_dir: Path, **settings: str) -> Iterator[OtelgresProcess]:
    """`otelgres serve` with a PostgreSQL of its own."""
    process = OtelgresProcess({"OTELGRES_DATA_DIR": str(data_dir), **settings})
    try:
        yield process
    finally:
        process.close()


def same_ports(process: OtelgresProcess) -> dict[str, str]:
    return {variable: process.environment[variable] for variable in PORT_VARIABLES}


def otelgres(*arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """A run that is expected to end by itself."""
    return subprocess.run(
        [*OTELGRES, *arguments], env=plain_environment() | settings, capture_output=True, text=True, timeout=60
    )


def get(url: str, **headers: str) -> Any:
    with urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=10) as answer:
        return json.load(answer)


def send_trace(process: OtelgresProcess) -> str:
    """One trace over OTLP/HTTP, acknowledged; returns its id."""
    trace_id = secrets.token_hex(16)
    now = time.time_ns()
    span = {
        "traceId": trace_id,
        "spanId": secrets.token_hex(8),
        "name": "GET /",
        "kind": 2,
        "startTimeUnixNano": str(now - 1_000_000),
        "endTimeUnixNano": str(now),
    }
    body = {"resourceSpans": [{"scopeSpans": [{"spans": [span]}]}]}
    request = urllib.request.Request(
        f"{process.otlp_http_url}/v1/traces", json.dumps(body).encode(), {"content-type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=10) as answer:
        assert answer.status == 200
    return trace_id


def traces(process: OtelgresProcess) -> set[str]:
    return {trace["trace_id"] for trace in get(f"{process.url}/api/observability/traces")["traces"]}


def parts(process: OtelgresProcess) -> dict[str, psutil.Process]:
    """The direct children by what they are: 'api', 'worker', 'postgres'."""
    found = {}
    for child in psutil.Process(process.pid).children():
        command = " ".join(child.cmdline())
        found[next(name for name in ("server.api", "server.worker", "postgres") if name in command)] = child
    return found


def eventually(condition: Callable[[], bool]) -> None:
    """Poll until the condition holds. What it raises meanwhile, because nobody answers yet, does not count."""
    deadline = time.monotonic() + 30
    while True:
        try:
            if condition():
                return
        except OSError:
            pass
        assert time.monotonic() < deadline, "it did not come true within 30 s"
        PAUSE.wait(0.02)


def is_gone(process: psutil.Process) -> bool:
    return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE


def is_listening(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def test_it_starts_every_part_and_says_where_they_are(data_dir: Path) -> None:
    with serving(data_dir, OTELGRES_WORKERS="2") as process:
        assert get(f"{process.url}/readyz")["status"] == "ready"
        assert is_listening(process.otlp_grpc_port)
        sent = send_trace(process)
        assert sent in traces(process)
        workers = [child for child in psutil.Process(process.pid).children() if "server.worker" in child.cmdline()]
        assert len(workers) == 2
        said = process.output()
        for place in (process.url, process.otlp_http_url, process.otlp_grpc_target, str(data_dir), "Ctrl-C"):
            assert place in said


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_stop_signal_ends_everything_in_order(data_dir: Path, number: signal.Signals) -> None:
    with serving(data_dir) as process:
        children = parts(process)
        assert children.keys() == {"server.api", "server.worker", "postgres"}
        # A terminal's Ctrl-C goes to its session: nobody but the supervisor may be in it.
        assert all(os.getsid(child.pid) == child.pid for child in children.values())
        assert process.stop(number) == 0
        assert all(is_gone(child) for child in children.values())
        assert not (data_dir / "postgresql" / "postmaster.pid").exists()
        assert "ERROR" not in process.output()


def test_a_stop_signal_during_the_first_start_leaves_nothing_running() -> None:
    with reachable_directory() as directory:
        environment = plain_environment() | own_ports() | {"OTELGRES_DATA_DIR": str(directory / "data")}
        command = [*OTELGRES, "serve"]
        with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True) as process:
            assert process.stderr is not None
            assert "making a PostgreSQL" in process.stderr.readline()
            process.terminate()
            assert "SIGTERM: shutting down" in process.stderr.read()
        assert process.returncode == 0
        assert not (directory / "data" / "postgresql" / "postmaster.pid").exists()


def test_after_a_kill_the_children_end_and_the_next_start_has_every_row(data_dir: Path) -> None:
    with serving(data_dir) as process:
        sent = {send_trace(process) for _ in range(5)}
        children = parts(process)
        process.process.kill()
        process.process.wait()
        with serving(data_dir, **same_ports(process)) as again:
            assert traces(again) >= sent
            assert all(is_gone(child) for child in children.values())


def test_after_a_kill_of_all_its_processes_the_next_start_has_every_row(data_dir: Path) -> None:
    with serving(data_dir) as process:
        sent = {send_trace(process) for _ in range(5)}
        children = parts(process)
        process.process.kill()
        for child in children.values():
            child.kill()
        process.process.wait()
        with serving(data_dir, **same_ports(process)) as again:
            assert traces(again) >= sent


def test_a_killed_postgresql_comes_back_by_itself_however_often_its_start_fails(data_dir: Path) -> None:
    obstacle = data_dir / "local.conf"
    with serving(data_dir) as process:
        sent = send_trace(process)
        obstacle.write_text("shared_buffers = nonsense\n")
        try:
            parts(process)["postgres"].kill()
            eventually(lambda: process.output().count("shared_buffers") >= 2)
        finally:
            obstacle.unlink()
        eventually(lambda: "PostgreSQL runs again" in process.output())
        eventually(lambda: get(f"{process.url}/readyz")["status"] == "ready")
        assert sent in traces(process)
        assert process.stop() == 0
        assert "PostgreSQL ended (code -9)" in process.output()


@pytest.mark.parametrize("part", ["server.api", "server.worker"])
def test_a_killed_part_comes_back_by_itself(server: Server, part: str) -> None:
    process = server()
    first = parts(process)[part]
    first.kill()
    eventually(lambda: "runs again" in process.output())
    assert parts(process)[part].pid != first.pid
    assert send_trace(process) in traces(process)
    assert process.output().count("ended (SIGKILL)") == 1


def test_a_second_signal_does_not_wait_for_the_drain(server: Server) -> None:
    process = server()
    worker = parts(process)["server.worker"]
    # A stopped process never drains.
    worker.suspend()
    process.process.send_signal(signal.SIGTERM)
    eventually(lambda: "SIGTERM: shutting down" in process.output())
    begun = time.monotonic()
    assert process.stop(signal.SIGTERM) == 0
    assert time.monotonic() - begun < 10
    assert is_gone(worker)


@pytest.mark.parametrize("variable", ["OTELGRES_PORT", "OTELGRES_OTLP_GRPC_PORT", "OTELGRES_OTLP_HTTP_PORT"])
def test_a_port_in_use_is_one_line_that_names_it(database: str, variable: str) -> None:
    with socket.socket() as stranger:
        # SO_REUSEPORT on both sides would let two servers share the port, and the requests, unnoticed.
        stranger.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        stranger.bind(("127.0.0.1", 0))
        stranger.listen()
        taken = stranger.getsockname()[1]
        done = otelgres("serve", OTELGRES_DSN=database, **own_ports() | {variable: str(taken)})
    assert done.returncode == 1
    assert done.stderr == (
        f"otelgres: port {taken} on 127.0.0.1 is in use by another program: stop it, or choose another by {variable}\n"
    )


def test_a_second_otelgres_on_the_same_ports_is_refused(server: Server) -> None:
    process = server()
    done = otelgres("serve", OTELGRES_DSN=process.dsn, **same_ports(process))
    assert done.returncode == 1
    assert f"port {process.port} is in use by another Otelgres (pid {process.pid})" in done.stderr
    assert done.stderr.count("\n") == 1


def test_it_refuses_to_be_open_to_other_machines(database: str) -> None:
    done = otelgres("serve", OTELGRES_DSN=database, OTELGRES_HOST="0.0.0.0", OTELGRES_PEOPLE="open")
    assert done.returncode == 2
    assert "set OTELGRES_ADMIN_TOKEN" in done.stderr
    assert done.stderr.count("\n") == 1


def test_without_any_setting_it_serves_other_machines_nothing_until_somebody_is_let_in(
    server: Server,
) -> None:
    process = server(OTELGRES_HOST="0.0.0.0")
    for hint in ("nobody can sign in yet: otelgres user create", "nobody can send yet: otelgres key create"):
        assert hint in process.output()
    for ask in (lambda: get(f"{process.url}/api/observability/traces"), lambda: send_trace(process)):
        with pytest.raises(urllib.error.HTTPError, match="401") as refusal:
            ask()
        refusal.value.close()


def test_with_tokens_it_serves_every_address_to_those_who_know_them(server: Server) -> None:
    process = server(OTELGRES_HOST="0.0.0.0", **TOKENS)
    with pytest.raises(urllib.error.HTTPError, match="401") as refusal:
        get(f"{process.url}/api/observability/traces")
    refusal.value.close()
    bearer = f"Bearer {TOKENS['OTELGRES_ADMIN_TOKEN']}"
    assert get(f"{process.url}/api/observability/traces", authorization=bearer)["traces"] == []
    with pytest.raises(urllib.error.HTTPError, match="401") as refusal:
        send_trace(process)
    refusal.value.close()


@pytest.mark.parametrize("role", ["receiver", "api"])
def test_a_role_runs_alone(database: str, role: str) -> None:
    process = OtelgresProcess({"OTELGRES_DSN": database}, arguments=["--role", role])
    try:
        assert is_listening(process.port) == (role == "api")
        assert is_listening(process.otlp_grpc_port) == (role == "receiver")
        assert is_listening(process.otlp_http_port) == (role == "receiver")
    finally:
        process.close()


def test_a_role_alone_needs_a_shared_database() -> None:
    done = otelgres("serve", "--role", "receiver")
    assert done.returncode == 2
    assert "OTELGRES_DSN" in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_database_out_of_reach_is_one_line_without_the_password() -> None:
    (port,) = free_ports(1)
    dsn = f"postgresql://me:hunter2@127.0.0.1:{port}/x"
    done = otelgres("serve", OTELGRES_DSN=dsn, **own_ports())
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert f"127.0.0.1:{port}" in done.stderr
    assert "hunter2" not in done.stderr


def test_a_database_of_a_newer_otelgres_is_refused(database: str) -> None:
    record = "INSERT INTO enterprise.schema_migrations (version, name, checksum) VALUES (999, 'future', 'x')"
    asyncio.run(execute(database, record))
    done = otelgres("serve", OTELGRES_DSN=database, **own_ports())
    assert done.returncode == 1
    assert "newer" in done.stderr
    assert done.stderr.count("\n") == 1


def test_migrate_goes_up_and_down_and_tells_where_it_is(empty_database: str) -> None:
    def migrate(*arguments: str) -> subprocess.CompletedProcess[str]:
        return otelgres("migrate", *arguments, OTELGRES_DSN=empty_database)

    before = migrate("--check")
    assert before.returncode == 1
    assert "pending" in before.stdout
    assert migrate().returncode == 0
    after = migrate("--check")
    assert (after.returncode, after.stdout) == (0, "the database is up to date\n")
    assert migrate("--down-to", "0").returncode == 0
    assert migrate("--check").returncode == 1


def test_migrate_starts_and_stops_the_embedded_database(data_dir: Path) -> None:
    done = otelgres("migrate", OTELGRES_DATA_DIR=str(data_dir))
    assert done.returncode == 0
    assert not (data_dir / "postgresql" / "postmaster.pid").exists()
    assert otelgres("migrate", "--check", OTELGRES_DATA_DIR=str(data_dir)).returncode == 0


async def test_a_postgresql_too_old_is_refused(empty_database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database_check, "OLDEST", 99)
    with pytest.raises(OtelgresError, match=r"names a PostgreSQL 1\d.*; Otelgres needs 99 or newer"):
        await database_check.check(empty_database)


async def test_a_direct_connection_is_not_taken_for_a_pooler(
    empty_database: str, caplog: pytest.LogCaptureFixture
) -> None:
    await database_check.check(empty_database)
    assert caplog.records == []


async def test_a_pooler_in_transaction_mode_is_named(data_dir: Path, caplog: pytest.LogCaptureFixture) -> None:
    with EmbeddedPostgres(data_dir) as postgres:
        socket_path = Path(parse_qs(urlsplit(postgres.dsn).query)["host"][0]) / ".s.PGSQL.5432"
        async with transaction_pooler(socket_path) as port:
            await database_check.check(f"postgresql://otelgres@127.0.0.1:{port}/otelgres")
    (warning,) = [record for record in caplog.records if record.name == "server.database_check"]
    assert "pgbouncer" in warning.getMessage()


async def execute(dsn: str, statement: str) -> None:
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


def test_sql_of_rules_runs_by_a_login_of_its_own_and_again_after_a_restart(data_dir: Path) -> None:
    rule = {"name": "Traces", "metric_type": "custom_sql", "condition": "gte", "threshold": 0}
    for statement, status in (
        ("SELECT count(*) FROM enterprise.traces", 200),
        ("SELECT count(*) FROM enterprise.alert_channel_secrets", 422),
    ):
        with serving(data_dir) as process:
            url = f"{process.url}/api/observability/alerts/rules"
            answer = httpx.post(url, json=rule | {"custom_sql": statement}, timeout=30)
            assert answer.status_code == status, answer.text
            assert ("permission denied" in answer.text) == (status == 422)
