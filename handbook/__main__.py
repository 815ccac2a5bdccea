"""`python -m handbook`: the documentation as a site in build/site; 1 when a link in it leads nowhere."""

import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

from handbook import decisions, http_api
from handbook.built_site import troubles

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
SITE = ROOT / "build" / "site"
# Read off the code and the decisions, and known to no repository.
MADE: dict[Path, Callable[[], str]] = {
    DOCS / "http-api.md": http_api.page,
    DOCS / "adr" / "index.md": partial(decisions.page, DOCS / "adr"),
}


def build() -> int:
    """Write the pages that are made, and build the site from all."""
    for path, page in MADE.items():
        path.write_text(page(), encoding="utf-8")
    program = Path(sys.executable).with_name("zensical")
    done = subprocess.run([program, "build", "--clean", "--strict"], cwd=ROOT, capture_output=True, text=True)
    if done.returncode:
        print(done.stdout, done.stderr, sep="\n", file=sys.stderr)
        return 1
    found = troubles(SITE)
    print("\n".join(found), file=sys.stderr, end="\n" if found else "")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(build())
