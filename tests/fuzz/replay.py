"""`python -m tests.fuzz.replay TARGET DIRECTORY`: every input kept for a target once more, in plain Python."""

import sys
from pathlib import Path

from tests.fuzz.entries import SEEDS, entry


def main() -> None:
    target, directory = sys.argv[1], Path(sys.argv[2])
    read = entry(target, instrumented=False)
    for place in (SEEDS / target, directory / target / "corpus"):
        for path in sorted(place.glob("*")):
            read(path.read_bytes())


if __name__ == "__main__":
    main()
