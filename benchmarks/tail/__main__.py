"""`python -m benchmarks.tail`: logs at a steady rate while clients with filters watch, and whether each got its own."""

import asyncio
import json
import sys
import time
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from statistics import quantiles
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from benchmarks.ingest import measure, stage, tables
from benchmarks.ingest.loader import grpc_senders
from benchmarks.ingest.payloads import ITEMS_A_REQUEST, Signal, make_requests
from benchmarks.ingest.sender import ROOT
from benchmarks.tail.filters import filters
from benchmarks.tail.offering import offer
from benchmarks.tail.watchers import Watched
from database.queries import load

CONNECTIONS = 32
END_SECONDS = 120.0
LINE_LIMIT = 1 << 30

SQL = load(__package__)
Judged = tuple[str, set[str], Watched]


@dataclass(frozen=True)
class Run:
    """What came of one run. wrong: clients whose logs were not those of the same condition in SQL."""

    stored: int
    seconds: float
    acknowledged: list[float]
    watched: list[Watched]
    wrong: list[str]
    cpu_seconds: dict[str, float]
    api_bytes: int


def main(
    rate: Annotated[int, typer.Option(min=100, help="Logs offered a second.")] = 10_000,
    seconds: Annotated[int, typer.Option(min=1, max=100, help="For how long.")] = 30,
    clients: Annotated[int, typer.Option(min=0, max=100, help="Clients that watch, each with a filter.")] = 20,
    dsn: Annotated[
        str | None,
        typer.Option(help="A PostgreSQL to use, in a database of its own there. Default: an embedded one."),
    ] = None,
) -> None:
    """Measure live tail under load: stored logs, acknowledgements, delays; every client's logs are checked."""
    run = asyncio.run(_measure(dsn, rate, seconds, clients))
    _show(run, rate)
    if run.wrong:
        print("\n".join(run.wrong), file=sys.stderr)
        raise typer.Exit(1)


async def _measure(dsn: str | None, rate: int, seconds: int, clients: int) -> Run:
    requests = make_requests(Signal.LOGS, max(1, rate * seconds // ITEMS_A_REQUEST), time.time_ns())
    port = stage.free_ports("api")["api"]
    async with (
        stage.built(dsn) as built,
        stage.process("api", "server.api", DSN=built.dsn, PORT=str(port)) as api,
        grpc_senders(Signal.LOGS, stage.HOST, built.receivers.ports["grpc"], CONNECTIONS, None) as senders,
        _watching(port, clients) as watchers,
    ):
        groups = {**built.groups(built.receivers), "api": [api]}
        before = measure.usage(groups)
        began = time.perf_counter()
        acknowledged = await offer(senders, requests, rate)
        items = len(requests) * ITEMS_A_REQUEST
        visible = await tables.seen_at(built.connection, Signal.LOGS, items)
        after = measure.usage(groups)
        size = measure.resident_bytes([api])
        judged = list(await _end(built.connection, watchers, clients))
    cpu = {name: after[name] - before[name] for name in groups}
    watched = [client for _, _, client in judged]
    return Run(items, visible - began, acknowledged, watched, _wrong(judged), cpu, size)


@asynccontextmanager
async def _watching(port: int, clients: int) -> AsyncIterator[asyncio.subprocess.Process | None]:
    if not clients:
        yield None
        return
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "benchmarks.tail.watchers",
        f"ws://{stage.HOST}:{port}/api/observability/logs/stream",
        str(clients),
        cwd=ROOT,
        limit=LINE_LIMIT,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    try:
        if await asyncio.wait_for(process.stdout.readline(), END_SECONDS) != b"ready\n":
            raise SystemExit("benchmark: the clients were not served")
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def _end(connection: Any, process: asyncio.subprocess.Process | None, clients: int) -> Iterator[Judged]:
    """What each client got, beside what it was to get."""
    if process is None:
        return iter(())
    assert process.stdin is not None
    assert process.stdout is not None
    stored = [
        {row["id"] for row in await connection.fetch(SQL["ids_of_logs"].format(condition=condition))}
        for _, condition in filters(clients)
    ]
    process.stdin.write(json.dumps([len(ids) for ids in stored]).encode() + b"\n")
    line = await asyncio.wait_for(process.stdout.readline(), END_SECONDS)
    watched = [Watched(**each) for each in json.loads(line)]
    return zip((q for q, _ in filters(clients)), stored, watched, strict=True)


def _wrong(judged: Iterable[Judged]) -> list[str]:
    wrong = []
    for q, stored, client in judged:
        got = set(client.ids)
        twice, missing = len(client.ids) - len(got), len(stored - got)
        if twice or missing != client.skipped or got - stored:
            wrong.append(f"{q}: {missing} of {len(stored)} missing, {client.skipped} skipped, {twice} twice")
    return wrong


def _show(run: Run, rate: int) -> None:
    delays = [delay for client in run.watched for delay in client.delays]
    table = Table(title=f"{rate:,} logs/s offered, {len(run.watched)} clients", title_justify="left", show_header=False)
    table.add_row("stored/s", f"{run.stored / run.seconds:,.0f}")
    table.add_row("acknowledgement, ms, p50 / p95 / p99", _percentiles([1000 * each for each in run.acknowledged]))
    table.add_row("transaction's begin to client, ms, p50 / p95 / p99", _percentiles(delays))
    table.add_row("logs to clients", f"{len(delays):,}")
    table.add_row("skipped", f"{sum(client.skipped for client in run.watched):,}")
    table.add_row("clients with wrong logs", str(len(run.wrong)))
    table.add_row("memory of the API, MiB", f"{run.api_bytes / (1 << 20):,.0f}")
    for name, used in run.cpu_seconds.items():
        table.add_row(f"processors used, {name}", f"{used / run.seconds:.2f}")
    Console().print(table)


def _percentiles(figures: list[float]) -> str:
    if len(figures) < 2:
        return "-"
    cuts = quantiles(figures, n=100)
    return " / ".join(f"{cuts[place - 1]:,.0f}" for place in (50, 95, 99))


if __name__ == "__main__":
    typer.run(main)
