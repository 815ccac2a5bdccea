"""A short run of every fuzzer: that it works, and that nothing near the seeds breaks."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.fuzz.__main__ import Work, fuzz
from tests.fuzz.entries import SEEDS, TARGETS

RUNS = 1_000


@pytest.mark.parametrize("target", TARGETS)
def test_a_short_run_finds_nothing(tmp_path: Path, target: str) -> None:
    work = Work(tmp_path, target)
    assert fuzz(work, RUNS), (work.directory / "log.txt").read_text(errors="replace")
    assert work.findings == []
    counts = work.counts
    assert counts["executions"] >= RUNS
    # Half of them in the long run; of so few it varies.
    assert counts["deep"] > 0.1 * counts["executions"]


def test_every_seed_is_read_whole() -> None:
    """By a process of its own: it replaces the decoder's modules."""
    code = (
        "import sys; from pathlib import Path; from tests.fuzz.entries import entry\n"
        "read = entry(sys.argv[1], instrumented=False)\n"
        "print(min(read(path.read_bytes()) for path in Path(sys.argv[2]).iterdir()))"
    )
    for target in TARGETS:
        told = subprocess.check_output([sys.executable, "-c", code, target, str(SEEDS / target)], text=True)
        assert int(told) >= 2
