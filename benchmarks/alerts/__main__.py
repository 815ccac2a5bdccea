"""`python -m benchmarks.alerts`: a thousand rules at a minute, and what their evaluation costs beside the queries."""

import asyncio
import time
from collections import Counter
from dataclasses import dataclass
from statistics import quantiles
from typing import Annotated, Any

import typer
from opentelemetry.metrics import NoOpMeter
from rich.console import Console
from rich.table import Table

from alerting.engine import engine
from alerting.links import Links
from alerting.measuring import sql_login
from alerting.measuring.sources import open_sources
from benchmarks.alerts.filling import fill
from benchmarks.ingest import measure, stage
from database.pool import connect
from server import schema

RETENTION_DAYS = 30
WINDOW_SECONDS = 300.0
EVALUATED = "SELECT count(*) FROM enterprise.alert_rules WHERE last_evaluated_at IS NOT NULL"
FIGURES = """
SELECT last_lag_ms, last_duration_ms, last_error, missed_runs, last_evaluated_at >= $1 AS evaluated
FROM enterprise.alert_rules
"""


@dataclass(frozen=True)
class Run:
    """What a run of so many seconds took, in processor seconds of this process and of PostgreSQL."""

    seconds: float
    own: float
    postgres: float
    rows: list[Any]


def main(
    rules: Annotated[int, typer.Option(min=10, help="Rules, each evaluated once a minute.")] = 1000,
    minutes: Annotated[float, typer.Option(min=0.5, help="For how long.")] = 2,
    settle: Annotated[float, typer.Option(min=0, help="Seconds that are let pass before.")] = 90,
    items: Annotated[int, typer.Option(min=0, help="Logs and traces each, of the last five minutes.")] = 20_000,
) -> None:
    """Measure the engine with a tenth of the rules slow and a tenth failing."""
    _show(asyncio.run(_measure(rules, minutes * 60, settle, items)), rules)


async def _measure(count: int, seconds: float, settle: float, items: int) -> Run:
    async with stage.embedded() as dsn:
        await schema.bring_up(dsn, RETENTION_DAYS)
        return await _measured(dsn, count, seconds, settle, items)


async def _measured(dsn: str, count: int, seconds: float, settle: float, items: int) -> Run:
    sql_dsn = await sql_login.set_up(dsn)
    connection: Any = await connect(dsn)
    await fill(connection, items, WINDOW_SECONDS, count)
    server = measure.parent_named(await connection.fetchval("SELECT pg_backend_pid()"), "postgres")
    assert server is not None
    async with open_sources(dsn, sql_dsn) as sources:
        running = await engine.start(dsn, sources=sources, links=Links(), meter=NoOpMeter("bench"), retention_days=30)
        try:
            # The first evaluations all come at once; what is measured begins a turn later.
            while True:
                if await connection.fetchval(EVALUATED) == count:
                    break
                await asyncio.sleep(1)
            await asyncio.sleep(settle)
            await connection.execute("UPDATE enterprise.alert_rules SET missed_runs = 0")
            since = await connection.fetchval("SELECT clock_timestamp()")
            began, own, theirs = time.monotonic(), time.process_time(), measure.cpu_seconds(server)
            await asyncio.sleep(seconds)
            took, own, theirs = (
                time.monotonic() - began,
                time.process_time() - own,
                measure.cpu_seconds(server) - theirs,
            )
            rows = await connection.fetch(FIGURES, since)
        finally:
            await running.stop()
    await connection.close()
    return Run(took, own, theirs, rows)


def _show(run: Run, count: int) -> None:
    table = Table("Figure", "Value")
    lags = sorted(row["last_lag_ms"] for row in run.rows)
    table.add_row("rules", f"{count}, each once a minute, for {run.seconds:.0f} s")
    table.add_row("engine, with the Python of the measurements", f"{run.own / run.seconds:.1%} of a core")
    table.add_row("PostgreSQL", f"{run.postgres / run.seconds:.1%} of a core")
    most = f"{lags[len(lags) // 2]:.0f} / {quantiles(lags, n=20)[-1]:.0f} / {lags[-1]:.0f} ms"
    table.add_row("lag, median / p95 / most", most)
    fast = [row["last_lag_ms"] for row in run.rows if row["last_duration_ms"] <= 1000]
    table.add_row("lag of those that are not slow, most", f"{max(fast, default=0):.0f} ms")
    table.add_row("missed turns", str(sum(row["missed_runs"] for row in run.rows)))
    table.add_row("evaluated meanwhile / slow", f"{sum(row['evaluated'] for row in run.rows)} / {count - len(fast)}")
    for error, failing in Counter(row["last_error"] for row in run.rows if row["last_error"]).items():
        table.add_row(f"failing: {error}", str(failing))
    Console().print(table)


if __name__ == "__main__":
    typer.run(main)
