"""Channels: made, tested and changed; their secrets are written and never read."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.conftest import copied
from tests.served_api import served_api, sql

SECRET = "the key of the signature"
API = "/api/observability/alerts/channels"

expect.set_options(timeout=20_000)


@pytest.fixture(scope="module")
def served(postgres_dsn: str, template_database: str) -> Iterator[tuple[str, str]]:
    """The address, and the database."""
    for dsn in copied(postgres_dsn, template_database):
        with served_api(dsn) as client:
            yield str(client.base_url), dsn


@pytest.fixture
def channels(page: Page, served: tuple[str, str]) -> Page:
    """The page of the channels, of which there are none."""
    sql(served[1], "DELETE FROM enterprise.alert_channels")
    page.goto(f"{served[0]}/admin/settings")
    page.get_by_role("link", name="Channels").click()
    expect(page.get_by_role("heading", name="Channels")).to_be_visible()
    return page


@pytest.fixture
def hook() -> Iterator[tuple[str, list[Any]]]:
    """The address of a web server that takes notices, and what it took."""
    taken: list[Any] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            taken.append(json.loads(self.rfile.read(int(self.headers["content-length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Says nothing."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/hook", taken
    server.shutdown()
    thread.join()
    server.server_close()


def item(page: Page, name: str) -> Locator:
    return page.get_by_role("list", name="Channels").get_by_role("listitem").filter(has_text=name)


def make_webhook(page: Page, address: str) -> None:
    page.get_by_role("button", name="New channel").click()
    dialog = page.get_by_role("dialog", name="New channel")
    dialog.get_by_label("Name").fill("on call")
    dialog.get_by_label("Kind").select_option("Webhook")
    dialog.get_by_label("Address").fill(address)
    dialog.get_by_label("Key of the signature").fill(SECRET)
    dialog.get_by_role("button", name="Save").click()


def test_a_channel_is_made_tested_and_deleted(channels: Page, hook: tuple[str, list[Any]]) -> None:
    address, taken = hook
    make_webhook(channels, address)
    made = item(channels, "on call")
    expect(made.get_by_text(f"Address: {address}")).to_be_visible()
    made.get_by_role("button", name="Test on call").click()
    expect(made.get_by_text("Test sent")).to_be_visible()
    assert len(taken) == 1
    made.get_by_role("button", name="Delete").click()
    made.get_by_role("button", name="Delete").click()
    expect(made).to_have_count(0)


def test_a_channel_without_its_settings_says_so(channels: Page) -> None:
    slack = item(channels, "slack")
    slack.get_by_role("button", name="Test slack").click()
    expect(slack.get_by_text("SLACK_WEBHOOK_URL is not set")).to_be_visible()


def test_a_mistake_stands_at_its_field(channels: Page) -> None:
    make_webhook(channels, "not an address")
    dialog = channels.get_by_role("dialog", name="New channel")
    expect(dialog.get_by_text("is no address like https://host/path")).to_be_visible()
    expect(dialog.get_by_label("Address")).to_have_attribute("aria-invalid", "true")


def test_a_secret_is_never_shown_and_stays(channels: Page, served: tuple[str, str]) -> None:
    make_webhook(channels, "https://hooks.example.com/a")
    made = item(channels, "on call")
    made.get_by_role("button", name="Change").click()
    dialog = channels.get_by_role("dialog", name="Change the channel on call")
    expect(dialog.get_by_label("Key of the signature")).to_have_value("")
    dialog.get_by_label("Address").fill("https://hooks.example.com/b")
    dialog.get_by_role("button", name="Save").click()
    expect(made.get_by_text("Secrets that are set: secret")).to_be_visible()
    assert SECRET not in channels.content()
    assert sql(served[1], "SELECT count(*) FROM enterprise.alert_channel_secrets")[0][0] == 1


def test_who_was_slower_sees_what_differs(channels: Page, served: tuple[str, str]) -> None:
    make_webhook(channels, "https://hooks.example.com/a")
    made = item(channels, "on call")
    made.get_by_role("button", name="Change").click()
    body = {"kind": "webhook", "settings": {"url": "https://hooks.example.com/theirs"}}
    assert channels.request.put(f"{served[0]}{API}/on call", data=body).ok
    dialog = channels.get_by_role("dialog", name="Change the channel on call")
    dialog.get_by_label("Address").fill("https://hooks.example.com/mine")
    dialog.get_by_role("button", name="Save").click()
    expect(dialog.get_by_text("Somebody changed this channel meanwhile")).to_be_visible()
    dialog.get_by_role("button", name="Take what is there now").click()
    expect(dialog.get_by_label("Address")).to_have_value("https://hooks.example.com/theirs")
    dialog.get_by_role("button", name="Save").click()
    expect(made.get_by_text("Address: https://hooks.example.com/theirs")).to_be_visible()
