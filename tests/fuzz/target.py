"""One fuzzer: `python -m tests.fuzz.target TARGET STATISTICS [options of libFuzzer] DIRECTORY...`."""

import json
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import atheris

from tests.fuzz import mutate
from tests.fuzz.entries import SEEDS, Entry, entry

ITEMS = {"traces": "span", "logs": "record", "metrics": "metric"}
EVERY = 50
"""Executions between two writes of the statistics: libFuzzer ends the process without asking Python."""


class Counted:
    """Counts executions, and those that got beyond the first item."""

    def __init__(self, read: Entry, path: Path) -> None:
        self._read = read
        self._path = path
        self._executions = self._deep = 0

    def __call__(self, data: bytes) -> None:
        self._executions += 1
        self._deep += self._read(data) > 1
        if self._executions % EVERY == 0:
            self._path.write_text(json.dumps({"executions": self._executions, "deep": self._deep}))


def _bytes(data: bytes, limit: int) -> bytes:
    # Looked up at each call: Fuzz() puts another function in its place.
    mutated: bytes = atheris.Mutate(data, limit)
    return mutated


def mutator(target: str) -> Callable[[bytes, int, int], bytes]:
    signal, _, as_json = target.partition("_")
    seeds = [path.read_bytes() for path in sorted((SEEDS / target).iterdir())]
    if signal == "inflate":
        return partial(mutate.compressed, mutate=_bytes, seeds=seeds)
    if as_json:
        return partial(mutate.json_text, mutate=_bytes, seeds=seeds)
    return partial(mutate.protobuf, mutate=_bytes, seeds=seeds, item=ITEMS[signal])


def main() -> None:
    target, statistics, *options = sys.argv[1:]
    read = Counted(entry(target, instrumented=True), Path(statistics))
    atheris.Setup([sys.argv[0], *options], read, custom_mutator=mutator(target))
    atheris.Fuzz()


if __name__ == "__main__":
    main()
