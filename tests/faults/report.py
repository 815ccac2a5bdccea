"""Outcomes told to people and to programs."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from rich.console import Console
from rich.table import Table

from tests.faults.items import Stream
from tests.faults.runner import Outcome

_COLUMNS = ("requests", "acknowledged", "stored", "missing", "doubled", "again", "never", "silent", "slowest")


def show(outcomes: Sequence[Outcome], console: Console) -> None:
    """A line for each scenario and stream."""
    table = Table(title="items acknowledged and stored", title_justify="left")
    table.add_column("scenario")
    table.add_column("stream", no_wrap=True)
    for column in _COLUMNS:
        table.add_column(column, justify="right", no_wrap=True)
    table.add_column("note")
    for outcome in outcomes:
        for place, stream in enumerate(Stream):
            head = outcome.scenario if not place else ""
            note = remark(outcome) if not place else ""
            table.add_row(head, f"{stream.signal} {stream.transport}", *_cells(outcome, stream), note)
        table.add_section()
    console.print(table)
    console.print(
        "again, never: attempts refused as retryable, items refused for good. silent: attempts without an answer. "
        "slowest: seconds to an answer."
    )


def remark(outcome: Outcome) -> str:
    """The note, and whatever speaks against the outcome."""
    parts = [outcome.failure and f"FAILED: {outcome.failure}", outcome.note]
    if outcome.verdict.miscounted:
        parts.append(f"FAILED: the traces' counts are {outcome.verdict.miscounted} spans off")
    if outcome.verdict.waiting:
        parts.append(f"FAILED: {outcome.verdict.waiting} requests still in the spool")
    abandoned = sum(counts.abandoned for counts in outcome.counts.values())
    if abandoned:
        parts.append(f"{abandoned} items given up by their senders")
    parts += sorted({counts.reason for counts in outcome.counts.values() if counts.reason})
    return "; ".join(part for part in parts if part)


def as_json(outcomes: Sequence[Outcome], seed: int) -> dict[str, Any]:
    """Every figure of every outcome."""
    return {
        "seed": seed,
        "scenarios": [
            {
                "scenario": outcome.scenario,
                "passed": outcome.passed,
                "note": remark(outcome),
                "miscounted": outcome.verdict.miscounted,
                "waiting": outcome.verdict.waiting,
                "streams": {
                    f"{stream.signal} {stream.transport}": asdict(outcome.verdict.tallies[stream])
                    | {"sender": asdict(outcome.counts[stream])}
                    for stream in Stream
                },
            }
            for outcome in outcomes
        ],
    }


def _cells(outcome: Outcome, stream: Stream) -> list[str]:
    counts, tally = outcome.counts[stream], outcome.verdict.tallies[stream]
    figures = (counts.requests, tally.acknowledged, tally.stored, tally.missing, tally.doubled)
    answers = (counts.refused, counts.dropped, counts.silent)
    return [*(f"{figure:,}" for figure in (*figures, *answers)), f"{counts.slowest:.1f}"]
