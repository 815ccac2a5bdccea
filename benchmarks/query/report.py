"""The answers' times told to people and to programs."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks.query.asking import Answered


@dataclass(frozen=True)
class Measured:
    """All questions at one size of the data. tail: rows in the partitions without search indexes, by table."""

    rows: int
    days: float
    tail: dict[str, int]
    answers: Sequence[Answered]


def show(measured: Sequence[Measured]) -> None:
    """A table of all sizes; how p95 grew from the first to the last."""
    for each in measured:
        tail = ", ".join(f"{rows:,} {name}" for name, rows in each.tail.items())
        print(f"{each.rows:,} logs and as many spans over {each.days:.1f} days; in the tail {tail}")
    table = Table(title="milliseconds")
    table.add_column("question")
    for each in measured:
        for figure in ("cold", "p50", "p95"):
            table.add_column(f"{figure}\n{each.rows / 1e6:.3g} M", justify="right")
    table.add_column("mark", justify="right")
    table.add_column("growth", justify="right")
    for answers in zip(*(each.answers for each in measured), strict=True):
        table.add_row(*_cells(answers))
    Console(width=max(Console().width, 120)).print(table)


def _cells(answers: Sequence[Answered]) -> list[str]:
    last = answers[-1]
    cells = [last.name]
    for each in answers:
        cells += ["-" if each.cold_ms is None else f"{each.cold_ms:,.0f}", f"{each.middle:,.1f}", f"{each.p95:,.1f}"]
    mark = "" if last.mark_ms is None else f"{'met' if last.p95 < last.mark_ms else 'MISSED'} {last.mark_ms:,.0f}"
    return [*cells, mark, f"{last.middle / answers[0].middle:.2f}" if len(answers) > 1 else ""]


def as_json(measured: Sequence[Measured]) -> list[dict[str, Any]]:
    """The same for programs, with every single time."""
    return [asdict(each) for each in measured]
