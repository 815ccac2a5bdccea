"""`otelgres doctor` on what is really wrong: each finding provoked, and an installation without any."""

import json
import os
import socket
import sqlite3
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import asyncpg
import pytest
import trustme
from opentelemetry.exporter.postgres.batch import Signal

from database import maintenance
from database.lease import Lease
from receiver.spool_file import SpoolFile
from receiver.spool_rows import Entry, row_of
from receiver.spool_slots import Slots
from server.doctor import clock, connecting, looking
from server.doctor.finding import Rank
from server.embedded import EmbeddedPostgres
from server.settings import Settings
from tests import access_keys
from tests.conftest import execute, run, with_database
from tests.otelgres_process import OtelgresProcess, free_ports, own_ports, plain_environment
from tests.polling import until
from tests.prepared_database import KEPT, prepare, short_settings
from tests.reachable import reachable_directory
from tests.rows import value
from tests.transaction_pooler import transaction_pooler

PROBLEM, WARNING, NOTE, OK = Rank
Found = dict[str, list[tuple[Rank, str]]]
ALERTS = {
    "SLACK_WEBHOOK_URL": "https://hooks.example.com/x",
    "SMTP_HOST": "mail.example.com",
    "ALERT_EMAIL_FROM": "otelgres@example.com",
    "ALERT_EMAIL_TO": "ops@example.com",
}
ODD_CONFIGURATION = """\
fsync = off
full_page_writes = off
synchronous_commit = off
autovacuum = off
shared_buffers = 16MB
max_wal_size = 64MB
min_wal_size = 32MB
max_connections = 20
max_locks_per_transaction = 128
archive_mode = on
archive_command = 'false'
"""


@pytest.fixture
def place(tmp_path: Path) -> dict[str, object]:
    """Settings of an installation of its own, but for the database."""
    first, second, third = free_ports(3)
    ports = {"port": first, "otlp_grpc_port": second, "otlp_http_port": third}
    return KEPT | ports | {"data_dir": tmp_path / "data", "spool_dir": tmp_path / "spool"}


@pytest.fixture
def look(database: str, place: dict[str, object]) -> Callable[..., Found]:
    """What the doctor finds on this test's database, with settings as given; by its checks."""

    def found(**more: object) -> Found:
        return found_by({"dsn": database} | place | more)

    return found


def found_by(settings: dict[str, object]) -> Found:
    by_check: Found = {}
    for check, finding in run(looking.look(Settings.model_validate(settings))):
        by_check.setdefault(check, []).append((finding.rank, finding.text))
    return by_check


def is_told(findings: list[tuple[Rank, str]], rank: Rank, *parts: str) -> bool:
    return any(found is rank and all(part in text for part in parts) for found, text in findings)


def otelgres(environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "server.cli", "doctor", *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True)


@pytest.fixture(scope="module")
def healthy() -> Iterator[OtelgresProcess]:
    """With a PostgreSQL of its own, after each job has run once."""
    with reachable_directory() as directory:
        process = OtelgresProcess({"OTELGRES_DATA_DIR": str(directory / "data"), **ALERTS})
        try:
            nobodys = Lease(None, "", "", timedelta(0))
            jobs = {job.name for job in maintenance.jobs(None, nobodys, retention_days=30)}
            done = "SELECT array_agg(job) FROM enterprise.maintenance_runs WHERE last_succeeded_at IS NOT NULL"
            until(lambda: jobs <= set(run(value(process.dsn, done)) or ()), 90)
            yield process
        finally:
            process.close()


def test_a_healthy_installation_gives_nothing_but_ok(healthy: OtelgresProcess) -> None:
    told = otelgres(healthy.environment)
    head, blank, *lines = told.stdout.splitlines()
    assert told.stderr == ""
    assert head.startswith("Otelgres ")
    assert blank == ""
    assert {line.split()[0] for line in lines[:-2]} == {"ok"}, told.stdout
    assert told.returncode == 0
    assert lines[-1] == f"{len(lines) - 2} ok"
    for what in ("is served by Otelgres", "maintenance runs at", "alerts run at", "PostgreSQL 18"):
        assert what in told.stdout


