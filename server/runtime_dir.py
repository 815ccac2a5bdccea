"""The short-lived directory of sockets and locks: one per operating system user, with a short path."""

import os
import stat
from pathlib import Path

from server.errors import OtelgresError

# A unix socket's path must fit into 107 bytes; below the directory comes /<12 characters>/.s.PGSQL.<port>.
LONGEST = 70


def runtime_directory() -> Path:
    """The directory, made if missing. It belongs to the user we run as, and nobody else may write to it."""
    directory = _place()
    try:
        directory.mkdir(mode=0o755 if os.geteuid() == 0 else 0o700, exist_ok=True)
        found = directory.lstat()
    except OSError as error:
        raise OtelgresError(f"cannot make {directory}: {error.strerror}") from None
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid() or found.st_mode & 0o022:
        raise OtelgresError(f"{directory} is not a directory that only its owner, you, can write to: remove it")
    return directory


def _place() -> Path:
    candidates = ["/run"] if os.geteuid() == 0 else [os.environ.get("XDG_RUNTIME_DIR", "")]
    for base in candidates:
        if os.path.isabs(base) and len(os.fsencode(base)) < LONGEST and os.access(base, os.W_OK | os.X_OK):
            return Path(base) / "otelgres"
    return Path("/tmp") / f"otelgres-{os.geteuid()}"
