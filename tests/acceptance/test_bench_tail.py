"""The benchmark of the live tail, small, over its real parts: receiver, API, clients."""

import asyncio
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


async def test_every_client_gets_its_logs(postgres_dsn: str) -> None:
    arguments = ["--dsn", postgres_dsn, "--rate", "1024", "--seconds", "2", "--clients", "20"]
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "benchmarks.tail",
        *arguments,
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await process.communicate()
    assert process.returncode == 0, err.decode()
    cells = [[cell.strip() for cell in line.split("│")[1:-1]] for line in out.decode().splitlines() if "│" in line]
    figures = {cell[0]: cell[1] for cell in cells}
    assert figures["clients with wrong logs"] == "0"
    assert int(figures["logs to clients"].replace(",", "")) > 1000
    assert float(figures["stored/s"].replace(",", "")) > 0
