"""Programs run by the real `opentelemetry-instrument`, with the exporters chosen by environment alone."""

import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.otelgres_process import plain_environment

INSTRUMENT = str(Path(sys.executable).with_name("opentelemetry-instrument"))
ROOT = Path(__file__).parents[1]


@dataclass(frozen=True)
class Ended:
    returncode: int
    output: str
    errors: str


def environment(dsn: str, **more: str) -> dict[str, str]:
    """All signals to the database; `more` on top."""
    ours = {
        "OTEL_SERVICE_NAME": "tested",
        "OTEL_TRACES_EXPORTER": "postgres",
        "OTEL_LOGS_EXPORTER": "postgres",
        "OTEL_METRICS_EXPORTER": "postgres",
        "OTEL_EXPORTER_POSTGRES_DSN": dsn,
    }
    others = {name: value for name, value in plain_environment().items() if not name.startswith("OTEL_")}
    return others | ours | more


def start(command: Sequence[str], dsn: str, **more: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [INSTRUMENT, *command],
        cwd=ROOT,
        env=environment(dsn, **more),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def run(command: Sequence[str], dsn: str, seconds: float = 30, **more: str) -> Ended:
    """To its end, which MUST come within `seconds`."""
    with start(command, dsn, **more) as process:
        try:
            output, errors = process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            raise
    return Ended(process.returncode, output, errors)


def program(name: str, *arguments: str) -> list[str]:
    return [sys.executable, "-m", f"tests.applications.{name}", *arguments]
