"""What is wrong with a built site: links that lead nowhere, and what it would fetch from elsewhere."""

from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

# What a browser fetches when it shows a page; a link is fetched when somebody follows it.
FETCHED = {"img", "script", "iframe", "source", "video", "audio", "embed", "object"}
FETCHED_LINKS = {"stylesheet", "preload", "prefetch", "preconnect", "dns-prefetch", "icon", "manifest", "modulepreload"}


class _Page(HTMLParser):
    """anchors: what can be led to. links: addresses, and whether a browser fetches them by itself."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.anchors: set[str] = set()
        self.links: list[tuple[str, bool]] = []
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.anchors |= {given[name] for name in ("id", "name") if name in given}
        relations = set(given.get("rel", "").split())
        for name in ("href", "src", "data"):
            if name in given:
                fetched = tag in FETCHED or (tag == "link" and bool(relations & FETCHED_LINKS))
                self.links.append((given[name], fetched))


def troubles(site: Path) -> list[str]:
    """A line for each, in the order of the pages."""
    pages = {path: _Page(path) for path in sorted(site.rglob("*.html"))}
    return [
        f"{path.relative_to(site)}: {trouble}"
        for path, page in pages.items()
        # It is shown at any address, so its links are the site's own business.
        if path.name != "404.html"
        for trouble in _of_page(path, page, pages, site)
    ]


def _of_page(path: Path, page: _Page, pages: dict[Path, _Page], site: Path) -> Iterator[str]:
    for link, fetched in page.links:
        address = urlsplit(link)
        if address.scheme or address.netloc:
            if fetched and address.scheme != "data":
                yield f"fetches {link} from elsewhere"
            continue
        target = (path.parent / unquote(address.path)).resolve() if address.path else path
        if target.is_dir():
            target /= "index.html"
        if not target.is_relative_to(site) or not target.is_file():
            yield f"{link} leads nowhere"
        elif address.fragment and target in pages and unquote(address.fragment) not in pages[target].anchors:
            yield f"{link} leads to no place of its page"
