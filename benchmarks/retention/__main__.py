"""`python -m benchmarks.retention`: keeps retention busy in the database of `python -m benchmarks.ingest --dsn`.

Each cycle makes sixty days of partitions, fills all signals but the one that is measured, whose rows are counted there,
and lets all go again: debug logs by a rule, everything older than thirty days by its partitions.
"""

import asyncio
import time
from datetime import datetime, timedelta
from typing import Annotated, Any
from urllib.parse import urlsplit, urlunsplit

import typer

from benchmarks.ingest.payloads import Signal
from database import partitions, pool, queries
from database.lease import Lease
from database.ranges import midnight
from database.retention import Retention
from database.retention_rules import RetentionRules
from database.sealing import Sealing

SQL = queries.load(__package__)
TABLES = {Signal.SPANS: "trace_spans", Signal.LOGS: "structured_logs", Signal.METRICS: "metric_points"}
FILL = {Signal.SPANS: "fill_spans", Signal.LOGS: "fill_logs", Signal.METRICS: "fill_points"}
DAYS, KEPT = 60, 30
ROWS_A_DAY = 2000


def main(
    dsn: Annotated[str, typer.Option(help="The PostgreSQL that the benchmark was given.")],
    measured: Annotated[Signal, typer.Option(help="What the benchmark sends: stays without rows of ours.")],
    every: Annotated[float, typer.Option(min=0, help="Seconds from the begin of a cycle to the next.")] = 10.0,
    cycles: Annotated[int, typer.Option(min=1, help="How many.")] = 1_000_000,
) -> None:
    """Work until told to stop, a line for each cycle."""
    asyncio.run(_work(dsn, measured, every, cycles))


async def _work(dsn: str, measured: Signal, every: float, cycles: int) -> None:
    connections = await pool.connect_pool(
        await _database_of_the_benchmark(dsn), min_size=0, max_size=4, statement_timeout_ms=60_000
    )
    lease = Lease(connections, "maintenance", "benchmark", timedelta(hours=12))
    try:
        if not await lease.acquire():
            raise SystemExit("somebody else does the maintenance of this database")
        await connections.execute(SQL["add_rule"])
        for number in range(cycles):
            began = time.monotonic()
            report = await _cycle(connections, lease, measured)
            took = time.monotonic() - began
            print(f"cycle {number}: {took:.1f} s, {report}", flush=True)
            await asyncio.sleep(max(every - took, 0))
    finally:
        await lease.release()
        await connections.close()


async def _database_of_the_benchmark(dsn: str) -> str:
    connection = await pool.connect(dsn)
    try:
        name = await connection.fetchval(SQL["database_of_the_benchmark"])
    finally:
        await connection.close()
    if name is None:
        raise SystemExit("no benchmark runs on this PostgreSQL: start it first, with --dsn")
    return urlunsplit(urlsplit(dsn)._replace(path=f"/{name}"))


async def _cycle(connections: Any, lease: Lease, measured: Signal) -> str:
    now: datetime = await connections.fetchval(SQL["current_time"])
    async with connections.acquire() as connection:
        await partitions.ensure(connection, now, 1, days_kept=dict.fromkeys(TABLES.values(), DAYS))
        for signal, query in FILL.items():
            if signal is not measured:
                await connection.execute(SQL[query], midnight(now), DAYS, ROWS_A_DAY)
    sealed = (await Sealing(connections, lease).run_once(now))["sealed"]
    deleted = (await RetentionRules(connections, lease).run_once(now))["deleted"]
    report = await Retention(connections, lease, KEPT).run_once(now)
    return (
        f"{len(sealed)} partitions sealed, {sum(deleted.values())} logs deleted by a rule, "
        f"{len(report['dropped'])} partitions dropped, {len(report['postponed'])} postponed"
    )


if __name__ == "__main__":
    typer.run(main)
