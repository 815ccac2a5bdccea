"""`python -m tests.faults.soak`: a steady load and a random fault every minute or so, for an hour."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random, SystemRandom
from typing import Annotated

import typer
from rich.console import Console

from tests.faults import network, outages, processes
from tests.faults.items import Stream
from tests.faults.load import Load
from tests.faults.scenario import Fault, Trial
from tests.faults.stage import Stage, running
from tests.faults.verdict import Verdict, settle
from tests.faults.vitals import MIB, Vitals, growth, look
from tests.reachable import reachable_directory

LOOK_SECONDS = 5.0
QUIET_SECONDS = 20.0
"""At the end: no more faults."""
SETTLE_SECONDS = 900.0
SPOOL_BYTES = 256 * MIB
EMPTY_SPOOL_BYTES = 4 * MIB
JUDGED_FROM_SECONDS = 600.0
GROWTH_ALLOWED = 0.1
"""Of the most memory that the receivers took, from the third quarter to the last. An outage leaves a high-water mark,
the longest one the highest, so a slope over both would tell which faults came when."""


async def _receiver_killed(trial: Trial) -> str:
    return f"{processes.kill_receivers(trial)} receivers killed"


# What a fault is called, the fault, and the least and most seconds it lasts.
ENDING_RECEIVERS: tuple[tuple[str, Fault, float, float], ...] = (
    ("receivers killed", _receiver_killed, 0, 0),
    ("SIGTERM and restart", processes.server_terminated, 0, 0),
    ("rolling restart", processes.rolling_restart, 0, 0),
    ("all killed", processes.all_killed, 0, 0),
    ("cut in commit", outages.cut_in_commit, 3, 15),
    ("receivers killed, PostgreSQL away", outages.receivers_killed_while_away, 5, 20),
    ("all killed, PostgreSQL away", outages.everything_killed_while_away, 5, 20),
)
SPARING_RECEIVERS: tuple[tuple[str, Fault, float, float], ...] = (
    ("PostgreSQL killed", outages.killed, 0, 6),
    ("PostgreSQL stopped", outages.stopped, 3, 45),
    ("PostgreSQL hanging", outages.hanging, 3, 20),
    ("answers lost", network.answers_lost, 3, 15),
    ("500 connect at once", network.crowd, 0, 5),
    ("trickling senders", network.trickle, 5, 20),
    ("senders killed", processes.senders_killed, 1, 5),
)


@dataclass
class Run:
    """What has happened so far."""

    samples: list[Vitals] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)


def main(
    minutes: Annotated[float, typer.Option(min=0.5, help="How long.")] = 60,
    rate: Annotated[float, typer.Option(min=1, help="Items a second over the four streams.")] = 5000,
    items: Annotated[int, typer.Option(min=1, max=1000, help="A request.")] = 100,
    every: Annotated[float, typer.Option(min=1, help="Seconds between faults, more or less.")] = 50,
    seed: Annotated[int | None, typer.Option(help="Of the faults and their times. Default: a random one.")] = None,
) -> None:
    """Break things at random under a steady load; in the second half, only what leaves the receivers alive, so that
    their memory can be judged.

    Ends with 1 unless nothing is missing or doubled, and memory, ledger and spool stay within their bounds.
    """
    console = Console(highlight=False, soft_wrap=True)
    seed = SystemRandom().randrange(1 << 32) if seed is None else seed
    console.print(f"seed {seed}: {minutes:g} minutes, {rate:,.0f} items/s, {items} a request")
    with (
        reachable_directory() as directory,
        running(Stage(directory / "stage", own=True, OTELGRES_SPOOL_BYTES=str(SPOOL_BYTES))) as stage,
    ):
        complaints = asyncio.run(_soak(stage, console, Random(seed), minutes * 60, rate, items, every))
    for complaint in complaints:
        console.print(f"[red]FAILED[/red]: {complaint}")
    if complaints:
        raise typer.Exit(1)
    console.print("passed")


async def _soak(
    stage: Stage, console: Console, rng: Random, seconds: float, rate: float, items: int, every: float
) -> list[str]:
    """Why it failed; nothing if it did not."""
    load = Load(
        stage.directory,
        stage.first_sender,
        grpc_port=stage.process.otlp_grpc_port,
        http_port=stage.process.otlp_http_port,
        rate=rate,
        items=items,
    )
    run = Run()
    began = time.monotonic()
    watching = asyncio.create_task(_watch(stage, load, run, console, began))
    try:
        await load.add()
        await _break(Trial(stage, load, 0, rng), run, began, seconds, every)
        await asyncio.sleep(max(0, began + seconds - time.monotonic()))
        await load.stop()
    finally:
        watching.cancel()
        await load.kill()
    acknowledged = sum(counts.acknowledged for counts in load.counts().values())
    console.print(_line(await look(stage, seconds), acknowledged, acknowledged / seconds, run.faults))
    console.print("counting …")
    verdict = await settle(stage.dsn, stage.spool_directory, load, SETTLE_SECONDS)
    return run.failures + _judge(console, load, run.samples, await look(stage, seconds), verdict, seconds)


async def _break(trial: Trial, run: Run, began: float, seconds: float, every: float) -> None:
    while True:
        await asyncio.sleep(trial.rng.uniform(0.5, 1.5) * every)
        passed = time.monotonic() - began
        if passed > seconds - QUIET_SECONDS:
            return
        menu = ENDING_RECEIVERS + SPARING_RECEIVERS if passed < seconds / 2 else SPARING_RECEIVERS
        name, fault, least, most = trial.rng.choice(menu)
        lasts = trial.rng.uniform(least, most)
        try:
            note = await fault(Trial(trial.stage, trial.load, lasts, trial.rng))
            run.faults.append(f"{name} ({note})")
        except Exception as error:  # noqa: BLE001 - the hour goes on, and tells in the end
            run.failures.append(f"{name}, {passed:.0f} s: {type(error).__name__}: {error}")
            run.faults.append(f"{name} FAILED")


async def _watch(stage: Stage, load: Load, run: Run, console: Console, began: float) -> None:
    """Samples every few seconds, and a line a minute."""
    told, told_at = 0, 0.0
    while True:
        await asyncio.sleep(LOOK_SECONDS)
        vitals = await look(stage, time.monotonic() - began)
        run.samples.append(vitals)
        if vitals.second // 60 == told_at // 60:
            continue
        acknowledged = sum(counts.acknowledged for counts in load.counts().values())
        rate = (acknowledged - told) / (vitals.second - told_at)
        console.print(_line(vitals, acknowledged, rate, run.faults))
        run.faults, told, told_at = [], acknowledged, vitals.second


def _line(vitals: Vitals, acknowledged: int, rate: float, faults: Sequence[str]) -> str:
    lag = "away" if vitals.stored is None else f"{max(0, acknowledged - vitals.stored):,}"
    ledger = "away" if vitals.ledger is None else f"{vitals.ledger:,}"
    return (
        f"min {vitals.second // 60:3.0f}  acknowledged {acknowledged:>12,} ({rate:,.0f}/s)  lag {lag:>9}  "
        f"RSS receivers {vitals.receivers_rss / MIB:.0f} MiB, API {vitals.api_rss / MIB:.0f} MiB  "
        f"ledger {ledger}  spool {vitals.spooled:,} requests, {vitals.spool_bytes / MIB:.1f} MiB  {'; '.join(faults)}"
    )


def _judge(
    console: Console, load: Load, samples: Sequence[Vitals], last: Vitals, verdict: Verdict, seconds: float
) -> list[str]:
    """Prints the end of it. Returns what is wrong."""
    tallies, counts = verdict.tallies, load.counts()
    for stream in Stream:
        tally, count = tallies[stream], counts[stream]
        console.print(
            f"{stream.signal:6} {stream.transport}: {count.requests:,} requests, {tally.acknowledged:,} acknowledged, "
            f"{tally.stored:,} stored, {tally.missing} missing, {tally.doubled} doubled; refused for later "
            f"{count.refused:,}, for good {count.dropped:,}, without answer {count.silent:,}, "
            f"given up {count.abandoned:,}; slowest answer {count.slowest:.1f} s {count.reason}"
        )
    third = _most_memory(samples, seconds / 2, seconds * 3 / 4)
    fourth = _most_memory(samples, seconds * 3 / 4, seconds)
    api = growth([(vitals.second, vitals.api_rss / MIB) for vitals in samples if vitals.second > seconds / 2])
    most = max(vitals.receivers_rss for vitals in samples) / MIB
    peak = max(vitals.spool_bytes for vitals in samples)
    requests = sum(each.requests for each in counts.values())
    console.print(
        f"receivers' memory at most {most:.0f} MiB; in the third quarter {third:.0f}, in the last {fourth:.0f}; "
        f"API {api:+.1f} MiB an hour; spool at most {peak / MIB:.1f} MiB, now {last.spool_bytes / MIB:.1f}; "
        f"ledger {last.ledger} rows for {requests:,} requests"
    )
    dropped = sum(each.dropped for each in counts.values())
    found = {
        "items are missing or doubled, or the traces' counts are off": not verdict.clean,
        f"{dropped} items were refused for good": dropped > 0,
        f"the receivers' memory grew from {third:.0f} to {fourth:.0f} MiB": (
            seconds / 2 >= JUDGED_FROM_SECONDS and fourth > (1 + GROWTH_ALLOWED) * third
        ),
        f"the spool took {peak} bytes": peak > SPOOL_BYTES,
        f"the empty spool takes {last.spool_bytes} bytes": last.spool_bytes > EMPTY_SPOOL_BYTES,
        # A request of an hour's first minutes is entered into two slots.
        f"the ledger has {last.ledger} rows": last.ledger is None or last.ledger > 2 * requests,
    }
    return [complaint for complaint, wrong in found.items() if wrong]


def _most_memory(samples: Sequence[Vitals], begin: float, end: float) -> float:
    """Of the receivers, in MiB."""
    return max((vitals.receivers_rss / MIB for vitals in samples if begin < vitals.second <= end), default=0.0)


if __name__ == "__main__":
    typer.run(main)
