"""Services in a browser: the table, a service's page, and the map."""

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

EDGES = "SELECT count(*) FROM enterprise.edges"


@pytest.fixture(scope="module")
def url(postgres_dsn: str, template_database: str) -> Iterator[str]:
    for dsn in copied(postgres_dsn, template_database):
        process = OtelgresProcess({"OTELGRES_DSN": dsn})
        try:
            Shop(minutes=10, every_seconds=10).send(process)
            run(rows.until(dsn, EDGES, 10))
            yield process.url
        finally:
            process.close()


def names(page: Page, label: str) -> list[str]:
    return page.get_by_role("region", name=label).get_by_role("rowheader").all_inner_texts()


def test_the_table_is_sorted_and_searched(page: Page, url: str) -> None:
    page.goto(f"{url}/admin/services")
    table = page.get_by_role("region", name="Services")
    expect(table.get_by_role("rowheader")).to_have_count(4)
    web = table.get_by_role("row", name="web")
    expect(web.get_by_text(re.compile(r"^1[12]\.\d+%$"))).to_be_visible()
    expect(web.get_by_role("img", name="p95 of web over time")).to_be_visible()
    expect(page.get_by_text("Percentiles are within 2%; counts are exact.")).to_be_visible()
    table.get_by_role("button", name="Service").click()
    expect(table.get_by_role("rowheader").first).to_have_text("assistant")
    assert names(page, "Services") == ["assistant", "cart", "mailer", "web"]
    table.get_by_role("button", name="p95", exact=True).click()
    expect(table.get_by_role("columnheader", name="p95", exact=True)).to_have_attribute("aria-sort", "descending")
    assert names(page, "Services")[0] == "web"
    page.go_back()
    expect(table.get_by_role("rowheader").first).to_have_text("assistant")
    page.get_by_label("Find a service").fill("CAR")
    expect(table.get_by_role("rowheader")).to_have_text(["cart"])


def test_a_service_has_a_page_that_leads_on(page: Page, url: str) -> None:
    page.goto(f"{url}/admin/services?from=now-30m")
    page.get_by_role("link", name="cart").click()
    expect(page.get_by_role("heading", name="cart", level=1)).to_be_visible()
    expect(page.get_by_role("figure", name="Rate over time")).to_be_visible()
    expect(page.get_by_text(re.compile(r"^60 spans · p50 \S+ · p95 \S+ · p99 \S+$"))).to_be_visible()
    expect(page.get_by_role("region", name="Callers").get_by_role("rowheader")).to_have_text(["web"])
    callees = page.get_by_role("region", name="Callees").get_by_role("rowheader")
    expect(callees.filter(has_text="shop@db1")).to_have_text("shop@db1 postgresql")
    about = page.get_by_role("navigation", name="About cart")
    expect(about.get_by_role("link", name="Failed traces")).to_have_attribute(
        "href", "/admin/traces?q=service%3Acart%20status%3Aerror&from=now-30m"
    )
    expect(about.get_by_role("link", name="Logs")).to_have_attribute(
        "href", "/admin/logs?q=service%3Acart&from=now-30m"
    )
    page.get_by_role("region", name="Operations").get_by_role("link", name="SELECT carts", exact=True).click()
    expect(page).to_have_url(re.compile(r"operation=SELECT\+carts"))
    expect(page.get_by_role("heading", name="Duration", exact=True)).to_be_visible()
    expect(about.get_by_role("link", name="Traces", exact=True)).to_have_attribute(
        "href", "/admin/traces?q=service%3Acart%20operation_name%3A%22SELECT%20carts%22&from=now-30m"
    )
    page.get_by_role("link", name="All operations").click()
    expect(page.get_by_role("heading", name="Duration", exact=True)).not_to_be_visible()


