"""The benchmark of the read API, small, over its real parts: database, API process."""

import asyncio
import json
import sys
from pathlib import Path

from benchmarks.query.questions import QUESTIONS

ROOT = Path(__file__).parents[2]


async def test_every_question_is_answered_at_both_sizes(postgres_dsn: str, tmp_path: Path) -> None:
    results = tmp_path / "times.json"
    arguments = ["--dsn", postgres_dsn, "--rows", "3000", "--days", "6", "--first-days", "3", "--json", str(results)]
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "benchmarks.query",
        *arguments,
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await process.communicate()
    assert process.returncode == 0, err.decode()
    smaller, larger = json.loads(results.read_text())
    assert 500 < smaller["rows"] < 1500 < larger["rows"] == 3000
    assert set(larger["tail"]) == {"logs", "spans"}
    for measured in (smaller, larger):
        assert [answer["name"] for answer in measured["answers"]] == [question.name for question in QUESTIONS]
        assert all(len(answer["warm_ms"]) == 40 for answer in measured["answers"])
    assert all(question.name in out.decode() for question in QUESTIONS[:3])
