"""The mail about alerts in a real browser, as wide as a telephone: nothing runs, nothing is loaded, nothing is cut."""

from collections.abc import Iterator
from dataclasses import replace
from uuid import uuid4

import pytest
from playwright.sync_api import Browser, Page

from alerting.delivery.mail_message import page
from tests.alert_notices import ITEM, message, resolved

WIDTH = 360
HOSTILE = '<img src="https://elsewhere.example/x" onerror="document.title = \'ran\'">'


@pytest.fixture
def sheet(browser: Browser) -> Iterator[Page]:
    """An empty page that MUST ask for nothing."""
    sheet = browser.new_page(viewport={"width": WIDTH, "height": 640})
    asked: list[str] = []
    sheet.on("request", lambda request: asked.append(request.url))
    yield sheet
    sheet.close()
    assert asked == []


def test_it_fits_a_telephone_whatever_the_values(sheet: Page) -> None:
    word = "x" * 500
    long = replace(ITEM, rule_name=word, message=word, labels={word: word}, rows=({"message": word},))
    sheet.set_content(page(message(long, replace(resolved(), instance_id=uuid4()))))
    assert sheet.evaluate("document.documentElement.scrollWidth") <= WIDTH
    assert sheet.get_by_role("heading").count() == 3


def test_values_are_text_and_only_web_addresses_are_links(sheet: Page) -> None:
    links = {"rule": "https://otelgres.example/a?b=1&c=2", "runbook": "javascript:document.title = 'ran'"}
    sheet.set_content(page(message(replace(ITEM, rule_name=HOSTILE, message=HOSTILE, links=links))))
    assert sheet.get_by_role("heading").inner_text() == HOSTILE
    assert [link.get_attribute("href") for link in sheet.get_by_role("link").all()] == [links["rule"]]
    assert sheet.title() == ""
