"""`python -m benchmarks.pages`: opens the pages in Chromium, over a server that holds much, and times them."""

import asyncio
import json
from pathlib import Path
from typing import Annotated

import typer

from benchmarks.pages.browser import browser
from benchmarks.pages.place import Volume, place
from benchmarks.pages.report import Figure, as_json, show
from benchmarks.pages.scenes import Said, Scene, scenes


def main(
    rounds: Annotated[int, typer.Option(min=1, help="How often each scene is played.")] = 3,
    share: Annotated[
        float, typer.Option(min=0.01, max=1, help="Of all spans, logs and services; marks are for 1.")
    ] = 1,
    only: Annotated[str, typer.Option(help="Scenes whose names hold this.")] = "",
    dsn: Annotated[
        str | None,
        typer.Option(help="A PostgreSQL to use, in a database of its own there. Default: an embedded one."),
    ] = None,
    results: Annotated[Path | None, typer.Option("--json", help="Write the values of all rounds to this file.")] = None,
) -> None:
    """Time the pages in a browser, with large traces, many logs and many calls. Takes about five minutes."""
    figures = asyncio.run(_measure(dsn, Volume().times(share), rounds, only))
    show(figures)
    if results:
        results.write_text(json.dumps(as_json(figures)))


async def _measure(dsn: str | None, volume: Volume, rounds: int, only: str) -> list[Figure]:
    figures: list[Figure] = []
    async with place(dsn, volume) as stage, browser() as chromium:
        for scene in scenes(volume):
            if only not in scene.name:
                continue
            said = [await scene.play(chromium, stage) for _ in range(rounds)]
            figures += _figures(scene, said)
    return figures


def _figures(scene: Scene, said: list[Said]) -> list[Figure]:
    return [Figure(scene.name, name, [each[name] for each in said], scene.marks.get(name)) for name in said[0]]


if __name__ == "__main__":
    typer.run(main)
