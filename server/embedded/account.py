"""The operating system user that PostgreSQL runs as: ours, or an unprivileged one when we are root."""

import logging
import os
import pwd
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from server.errors import OtelgresError

logger = logging.getLogger(__name__)

OWN_NAME = "otelgres"
FALLBACKS = ("postgres", "nobody")


@dataclass(frozen=True)
class Account:
    """A user of this machine; `switch` tells whether processes must change to it."""

    name: str
    uid: int
    gid: int
    switch: bool

    def process_options(self) -> dict[str, Any]:
        """Keyword arguments of subprocess that run a command as this user, away from our terminal."""
        options: dict[str, Any] = {
            "cwd": "/",
            "umask": 0o077,
            "start_new_session": True,
            "env": {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C"},
        }
        if self.switch:
            options |= {"user": self.uid, "group": self.gid, "extra_groups": []}
        return options

    def run(self, command: Sequence[str | Path]) -> subprocess.CompletedProcess[str]:
        """Run a command as this user to its end, output captured as text."""
        return subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, text=True, **self.process_options()
        )

    def can_enter(self, directory: Path) -> bool:
        """Whether this user may read and traverse the directory and all its parents."""
        probe = self.run(["/bin/sh", "-c", 'test -r "$1" && test -x "$1"', "sh", directory])
        return probe.returncode == 0


def account_for(cluster: Path) -> Account:
    """The user for a cluster: its owner, if it exists; else ourselves or, as root, a system user."""
    uid = os.geteuid()
    if uid != 0:
        return _by_uid(uid, switch=False)
    if cluster.exists():
        owner = cluster.stat().st_uid
        if owner == 0:
            raise OtelgresError(f"{cluster} belongs to root, and PostgreSQL does not run as root: chown it")
        return _by_uid(owner, switch=True)
    return _system_user()


def _by_uid(uid: int, *, switch: bool) -> Account:
    try:
        entry = pwd.getpwuid(uid)
    except KeyError:
        raise OtelgresError(
            f"PostgreSQL needs a named user, and user id {uid} has no entry in /etc/passwd: "
            "add one, or point OTELGRES_DSN at a PostgreSQL that runs elsewhere"
        ) from None
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid, switch)


def _system_user() -> Account:
    for name in (OWN_NAME, None, *FALLBACKS):
        if name is None:
            _create_own()
            name = OWN_NAME
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        if name in FALLBACKS:
            logger.warning("no system user %s could be made; PostgreSQL will run as %s", OWN_NAME, name)
        return Account(entry.pw_name, entry.pw_uid, entry.pw_gid, switch=True)
    raise OtelgresError("PostgreSQL does not run as root, and there is no unprivileged user: add one named otelgres")


def _create_own() -> None:
    useradd = shutil.which("useradd", path="/usr/sbin:/sbin:/usr/bin:/bin")
    if useradd is None:
        return
    command = [useradd, "--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent"]
    done = subprocess.run([*command, "--shell", "/usr/sbin/nologin", OWN_NAME], capture_output=True, text=True)
    if done.returncode == 0:
        logger.info("PostgreSQL does not run as root: made the system user %s for it", OWN_NAME)
    else:
        logger.warning("useradd failed: %s", done.stderr.strip().replace("\n", " "))
