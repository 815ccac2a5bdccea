"""The Node of the wheel, run in ui/ with its packages."""

import subprocess

from tests.node.install import NODE, UI, environment, is_complete


def node(script: str, *arguments: str, stdin: str | None = None) -> "subprocess.CompletedProcess[str]":
    """Runs a script below ui/node_modules with these arguments; what it says is text."""
    assert is_complete(UI), "run python -m tests.node.install"
    command = [str(NODE), str(UI / "node_modules" / script), *arguments]
    return subprocess.run(command, cwd=UI, env=environment(), text=True, capture_output=True, input=stdin)
