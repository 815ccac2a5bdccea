"""Language models in a browser: what they cost, and the calls that cost it."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests import rows
from tests.browser.accessibility import faults
from tests.browser.shop_scene import Shop
from tests.conftest import copied, run
from tests.otelgres_process import OtelgresProcess

expect.set_options(timeout=15_000)

CALLS = 20
DERIVED = "SELECT count(*) FROM enterprise.llm_call_metrics"


@pytest.fixture(scope="module")
def url(postgres_dsn: str, template_database: str) -> Iterator[str]:
    for dsn in copied(postgres_dsn, template_database):
        process = OtelgresProcess({"OTELGRES_DSN": dsn})
        try:
            Shop(minutes=10, every_seconds=10).send(process)
            run(rows.until(dsn, DERIVED, CALLS))
            yield process.url
        finally:
            process.close()


def cell(page: Page, group: str, number: int) -> str:
    row = page.get_by_role("region", name=re.compile("^By ")).get_by_role("row").filter(has_text=group)
    return row.get_by_role("cell").nth(number).inner_text()


def test_cost_is_told_by_group_and_narrowed(page: Page, url: str) -> None:
    page.goto(f"{url}/admin/llm")
    groups = page.get_by_role("region", name="By model").get_by_role("rowheader")
    expect(groups).to_have_count(3)
    expect(groups.first).to_have_text("claude-sonnet-4")
    assert cell(page, "gpt-4o", 0).startswith("$")
    for chart in ("Cost", "Tokens", "Latency", "Errors"):
        expect(page.get_by_role("figure", name=f"{chart} over time").locator("canvas")).to_be_visible()
    page.get_by_label("Group by").select_option("user")
    people = page.get_by_role("region", name="By user")
    people.get_by_role("link", name="<b>eve</b>@example.com").click()
    expect(people.get_by_role("rowheader")).to_have_count(1)
    expect(page.get_by_role("list", name="Only")).to_contain_text("<b>eve</b>@example.com")
    expect(page).to_have_url(re.compile("user=%3Cb%3Eeve"))
    page.get_by_role("link", name="Not only this user").click()
    expect(people.get_by_role("rowheader")).to_have_count(3)


def test_slowest_and_dearest_calls_lead_to_their_traces(page: Page, url: str) -> None:
    page.goto(f"{url}/admin/llm")
    calls = page.get_by_role("region", name="Calls")
    expect(calls.get_by_role("row")).to_have_count(CALLS + 1)
    slowest = calls.get_by_role("row").nth(1)
    expect(slowest.get_by_role("link")).to_have_attribute(
        "href", re.compile(r"^/admin/traces/[0-9a-f]{32}\?span=[0-9a-f]{16}$")
    )
    page.get_by_role("tab", name="Dearest calls").click()
    expect(page).to_have_url(re.compile("order=dearest"))
    expect(calls.get_by_role("row").nth(1)).to_contain_text("claude-sonnet-4")
    expect(calls.get_by_role("row").last).to_contain_text("text-embedding-3-small")


def test_retrievals_are_told_by_source(page: Page, url: str) -> None:
    page.goto(f"{url}/admin/llm")
    sources = page.get_by_role("region", name="Retrievals by source").get_by_role("rowheader")
    expect(sources).to_have_text(["handbook", "wiki"])
    page.goto(f"{url}/admin/llm?from=2020-01-01T00:00:00Z&to=2020-01-01T01:00:00Z")
    expect(page.get_by_text("No calls of language models in this time")).to_be_visible()
    expect(page.get_by_text("No retrievals in this time.")).to_be_visible()


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_axe_finds_no_fault(page: Page, url: str, theme: str) -> None:
    page.add_init_script(f"localStorage.setItem('otelgres.theme', '{theme}')")
    page.goto(f"{url}/admin/llm")
    expect(page.get_by_role("region", name="Retrievals by source")).to_be_visible()
    page.wait_for_load_state("networkidle")
    assert faults(page) == []