def test_a_drag_over_a_chart_sets_the_time_and_back_undoes_it(page: Page, url: str) -> None:
    page.goto(f"{url}/admin/services/web")
    chart = page.get_by_role("figure", name="Rate over time")
    expect(chart.locator("canvas")).to_be_visible()
    box = chart.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 120, box["y"] + 60)
    page.mouse.down()
    page.mouse.move(box["x"] + 200, box["y"] + 60, steps=4)
    page.mouse.up()
    expect(page).to_have_url(re.compile(r"from=\d{4}-"))
    page.go_back()
    expect(page.get_by_role("button", name="Time range: Last hour")).to_be_visible()


def test_a_service_that_nobody_knows_is_empty_not_broken(page: Page, url: str) -> None:
    page.goto(f"{url}/admin/services/%3Cb%3Ea%2Fb")
    expect(page.get_by_role("heading", name="<b>a/b", level=1)).to_be_visible()
    expect(page.get_by_text("No spans of this service in this time")).to_be_visible()


def test_the_map_tells_ends_apart_and_focuses_on_one(page: Page, url: str) -> None:
    page.goto(f"{url}/admin/services")
    page.get_by_role("tab", name="Map").click()
    nodes = page.locator(".svelte-flow__node")
    expect(nodes.filter(has_text="shop@db1").locator(".database")).to_be_visible()
    expect(nodes.filter(has_text="orders").locator(".queue")).to_be_visible()
    expect(nodes.filter(has_text="smtp.example.com").locator(".outside")).to_be_visible()
    expect(nodes.filter(has_text="gpt-4o").locator(".model")).to_be_visible()
    expect(page.get_by_text(re.compile(r"Counted up to \d+ s ago"))).to_be_visible()
    everything = nodes.count()
    call = page.get_by_role("list", name="Calls, the busiest first").get_by_role("listitem").filter(has_text="shop@db1")
    expect(call).to_contain_text(re.compile(r"0% errors p95 \d"))
    call.get_by_role("button", name="shop@db1").press("Enter")
    expect(page.get_by_text("shop@db1 and its neighbours")).to_be_visible()
    expect(nodes).to_have_count(2)
    expect(page).to_have_url(re.compile("focus=database"))
    page.get_by_role("link", name="Whole map").click()
    expect(nodes).to_have_count(everything)
    nodes.filter(has_text="mailer").click()
    expect(page.get_by_text("mailer and its neighbours")).to_be_visible()
    page.get_by_role("link", name="Its page").click()
    expect(page.get_by_role("heading", name="mailer", level=1)).to_be_visible()


def test_an_edge_tells_its_figures_under_the_pointer(page: Page, url: str) -> None:
    page.goto(f"{url}/admin/services?view=map&focus=database%3Apostgresql%3Ashop%40db1")
    expect(page.locator(".svelte-flow__node").first).to_be_visible()
    # A straight line has no height, so that Playwright would not hover over it.
    edge = page.locator(".svelte-flow__edge-interaction")
    x, y = edge.evaluate("path => [path.getBoundingClientRect().x + 10, path.getBoundingClientRect().y]")
    page.mouse.move(x, y)
    expect(page.get_by_text(re.compile(r"^\S+/\S+ · 0% errors · p95 \S+$"))).to_be_visible()


def test_without_data_all_says_so(page: Page, url: str) -> None:
    page.goto(f"{url}/admin/services?from=2020-01-01T00:00:00Z&to=2020-01-01T01:00:00Z")
    expect(page.get_by_text("No services in this time")).to_be_visible()
    page.get_by_role("tab", name="Map").click()
    expect(page.get_by_text("No calls between services in this time")).to_be_visible()


@pytest.mark.parametrize("path", ["services", "services?view=map", "services/web"])
@pytest.mark.parametrize("theme", ["dark", "light"])
def test_axe_finds_no_fault(page: Page, url: str, path: str, theme: str) -> None:
    page.add_init_script(f"localStorage.setItem('otelgres.theme', '{theme}')")
    page.goto(f"{url}/admin/{path}")
    page.wait_for_load_state("networkidle")
    expect(page.get_by_role("region").first).to_be_visible()
    assert faults(page) == []
