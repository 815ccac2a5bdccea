"""A map of more calls than one looks at: the busiest are drawn, all are listed, and the page does not stand still."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests import rows
from tests.browser.shop_scene import send_calls
from tests.conftest import copied, run
from tests.otelgres_process import OtelgresProcess

expect.set_options(timeout=15_000)

SERVICES = 51
CALLS = SERVICES * (SERVICES - 1)
# What a machine that does other things beside may take; by itself the longest is a fraction of it.
LONGEST_TASK_MS = 500
OBSERVE = """
    window.longest = 0;
    new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) window.longest = Math.max(window.longest, duration);
    }).observe({ type: "longtask", buffered: true });"""


@pytest.fixture(scope="module")
def url(postgres_dsn: str, template_database: str) -> Iterator[str]:
    for dsn in copied(postgres_dsn, template_database):
        process = OtelgresProcess({"OTELGRES_DSN": dsn})
        try:
            send_calls(process, SERVICES)
            run(rows.until(dsn, f"SELECT count(*) >= {CALLS} FROM enterprise.edges", True, 60))
            yield process.url
        finally:
            process.close()


def test_it_shows_the_busiest_and_says_so(page: Page, url: str) -> None:
    page.add_init_script(OBSERVE)
    page.goto(f"{url}/admin/services?view=map")
    expect(page.locator(".svelte-flow__edge").first).to_be_attached()
    expect(
        page.get_by_text(re.compile(r"The 150 busiest of 2,55\d calls are drawn; the list has all\."))
    ).to_be_visible()
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
    longest = page.evaluate("window.longest")
    print(f"longest task: {longest} ms")
    assert longest < LONGEST_TASK_MS
