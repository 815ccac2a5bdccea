"""`python -m tests.faults`: every scenario, each on a server and a PostgreSQL of its own."""

import asyncio
import json
from pathlib import Path
from random import SystemRandom
from typing import Annotated

import typer
from rich.console import Console

from tests.faults import report
from tests.faults.catalogue import SCENARIOS, named
from tests.faults.places import at
from tests.faults.runner import Outcome, run
from tests.faults.scenario import Scenario

SETTLE_SECONDS = 120.0
LINE = 200
"""Columns of the report in a file."""


def main(
    seed: Annotated[int | None, typer.Option(help="Of the faults' times. Default: a random one.")] = None,
    only: Annotated[str, typer.Option(help="Scenarios whose names contain this.")] = "",
    seconds: Annotated[float | None, typer.Option(min=0, help="How long each fault lasts. Default: its own.")] = None,
    items_per_second: Annotated[float, typer.Option(min=1, help="Of the four streams together.")] = 2000,
    items: Annotated[int, typer.Option(min=1, max=1000, help="A request.")] = 20,
    logs: Annotated[Path | None, typer.Option(help="Write the servers' logs into this directory.")] = None,
    json_file: Annotated[
        Path | None, typer.Option("--json", allow_dash=True, help="Write every figure there; - is standard output.")
    ] = None,
) -> None:
    """Break things under load; count what was acknowledged against what is stored.

    Ends with 1 unless nothing is missing, nothing is doubled, and nothing was refused for good.
    """
    chosen = named(only)
    if not chosen:
        raise typer.BadParameter(f"choose from {', '.join(scenario.name for scenario in SCENARIOS)}")
    to_stdout = json_file is not None and str(json_file) == "-"
    console = Console(stderr=to_stdout)
    if not console.is_terminal:
        console.width = LINE
    seed = SystemRandom().randrange(1 << 32) if seed is None else seed
    console.print(f"seed {seed}")
    outcomes: list[Outcome] = []
    for scenario in chosen:
        console.print(f"{scenario.name} …", end=" ")
        lasts = scenario.seconds if seconds is None else seconds
        outcome = _tried(scenario, lasts, items_per_second, items, seed, logs)
        console.print("passed" if outcome.passed else "[red]failed[/red]", f"({report.remark(outcome)})")
        outcomes.append(outcome)
    report.show(outcomes, console)
    if json_file is not None:
        text = json.dumps(report.as_json(outcomes, seed), indent=2)
        print(text) if to_stdout else json_file.write_text(text + "\n")
    if not all(outcome.passed for outcome in outcomes):
        raise typer.Exit(1)


def _tried(scenario: Scenario, seconds: float, rate: float, items: int, seed: int, logs: Path | None) -> Outcome:
    """The outcome of one scenario on a stage of its own, also where that does not come up."""
    try:
        with at(scenario.place) as stage:
            trial = run(
                scenario, stage, seconds=seconds, rate=rate, items=items, seed=seed, settle_seconds=SETTLE_SECONDS
            )
            outcome = asyncio.run(trial)
            if logs is not None:
                logs.mkdir(parents=True, exist_ok=True)
                (logs / f"{scenario.name.replace(' ', '-')}.log").write_text(stage.log())
            return outcome
    except Exception as error:  # noqa: BLE001 - what breaks one scenario must not hide the others
        return Outcome(scenario.name, failure=f"{type(error).__name__}: {error}")


if __name__ == "__main__":
    typer.run(main)
