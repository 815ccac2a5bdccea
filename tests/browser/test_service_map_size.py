"""A map of more calls than one can look at: the busiest are drawn, all are listed, and the page stays quick."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests import rows
from tests.browser.shop_scene import send_calls
from tests.conftest import copied, run
from tests.otelgres_process import OtelgresProcess

expect.set_options(timeout=15_000)

SERVICES = 51
# Each calls each other one, and what starts them calls each.
CALLS = SERVICES * (SERVICES - 1) + SERVICES


@pytest.fixture(scope="module")
def url(postgres_dsn: str, template_database: str) -> Iterator[str]:
    for dsn in copied(postgres_dsn, template_database):
        process = OtelgresProcess({"OTELGRES_DSN": dsn})
        try:
            send_calls(process, SERVICES)
            run(rows.until(dsn, "SELECT count(*) FROM enterprise.edges", CALLS, 60))
            yield process.url
        finally:
            process.close()


def test_it_shows_the_busiest_and_says_so(page: Page, url: str) -> None:
    page.goto(f"{url}/admin/services?view=map")
    expect(page.locator(".svelte-flow__edge").first).to_be_attached()
    expect(page.get_by_text(f"The 150 busiest of {CALLS:,} calls are drawn; the list has all.")).to_be_visible()
    assert page.locator(".svelte-flow__edge").count() <= 150
    calls = page.get_by_role("list", name="Calls, the busiest first")
    calls.hover()
    for _ in range(20):
        page.mouse.wheel(0, 3000)
    expect(calls.get_by_role("listitem").first).to_be_visible()
    assert calls.get_by_role("listitem").count() < 60
    page.get_by_label("Find a call").fill("service-07")
    page.get_by_role("button", name="Focus on service service-07").first.click()
    expect(page.get_by_text("service-07 and its neighbours")).to_be_visible()
