"""The Dockerfile: linted, and what it names is there."""

import re
import subprocess
import sys
from pathlib import Path

from server.settings import Settings, default_data_dir, variable
from tests.deploy.test_compose import SERVICES

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "deploy" / "Dockerfile").read_text()


def test_the_linter_finds_nothing() -> None:
    program = Path(sys.executable).with_name("hadolint")
    done = subprocess.run([program, ROOT / "deploy" / "Dockerfile"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")


def test_it_takes_the_same_uv_as_make() -> None:
    (wanted,) = re.findall(r"^UV_VERSION := (\S+)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert re.findall(r"uv==([\d.]+)", TEXT) == [wanted]


def test_it_runs_as_a_user_of_its_own() -> None:
    user = re.findall(r"^USER (\S+)$", TEXT, re.MULTILINE)
    assert user == ["10001"]
    assert "--uid 10001" in TEXT


def test_its_variables_are_settings() -> None:
    named = set(re.findall(r"\b(OTELGRES_\w+)=", TEXT))
    assert named
    assert named <= {variable(field) for field in Settings.model_fields}


def test_its_volume_holds_the_data_and_the_compose_file_keeps_it() -> None:
    (volume,) = re.findall(r"^VOLUME (\S+)$", TEXT, re.MULTILINE)
    assert f"OTELGRES_DATA_DIR={volume}" in TEXT
    assert f"otelgres:{volume}" in SERVICES["otelgres"]["volumes"]


def test_the_ports_are_those_of_the_settings() -> None:
    settings = Settings.model_construct(data_dir=default_data_dir())
    (ports,) = re.findall(r"^EXPOSE (.+)$", TEXT, re.MULTILINE)
    assert [int(port) for port in ports.split()] == [
        settings.port, settings.otlp_grpc_port, settings.otlp_http_port,
    ]  # fmt: skip


def test_what_the_wheel_is_made_of_comes_into_the_build() -> None:
    (packages,) = re.findall(r"^packages = \[(.+)\]$", (ROOT / "pyproject.toml").read_text(), re.MULTILINE)
    taken = {line.removeprefix("!") for line in (ROOT / ".dockerignore").read_text().splitlines() if line[:1] == "!"}
    needed = set(re.findall(r'"(\w+)"', packages)) | {"exporter", "ui", "pyproject.toml", "uv.lock", "hatch_build.py"}
    assert needed <= taken
    assert [name for name in taken if not (ROOT / name).exists()] == []