def test_json_says_the_same(healthy: OtelgresProcess) -> None:
    told = json.loads(otelgres(healthy.environment, "--json").stdout)
    assert told["worst"] == "ok"
    assert {finding["rank"] for finding in told["findings"]} == {"ok"}
    assert {finding["check"] for finding in told["findings"]} >= {"ports", "database", "jobs", "keys"}
    assert set(told["findings"][0]) == {"check", "rank", "text", "remedy"}
    datetime.fromisoformat(told["looked_at"])


def test_a_pooler_in_transaction_mode_is_named(healthy: OtelgresProcess) -> None:
    socket_path = Path(parse_qs(urlsplit(healthy.dsn).query)["host"][0]) / ".s.PGSQL.5432"

    async def looked() -> list[tuple[Rank, str]]:
        async with transaction_pooler(socket_path) as port:
            dsn = f"postgresql://otelgres@127.0.0.1:{port}/otelgres"
            settings = Settings.model_validate({"dsn": dsn, "port": healthy.port})
            return [(each.finding.rank, each.check) for each in await looking.look(settings)]

    found = run(looked())
    assert (PROBLEM, "pooler") in found
    assert (OK, "jobs") in found


@pytest.fixture(scope="module")
def odd() -> Iterator[EmbeddedPostgres]:
    """A PostgreSQL with settings that nobody should have, without tables."""
    with reachable_directory() as directory:
        (directory / "data").mkdir(mode=0o755)
        (directory / "data" / "local.conf").write_text(ODD_CONFIGURATION)
        with EmbeddedPostgres(directory / "data", port=free_ports(1)[0]) as postgres:
            run(execute(postgres.dsn, "CREATE ROLE app LOGIN PASSWORD 'pw'"))
            run(execute(postgres.dsn, "CREATE DATABASE latin ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0"))
            run(execute(postgres.dsn, "CREATE DATABASE closed"))
            run(execute(postgres.dsn, "REVOKE CONNECT ON DATABASE closed FROM PUBLIC"))
            yield postgres


def test_settings_that_endanger_data_are_named(odd: EmbeddedPostgres, place: dict[str, object]) -> None:
    found = found_by(place | {"dsn": odd.dsn})
    parameters = found["parameters"]
    for rank, name in (
        (PROBLEM, "fsync is off"),
        (PROBLEM, "autovacuum is off"),
        (WARNING, "full_page_writes is off"),
        (WARNING, "synchronous_commit is off"),
        (WARNING, "2,560 locks"),
        (NOTE, "shared_buffers is 16777216"),
        (NOTE, "max_wal_size is 67108864"),
    ):
        assert is_told(parameters, rank, name), parameters
    assert is_told(found["connections"], WARNING, "17 connections")
    assert is_told(found["migrations"], PROBLEM, "008 to ")
    assert "jobs" not in found


def test_nothing_is_changed_by_looking(odd: EmbeddedPostgres, place: dict[str, object]) -> None:
    """On a PostgreSQL that nobody else uses: no transaction wrote, and no file is new."""
    run(execute(odd.dsn, "CREATE DATABASE whole"))
    dsn = with_database(odd.dsn, "whole")
    run(prepare(dsn, short_settings()))
    next_transaction = "SELECT pg_snapshot_xmax(pg_current_snapshot())::text"
    before = run(value(odd.dsn, next_transaction))
    found = found_by(place | {"dsn": dsn})
    assert {"jobs", "keys", "rules"} <= found.keys()
    assert run(value(odd.dsn, next_transaction)) == before
    assert not Path(str(place["data_dir"])).exists()
    assert not Path(str(place["spool_dir"])).exists()


