"""Runs told to people and to programs: medians, spread, and the ratio to the baseline of the same round."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks.ingest.payloads import Signal
from benchmarks.ingest.rounds import Run, Way

MIB = 1 << 20


@dataclass(frozen=True)
class Spread:
    """Median, least and greatest of some figures."""

    median: float
    least: float
    greatest: float

    @classmethod
    def of(cls, figures: Sequence[float]) -> "Spread":
        return cls(median(figures), min(figures), max(figures))

    def text(self, digits: int = 0) -> str:
        return f"{self.median:,.{digits}f} ({self.least:,.{digits}f}-{self.greatest:,.{digits}f})"


@dataclass(frozen=True)
class Summary:
    """All runs of one signal by one way.

    rate: durable items a second. ratio: to the baseline's rate in the same round; None for the baseline. of_open: to
    the rate without a key in the same round; None for whatever has none.
    cpu: seconds a 100,000 items, by process group. Bytes a row: of the leaves without and with their indexes.
    """

    signal: Signal
    way: Way
    rate: Spread
    ratio: Spread | None
    of_open: Spread | None
    cpu: dict[str, Spread]
    receiver_mib: Spread
    heap_bytes_a_row: Spread
    total_bytes_a_row: Spread
    items_a_transaction: Spread | None


def summarize(runs: Sequence[Run]) -> list[Summary]:
    """One summary for each signal and way."""
    rates = {(run.signal, run.way, run.round): run.rate for run in runs}

    def beside(group: Sequence[Run], other: Way) -> Spread:
        return Spread.of([run.rate / rates[run.signal, other, run.round] for run in group])

    groups: dict[tuple[Signal, Way], list[Run]] = {}
    for run in runs:
        groups.setdefault((run.signal, run.way), []).append(run)
    return [
        Summary(
            signal=signal,
            way=way,
            rate=Spread.of([run.rate for run in group]),
            ratio=None if way is Way.COPY else beside(group, Way.COPY),
            of_open=beside(group, Way(way.transport)) if way.has_key else None,
            cpu={
                name: Spread.of([run.cpu_seconds[name] / run.items * 100_000 for run in group])
                for name in group[0].cpu_seconds
            },
            receiver_mib=Spread.of([run.receiver_bytes / MIB for run in group]),
            heap_bytes_a_row=Spread.of([run.heap_bytes / run.items for run in group]),
            total_bytes_a_row=Spread.of([run.total_bytes / run.items for run in group]),
            items_a_transaction=Spread.of([run.items / run.transactions for run in group])
            if all(run.transactions for run in group)
            else None,
        )
        for (signal, way), group in sorted(groups.items(), key=lambda item: _place(*item[0]))
    ]


def show(summaries: Sequence[Summary], server: Mapping[str, str], console: Console) -> None:
    """A table for each signal; every figure is a median with its spread."""
    console.print(
        f"PostgreSQL {server['version']}, fsync {server['fsync']}, "
        f"synchronous_commit {server['synchronous_commit']}. Medians (least-greatest)."
    )
    for signal in dict.fromkeys(summary.signal for summary in summaries):
        table = Table(title=str(signal), title_justify="left")
        table.add_column("", no_wrap=True)
        of_signal = [summary for summary in summaries if summary.signal is signal]
        for summary in of_signal:
            table.add_column(str(summary.way), justify="right")
        for name, *cells in _lines(of_signal):
            table.add_row(name, *cells)
        console.print(table)


def as_json(runs: Sequence[Run], server: Mapping[str, str]) -> dict[str, Any]:
    """Every run, and the summaries."""
    return {
        "server": dict(server),
        "summaries": [asdict(summary) for summary in summarize(runs)],
        "runs": [run.as_json() for run in runs],
    }


def _place(signal: Signal, way: Way) -> tuple[int, int]:
    return list(Signal).index(signal), list(Way).index(way)


def _lines(summaries: Sequence[Summary]) -> list[list[str]]:
    return [
        ["durable items/s", *(summary.rate.text() for summary in summaries)],
        ["of COPY's", *(summary.ratio.text(2) if summary.ratio else "" for summary in summaries)],
        ["of those without key", *(summary.of_open.text(3) if summary.of_open else "" for summary in summaries)],
        *([f"CPU s/100k, {name}", *(summary.cpu[name].text(2) for summary in summaries)] for name in summaries[0].cpu),
        [
            "items a transaction",
            *(summary.items_a_transaction.text() if summary.items_a_transaction else "" for summary in summaries),
        ],
        ["receiver's memory, MiB", *(summary.receiver_mib.text() for summary in summaries)],
        ["bytes a row, heap", *(summary.heap_bytes_a_row.text() for summary in summaries)],
        ["bytes a row, with indexes", *(summary.total_bytes_a_row.text() for summary in summaries)],
    ]
