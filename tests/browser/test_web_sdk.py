"""The browser's SDK on a page of another origin: what the receiver takes from it, and what it does not."""

import http.server
import subprocess
import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Browser, Error, Page

from tests import rows
from tests.browser.conftest import PATIENCE_MS
from tests.conftest import copied, run
from tests.node.install import HERE, NODE, is_complete
from tests.otelgres_process import RECEIVERS, OtelgresProcess

TOKEN = "token-of-the-page"
SPANS = """
    SELECT s.operation_name, s.tags, s.trace_id, r.attributes->>'telemetry.sdk.language' AS language
    FROM enterprise.trace_spans AS s JOIN enterprise.resources AS r ON r.id = resource_id WHERE s.service_name = '{}'"""
RECORDS = "SELECT message, level, trace_id FROM enterprise.structured_logs WHERE service_name = '{}'"
COUNT = """
    SELECT (SELECT count(*) FROM enterprise.trace_spans WHERE service_name = '{0}')
         + (SELECT count(*) FROM enterprise.structured_logs WHERE service_name = '{0}')"""


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """Where the page is served, with its program bundled as web applications are."""
    assert is_complete(), "npm packages are missing: run python -m tests.node.install"
    directory = tmp_path_factory.mktemp("page")
    bundle = [str(NODE), "node_modules/esbuild/bin/esbuild", "page.mjs", "--bundle", "--log-level=warning"]
    subprocess.run([*bundle, f"--outfile={directory / 'page.js'}"], cwd=HERE, check=True, timeout=60)
    Path(directory, "index.html").write_text('<!doctype html><title>A page</title><script src="page.js"></script>')
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(directory))) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def receiver(port: int, postgres_dsn: str, template_database: str) -> Iterator[OtelgresProcess]:
    """Takes the page's data when the page is named by address, not when it is named localhost."""
    for dsn in copied(postgres_dsn, template_database):
        settings = {"OTELGRES_CORS_ORIGINS": f"http://127.0.0.1:{port}", "OTELGRES_INGEST_TOKEN": TOKEN}
        process = OtelgresProcess({"OTELGRES_DSN": dsn, **settings}, arguments=RECEIVERS)
        try:
            yield process
        finally:
            process.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    page = browser.new_page()
    page.set_default_timeout(PATIENCE_MS)
    yield page
    page.close()


def visit(page: Page, port: int, receiver: OtelgresProcess, service: str, host: str = "127.0.0.1", **more: Any) -> None:
    asked = {"receiver": receiver.otlp_http_url, "service": service, "token": TOKEN} | more
    page.goto(f"http://{host}:{port}/?{urlencode(asked)}")
    page.evaluate("record()")


def test_a_page_of_an_allowed_origin_sends(page: Page, port: int, receiver: OtelgresProcess) -> None:
    visit(page, port, receiver, "allowed")
    page.evaluate("flush()")
    (span,) = run(rows.fetch(receiver.dsn, SPANS.format("allowed")))
    assert (span["operation_name"], span["tags"], span["language"]) == ("click", {"page.path": "/"}, "webjs")
    (record,) = run(rows.fetch(receiver.dsn, RECORDS.format("allowed")))
    assert (record["message"], record["level"], record["trace_id"]) == ("clicked", "INFO", span["trace_id"])


def test_what_waits_is_sent_when_the_page_is_left(page: Page, port: int, receiver: OtelgresProcess) -> None:
    """By a fetch that outlives the page, and its preflight."""
    visit(page, port, receiver, "left")
    page.goto("about:blank")
    run(rows.until(receiver.dsn, COUNT.format("left"), 2))


def test_a_page_of_another_origin_is_refused_by_its_browser(page: Page, port: int, receiver: OtelgresProcess) -> None:
    told: list[str] = []
    page.on("console", lambda message: told.append(message.text))
    visit(page, port, receiver, "foreign", host="localhost")
    with pytest.raises(Error, match="Fetch request encountered a network error"):
        page.evaluate("flush()")
    assert any("blocked by CORS policy" in text for text in told), told
    assert run(rows.value(receiver.dsn, COUNT.format("foreign"))) == 0


def test_a_page_can_read_why_it_is_refused(page: Page, port: int, receiver: OtelgresProcess) -> None:
    visit(page, port, receiver, "unknown", token="not-the-token-of-the-page")
    with pytest.raises(Error, match="401"):
        page.evaluate("flush()")
    assert run(rows.value(receiver.dsn, COUNT.format("unknown"))) == 0
