"""What a killed Otelgres leaves on a cluster: a running server, orphaned backends, a stale pid file."""

import contextlib
import logging
import os
import signal
import time
from pathlib import Path

import psutil

from server.embedded.cluster import Cluster
from server.errors import OtelgresError

logger = logging.getLogger(__name__)

ORPHAN_GRACE_SECONDS = 10.0
POLL_SECONDS = 0.02
STOP_SECONDS = 3600


def pid_in_lock_file(cluster: Path) -> int | None:
    """The process id that the cluster's postmaster.pid names, or None without a readable one."""
    try:
        return int((cluster / "postmaster.pid").read_text().split("\n", 1)[0])
    except (OSError, ValueError):
        return None


def clear(cluster: Cluster) -> int | None:
    """Stop every PostgreSQL process on the cluster, cleanly if possible.

    Return the process id in the lock file if it now belongs to a stranger, else None.

    The caller MUST hold the lock of the data directory, so nobody's server but a dead Otelgres's is stopped.
    """
    pid = pid_in_lock_file(cluster.directory)
    if pid is None:
        return None
    if _works_in(pid, cluster.directory):
        logger.warning("stopping the PostgreSQL (pid %d) that a killed Otelgres left behind", pid)
        options = [f"--pgdata={cluster.directory}", "--mode=fast", f"--timeout={STOP_SECONDS}"]
        stopped = cluster.account.run([cluster.programs.path("pg_ctl"), "stop", *options])
        if stopped.returncode != 0 and _works_in(pid, cluster.directory):
            raise OtelgresError(f"cannot stop the PostgreSQL that still runs as process {pid}: kill it")
        return None
    _end_orphans(cluster.directory)
    return pid if psutil.pid_exists(pid) else None


def _end_orphans(directory: Path) -> None:
    orphans = [pid for pid in psutil.pids() if _works_in(pid, directory)]
    if not orphans:
        return
    logger.warning("waiting for %d processes of a killed PostgreSQL to end", len(orphans))
    kill_at = time.monotonic() + ORPHAN_GRACE_SECONDS
    while orphans := [pid for pid in orphans if _works_in(pid, directory)]:
        if time.monotonic() > kill_at:
            for pid in orphans:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
        time.sleep(POLL_SECONDS)


def _works_in(pid: int, directory: Path) -> bool:
    try:
        process = psutil.Process(pid)
        return process.name().startswith("postgres") and Path(process.cwd()) == directory.resolve()
    except psutil.Error:
        return False
