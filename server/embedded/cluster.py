"""A database cluster on disk: made once by initdb, configured anew at every start."""

import logging
import os
import pwd
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from server.embedded.account import Account
from server.embedded.programs import Programs
from server.errors import OtelgresError

logger = logging.getLogger(__name__)

OWNER = "otelgres"
DATABASE = "otelgres"
# Order and case rules come from the builtin provider, the same on every machine; the C library's C.UTF-8 only
# tells letters from punctuation beyond ASCII for full text search, and plain C, where it is missing, cannot.
CTYPES = ("C.UTF-8", "C")

LOG_PREFIX = re.compile(r"^\S+ \S+ \S+ \[\d+\] ")

HBA = f"""\
# Written by Otelgres at every start; rules of your own go into local_hba.conf, which is read first.
local all         {OWNER} peer map=otelgres
local replication {OWNER} peer map=otelgres
local all         all     scram-sha-256
host  all         all     127.0.0.1/32 scram-sha-256
host  all         all     ::1/128      scram-sha-256
"""

CONFIGURATION = """\
# Written by Otelgres at every start; put settings of your own into local.conf.
include 'postgresql/postgresql.conf'
cluster_name = 'otelgres'
timezone = 'UTC'
jit = off
fsync = on
synchronous_commit = on
shared_buffers = {shared_mb}MB
effective_cache_size = {cache_mb}MB
maintenance_work_mem = {maintenance_mb}MB
random_page_cost = 1.1
max_connections = 100
max_locks_per_transaction = 512
wal_compression = on
max_wal_size = 4GB
min_wal_size = 256MB
checkpoint_timeout = 15min
autovacuum_naptime = 20s
autovacuum_vacuum_cost_limit = 1000
log_timezone = 'UTC'
logging_collector = on
log_directory = 'log'
log_filename = 'postgresql-%a.log'
log_rotation_age = 1d
log_rotation_size = 0
log_truncate_on_rotation = on
include_if_exists 'local.conf'
"""


@dataclass(frozen=True)
class Cluster:
    """The cluster below data_dir, the account it belongs to and the programs that run it."""

    data_dir: Path
    account: Account
    programs: Programs

    @property
    def directory(self) -> Path:
        return directory_in(self.data_dir)

    def prepare(self) -> None:
        """Make the cluster if there is none, refuse one of another version, and write its configuration."""
        if self.directory.exists():
            self._check_version()
        else:
            self._initialise()
        self._configure()

    def log_tail(self) -> str:
        """PostgreSQL's last complaint since its start with the line before, or its last lines; one line."""
        startup = self.data_dir / "startup.log"
        logs = [file for file in (self.directory / "log").glob("*.log") if _is_newer(file, startup)]
        lines = _lines(startup)[-5:]
        for file in logs:
            lines += _lines(file)[-5:]
        severe = [number for number, line in enumerate(lines) if "FATAL:" in line or "PANIC:" in line]
        end = severe[-1] + 1 if severe else len(lines)
        return "; ".join(LOG_PREFIX.sub("", line) for line in lines[max(0, end - 2) : end])

    def _check_version(self) -> None:
        try:
            found = (self.directory / "PG_VERSION").read_text().strip()
        except OSError as error:
            raise OtelgresError(f"{self.directory} holds no PostgreSQL data: {error.strerror}") from None
        if found != self.programs.major:
            raise OtelgresError(
                f"{self.directory} was written by PostgreSQL {found}, and this Otelgres brings "
                f"{self.programs.major}: carry the data over with pg_dump and pg_restore, or set "
                f"OTELGRES_DATA_DIR to start afresh, or OTELGRES_DSN to a PostgreSQL {found}"
            )

    def _initialise(self) -> None:
        logger.info("making a PostgreSQL %s database in %s", self.programs.major, self.directory)
        # A killed initdb leaves the unfinished name behind, so the final one is always whole.
        unfinished = self.data_dir / "postgresql.unfinished"
        for ctype in CTYPES:
            shutil.rmtree(unfinished, ignore_errors=True)
            unfinished.mkdir(mode=0o700)
            if self.account.switch:
                os.chown(unfinished, self.account.uid, self.account.gid)
            made = self.account.run(
                [
                    self.programs.path("initdb"),
                    f"--pgdata={unfinished}",
                    f"--username={OWNER}",
                    "--encoding=UTF8",
                    "--locale-provider=builtin",
                    "--builtin-locale=C.UTF-8",
                    "--locale=C",
                    f"--lc-ctype={ctype}",
                    "--auth-local=peer",
                    "--auth-host=scram-sha-256",
                    "--data-checksums",
                ]
            )
            if made.returncode == 0:
                break
        else:
            raise OtelgresError(f"initdb failed in {self.data_dir}: {_last_line(made.stderr)}")
        self._create_database(unfinished)
        unfinished.rename(self.directory)

    def _create_database(self, directory: Path) -> None:
        options = self.account.process_options()
        done = subprocess.run(
            [self.programs.path("postgres"), "--single", "-D", directory, "postgres"],
            input=f"CREATE DATABASE {DATABASE}\n",
            capture_output=True,
            text=True,
            **options,
        )
        if done.returncode != 0 or "ERROR" in done.stderr:
            raise OtelgresError(f"cannot make the database {DATABASE}: {_last_line(done.stderr)}")

    def _configure(self) -> None:
        # These files lie beside the cluster: root must not write where the account could place a link.
        memory_mb = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**20
        settings = CONFIGURATION.format(
            shared_mb=min(1024, max(128, memory_mb // 16)),
            cache_mb=max(256, memory_mb // 2),
            maintenance_mb=min(256, max(64, memory_mb // 32)),
        )
        names = sorted({self.account.name, pwd.getpwuid(os.geteuid()).pw_name})
        identities = "".join(f'otelgres "{name}" {OWNER}\n' for name in names)
        # PostgreSQL logs a complaint at every start about an optional file of rules that is not there.
        own_rules = "include local_hba.conf\n" if (self.data_dir / "local_hba.conf").exists() else ""
        for file, text in (
            ("postgresql.conf", settings),
            ("pg_hba.conf", own_rules + HBA),
            ("pg_ident.conf", "# Written by Otelgres at every start.\n" + identities),
        ):
            path = self.data_dir / file
            path.write_text(text)
            path.chmod(0o644)


def directory_in(data_dir: Path) -> Path:
    """Where the cluster is below a data directory."""
    return data_dir / "postgresql"


def _is_newer(file: Path, than: Path) -> bool:
    return file.stat().st_mtime >= than.stat().st_mtime


def _lines(file: Path) -> list[str]:
    return file.read_text(errors="replace").splitlines()


def _last_line(text: str) -> str:
    return (text.strip().splitlines() or [""])[-1]
