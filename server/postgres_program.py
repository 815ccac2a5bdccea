"""`otelgres postgres`: psql, pg_dump and the like, on the embedded database."""

import os
import signal
import subprocess
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

from server.embedded.programs import own_program
from server.errors import OtelgresError
from server.on_database import database_of
from server.settings import Settings


def run(settings: Settings, program: str, arguments: Sequence[str]) -> int:
    """The program's exit code. It is told by its environment where the database is."""
    if settings.dsn is not None:
        raise OtelgresError("OTELGRES_DSN names a PostgreSQL of your own: run its own programs")
    command: list[str | Path] = [own_program(program), *arguments]
    with database_of(settings) as dsn:
        # Ctrl-C reaches the program too, which knows best what it means: psql ends a query by it.
        signal.signal(signal.SIGINT, lambda *_: None)
        return subprocess.run(command, env=os.environ | _environment(dsn)).returncode


def _environment(dsn: str) -> dict[str, str]:
    url = urlsplit(dsn)
    query = parse_qs(url.query)
    return {
        "PGHOST": query["host"][0],
        "PGPORT": query["port"][0],
        "PGUSER": unquote(url.username or ""),
        "PGDATABASE": url.path[1:],
    }