def test_an_archive_that_fails_is_named(odd: EmbeddedPostgres, place: dict[str, object]) -> None:
    run(execute(odd.dsn, "CREATE TABLE IF NOT EXISTS written (at int)"))
    run(value(odd.dsn, "SELECT pg_switch_wal()::text"))
    until(lambda: run(value(odd.dsn, "SELECT failed_count > 0 FROM pg_stat_archiver")))
    assert is_told(found_by(place | {"dsn": odd.dsn})["archive"], PROBLEM, "not archived since")


def test_settings_of_a_login_and_of_a_database_are_seen(odd: EmbeddedPostgres, place: dict[str, object]) -> None:
    for statement in (
        "ALTER ROLE app SET default_transaction_read_only = on",
        "ALTER ROLE app SET transaction_timeout = '1min'",
        "ALTER ROLE app SET idle_session_timeout = '10s'",
        "ALTER ROLE app SET idle_in_transaction_session_timeout = '10s'",
    ):
        run(execute(odd.dsn, statement))
    parameters = found_by(place | {"dsn": f"postgresql://app:pw@127.0.0.1:{odd.port}/latin"})["parameters"]
    for rank, name in (
        (PROBLEM, "default_transaction_read_only is on"),
        (PROBLEM, "server_encoding is LATIN1"),
        (WARNING, "transaction_timeout is 60000"),
        (NOTE, "idle_session_timeout is 10000"),
        (NOTE, "idle_in_transaction_session_timeout is 10000"),
    ):
        assert is_told(parameters, rank, name), parameters


@pytest.mark.parametrize(
    ("dsn", "said"),
    [
        ("postgresql://app:pw@no-such-host.invalid/otelgres", "DNS"),
        ("postgresql://app:pw@127.0.0.1:{free}/otelgres", "nothing listens there"),
        ("postgresql://app:wrong@127.0.0.1:{port}/otelgres", "refuses the password of app"),
        ("postgresql://nobody:pw@127.0.0.1:{port}/otelgres", "refuses the password of nobody"),
        ("postgresql://otelgres@/otelgres?host=/nowhere", "no such socket"),
        ("postgresql://app:pw@127.0.0.1:{port}/missing", "no database missing"),
        ("postgresql://app:pw@127.0.0.1:{port}/closed", "app may not use the database closed"),
        ("postgresql://app:pw@127.0.0.1:{port}/otelgres?sslmode=require", "has no TLS"),
        ("postgresql://app:pw@127.0.0.1:{silent}/otelgres", "no answer within"),
    ],
)
def test_a_database_out_of_reach_hides_no_other_finding(
    odd: EmbeddedPostgres, place: dict[str, object], monkeypatch: pytest.MonkeyPatch, dsn: str, said: str
) -> None:
    monkeypatch.setattr(connecting, "CONNECT_SECONDS", 2.0)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        places = {"port": odd.port, "free": free_ports(1)[0], "silent": silent.getsockname()[1]}
        found = found_by(place | {"dsn": dsn.format(**places)})
    assert is_told(found["database"], PROBLEM, said), found["database"]
    assert [rank for rank, _ in found["ports"]] == [OK, OK, OK]


def test_an_embedded_database_that_does_not_run_is_no_problem(place: dict[str, object]) -> None:
    found = found_by(place)
    assert is_told(found["database"], NOTE, "does not run")
    assert is_told(found["data"], NOTE, "no database yet")


def test_data_of_another_version_is_named(place: dict[str, object]) -> None:
    cluster = Path(str(place["data_dir"])) / "postgresql"
    cluster.mkdir(parents=True)
    (cluster / "PG_VERSION").write_text("12\n")
    assert is_told(found_by(place)["data"], PROBLEM, "written by PostgreSQL 12")


def test_without_a_server_nobody_does_the_work(look: Callable[..., Found]) -> None:
    found = look()
    assert is_told(found["leases"], WARNING, "nobody does maintenance")
    assert is_told(found["leases"], WARNING, "nobody does alert rules")
    for check in ("migrations", "owner", "roles", "indexes", "partitions", "left over", "default", "jobs", "lag"):
        assert {rank for rank, _ in found[check]} == {OK}, found[check]


