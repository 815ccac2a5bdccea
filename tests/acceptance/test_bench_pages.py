"""The benchmark of the pages, small, over its real parts: receivers, API process, Chromium."""

import asyncio
import json
import sys
from pathlib import Path

from benchmarks.pages.place import Volume
from benchmarks.pages.scenes import scenes

ROOT = Path(__file__).parents[2]
SHARE = 0.1


async def test_every_scene_is_played(postgres_dsn: str, tmp_path: Path) -> None:
    results = tmp_path / "figures.json"
    arguments = ["--dsn", postgres_dsn, "--share", str(SHARE), "--rounds", "1", "--json", str(results)]
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "benchmarks.pages",
        *arguments,
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await process.communicate()
    assert process.returncode == 0, err.decode()
    figures = json.loads(results.read_text())
    played = scenes(Volume().times(SHARE))
    assert list(dict.fromkeys(figure["scene"] for figure in figures)) == [scene.name for scene in played]
    assert all(len(figure["values"]) == 1 and figure["values"][0] >= 0 for figure in figures)
    marked = {(figure["scene"], figure["name"]) for figure in figures if figure["mark"] is not None}
    assert marked == {(scene.name, name) for scene in played for name in scene.marks}
    assert "until its services are shown, ms" in out.decode()
