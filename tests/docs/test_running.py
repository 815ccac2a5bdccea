"""The blocks of the documentation run against a server that holds a shop's telemetry, and do what they say."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import httpx
import pytest

from server.alert_files import apply_file, check_file
from server.attribute_rules import rules_of
from server.settings import Settings
from tests import rows
from tests.conftest import copied, run
from tests.docs import shop
from tests.docs.blocks import Block, blocks, files_of, preparation_of
from tests.node.install import HERE as NODE_PROGRAMS
from tests.node.install import NODE, is_complete
from tests.otelgres_process import OtelgresProcess, plain_environment
from tests.polling import until

SECONDS = 60
PROGRAMS = Path(sys.executable).parent
STORED = "SELECT count(*) FROM enterprise.trace_spans WHERE service_name = $1"


def of(*languages: str, mark: tuple[str, ...] = ("run",)) -> list[Block]:
    return [block for block in blocks() if block.language in languages and block.mark in mark]


@pytest.fixture(scope="module")
def shop_server(postgres_dsn: str, template_database: str) -> Iterator[OtelgresProcess]:
    for dsn in copied(postgres_dsn, template_database):
        shop.open_shop(dsn)
        process = OtelgresProcess({"OTELGRES_DSN": dsn, "OTELGRES_CORS_ORIGINS": "*"})
        try:
            yield process
        finally:
            process.close()


def here(text: str, server: OtelgresProcess) -> str:
    """The text with the addresses of this server."""
    for host in ("127.0.0.1", "localhost"):
        for port, own in ((8000, server.port), (4317, server.otlp_grpc_port), (4318, server.otlp_http_port)):
            text = text.replace(f"{host}:{port}", f"127.0.0.1:{own}")
    return text


def ran(block: Block, server: OtelgresProcess, directory: Path) -> str:
    """What its program printed, which ended well, in a directory with the files of its page."""
    for name, text in files_of(block.page).items():
        (directory / name).write_text(here(text, server))
    (directory / ".curlrc").write_text("fail-with-body\nsilent\nshow-error\nmax-time = 20\n")
    environment = {name: value for name, value in plain_environment().items() if not name.startswith("OTEL_")}
    environment |= {
        "HOME": str(directory),
        "PATH": os.pathsep.join([str(PROGRAMS), str(NODE.parent), environment["PATH"]]),
        "NODE_PATH": str(NODE_PROGRAMS / "node_modules"),
        "OTELGRES_DSN": server.dsn,
        "OTELGRES_HOST": "127.0.0.1",
    }
    text = here(block.text, server)
    if block.language == "js":
        # Packages are found from where a program lies.
        (directory / "node_modules").symlink_to(NODE_PROGRAMS / "node_modules")
        (directory / "program.mjs").write_text(text)
    command = {
        "bash": ["bash", "-euo", "pipefail", "-c", text],
        "python": [sys.executable, "-c", text],
        "js": [str(NODE), "program.mjs"],
    }[block.language]
    done = subprocess.run(command, cwd=directory, env=environment, capture_output=True, text=True, timeout=SECONDS)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def stored(server: OtelgresProcess, service: str) -> int:
    return int(run(rows.fetch(server.dsn, STORED, service))[0]["count"])


@pytest.mark.parametrize("block", of("bash"), ids=str)
def test_commands_end_well_and_say_something(block: Block, shop_server: OtelgresProcess, tmp_path: Path) -> None:
    assert ran(block, shop_server, tmp_path).strip()


@pytest.mark.parametrize("block", of("bash", "python", "js", mark=("sends",)), ids=str)
def test_what_programs_send_is_stored(block: Block, shop_server: OtelgresProcess, tmp_path: Path) -> None:
    assert is_complete(), "npm packages are missing: run python -m tests.node.install"
    assert stored(shop_server, block.value) == 0
    ran(block, shop_server, tmp_path)
    until(lambda: stored(shop_server, block.value))


@pytest.mark.parametrize("block", of("sql"), ids=str)
def test_sql_succeeds_and_queries_find_something(block: Block, shop_server: OtelgresProcess) -> None:
    def found() -> bool:
        rows = run(answer(shop_server.dsn, preparation_of(block.page), block.text))
        return bool(rows) or not block.text.startswith(("SELECT", "WITH"))

    # What jobs write comes with their first run.
    until(found)


async def answer(dsn: str, preparation: str, statement: str) -> int:
    """How many rows a statement has; what goes before it is taken back."""
    connection = await asyncpg.connect(dsn)
    try:
        transaction = connection.transaction()
        await transaction.start()
        await connection.execute("SET LOCAL statement_timeout = '15s'")
        if preparation:
            await connection.execute(preparation)
        found = await connection.fetch(statement)
        await transaction.rollback()
        return len(found)
    finally:
        await connection.close()


@pytest.mark.parametrize(
    ("block", "search"),
    [(block, line) for block in of("text", mark=("search",)) for line in block.text.splitlines()],
    ids=str,
)
def test_searches_find_something(block: Block, search: str, shop_server: OtelgresProcess) -> None:
    parameters = {"q": search, "hours": "24"}
    found = httpx.get(f"{shop_server.url}/api/observability/{block.value}", params=parameters, timeout=30)
    assert found.status_code == 200, found.text
    assert found.json()[block.value]


@pytest.mark.parametrize("block", of("yaml"), ids=str)
def test_alert_files_are_applied(
    block: Block, shop_server: OtelgresProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / f"alerts-{block.line}.yaml"
    path.write_text(block.text)
    monkeypatch.setenv("TEAM_WEBHOOK_URL", "https://hooks.slack.example/services/x")
    monkeypatch.setenv("PAGERDUTY_ROUTING_KEY", "x" * 32)
    check_file(path)
    assert apply_file(Settings.model_validate({"dsn": shop_server.dsn}), path)


@pytest.mark.parametrize("block", of("toml"), ids=str)
def test_attribute_rules_are_read(block: Block, tmp_path: Path) -> None:
    path = tmp_path / "rules.toml"
    path.write_text(block.text)
    assert rules_of(Settings.model_validate({"attribute_rules": path, "attribute_hash_key": "k" * 32}))
