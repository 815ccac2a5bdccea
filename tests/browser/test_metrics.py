"""Metrics in a browser: the catalogue and a metric's page."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser.accessibility import faults
from tests.browser.shop_scene import Shop
from tests.conftest import copied
from tests.otelgres_process import OtelgresProcess

expect.set_options(timeout=15_000)

NAME = "http.server.request.duration"


@pytest.fixture(scope="module")
def url(postgres_dsn: str, template_database: str) -> Iterator[str]:
    for dsn in copied(postgres_dsn, template_database):
        process = OtelgresProcess({"OTELGRES_DSN": dsn})
        try:
            Shop(minutes=10, every_seconds=10).send(process)
            yield process.url
        finally:
            process.close()


def test_the_catalogue_is_searched(page: Page, url: str) -> None:
    page.goto(f"{url}/admin/metrics")
    table = page.get_by_role("region", name="Metrics")
    row = table.get_by_role("row").filter(has_text=NAME)
    expect(row).to_contain_text("delta histogram")
    expect(row.get_by_role("cell", name="6", exact=True)).to_be_visible()
    search = page.get_by_role("combobox", name="Search")
    search.fill("queue")
    search.press("Enter")
    expect(table.get_by_role("rowheader")).to_have_count(1)
    expect(page).to_have_url(re.compile("q=queue"))
    search.fill("metric.type:[")
    search.press("Enter")
    expect(page.get_by_role("alert").first).to_be_visible()
    search.fill("nothing")
    search.press("Enter")
    expect(page.get_by_text("No metric matches")).to_be_visible()


def test_fields_are_completed(page: Page, url: str) -> None:
    page.goto(f"{url}/admin/metrics/{NAME}")
    search = page.get_by_role("combobox", name="Search")
    search.press_sequentially("http.r")
    page.get_by_role("option", name="http.route").click()
    page.get_by_role("option", name="POST /chat").click()
    expect(search).to_have_value(re.compile('^http.route:"POST /chat"'))


def test_a_metric_is_grouped_narrowed_and_aggregated(page: Page, url: str) -> None:
    page.goto(f"{url}/admin/metrics")
    page.get_by_role("link", name=NAME).click()
    expect(page.get_by_role("heading", name=f"p95 of {NAME}")).to_be_visible()
    page.get_by_role("button", name="Group by nothing").click()
    page.get_by_role("checkbox", name="http.route").check()
    page.get_by_role("checkbox", name=re.compile("^service")).check()
    page.keyboard.press("Escape")
    groups = page.get_by_role("region", name="Groups")
    expect(groups.get_by_role("row")).to_have_count(7)
    groups.get_by_role("link", name="POST /chat").first.click()
    expect(groups.get_by_role("row")).to_have_count(3)
    expect(page.get_by_role("combobox", name="Search")).to_have_value('http.route:"POST /chat"')
    page.get_by_label("Aggregation").select_option("rate")
    expect(groups.get_by_role("cell", name=re.compile(r"^[\d.]+.(s|min|h)$")).first).to_be_visible()
    expect(page).to_have_url(re.compile("aggregation=rate"))
    page.reload()
    expect(groups.get_by_role("row")).to_have_count(3)
    page.get_by_label("Step").select_option("300")
    expect(page.get_by_text("steps of 300 s")).to_be_visible()


def test_an_exemplar_leads_to_its_trace(page: Page, url: str) -> None:
    page.goto(f"{url}/admin/metrics/{NAME}")
    link = page.get_by_role("region", name="Exemplars").get_by_role("link").first
    expect(link).to_have_attribute("href", re.compile(r"^/admin/traces/[0-9a-f]{32}\?span=[0-9a-f]{16}$"))
    marks = page.get_by_role("figure", name=f"p95 of {NAME} over time").get_by_role("link")
    expect(marks.first).to_have_attribute("href", re.compile(r"^/admin/traces/[0-9a-f]{32}\?span=[0-9a-f]{16}$"))


def test_what_the_values_do_not_cover_is_said(page: Page, url: str) -> None:
    page.goto(f"{url}/admin/metrics/queue.length?aggregation=rate")
    expect(page.get_by_text("2 series left out: a gauge does not count, so it has no increase")).to_be_visible()


@pytest.mark.parametrize("path", ["metrics", f"metrics/{NAME}?by=service"])
@pytest.mark.parametrize("theme", ["dark", "light"])
def test_axe_finds_no_fault(page: Page, url: str, path: str, theme: str) -> None:
    page.add_init_script(f"localStorage.setItem('otelgres.theme', '{theme}')")
    page.goto(f"{url}/admin/{path}")
    page.wait_for_load_state("networkidle")
    expect(page.get_by_role("region").first).to_be_visible()
    assert faults(page) == []
