"""A page in the machine's own Chromium; what it logs as an error fails the test."""

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser.install import find

PATIENCE_MS = 15_000


# No wider than a module: while it lives, Playwright's event loop runs in this thread, and asynchronous tests fail.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    path = find()
    assert path is not None, "no Chromium: run python -m tests.browser.install"
    with sync_playwright() as playwright:
        # As root there is no sandbox to be had; the pages are our own.
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page of its own. It MUST ask no other origin than its own, throw nothing and break no content policy."""
    page = browser.new_page(viewport={"width": 1280, "height": 800}, timezone_id="UTC")
    page.set_default_timeout(PATIENCE_MS)
    troubles: list[str] = []
    origins: set[str] = set()
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.on(
        "console",
        lambda message: troubles.append(message.text) if "Content Security Policy" in message.text else None,
    )
    page.on("request", lambda request: origins.add(urlsplit(request.url).netloc))
    yield page
    page.close()
    assert troubles == []
    assert len(origins) == 1