def test_migrations_unknown_or_changed_are_named(look: Callable[..., Found], database: str) -> None:
    run(execute(database, "UPDATE enterprise.schema_migrations SET checksum = 'x' WHERE version = 9"))
    run(execute(database, "INSERT INTO enterprise.schema_migrations (version, name, checksum) VALUES (999, 'n', '')"))
    found = look()["migrations"]
    assert is_told(found, PROBLEM, "999")
    assert is_told(found, WARNING, "009")


def test_an_unfinished_index_is_named(look: Callable[..., Found], database: str) -> None:
    run(execute(database, "INSERT INTO enterprise.maintenance_runs (job) VALUES ('a'), ('b')"))
    with pytest.raises(asyncpg.UniqueViolationError):
        run(execute(database, "CREATE UNIQUE INDEX CONCURRENTLY half ON enterprise.maintenance_runs ((1))"))
    assert is_told(look()["indexes"], WARNING, "the index half of maintenance_runs")


def test_what_roles_lack_is_named(look: Callable[..., Found], database: str) -> None:
    run(execute(database, "REVOKE INSERT ON enterprise.traces FROM otelgres_writer"))
    run(execute(database, "REVOKE SELECT ON enterprise.structured_logs FROM otelgres_reader"))
    found = look()["roles"]
    assert is_told(found, WARNING, "otelgres_writer", "enterprise.traces")
    assert is_told(found, WARNING, "otelgres_reader", "enterprise.structured_logs")


def test_a_login_that_does_not_own_the_tables_is_named(look: Callable[..., Found], database: str) -> None:
    login = f"login_{uuid.uuid4().hex[:8]}"
    run(execute(database, f"CREATE ROLE {login} LOGIN PASSWORD 'pw' IN ROLE otelgres_writer"))
    parts = urlsplit(database)
    dsn = parts._replace(netloc=f"{login}:pw@{parts.netloc.rpartition('@')[2]}").geturl()
    try:
        assert is_told(look(dsn=dsn)["owner"], PROBLEM, f"{login} does not own")
    finally:
        run(execute(database, f"DROP ROLE {login}"))


def test_partitions_that_are_missing_left_over_or_not_enough_are_named(
    look: Callable[..., Found], database: str
) -> None:
    today = f"{datetime.now(UTC):%Y%m%d}"
    for statement in (
        f"DROP TABLE enterprise.trace_spans_p{today}",
        "CREATE TABLE enterprise.trace_spans_p20200101_dropped (at int)",
        "INSERT INTO enterprise.structured_logs (level, logger_name, message, timestamp) "
        "VALUES ('INFO', 'a', 'm', '1990-01-01')",
    ):
        run(execute(database, statement))
    found = look()
    assert is_told(found["partitions"], PROBLEM, "trace_spans")
    assert is_told(found["left over"], WARNING, "trace_spans_p20200101_dropped")
    assert is_told(found["default"], NOTE, "1 row of structured_logs", "1990-01-01")


def test_telemetry_beyond_its_bound_and_its_time_is_named(look: Callable[..., Found], database: str) -> None:
    assert "retention" not in look()
    report = (
        "json_build_object('bytes', 3000000000, 'cap_bytes', {cap}, 'over_bytes', {over}, 'over_why', {why}, {late})"
    )
    kept = "INSERT INTO enterprise.maintenance_runs (job, last_succeeded_at, report) VALUES ('retention', now(), {0}) "
    kept += "ON CONFLICT (job) DO UPDATE SET report = {0}"
    within = report.format(cap=5_000_000_000, over=0, why="null", late="'late_since', null")
    run(execute(database, kept.format(within)))
    assert is_told(look()["retention"], OK, "2,861 MiB of at most 4,768 MiB")
    beyond = report.format(
        cap=1_000_000_000,
        over=2_000_000_000,
        why="'the rest is still written'",
        late="'late_since', now() - interval '5 h'",
    )
    run(execute(database, kept.format(beyond)))
    found = look()["retention"]
    assert is_told(found, WARNING, "1,907 MiB more than OTELGRES_RETENTION_SIZE: the rest is still written")
    assert is_told(found, WARNING, "for 5 hours")


