"""The shell around all pages: navigation, time, theme, keyboard, and what happens while Otelgres is away."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from server.embedded import EmbeddedPostgres
from tests.conftest import copied, run
from tests.prepared_database import prepare, short_settings
from tests.reachable import reachable_directory
from tests.served_api import served_api, sql

MOST_SCRIPT_BYTES = 250_000

expect.set_options(timeout=15_000)


@pytest.fixture(scope="module")
def url(postgres_dsn: str, template_database: str) -> Iterator[str]:
    for dsn in copied(postgres_dsn, template_database):
        with served_api(dsn) as client:
            yield str(client.base_url)


def test_the_root_leads_to_the_overview(page: Page, url: str) -> None:
    page.goto(url)
    expect(page.get_by_role("heading", name="Overview", level=1)).to_be_visible()
    expect(page.get_by_role("link", name="Overview")).to_have_attribute("aria-current", "page")


def test_the_time_range_is_in_the_address_and_back_undoes_it(page: Page, url: str) -> None:
    page.goto(f"{url}/admin")
    page.get_by_role("button", name="Time range: Last hour").click()
    page.get_by_role("button", name="last 15 minutes").click()
    expect(page.get_by_role("button", name="Time range: Last 15 minutes")).to_be_visible()
    expect(page).to_have_url(re.compile(r"\?from=now-15m$"))
    page.go_back()
    expect(page.get_by_role("button", name="Time range: Last hour")).to_be_visible()


def test_fixed_times_are_typed(page: Page, url: str) -> None:
    page.goto(f"{url}/admin")
    page.get_by_role("button", name="Time range").click()
    page.get_by_label("From", exact=True).fill("2026-11-22 10:00:00")
    page.get_by_label("To", exact=True).fill("2026-11-22 09:00:00")
    expect(page.get_by_text("The end must be later than the start")).to_be_visible()
    expect(page.get_by_role("button", name="Apply")).to_be_disabled()
    page.get_by_label("To", exact=True).fill("2026-11-22 12:30:00")
    page.get_by_role("button", name="Apply").click()
    expect(page.get_by_role("button", name="Time range: 2026-11-22 10:00:00 – 12:30:00")).to_be_visible()


def test_a_theme_is_kept(page: Page, url: str) -> None:
    page.goto(f"{url}/admin")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.get_by_role("button", name="Light theme").click()
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-theme", "light")


def test_the_keyboard_opens_a_sheet_of_what_it_can_do(page: Page, url: str) -> None:
    page.goto(f"{url}/admin")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keyboard shortcuts")).to_contain_text("Go to Overview")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()


def test_a_name_is_given_once(page: Page, url: str) -> None:
    page.goto(f"{url}/admin")
    page.get_by_role("button", name="Who are you?").click()
    page.get_by_label("Your name or e-mail").fill("ann@example.com")
    page.get_by_role("button", name="Save").click()
    page.reload()
    expect(page.get_by_role("button", name="You are ann@example.com")).to_be_visible()


def test_the_first_view_takes_little_script(browser: Browser, url: str) -> None:
    """As compressed on the way, all scripts that the first view loads."""
    page = browser.new_page()
    page.goto(f"{url}/admin")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    page.wait_for_load_state("networkidle")
    sizes = page.evaluate(
        "performance.getEntriesByType('resource').filter((one) => one.name.endsWith('.js'))"
        ".map((one) => one.encodedBodySize)"
    )
    page.close()
    assert len(sizes) > 5
    assert sum(sizes) < MOST_SCRIPT_BYTES


def test_a_server_that_goes_away_is_told_of_and_its_return_too(
    page: Page, postgres_dsn: str, template_database: str
) -> None:
    for dsn in copied(postgres_dsn, template_database):
        with served_api(dsn) as client:
            page.goto(f"{client.base_url}/admin")
            expect(page.get_by_role("heading", level=1)).to_be_visible()
            page.context.set_offline(True)
            page.get_by_role("button", name="Refresh", exact=True).click()
            expect(page.get_by_text("Otelgres does not answer.")).to_be_visible()
            page.context.set_offline(False)
            expect(page.get_by_text("Otelgres does not answer.")).to_be_hidden()


@pytest.fixture
def postgres() -> Iterator[EmbeddedPostgres]:
    """A server of this test's own, to stop and start; its database is migrated."""
    with reachable_directory() as directory, EmbeddedPostgres(directory / "data") as server:
        run(prepare(server.dsn, short_settings()))
        yield server


def test_a_database_that_goes_away_is_told_of_what_was_seen_stays_and_it_goes_on(
    page: Page, postgres: EmbeddedPostgres
) -> None:
    with served_api(postgres.dsn) as client:
        sql(
            postgres.dsn,
            "INSERT INTO enterprise.trace_spans (trace_id, span_id, operation_name, service_name, start_time, "
            "end_time, duration_ms, status) VALUES (md5('a'), left(md5('a'), 16), 'GET /', 'shop', "
            "now() - interval '2 minutes', now() - interval '2 minutes', 5, 'completed')",
        )
        page.goto(f"{client.base_url}/admin")
        expect(page.get_by_role("row", name="shop")).to_be_visible()
        postgres.stop()
        page.get_by_role("button", name="Refresh", exact=True).click()
        expect(page.get_by_text("The database is away.")).to_be_visible()
        expect(page.get_by_role("row", name="shop")).to_be_visible()
        postgres.start()
        expect(page.get_by_text("The database is away.")).to_be_hidden()
        expect(page.get_by_role("alert")).to_have_count(0)
        expect(page.get_by_role("row", name="shop")).to_be_visible()


def test_a_page_that_is_not_there_says_so(page: Page, url: str) -> None:
    page.goto(f"{url}/admin/nothing")
    expect(page.get_by_text("There is no such page")).to_be_visible()
    page.get_by_role("link", name="To the overview").click()
    expect(page.get_by_role("heading", name="Overview", level=1)).to_be_visible()


def test_a_live_view_loads_again_by_itself(page: Page, url: str) -> None:
    page.goto(f"{url}/admin?live=5")
    expect(page.get_by_label("Live refresh")).to_have_value("5")
    with page.expect_response(lambda answer: answer.url.endswith("/api/server")):
        pass
    with page.expect_response(lambda answer: answer.url.endswith("/api/server")) as again:
        pass
    assert again.value.ok
