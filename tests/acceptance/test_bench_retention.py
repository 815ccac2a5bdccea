"""The benchmark of retention, for one cycle, in a database like that of the ingest benchmark."""

import subprocess
import sys
import uuid
from pathlib import Path

from tests.conftest import execute, run, with_database
from tests.otelgres_process import plain_environment
from tests.served_api import sql

ROOT = Path(__file__).parents[2]


def test_a_cycle_fills_and_lets_go_and_leaves_the_measured_signal_alone(
    postgres_dsn: str, template_database: str
) -> None:
    name = f"otelgres_bench_{uuid.uuid4().hex[:12]}"
    run(execute(postgres_dsn, f"CREATE DATABASE {name} TEMPLATE {template_database} STRATEGY file_copy"))
    try:
        finished = subprocess.run(
            [
                sys.executable,
                "-m",
                "benchmarks.retention",
                "--dsn",
                postgres_dsn,
                "--measured",
                "spans",
                "--cycles",
                "1",
                "--every",
                "0",
            ],
            cwd=ROOT,
            env=plain_environment(),
            capture_output=True,
            text=True,
        )
        assert finished.returncode == 0, finished.stderr
        # Half of the logs of 32 days, of which two are younger than thirty days.
        assert "32000 logs deleted by a rule" in finished.stdout
        dsn = with_database(postgres_dsn, name)
        assert sql(dsn, "SELECT count(*) FROM enterprise.trace_spans")[0][0] == 0
        assert sql(dsn, "SELECT DISTINCT level FROM enterprise.structured_logs")[0][0] == "INFO"
    finally:
        run(execute(postgres_dsn, f"DROP DATABASE {name} WITH (FORCE)"))
