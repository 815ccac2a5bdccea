"""`python -m benchmarks.ingest`: OTLP over gRPC and HTTP beside raw COPY, on one machine."""

import asyncio
import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Annotated, TypeVar

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from benchmarks.ingest import report, stage
from benchmarks.ingest.payloads import ITEMS_A_REQUEST, Signal
from benchmarks.ingest.rounds import Run, Way, rounds
from benchmarks.ingest.sender import SenderFailed
from benchmarks.ingest.tables import RowsMissing
from server.errors import OtelgresError

Choice = TypeVar("Choice", bound=StrEnum)

# All requests of a run are in memory before it starts, so its size is bounded: 2,000 requests of logs are 1 GB.
MOST_REQUESTS = 2000


def main(
    signals: Annotated[str, typer.Option(help="What to send.")] = "spans,logs,metrics",
    transports: Annotated[str, typer.Option(help="How to send it.")] = "grpc,http",
    pairs: Annotated[int, typer.Option(min=1, max=100, help="Rounds; each has every way once.")] = 5,
    requests: Annotated[
        int, typer.Option(min=1, max=MOST_REQUESTS, help=f"Requests a run, of {ITEMS_A_REQUEST} items each.")
    ] = 400,
    concurrency: Annotated[int, typer.Option(min=1, max=256, help="Requests in flight.")] = 16,
    keys: Annotated[
        bool, typer.Option("--keys", help="Each way besides with a key, at receivers that ask for one.")
    ] = False,
    dsn: Annotated[
        str | None,
        typer.Option(help="A PostgreSQL to use, in a database of its own there. Default: an embedded one."),
    ] = None,
    json_file: Annotated[
        Path | None, typer.Option("--json", allow_dash=True, help="Write every run there; - is standard output.")
    ] = None,
) -> None:
    """Measure durable ingest over OTLP against raw COPY of the same rows.

    Every run starts with empty tables, right after a checkpoint. The baseline is one connection that COPYs a prepared
    binary stream into the same leaf partitions, with the same indexes and durability, 5,000 rows a transaction.
    """
    chosen = _chosen(Signal, signals)
    ways = [Way.COPY, *_chosen(Way, transports)]
    if Way.COPY in ways[1:]:
        raise typer.BadParameter("copy is the baseline, it always runs")
    if any(way.has_key for way in ways):
        raise typer.BadParameter("keys come by --keys")
    if keys:
        ways = [Way.COPY, *(each for way in ways[1:] for each in (way, way.with_key))]
    to_stdout = json_file is not None and str(json_file) == "-"
    console = Console(stderr=to_stdout)

    async def measure() -> tuple[list[Run], dict[str, str]]:
        async with stage.built(dsn, with_keys=keys) as built:
            with _progress(len(chosen) * len(ways) * pairs) as finished:
                runs = await rounds(
                    built, chosen, ways, count=pairs, requests=requests, concurrency=concurrency, finished=finished
                )
            return runs, built.server

    try:
        runs, server = asyncio.run(measure())
    except (RowsMissing, SenderFailed, OtelgresError) as error:
        print(f"benchmark: {error}", file=sys.stderr)
        raise typer.Exit(1) from None
    report.show(report.summarize(runs), server, console)
    if json_file is not None:
        text = json.dumps(report.as_json(runs, server), indent=2)
        print(text) if to_stdout else json_file.write_text(text + "\n")


def _chosen(kind: type[Choice], names: str) -> list[Choice]:
    try:
        return [kind(name.strip()) for name in dict.fromkeys(names.split(","))]
    except ValueError as error:
        raise typer.BadParameter(f"{error}: choose from {', '.join(kind)}") from None


@contextmanager
def _progress(total: int) -> Iterator[Callable[[Run], None]]:
    """A bar on standard error while that is a terminal."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task("warming up", total=total)

        def finished(run: Run) -> None:
            progress.update(task, advance=1, description=f"{run.signal} {run.way} {run.rate:,.0f}/s")

        yield finished


if __name__ == "__main__":
    typer.run(main)
