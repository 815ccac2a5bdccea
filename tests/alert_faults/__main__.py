"""`python -m tests.alert_faults`: two replicas, two hundred faults, on a PostgreSQL of its own."""

import asyncio
import sys
from pathlib import Path
from random import SystemRandom
from typing import Annotated

import typer

from database import migrate
from server.embedded import EmbeddedPostgres
from tests.alert_faults.trial import Verdict, trial
from tests.reachable import reachable_directory


def main(
    faults: Annotated[int, typer.Option(min=1, help="How many.")] = 200,
    seed: Annotated[int | None, typer.Option(help="Of what fails when. Default: a random one.")] = None,
    haste: Annotated[float, typer.Option(min=1, help="Divides how long leases and claims last.")] = 1,
    log: Annotated[Path, typer.Option(help="Where the replicas' output goes.")] = Path("/dev/null"),
) -> None:
    """Kill or stop one of two replicas while conditions change; ends with 1 if a decision is missing or doubled."""
    chosen = SystemRandom().randrange(2**32) if seed is None else seed
    typer.echo(f"seed {chosen}")
    with reachable_directory() as directory, EmbeddedPostgres(directory / "data") as postgres:
        verdict = asyncio.run(_run(postgres.dsn, chosen, faults, haste, log))
    typer.echo(told(verdict))
    sys.exit(bool(verdict.mistakes))


async def _run(dsn: str, seed: int, faults: int, haste: float, log: Path) -> Verdict:
    await migrate.migrate(dsn)
    return await trial(dsn, seed, faults, haste, log)


def told(verdict: Verdict) -> str:
    follow = sorted(verdict.follow)
    return "\n".join(
        [
            f"{verdict.kills} kills, {verdict.stops} stops; {verdict.epochs} leaders one after the other",
            f"changes decided on after {follow[len(follow) // 2]:.1f} s in the median, {follow[-1]:.1f} s at most",
            f"{verdict.deliveries} deliveries, {verdict.repeated} of them repeated",
            *(verdict.mistakes or ["no decision missing, none doubled"]),
        ]
    )


if __name__ == "__main__":
    typer.run(main)
