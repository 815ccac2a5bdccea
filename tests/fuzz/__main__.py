"""`make fuzz`: fuzzes every target, and goes on where the last run stopped.

What was found, the grown corpus and the counts lie below .fuzz/ in the project.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.fuzz.entries import SEEDS, TARGETS

ROOT = Path(__file__).parents[2]
ROUND = 50_000
"""Executions of one process: a new one forgets what the last has piled up."""
MEMORY_MB = 700


class Work:
    """What is known of one target: a directory with its corpus, its findings and its counts."""

    def __init__(self, directory: Path, target: str) -> None:
        self.target = target
        self.directory = directory / target
        self.corpus = self.directory / "corpus"
        self.corpus.mkdir(parents=True, exist_ok=True)
        self._counts = self.directory / "counts.json"

    @property
    def counts(self) -> dict[str, int]:
        """executions, and deep: those that decoded beyond the first item."""
        found: dict[str, int] = json.loads(self._counts.read_text()) if self._counts.exists() else {}
        return {"executions": 0, "deep": 0} | found

    @property
    def findings(self) -> list[Path]:
        return sorted(path for path in self.directory.glob("*-*") if path.is_file())

    def round(self, runs: int) -> bool:
        """Runs the fuzzer once; False when it found something."""
        with tempfile.TemporaryDirectory() as scratch:
            statistics = Path(scratch) / "statistics"
            ended = subprocess.run(
                [
                    *(sys.executable, "-m", "tests.fuzz.target", self.target, str(statistics)),
                    *(f"-runs={runs}", "-max_len=4096", "-timeout=10", f"-rss_limit_mb={MEMORY_MB}"),
                    *(
                        "-reduce_inputs=0",
                        "-print_final_stats=1",
                        "-verbosity=0",
                        f"-artifact_prefix={self.directory}/",
                    ),
                    *(str(self.corpus), str(SEEDS / self.target)),
                ],
                cwd=ROOT,
                env=os.environ | {"PYTHONWARNINGS": "ignore"},
                capture_output=True,
            )
            counted = json.loads(statistics.read_text()) if statistics.exists() else {}
        counts = {name: number + counted.get(name, 0) for name, number in self.counts.items()}
        self._counts.write_text(json.dumps(counts))
        if ended.returncode != 0:
            (self.directory / "log.txt").write_bytes(ended.stdout + ended.stderr)
        return ended.returncode == 0


def fuzz(work: Work, runs: int) -> bool:
    while (left := runs - work.counts["executions"]) > 0:
        if not work.round(min(left, ROUND)):
            return False
    return True


def covered(directory: Path) -> str:
    """The lines that the whole corpus reaches, as coverage.py tells them."""
    with tempfile.TemporaryDirectory() as scratch:
        data = {"COVERAGE_FILE": str(Path(scratch) / "data")}
        for target in TARGETS:
            command = ("run", "--append", f"--include={included()}", "-m", "tests.fuzz.replay", target, str(directory))
            subprocess.run([sys.executable, "-m", "coverage", *command], cwd=ROOT, env=os.environ | data, check=True)
        report = [sys.executable, "-m", "coverage", "report"]
        return subprocess.run(
            report, cwd=ROOT, env=os.environ | data, check=True, capture_output=True, text=True
        ).stdout


def included() -> str:
    names = (
        "wire",
        "envelope",
        "attribute_keys",
        "attribute_rules",
        "spans",
        "span_fields",
        "span_json",
        "logs",
        "log_fields",
        "metrics",
        "metric_fields",
        "point_fields",
        "distributions",
        "exemplars",
        "series",
        "attributes",
        "origin",
        "sources",
        "parts",
    )
    exporter = (f"exporter/src/opentelemetry/exporter/postgres/{name}.py" for name in names)
    return ",".join((*exporter, "receiver/json_values.py", "receiver/otlp_json.py", "receiver/inflate.py"))


def report(works: Iterable[Work], out: Path) -> bool:
    """Prints the figures; True when nothing was found."""
    works = list(works)
    for work in works:
        counts = work.counts
        share = counts["deep"] / max(counts["executions"], 1)
        print(f"{work.target:12} {counts['executions']:>9} executions, {share:.0%} beyond the first item")
        for found in work.findings:
            print(f"{'':12} FOUND {found.relative_to(out)}; {work.directory / 'log.txt'} tells more")
    return not any(work.findings for work in works)


def main() -> int:
    parser = argparse.ArgumentParser(prog="make fuzz ARGS=", description=__doc__)
    parser.add_argument("--runs", type=int, default=5_000_000, help="executions in all, earlier ones included")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="targets at the same time")
    parser.add_argument("--directory", type=Path, default=ROOT / ".fuzz")
    parser.add_argument("targets", nargs="*", choices=(*TARGETS, []), help="all unless named")
    chosen = parser.parse_args()
    works = [Work(chosen.directory, target) for target in chosen.targets or TARGETS]
    with ThreadPoolExecutor(chosen.jobs) as pool:
        whole = all(list(pool.map(lambda work: fuzz(work, chosen.runs // len(works)), works)))
    clean = report(works, chosen.directory)
    print(covered(chosen.directory))
    return 0 if whole and clean else 1


if __name__ == "__main__":
    sys.exit(main())
