"""The unit as systemd's own tools read it."""

import configparser
import os
import re
import shutil
import subprocess
from pathlib import Path

from server.settings import Settings, variable

UNIT = Path(__file__).parents[2] / "deploy" / "otelgres.service"
MOST_EXPOSED = 15
"""Tenths, of ten; what systemd gives a unit without any protection is above nine."""


def analyze(*arguments: str) -> subprocess.CompletedProcess[str]:
    assert shutil.which("systemd-analyze"), "no systemd-analyze: run python -m tests.deploy.install"
    return subprocess.run(["systemd-analyze", *arguments], capture_output=True, text=True, check=False)


def unit() -> configparser.ConfigParser:
    parser = configparser.ConfigParser(strict=False, interpolation=None)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read(UNIT)
    return parser


def test_systemd_finds_nothing_wrong(tmp_path: Path) -> None:
    program = tmp_path / "otelgres"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    # It looks for the program, which is not installed here.
    copy = tmp_path / UNIT.name
    copy.write_text(UNIT.read_text().replace("/opt/otelgres/bin/otelgres", str(program)))
    done = analyze("verify", "--man=no", str(copy))
    assert (done.returncode, [line for line in done.stderr.splitlines() if UNIT.name in line]) == (0, [])


def test_it_is_hardly_exposed() -> None:
    done = analyze("security", "--offline=true", f"--threshold={MOST_EXPOSED}", str(UNIT))
    assert done.returncode == 0, done.stdout


def test_its_variables_are_settings() -> None:
    named = set(re.findall(r"\b(OTELGRES_\w+)=", unit()["Service"]["Environment"]))
    assert named
    assert named <= {variable(field) for field in Settings.model_fields}


def test_it_writes_where_systemd_makes_it_a_directory() -> None:
    service = unit()["Service"]
    assert f"OTELGRES_DATA_DIR=/var/lib/{service['StateDirectory']}" in service["Environment"]
    assert f"XDG_RUNTIME_DIR=/run/{service['RuntimeDirectory']}" in service["Environment"]
    assert os.path.basename(service["ExecStart"].split()[0]) == "otelgres"
