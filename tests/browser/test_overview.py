"""The overview: the first trace, then services, alerts and how ingestion is."""

import subprocess
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Page, expect

from tests.browser.accessibility import faults
from tests.conftest import copied
from tests.otelgres_process import OtelgresProcess
from tests.served_api import served_api, sql, wipe

expect.set_options(timeout=15_000)
HOSTILE = '<img src=x onerror="document.title=1">\x07\u202e'


@pytest.fixture(scope="module")
def shared_database(postgres_dsn: str, template_database: str) -> Iterator[str]:
    yield from copied(postgres_dsn, template_database)


@pytest.fixture
def database(shared_database: str) -> Iterator[str]:
    yield shared_database
    wipe(shared_database)


@pytest.fixture(scope="module")
def served(shared_database: str) -> Iterator[str]:
    with served_api(shared_database) as client:
        yield str(client.base_url)


@pytest.fixture
def url(served: str, database: str) -> str:
    return f"{served}/admin"


def add_spans(dsn: str, service: str, count: int, duration_ms: float, errors: int = 0) -> None:
    """So many root spans of a service, a second from each other, the newest a minute old; the oldest of them fail."""
    newest = datetime.now(UTC) - timedelta(minutes=1)
    sql(
        dsn,
        "INSERT INTO enterprise.trace_spans (trace_id, span_id, operation_name, service_name, start_time, end_time, "
        "duration_ms, status, kind) "
        "SELECT md5($1 || n), left(md5($1 || n), 16), 'GET /', $1, at, at + $4 * interval '1 ms', $4, "
        "CASE WHEN n >= $2 - $5 THEN 'error' ELSE 'completed' END, 2 "
        "FROM (SELECT n, $3::timestamptz - n * interval '1 s' AS at FROM generate_series(0, $2 - 1) AS n) AS made",
        service,
        count,
        newest,
        duration_ms,
        errors,
    )


def test_the_first_trace_turns_the_page_green_by_the_line_that_it_shows(
    page: Page, server: Callable[..., OtelgresProcess]
) -> None:
    otelgres = server()
    page.goto(otelgres.url)
    expect(page.get_by_role("heading", name="Send your first trace")).to_be_visible()
    page.get_by_role("tab", name="curl").click()
    command = page.get_by_label("curl: Send", exact=True).text_content()
    assert command
    subprocess.run(["sh", "-c", command.replace("curl ", "curl --fail -sS ", 1)], check=True)
    expect(page.get_by_role("status").filter(has_text="The first trace has arrived, from curl.")).to_be_visible()
    page.get_by_role("button", name="Show the overview").click()
    expect(page.get_by_role("row", name="curl")).to_contain_text("42")
    ingestion = page.get_by_role("region", name="Ingestion")
    expect(ingestion).to_contain_text("1 storing")
    expect(ingestion).to_contain_text("empty")


def test_services_are_shown_with_their_figures_and_sorted(page: Page, url: str, database: str) -> None:
    add_spans(database, "shop", 40, 20, errors=10)
    add_spans(database, "search", 10, 900)
    page.goto(url)
    rows = page.get_by_role("table").get_by_role("row")
    expect(rows).to_have_count(3)
    expect(rows.nth(1)).to_contain_text("shop")
    expect(rows.nth(1)).to_contain_text("25%")
    expect(rows.nth(2)).to_contain_text("0%")
    page.get_by_role("button", name="p95").click()
    expect(rows.nth(1)).to_contain_text("search")
    expect(page.get_by_role("columnheader", name="p95")).to_have_attribute("aria-sort", "descending")
    page.go_back()
    expect(rows.nth(1)).to_contain_text("shop")


def test_what_fires_is_shown_and_counted(page: Page, url: str, database: str) -> None:
    add_spans(database, "shop", 1, 20)
    sql(
        database,
        "INSERT INTO enterprise.structured_logs (level, logger_name, message) VALUES ('ERROR', 'shop', 'card refused')",
    )
    # The engine of the application fires it, and would resolve what no rule of its says.
    sql(
        database,
        "INSERT INTO enterprise.alert_rules (name, metric_type, condition, threshold, severity) "
        "VALUES ('Checkout fails', 'error_count', 'gt', 0, 'critical')",
    )
    page.goto(f"{url}?live=5")
    alerts = page.get_by_role("region", name="Firing alerts")
    expect(alerts).to_contain_text("CRITICAL", timeout=60_000)
    expect(alerts).to_contain_text("Checkout fails: error_count is 1 (threshold: 0)")


def test_names_from_telemetry_are_text(page: Page, url: str, database: str) -> None:
    add_spans(database, HOSTILE.replace("\x07", "\x1b"), 1, 20)
    page.goto(url)
    expect(page.get_by_role("table")).to_contain_text('<img src=x onerror="document.title=1">␛\\u202e')
    expect(page).to_have_title("Overview · Otelgres")


def test_a_time_without_services_says_so(page: Page, url: str, database: str) -> None:
    add_spans(database, "shop", 1, 20)
    page.goto(f"{url}?from=now-2h&to=now-1h")
    expect(page.get_by_text("No services in this time")).to_be_visible()


@pytest.mark.parametrize("theme", ["dark", "light"])
@pytest.mark.parametrize("filled", [True, False], ids=["filled", "empty"])
def test_axe_finds_no_fault(page: Page, url: str, database: str, theme: str, filled: bool) -> None:
    if filled:
        add_spans(database, "shop", 40, 20, errors=10)
    page.add_init_script(f"localStorage.setItem('otelgres.theme', '{theme}')")
    page.goto(url)
    heading = "Ingestion" if filled else "Send your first trace"
    expect(page.get_by_role("heading", name=heading)).to_be_visible()
    page.wait_for_load_state("networkidle")
    assert faults(page) == []


@pytest.mark.parametrize("width", [390, 1280, 1920])
def test_nothing_is_wider_than_the_screen(page: Page, url: str, database: str, width: int) -> None:
    add_spans(database, "a-service-with-a-name-that-is-rather-long", 40, 20, errors=10)
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(url)
    expect(page.get_by_role("table")).to_contain_text("a-service")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
