"""`python -m benchmarks.query`: fills a database with a month of logs and spans and times the answers of the API."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from itertools import repeat
from pathlib import Path
from random import Random
from typing import Annotated

import httpx
import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from benchmarks.ingest import stage
from benchmarks.query import asking
from benchmarks.query.drawing import Drawing, tail_of
from benchmarks.query.filling import fill, roll_up, settle
from benchmarks.query.place import Place, place
from benchmarks.query.questions import QUESTIONS
from benchmarks.query.report import Measured, as_json, show
from benchmarks.query.volume import Volume
from database.pool import connect
from database.queries import load
from database.ranges import DAY, Range, midnight
from server import schema

SQL = load(__package__)

READY_SECONDS = 60.0
POLL_SECONDS = 0.02


def main(
    rows: Annotated[int, typer.Option(min=1000, help="Logs, and as many spans.")] = 20_000_000,
    days: Annotated[int, typer.Option(min=4, max=90, help="Over how many days.")] = 30,
    first_days: Annotated[
        int, typer.Option(min=0, help="Ask with so many days first, to see growth; 0 to leave that out.")
    ] = 8,
    cold: Annotated[bool, typer.Option(help="Also ask each question of a server that has just started.")] = True,
    dsn: Annotated[
        str | None,
        typer.Option(help="A PostgreSQL to use, in a database of its own there. Default: an embedded one."),
    ] = None,
    results: Annotated[Path | None, typer.Option("--json", help="Write all times to this file.")] = None,
) -> None:
    """Time the answers of the read API over a month of data. The whole takes half an hour and 40 GB of disk."""
    measured = asyncio.run(_measure(dsn, Volume(rows, days, datetime.now(UTC)), first_days, cold))
    show(measured)
    if results:
        results.write_text(json.dumps(as_json(measured)))


async def _measure(dsn: str | None, volume: Volume, first_days: int, cold: bool) -> list[Measured]:
    today = midnight(volume.until)
    oldest = midnight(volume.until - volume.days * DAY)
    middle = max(today - (first_days - 1) * DAY, oldest) if first_days else today + DAY
    measured = []
    async with place(dsn) as database:
        await schema.bring_up(database.dsn, volume.days + 1)
        for times in (Range(middle, today + DAY), Range(oldest, middle)):
            if times.lower >= times.upper:
                continue
            # Before the API runs, whose jobs would work on the same partitions.
            await _fill(database.dsn, volume, times)
            async with _served(database.dsn, volume.days + 1) as client:
                compared = middle if first_days else times.lower
                measured.append(await _ask(database, client, volume, times.lower, compared, cold))
    return measured


@asynccontextmanager
async def _served(dsn: str, retention_days: int) -> AsyncIterator[httpx.Client]:
    port = stage.free_ports("api")["api"]
    async with stage.process("api", "server.api", DSN=dsn, PORT=str(port), RETENTION_DAYS=str(retention_days)):
        with httpx.Client(base_url=f"http://{stage.HOST}:{port}", timeout=60) as client:
            yield client


async def _fill(dsn: str, volume: Volume, times: Range) -> None:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns) as progress:
        bar = progress.add_task("rows", total=2 * len(volume.numbers(times)))
        await fill(dsn, volume, times, lambda rows: progress.advance(bar, rows))
        progress.update(bar, description="quarters")
        await roll_up(dsn, volume, times)
        progress.update(bar, description="vacuum")
        await settle(dsn)


async def _ask(
    database: Place, client: httpx.Client, volume: Volume, since: datetime, compared: datetime, cold: bool
) -> Measured:
    sealed = Range(since, tail_of(volume.until))
    connection = await connect(database.dsn)
    try:
        log_ids = [row["id"] for row in await connection.fetch(SQL["some_logs"], sealed.lower, sealed.upper)]
        tail = dict(await connection.fetchrow(SQL["tail_rows"], sealed.upper))
    finally:
        await connection.close()
    drawing = Drawing(Random(7), volume, sealed, Range(compared, sealed.upper), log_ids)
    answers = [answered async for answered in _answers(database, client, drawing, cold and database.can_cool)]
    covered = max(since, volume.until - volume.days * DAY)
    return Measured(
        len(volume.numbers(Range(since, midnight(volume.until) + DAY))), (volume.until - covered) / DAY, tail, answers
    )


async def _answers(
    database: Place, client: httpx.Client, drawing: Drawing, cold: bool
) -> AsyncIterator[asking.Answered]:
    colds: list[float | None] = []
    for question in QUESTIONS if cold else ():
        await database.cool()
        await _ready(client)
        colds.append(asking.ask(client, question, drawing))
    for answered, first in zip(asking.warm(client, QUESTIONS, drawing), colds or repeat(None), strict=False):
        yield replace(answered, cold_ms=first)


async def _ready(client: httpx.Client) -> None:
    """Until the API has found its database again."""
    deadline = time.monotonic() + READY_SECONDS
    while not await asyncio.to_thread(_is_ready, client):
        if time.monotonic() > deadline:
            raise SystemExit("benchmark: the API did not find its database again")
        await asyncio.sleep(POLL_SECONDS)


def _is_ready(client: httpx.Client) -> bool:
    return client.get("/readyz").status_code == 200


if __name__ == "__main__":
    typer.run(main)
