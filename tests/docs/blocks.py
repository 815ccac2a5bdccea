"""The blocks of code of the documentation, and the marks that say what becomes of them.

A mark is a comment of HTML right before a block:

    <!-- not run: why -->        nothing can run it here
    <!-- output -->              what a program prints
    <!-- file: name -->          a file that the other blocks of its page need, in the directory they run in
    <!-- prepares -->            SQL that the other SQL of its page needs
    <!-- sends: service -->      run; spans of this service are stored afterwards
    <!-- browser: service -->    bundled and run by a page in a browser; spans of this service are stored afterwards
    <!-- step: name -->          run by the test of its page, in the order that it takes
    <!-- search: logs -->        each line is a search of logs, or of spans or traces, that finds something

Without one, its language says how it is run.
"""

import re
from dataclasses import dataclass
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.token import Token

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
MARK = re.compile(r"<!-- (not run|output|file|prepares|sends|browser|step|search)(?:: (.+?))? -->\s*")
WITHOUT_VALUE = {"output", "prepares"}
LANGUAGES = {"bash", "sql", "yaml", "toml"}
"""Those that are run when nothing is said."""


@dataclass(frozen=True)
class Block:
    """mark: what is said of it, with its value, or "run"."""

    page: str
    line: int
    language: str
    text: str
    mark: str
    value: str

    def __str__(self) -> str:
        return f"{self.page}:{self.line}"


def pages() -> list[Path]:
    """All that people write; decisions tell of their time, and what is made from the code holds nothing to run."""
    made = {"http-api.md", "access-matrix.md"}
    return [path for path in sorted(DOCS.rglob("*.md")) if "adr" not in path.parts and path.name not in made]


def blocks() -> list[Block]:
    return [block for path in pages() for block in _blocks(path)]


def _blocks(path: Path) -> list[Block]:
    tokens = MarkdownIt("commonmark").parse(path.read_text(encoding="utf-8"))
    found = []
    for before, token in zip([None, *tokens], tokens, strict=False):
        if token.type in ("fence", "code_block"):
            mark, value = _mark(before)
            line = token.map[0] + 1 if token.map else 0
            page = path.relative_to(DOCS).as_posix()
            found.append(Block(page, line, token.info.strip(), token.content, mark, value))
    return found


def _mark(before: Token | None) -> tuple[str, str]:
    if before is None or before.type != "html_block":
        return "run", ""
    matched = MARK.fullmatch(before.content)
    assert matched, f"no mark: {before.content!r}"
    return matched[1], matched[2] or ""


def files_of(page: str) -> dict[str, str]:
    """The files that blocks of a page need, by name."""
    return {block.value: block.text for block in blocks() if block.page == page and block.mark == "file"}


def preparation_of(page: str) -> str:
    """The SQL that goes before the other SQL of a page."""
    return "\n".join(block.text for block in blocks() if block.page == page and block.mark == "prepares")
