"""docs/backup.md, command by command: backups while senders go on, restored elsewhere, counted and served."""

import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from opentelemetry.exporter.postgres.batch import Signal
from opentelemetry.exporter.postgres.requests import Decoder, make_request

from receiver.spool_file import SpoolFile
from receiver.spool_rows import Entry, row_of
from receiver.spool_slots import Slots
from server.embedded import EmbeddedPostgres
from server.embedded.programs import own_program
from tests import payloads, rows
from tests.conftest import run
from tests.otelgres_process import OtelgresProcess, plain_environment
from tests.polling import until
from tests.prepared_database import ENVIRONMENT
from tests.reachable import reachable_directory
from tests.rows import fetch, value
from tests.senders import post

PAGE = Path(__file__).parents[2] / "docs" / "backup.md"
COMMANDS: dict[str, str] = dict(re.findall(r"<!-- step: (\S+) -->\n```bash\n(.*?)```", PAGE.read_text(), re.DOTALL))
RECORDS, SPANS = 20, 5
APART = ("spooled", "after")
LOGS_BY_SENDING = "SELECT service_name AS name, count(*)::int AS rows FROM enterprise.structured_logs GROUP BY 1"
SPANS_BY_SENDING = "SELECT service_name AS name, count(*)::int AS rows FROM enterprise.trace_spans GROUP BY 1"
SPOOLED = "SELECT count(*) FROM enterprise.structured_logs WHERE service_name = 'spooled'"
COUNTED_LOGS = """
SELECT (SELECT count(*) FROM enterprise.structured_logs) = (
    SELECT coalesce(sum(logs), 0) FROM (
        SELECT logs FROM enterprise.log_minutes
        UNION ALL SELECT unnest(logs) FROM enterprise.log_deltas) AS counted)
"""


@dataclass
class Sending:
    """A service of its own: one request of logs and one of spans. Times in seconds since 1970."""

    began: float
    acknowledged: float
    logs: bytes


@dataclass
class Senders:
    """Threads that send all the time; what came of each by its service name."""

    process: OtelgresProcess
    group: str
    sent: dict[str, Sending] = field(default_factory=dict)
    _over: threading.Event = field(default_factory=threading.Event)

    def send(self, thread: int) -> None:
        number = 0
        while not self._over.is_set():
            number += 1
            name = f"{self.group}-{thread}-{number}"
            logs = payloads.records(RECORDS, service=name).SerializeToString()
            began = time.time()
            for signal, body in (
                ("logs", logs),
                ("traces", payloads.spans(SPANS, service=name).SerializeToString()),
            ):
                assert post(self.process, signal, body).status_code == 200
            self.sent[name] = Sending(began, time.time(), logs)

    @contextmanager
    def sending(self) -> Iterator[None]:
        threads = [threading.Thread(target=self.send, args=(number,)) for number in (1, 2)]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self._over.set()
            for thread in threads:
                thread.join()

    def some_more(self) -> None:
        """Returns once twenty further ones were acknowledged."""
        wanted = len(self.sent) + 20
        until(lambda: len(self.sent) >= wanted)

    def acknowledged_by(self, moment: float) -> set[str]:
        return {name for name, sending in self.sent.copy().items() if sending.acknowledged < moment}

    def begun_after(self, moment: float) -> set[str]:
        return {name for name, sending in self.sent.copy().items() if sending.began > moment}


@dataclass
class Machine:
    """What the page calls by variables, in a directory of its own."""

    directory: Path

    def environment(self) -> dict[str, str]:
        places = {
            "OTELGRES_DATA_DIR": str(self.directory / "data"),
            "BACKUP": str(self.directory / "backup"),
            "ARCHIVE": str(self.directory / "archive"),
        }
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        return plain_environment() | ENVIRONMENT | places | {"PATH": path}

    def run(self, name: str, **more: str) -> str:
        """The commands of one block of the page; their standard output."""
        return self._bash(COMMANDS[name], more)

    def run_on(self, dsn: str, name: str) -> None:
        """The same for a PostgreSQL of one's own, as the page says."""
        url = urlsplit(dsn)
        query = parse_qs(url.query)
        programs = f"{own_program('psql').parent}{os.pathsep}{os.environ['PATH']}"
        where = {"PGHOST": query["host"][0], "PGPORT": query["port"][0], "PGUSER": "otelgres", "PGDATABASE": "otelgres"}
        self._bash(COMMANDS[name].replace("otelgres postgres ", ""), where | {"PATH": programs, "RESTORED": ""})

    def _bash(self, commands: str, more: dict[str, str]) -> str:
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", commands],
            env=self.environment() | more,
            cwd=self.directory,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout


def test_all_commands_of_the_page_are_run_here() -> None:
    fences = PAGE.read_text().count("```")
    assert fences == 2 * len(COMMANDS)
    assert set(COMMANDS) == set(re.findall(r'\.run\(\s*"([a-z-]+)"', Path(__file__).read_text()))


@pytest.fixture(scope="module")
def machine() -> Iterator[Machine]:
    """One on which Otelgres has been started once, and then archives."""
    with reachable_directory() as directory:
        (directory / "backup").mkdir()
        machine = Machine(directory)
        otelgres = [sys.executable, "-m", "server.cli", "migrate"]
        subprocess.run(otelgres, env=machine.environment(), check=True, capture_output=True)
        machine.run("archive")
        yield machine


