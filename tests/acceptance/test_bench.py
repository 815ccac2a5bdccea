"""The ingest benchmark, small, over its real parts: database, receiver process, senders."""

import asyncio
import json
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

import pytest

from benchmarks.ingest.payloads import ITEMS_A_REQUEST, Signal, make_requests
from database.pool import connect
from tests.otelgres_process import plain_environment

ROOT = Path(__file__).parents[2]
SECONDS = 120
REQUESTS = 6


async def bench(*arguments: str) -> tuple[int, str, str]:
    """Exit code, standard output and standard error of `python -m benchmarks.ingest`."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "benchmarks.ingest",
        *arguments,
        cwd=ROOT,
        env=plain_environment() | {"COLUMNS": "200"},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    async with asyncio.timeout(SECONDS):
        out, err = await process.communicate()
    assert process.returncode is not None
    return process.returncode, out.decode(), err.decode()


async def test_every_way_is_measured_beside_the_baseline_and_no_item_is_missing(postgres_dsn: str) -> None:
    code, out, err = await bench("--dsn", postgres_dsn, "--requests", str(REQUESTS), "--pairs", "1", "--json", "-")
    assert code == 0, err
    report: dict[str, Any] = json.loads(out)
    runs = {(run["signal"], run["way"]): run for run in report["runs"]}
    assert set(runs) == {(signal, way) for signal in ("spans", "logs", "metrics") for way in ("copy", "grpc", "http")}
    assert {run["items"] for run in runs.values()} == {REQUESTS * ITEMS_A_REQUEST}
    for (signal, way), run in runs.items():
        assert run["items_per_second"] == pytest.approx(run["items"] / run["seconds"])
        assert set(run["cpu_seconds"]) == {"loader", "receiver", "postgresql"}
        # An idle receiver may be billed a tick of the clock during a COPY.
        assert way == "copy" or run["cpu_seconds"]["receiver"] > 0
        assert run["receiver_bytes"] > 1 << 20
        least = {"spans": 400, "logs": 600, "metrics": 60}[signal]
        assert least * run["items"] < run["heap_bytes"] < run["total_bytes"]
    ratios = {(each["signal"], each["way"]): each["ratio"] for each in report["summaries"]}
    assert ratios["spans", "copy"] is None
    assert ratios["logs", "http"]["median"] == pytest.approx(
        runs["logs", "http"]["items_per_second"] / runs["logs", "copy"]["items_per_second"]
    )
    assert "durable items/s" in err
    assert report["server"]["fsync"] == await setting(postgres_dsn, "fsync")


async def test_it_brings_its_own_database_and_takes_it_away(tmp_path: Path) -> None:
    file = tmp_path / "runs.json"
    arguments = ("--signals", "logs", "--transports", "http", "--requests", "1", "--pairs", "1", "--json", str(file))
    before = leftovers()
    code, out, err = await bench(*arguments)
    assert code == 0, err
    assert "of COPY's" in out
    assert [run["items"] for run in json.loads(file.read_text())["runs"]] == [ITEMS_A_REQUEST] * 2
    assert leftovers() <= before


async def test_a_transport_that_does_not_exist_is_refused() -> None:
    code, _, err = await bench("--transports", "carrier-pigeon")
    assert code == 2
    assert "carrier-pigeon" in err


@pytest.mark.parametrize("signal", Signal)
def test_no_two_requests_are_the_same(signal: Signal) -> None:
    requests = make_requests(signal, 100, 1_700_000_000_000_000_000)
    again = make_requests(signal, 100, 1_700_000_000_000_000_000)
    assert len({*requests, *again}) == 200


async def setting(dsn: str, name: str) -> str:
    connection = await connect(dsn)
    try:
        value: str = await connection.fetchval("SELECT current_setting($1)", name)
    finally:
        await connection.close()
    return value


def leftovers() -> set[str]:
    return {name for name in os.listdir(tempfile.gettempdir()) if name.startswith("otelgres-bench-")}


async def test_with_keys_each_way_is_measured_besides_with_one(postgres_dsn: str) -> None:
    arguments = ("--requests", str(REQUESTS), "--pairs", "1", "--signals", "logs", "--json", "-")
    code, out, err = await bench("--dsn", postgres_dsn, "--keys", *arguments)
    assert code == 0, err
    report: dict[str, Any] = json.loads(out)
    rates = {run["way"]: run["items_per_second"] for run in report["runs"]}
    assert set(rates) == {"copy", "grpc", "grpc+key", "http", "http+key"}
    of_open = {each["way"]: each["of_open"] for each in report["summaries"]}
    assert of_open["http"] is None
    for way in ("grpc", "http"):
        assert of_open[f"{way}+key"]["median"] == pytest.approx(rates[f"{way}+key"] / rates[way])
