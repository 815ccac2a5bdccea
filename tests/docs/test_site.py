"""What the builder of the site finds wrong, and the pages that it makes itself."""

from pathlib import Path

import pytest

from handbook import decisions, http_api
from handbook.built_site import troubles
from server.app import create_app
from server.settings import Settings
from tests.docs.blocks import DOCS, ROOT

PAGE = '<!doctype html><h1 id="here">One</h1><img src="picture.png">{}'


@pytest.mark.parametrize(
    ("content", "found"),
    [
        ('<a href="two.html#there">', []),
        ('<a href="#here">', []),
        ('<a href="https://example.com/">', []),
        ('<a href="folder/">', []),
        ('<a href="three.html">', ["index.html: three.html leads nowhere"]),
        ('<img src="other.png">', ["index.html: other.png leads nowhere"]),
        ('<a href="../index.html">', ["index.html: ../index.html leads nowhere"]),
        ('<a href="two.html#here">', ["index.html: two.html#here leads to no place of its page"]),
        ('<script src="https://cdn.example/x.js">', ["index.html: fetches https://cdn.example/x.js from elsewhere"]),
        (
            '<link rel="stylesheet" href="//fonts.example/x.css">',
            ["index.html: fetches //fonts.example/x.css from elsewhere"],
        ),
    ],
)
def test_what_leads_nowhere_and_what_is_fetched_from_elsewhere(content: str, found: list[str], tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text(PAGE.format(content))
    (tmp_path / "two.html").write_text('<a name="there">')
    (tmp_path / "picture.png").touch()
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "index.html").touch()
    assert troubles(tmp_path) == found


def test_every_route_is_in_the_reference() -> None:
    page = http_api.page()
    paths = create_app(Settings(), "postgresql://nowhere/none").openapi()["paths"]
    assert paths
    assert [
        path for path, methods in paths.items() for method in methods if f"### `{method.upper()} {path}`" not in page
    ] == []


def test_every_decision_is_listed_by_its_title() -> None:
    page = decisions.page(DOCS / "adr")
    assert "- [49\\. Documentation that is run](0049-documentation-that-is-run.md)" in page
    files = [path.name for path in (DOCS / "adr").glob("[0-9]*.md")]
    assert [name for name in files if f"]({name})" not in page] == []


def test_every_page_is_in_the_navigation() -> None:
    """But for the decisions, which their list leads to."""
    navigation = (ROOT / "zensical.toml").read_text()
    pages = [path.relative_to(DOCS).as_posix() for path in DOCS.rglob("*.md") if path.parent.name != "adr"]
    assert [page for page in pages if f'"{page}"' not in navigation] == []