@pytest.fixture(scope="module")
def served(machine: Machine) -> Iterator[OtelgresProcess]:
    process = OtelgresProcess({"OTELGRES_DATA_DIR": machine.environment()["OTELGRES_DATA_DIR"]})
    yield process
    process.close()


def test_a_dump_made_under_load_is_restored_elsewhere_and_served(machine: Machine, served: OtelgresProcess) -> None:
    senders = Senders(served, "dumped")
    with senders.sending():
        senders.some_more()
        before = time.time()
        machine.run("dump")
        after = time.time()
        senders.some_more()
    restored = machine.directory / "from a dump"
    machine.run("restore-dump", RESTORED=str(restored))
    stored_before = min(senders.acknowledged_by(before))
    spool = machine.directory / "spool"
    new = payloads.records(7, service="spooled").SerializeToString()
    run(leave_in_spool(spool, senders.sent[stored_before].logs, new))
    with serving(restored, OTELGRES_SPOOL_DIR=str(spool)) as process:
        run(rows.until(process.dsn, SPOOLED, 7))
        there = whole_requests(process.dsn)
        assert senders.acknowledged_by(before) <= there <= set(senders.sent) - senders.begun_after(after)
        answers(process, there)
        doctor_finds_no_problem(process)
        count = run(value(process.dsn, "SELECT count(*) FROM enterprise.structured_logs"))
        for name in sorted(senders.acknowledged_by(before))[-5:]:
            assert post(process, "logs", senders.sent[name].logs).status_code == 200
        assert run(value(process.dsn, "SELECT count(*) FROM enterprise.structured_logs")) == count


def test_a_dump_of_a_postgresql_of_ones_own_is_made_and_restored_alike(
    machine: Machine, served: OtelgresProcess
) -> None:
    assert post(served, "logs", payloads.records(RECORDS, service="own").SerializeToString()).status_code == 200
    machine.run_on(served.dsn, "dump")
    with reachable_directory() as directory, EmbeddedPostgres(directory / "own") as own:
        machine.run_on(own.dsn, "restore-dump")
        process = OtelgresProcess({"OTELGRES_DSN": own.dsn})
        try:
            answers(process, {"own"})
        finally:
            process.close()


def test_any_moment_since_a_base_backup_comes_back(machine: Machine, served: OtelgresProcess) -> None:
    senders = Senders(served, "archived")
    with senders.sending():
        senders.some_more()
        machine.run("base-backup")
        senders.some_more()
        moment = time.time()
        senders.some_more()
    machine.run("last-changes")
    await_archive(served.dsn)
    restored = machine.directory / "to a moment"
    told = machine.run(
        "restore-moment", RESTORED=str(restored), MOMENT=datetime.fromtimestamp(moment, UTC).isoformat(sep=" ")
    )
    assert re.search(r"^ f$", told, re.MULTILINE)
    with serving(restored) as process:
        there = {name for name in whole_requests(process.dsn) if name in senders.sent}
        assert len(there) >= 40
        assert senders.acknowledged_by(moment) <= there
        assert not senders.begun_after(moment) & there
        answers(process, there)
        doctor_finds_no_problem(process)


async def leave_in_spool(directory: Path, *bodies: bytes) -> None:
    """Requests of logs, as a receiver leaves them that ended while the database was away."""
    file = SpoolFile(Slots(directory).path(1))
    requests = [make_request(Decoder(), Signal.LOGS, body) for body in bodies]
    file.add([row_of(Entry(each.digest, each.signal, each.received_ns, (), each.body)) for each in requests])
    file.close()


@contextmanager
def serving(data_dir: Path, **settings: str) -> Iterator[OtelgresProcess]:
    process = OtelgresProcess({"OTELGRES_DATA_DIR": str(data_dir), **settings})
    try:
        yield process
    finally:
        process.close()


def whole_requests(dsn: str) -> set[str]:
    """Names of what was sent and is there; none is there in part, and the figures are of as many rows."""
    logs, spans = (
        {row["name"]: row["rows"] for row in run(fetch(dsn, query)) if row["name"] not in APART}
        for query in (LOGS_BY_SENDING, SPANS_BY_SENDING)
    )
    assert set(logs.values()) == {RECORDS}
    assert set(spans.values()) == {SPANS}
    assert run(value(dsn, COUNTED_LOGS))
    return set(logs) & set(spans)


def answers(process: OtelgresProcess, names: set[str]) -> None:
    """The restored service reads what was restored, and takes more."""
    name = max(names)
    answer = httpx.get(f"{process.url}/api/observability/logs", params={"q": f"service:{name}", "hours": 1}, timeout=30)
    assert answer.status_code == 200, answer.text
    assert len(answer.json()["logs"]) == RECORDS
    assert post(process, "logs", payloads.records(3, service="after").SerializeToString()).status_code == 200
    assert run(value(process.dsn, "SELECT count(*) FROM enterprise.structured_logs WHERE service_name = 'after'")) == 3


def doctor_finds_no_problem(process: OtelgresProcess) -> None:
    command = [sys.executable, "-m", "server.cli", "doctor"]
    done = subprocess.run(command, env=process.environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def await_archive(dsn: str) -> None:
    """Returns once what was written up to now is archived."""
    written = run(value(dsn, "SELECT pg_walfile_name(pg_current_wal_lsn() - 1)"))
    run(value(dsn, "SELECT pg_switch_wal()"))
    until(lambda: (run(value(dsn, "SELECT last_archived_wal FROM pg_stat_archiver")) or "") >= written)
