"""The built documentation in a browser, and the program that it shows for web pages."""

import http.server
import subprocess
import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from handbook.__main__ import SITE, build
from tests.browser.conftest import PATIENCE_MS
from tests.conftest import copied
from tests.docs.blocks import Block, blocks
from tests.docs.test_running import here, stored
from tests.node.install import HERE, NODE, is_complete
from tests.otelgres_process import RECEIVERS, OtelgresProcess
from tests.polling import until

PROGRAMS = [block for block in blocks() if block.mark == "browser"]


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


def served(directory: Path) -> Iterator[str]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(directory))) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    assert build() == 0
    yield from served(SITE)


@pytest.fixture(scope="module")
def receiver(postgres_dsn: str, template_database: str) -> Iterator[OtelgresProcess]:
    for dsn in copied(postgres_dsn, template_database):
        process = OtelgresProcess({"OTELGRES_DSN": dsn, "OTELGRES_CORS_ORIGINS": "*"}, arguments=RECEIVERS)
        try:
            yield process
        finally:
            process.close()


@pytest.mark.parametrize("name", ["index", "http-api", "sending/python", "adr/index"])
def test_pages_are_read_without_another_origin(name: str, page: Page, site: str) -> None:
    page.goto(f"{site}/{name}.html", wait_until="networkidle")
    expect(page.locator("h1")).to_have_count(1)


def test_a_search_of_the_site_finds_its_page(page: Page, site: str) -> None:
    page.goto(f"{site}/index.html")
    page.keyboard.press("/")
    page.keyboard.type("error budget")
    expect(page.get_by_role("option", name="Error budget").first).to_be_visible()


@pytest.mark.parametrize("block", PROGRAMS, ids=str)
def test_the_program_for_web_pages_sends(
    block: Block, browser: Browser, receiver: OtelgresProcess, tmp_path: Path
) -> None:
    assert is_complete(), "npm packages are missing: run python -m tests.node.install"
    bundle = [str(NODE), "node_modules/esbuild/bin/esbuild", "--bundle", "--loader=js", "--log-level=warning"]
    text = here(block.text, receiver)
    subprocess.run([*bundle, f"--outfile={tmp_path / 'page.js'}"], cwd=HERE, input=text, text=True, check=True)
    (tmp_path / "index.html").write_text('<!doctype html><title>A page</title><script src="page.js"></script>')
    page = browser.new_page()
    page.set_default_timeout(PATIENCE_MS)
    for url in served(tmp_path):
        with page.expect_response(lambda answer: answer.ok and answer.url.endswith("/v1/traces")):
            page.goto(url)
            # What it holds is sent when it is hidden.
            page.evaluate("dispatchEvent(new Event('pagehide')); document.dispatchEvent(new Event('visibilitychange'))")
    page.close()
    until(lambda: stored(receiver, block.value))