def test_jobs_that_fail_and_results_that_lag_are_named(look: Callable[..., Found], database: str) -> None:
    for statement in (
        "INSERT INTO enterprise.maintenance_runs (job, last_succeeded_at, last_error) "
        "VALUES ('sealing', now() - interval '1 hour', 'TimeoutError: ')",
        "INSERT INTO enterprise.maintenance_runs (job, last_succeeded_at) "
        "VALUES ('retention', now() - interval '2 days'), ('partition_care', now() - interval '1 hour')",
        "INSERT INTO enterprise.leases (name, holder, epoch, expires_at) "
        "VALUES ('maintenance', 'a:1', 1, now() + interval '1 hour')",
        "INSERT INTO enterprise.structured_logs (level, logger_name, message, timestamp) "
        "VALUES ('INFO', 'a', 'm', now() - interval '2 days')",
        "INSERT INTO enterprise.log_deltas (writer, batch, minutes, services, levels, logs) "
        "VALUES (1, 1700000000000000, '{}', '{}', '{}', '{}')",
    ):
        run(execute(database, statement))
    found = look()
    assert is_told(found["jobs"], WARNING, "sealing fails: TimeoutError")
    assert is_told(found["jobs"], PROBLEM, "retention last ran 2 days ago")
    assert is_told(found["jobs"], WARNING, "partition_care is late")
    assert is_told(found["jobs"], NOTE, "folding has not run yet")
    assert is_told(found["leases"], OK, "maintenance runs at a:1")
    assert is_told(found["lag"], WARNING, "not folded since")
    assert is_told(found["lag"], WARNING, "no search indexes: structured_logs_p")


