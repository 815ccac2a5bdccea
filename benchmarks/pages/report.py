"""What was measured, told to people and to programs."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any

from rich.console import Console
from rich.table import Table


@dataclass(frozen=True)
class Figure:
    """One value of each round. mark: what the median should stay below."""

    scene: str
    name: str
    values: Sequence[float]
    mark: float | None = None

    @property
    def verdict(self) -> str:
        if self.mark is None:
            return ""
        return f"{'met' if median(self.values) < self.mark else 'MISSED'} {self.mark:,.0f}"


def show(figures: Sequence[Figure]) -> None:
    """A table; the worst round stands beside the median."""
    table = Table("scene", "figure", title="the pages in a browser")
    for column in ("median", "worst", "mark"):
        table.add_column(column, justify="right")
    scene = ""
    for figure in figures:
        told = "" if figure.scene == scene else figure.scene
        scene = figure.scene
        values = (f"{value:,.0f}" for value in (median(figure.values), max(figure.values)))
        table.add_row(told, figure.name, *values, figure.verdict)
    Console(width=max(Console().width, 100)).print(table)


def as_json(figures: Sequence[Figure]) -> list[dict[str, Any]]:
    """The same for programs, with the values of all rounds."""
    return [asdict(figure) for figure in figures]
