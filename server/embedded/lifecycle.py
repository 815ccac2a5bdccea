"""Start and stop of the embedded PostgreSQL."""

import contextlib
import fcntl
import hashlib
import logging
import os
import signal
import subprocess
import time
from pathlib import Path
from typing import IO, Self
from urllib.parse import quote

from server.embedded import leftovers
from server.embedded.account import Account, account_for
from server.embedded.cluster import DATABASE, OWNER, Cluster, directory_in
from server.embedded.programs import programs_for
from server.errors import OtelgresError
from server.runtime_dir import runtime_directory

logger = logging.getLogger(__name__)

POLL_SECONDS = 0.01
PROGRESS_SECONDS = 5.0
STOP_SECONDS = 120.0
DEFAULT_PORT = 5432


class EmbeddedPostgres:
    """A PostgreSQL server on a data directory of its own, as a child process.

    start() returns when it takes connections, however long the recovery after a crash lasts; stop() when
    everything is written and it has ended. Both MAY be called again, and stop() while start() runs in another
    thread, which then raises.
    """

    def __init__(self, data_dir: Path, *, port: int | None = None) -> None:
        self.data_dir = data_dir
        self.port = port
        self._lock: IO[str] | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._stopping = False

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def dsn(self) -> str:
        """URL of the database for the owner role, over the unix socket."""
        port = self.port or DEFAULT_PORT
        return f"postgresql://{OWNER}@/{DATABASE}?host={quote(str(self._socket_dir()))}&port={port}"

    @property
    def pid(self) -> int | None:
        """Process id of the server while it runs."""
        return self._process.pid if self._process else None

    def start(self) -> str:
        """Make the database if there is none, clear what a crash left, start the server; return its DSN."""
        self._stopping = False
        self._make_data_dir()
        self._take_lock()
        try:
            account = account_for(directory_in(self.data_dir))
            self._check_reach(account)
            cluster = Cluster(self.data_dir, account, programs_for(account, self.data_dir))
            cluster.prepare()
            stale_pid = leftovers.clear(cluster)
            if self._stopping:
                raise OtelgresError("stopped before PostgreSQL had started")
            self._process = self._spawn(cluster, stale_pid)
            self._await_ready(self._process, cluster)
        except BaseException:
            self.stop()
            raise
        return self.dsn

    def wait(self) -> int:
        """Wait for the server's end, whatever brings it; return its exit code."""
        if self._process is None:
            raise RuntimeError("PostgreSQL has not been started")
        return self._process.wait()

    def stop(self) -> None:
        """Shut the server down in order, however long its last checkpoint takes, and give the lock back."""
        self._stopping = True
        process = self._process
        if process is not None:
            self._end(process)
            self._process = None
            with contextlib.suppress(OSError):
                self._socket_dir().rmdir()
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def _end(self, process: subprocess.Popen[bytes]) -> None:
        for request, patience in (
            (signal.SIGINT, STOP_SECONDS),
            (signal.SIGQUIT, 10.0),
            (signal.SIGKILL, None),
        ):
            process.send_signal(request)
            try:
                process.wait(timeout=patience)
                return
            except subprocess.TimeoutExpired:
                logger.warning("PostgreSQL did not end on %s within %d s", request.name, patience)

    def _make_data_dir(self) -> None:
        mode = 0o755 if os.geteuid() == 0 else 0o700
        try:
            self.data_dir.mkdir(mode=mode, parents=True, exist_ok=True)
        except OSError as error:
            raise OtelgresError(f"OTELGRES_DATA_DIR: cannot make {self.data_dir}: {error.strerror}") from None

    def _take_lock(self) -> None:
        if self._lock is not None:
            return
        path = self.data_dir / "lock"
        try:
            lock = path.open("a+")
        except OSError as error:
            raise OtelgresError(f"OTELGRES_DATA_DIR: cannot write {path}: {error.strerror}") from None
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            holder = lock.read().strip()
            lock.close()
            raise OtelgresError(
                f"another Otelgres (pid {holder}) runs on {self.data_dir}: stop it, or set OTELGRES_DATA_DIR"
            ) from None
        lock.truncate(0)
        lock.write(f"{os.getpid()}\n")
        lock.flush()
        self._lock = lock

    def _check_reach(self, account: Account) -> None:
        if account.switch and not account.can_enter(self.data_dir):
            raise OtelgresError(
                f"OTELGRES_DATA_DIR: PostgreSQL runs as the user {account.name}, who cannot enter "
                f"{self.data_dir}: choose a directory outside of private ones"
            )

    def _socket_dir(self) -> Path:
        name = hashlib.sha256(os.fsencode(self.data_dir.resolve())).hexdigest()[:12]
        return runtime_directory() / name

    def _spawn(self, cluster: Cluster, stale_pid: int | None) -> subprocess.Popen[bytes]:
        sockets = self._socket_dir()
        sockets.mkdir(mode=0o700, exist_ok=True)
        if cluster.account.switch:
            os.chown(sockets, cluster.account.uid, cluster.account.gid)
        parameters = {
            "config_file": self.data_dir / "postgresql.conf",
            "hba_file": self.data_dir / "pg_hba.conf",
            "ident_file": self.data_dir / "pg_ident.conf",
            "unix_socket_directories": f'"{sockets}"',
            "unix_socket_permissions": "0700",
            "listen_addresses": "localhost" if self.port else "",
            "port": self.port or DEFAULT_PORT,
        }
        command: list[str | Path] = [cluster.programs.path("postgres"), "-D", cluster.directory]
        for name, value in parameters.items():
            command += ["-c", f"{name}={value}"]
        options = cluster.account.process_options()
        if stale_pid is not None:
            # PostgreSQL refuses to start while the process in postmaster.pid is alive, except this one.
            # Deleting the file instead would disarm its check for shared memory still in use.
            options["env"]["PG_GRANDPARENT_PID"] = str(stale_pid)
        with (self.data_dir / "startup.log").open("wb") as log:
            return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, **options)

    def _await_ready(self, process: subprocess.Popen[bytes], cluster: Cluster) -> None:
        lock_file = cluster.directory / "postmaster.pid"
        report_at = time.monotonic() + PROGRESS_SECONDS
        while not _is_ready(lock_file, process.pid):
            try:
                code = process.wait(timeout=POLL_SECONDS)
            except subprocess.TimeoutExpired:
                if time.monotonic() > report_at:
                    logger.info("PostgreSQL is still starting: %s", cluster.log_tail())
                    report_at += PROGRESS_SECONDS
                continue
            self._process = None
            raise OtelgresError(f"PostgreSQL ended at its start with code {code}: {cluster.log_tail()}")


def _is_ready(lock_file: Path, pid: int) -> bool:
    try:
        lines = lock_file.read_text().splitlines()
    except OSError:
        return False
    return len(lines) > 7 and lines[0] == str(pid) and lines[7].startswith("ready")
