"""`otelgres postgres` where it cannot help; what it does stands in tests/acceptance/test_backup.py."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.otelgres_process import plain_environment


@pytest.mark.parametrize(
    ("settings", "arguments", "said"),
    [
        ({"OTELGRES_DSN": "postgresql://127.0.0.1:1/shop"}, ["psql", "--version"], "run its own programs"),
        ({}, ["psgl"], "PostgreSQL has no program 'psgl'; it has clusterdb, "),
        ({}, ["../../bin/psql"], "PostgreSQL has no program"),
    ],
)
def test_what_it_cannot_run_is_one_line(
    tmp_path: Path, settings: dict[str, str], arguments: list[str], said: str
) -> None:
    environment = plain_environment() | {"OTELGRES_DATA_DIR": str(tmp_path / "data")} | settings
    command = [sys.executable, "-m", "server.cli", "postgres", *arguments]
    told = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert (told.returncode, told.stdout) == (1, "")
    assert told.stderr.startswith("otelgres: ")
    assert said in told.stderr
    assert told.stderr.count("\n") == 1
    assert not (tmp_path / "data").exists()
