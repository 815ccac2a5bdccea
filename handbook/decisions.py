"""The list of decisions, read off their files."""

from pathlib import Path

INTRODUCTION = """\
# Decisions

Why Otelgres is as it is, one decision a page: what was found, what was decided, and what follows from it. Their numbers
are those of their files; a decision that another one replaced says so.
"""


def page(folder: Path) -> str:
    """A page that leads to every decision of the folder."""
    lines = [f"- [{_title(path)}]({path.name})" for path in sorted(folder.glob("[0-9]*.md"))]
    return "\n".join([INTRODUCTION, *lines, ""])


def _title(path: Path) -> str:
    with path.open(encoding="utf-8") as file:
        return file.readline().removeprefix("# ").strip().replace(". ", "\\. ", 1)