def test_clocks_that_differ_are_named(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async def found() -> list[tuple[Rank, str]]:
        connection = await connecting.connect(database)
        try:
            findings = await clock.clock(Settings.model_validate({"dsn": database}), connection)
        finally:
            await connection.close()
        return [(finding.rank, finding.text) for finding in findings]

    assert is_told(run(found()), OK, "agree")
    right = time.time
    with monkeypatch.context() as shifted:
        shifted.setattr(time, "time", lambda: right() + 3600)
        assert is_told(run(found()), PROBLEM, "1 hour behind")


def test_a_full_disk_and_ports_of_others_are_named(look: Callable[..., Found], place: dict[str, object]) -> None:
    with ExitStack() as stack:
        stack.enter_context(socket.create_server(("127.0.0.1", int(str(place["otlp_grpc_port"])))))
        found = look(min_free_bytes=1024**4)
    assert is_told(found["disk"], PROBLEM, "nothing is spooled")
    assert is_told(found["ports"], PROBLEM, f"port {place['otlp_grpc_port']} is in use by", f"pid {os.getpid()}")
    assert [rank for rank, _ in found["ports"]] == [OK, PROBLEM, OK]


def entry(received_ns: int) -> Entry:
    return Entry(os.urandom(16), Signal.LOGS, received_ns, (), b"body")


def test_what_waits_in_the_spool_is_named(look: Callable[..., Found], place: dict[str, object]) -> None:
    directory = Path(str(place["spool_dir"]))
    slots = Slots(directory)
    hour_ago = time.time_ns() - 3600 * 10**9
    held, left_behind = SpoolFile(slots.path(slots.claim())), SpoolFile(slots.path(2))
    held.add([row_of(entry(hour_ago)), row_of(late := entry(hour_ago))])
    held.put_off(late.digest, time.time_ns() + 10**12)
    left_behind.add([row_of(entry(time.time_ns()))])
    left_behind.close()
    (directory / "3.sqlite").write_bytes(b"not a database at all" * 100)
    (directory / "4.damaged-20261123").write_bytes(b"")
    before = sorted((file.name, file.read_bytes()) for file in directory.iterdir() if not file.name.endswith("-shm"))
    found = look(spool_bytes=30_000)["spool"]
    assert is_told(found, WARNING, "2 requests wait", "1 hour")
    assert is_told(found, WARNING, "1 request wait", "left behind")
    assert is_told(found, WARNING, "1 spooled request failed alone")
    assert is_told(found, PROBLEM, "almost full")
    assert is_told(found, PROBLEM, "3.sqlite cannot be read")
    assert is_told(found, NOTE, "4.damaged-20261123")
    assert before == sorted(
        (file.name, file.read_bytes()) for file in directory.iterdir() if not file.name.endswith("-shm")
    )
    with closing(sqlite3.connect(slots.path(2))) as connection:
        assert connection.execute("SELECT count(*) FROM requests").fetchone() == (1,)
    held.close()
    slots.release(1)


def test_spools_of_other_databases_and_machines_are_named(
    look: Callable[..., Found], place: dict[str, object], database: str
) -> None:
    other = Path(str(place["data_dir"])) / "spool" / "0123456789ab"
    other.mkdir(parents=True)
    (other / "1.sqlite").touch()
    run(
        execute(
            database,
            "INSERT INTO enterprise.spools (name, oldest_received_at, seen_at) VALUES "
            "('far:/spool/1.sqlite', now() - interval '2 hours', now() - interval '1 hour')",
        )
    )
    found = look()
    assert is_told(found["spool"], WARNING, str(other), "another OTELGRES_DSN")
    assert is_told(found["spools"], WARNING, "far:/spool/1.sqlite")


def test_keys_that_open_nothing_are_named(look: Callable[..., Found], database: str) -> None:
    exposed = {"host": "0.0.0.0", "admin_token": "an admin token for tests"}
    found = look(**exposed)
    assert is_told(found["keys"], PROBLEM, "nobody can send")
    assert is_told(found["tls"], WARNING, "no TLS at OTELGRES_HOST=0.0.0.0")
    gone = access_keys.make(database, "gone", ["traces"])
    access_keys.expire(database, gone, datetime.now(UTC) - timedelta(days=2))
    access_keys.make(database, "soon", ["traces"], expires_at=datetime.now(UTC) + timedelta(days=3))
    access_keys.make(database, "idle", ["traces"])
    old = "UPDATE enterprise.access_keys SET created_at = now() - interval '40 days' WHERE name = 'idle'"
    run(execute(database, old))
    found = look(**exposed)
    assert is_told(found["keys"], NOTE, "'gone' expired 2 days ago")
    assert is_told(found["keys"], WARNING, "'soon' expires in 3 days")
    assert is_told(found["keys"], NOTE, "nobody used in 30 days: idle")
    assert not is_told(found["keys"], PROBLEM)


def test_nobody_who_can_sign_in_is_named(look: Callable[..., Found]) -> None:
    assert is_told(look(people="accounts")["people"], PROBLEM, "nobody can sign in as admin")


@pytest.mark.parametrize(
    ("begins", "ends", "rank", "said"),
    [
        (-90, -1, PROBLEM, "expired 1 day ago"),
        (-90, 3, WARNING, "expires in"),
        (1, 90, PROBLEM, "valid from"),
        (-1, 90, OK, ""),
    ],
)
def test_a_certificate_is_judged_by_its_dates(
    place: dict[str, object], tmp_path: Path, begins: int, ends: int, rank: Rank, said: str
) -> None:
    now = datetime.now(UTC)
    cert = trustme.CA().issue_cert(
        "localhost", not_before=now + timedelta(days=begins), not_after=now + timedelta(days=ends)
    )
    files = {"tls_cert": tmp_path / "cert.pem", "tls_key": tmp_path / "key.pem"}
    cert.cert_chain_pems[0].write_to_path(files["tls_cert"])
    cert.private_key_pem.write_to_path(files["tls_key"])
    assert is_told(found_by(place | files)["tls"], rank, "OTELGRES_TLS_CERT", said)


def test_a_key_that_does_not_fit_its_certificate_is_named(place: dict[str, object], tmp_path: Path) -> None:
    files = {"tls_cert": tmp_path / "cert.pem", "tls_key": tmp_path / "key.pem"}
    ca = trustme.CA()
    ca.issue_cert("localhost").cert_chain_pems[0].write_to_path(files["tls_cert"])
    ca.issue_cert("localhost").private_key_pem.write_to_path(files["tls_key"])
    assert is_told(found_by(place | files)["tls"], PROBLEM, "OTELGRES_TLS_KEY")


def test_settings_that_serve_refuses_are_named(place: dict[str, object], tmp_path: Path) -> None:
    rules, file = tmp_path / "rules.toml", tmp_path / "alerts.yaml"
    rules.write_text("[[")
    file.write_text("rules: 7")
    found = found_by(place | {"host": "0.0.0.0", "people": "open", "attribute_rules": rules, "alert_file": file})[
        "settings"
    ]
    assert is_told(found, PROBLEM, "lets other machines in")
    assert is_told(found, PROBLEM, "OTELGRES_ATTRIBUTE_RULES")
    assert is_told(found, PROBLEM, "alerts.yaml")


def test_alerts_that_reach_nobody_are_named(look: Callable[..., Found], database: str) -> None:
    assert is_told(look()["channels"], WARNING, "slack", "SLACK_WEBHOOK_URL")
    for statement in (
        "INSERT INTO enterprise.alert_channels (name, kind) VALUES ('pager', 'pagerduty')",
        """UPDATE enterprise.alert_rules SET notification_channels = '["pager", "gone"]'""",
        "INSERT INTO enterprise.alert_notices (channel, group_key, kind, items, due_at) "
        "VALUES ('pager', 'g', 'alert', '[]', now() - interval '1 hour')",
        "INSERT INTO enterprise.alert_notices (channel, group_key, kind, items, state, finished_at, last_error) "
        "VALUES ('pager', 'h', 'alert', '[]', 'failed', now(), 'routing_key is not set')",
        "UPDATE enterprise.alert_rules SET failures = 9, failing_since = now() - interval '1 hour', "
        "last_error = 'no such field', last_evaluated_at = now() WHERE name = 'Slow RAG Queries'",
        "UPDATE enterprise.alert_rules SET created_at = now() - interval '1 hour', updated_at = now() - interval "
        "'1 hour', custom_sql = 'SELECT 1', version = version + 1 WHERE name = 'LLM Cost Spike'",
    ):
        run(execute(database, statement))
    found = look()
    assert is_told(found["channels"], WARNING, "pager", "routing_key")
    assert is_told(found["channels"], WARNING, "there is no channel gone")
    assert is_told(found["notices"], WARNING, "a notice waits for 1 hour")
    assert is_told(found["notices"], WARNING, "1 notice failed", "routing_key is not set")
    assert is_told(found["rules"], WARNING, "'Slow RAG Queries' fails: no such field")
    assert is_told(found["rules"], WARNING, "not evaluated in time: LLM Cost Spike")
    assert is_told(found["rules"], NOTE, "custom_sql")


def test_a_problem_is_the_exit_code_and_a_mistaken_setting_one_line(database: str, tmp_path: Path) -> None:
    environment = plain_environment() | own_ports() | {"OTELGRES_DATA_DIR": str(tmp_path)}
    told = otelgres(environment | {"OTELGRES_DSN": with_database(database, "missing")})
    assert told.returncode == 1
    assert told.stdout.splitlines()[2].startswith("problem   database")
    told = otelgres(environment | {"OTELGRES_PORT": "no port"})
    assert (told.returncode, told.stdout) == (2, "")
    assert told.stderr.startswith("otelgres: OTELGRES_PORT: ")
