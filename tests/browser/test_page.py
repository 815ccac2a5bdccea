"""The page at / as a person sees it."""

import subprocess
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.conftest import copied
from tests.otelgres_process import OtelgresProcess
from tests.served_api import served_api, sql, wipe

NOW = datetime.now(UTC)
TRACE = "5b8aa5a2d2c872e8321cf37308d69df2"

expect.set_options(timeout=15_000)


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
    return served


def add_span(
    dsn: str, span: int, parent: int | None, name: str, offset: float, duration: float, status: str = "completed"
) -> None:
    """A span of TRACE; offset and duration in milliseconds."""
    start = NOW + timedelta(milliseconds=offset)
    sql(
        dsn,
        "INSERT INTO enterprise.trace_spans (trace_id, span_id, parent_span_id, operation_name, service_name, "
        "start_time, end_time, duration_ms, status, tags) "
        "VALUES ($1, $2, $3, $4, 'shop', $5, $6, $7, $8, '{\"chunks\": 5}')",
        TRACE,
        f"{span:016x}",
        None if parent is None else f"{parent:016x}",
        name,
        start,
        start + timedelta(milliseconds=duration),
        duration,
        status,
    )


def add_log(dsn: str, level: str, message: str, trace: str | None = None) -> None:
    sql(
        dsn,
        "INSERT INTO enterprise.structured_logs (level, logger_name, message, trace_id) "
        "VALUES ($1, 'shop.chat', $2, $3)",
        level,
        message,
        trace,
    )


def test_an_empty_page_says_how_to_send_the_first_and_the_first_replaces_it(
    page: Page, url: str, database: str
) -> None:
    page.goto(url)
    expect(page.get_by_role("heading", name="Send the first trace")).to_be_visible()
    expect(page.locator("#state")).to_have_text("Live")
    expect(page.locator('[data-sample="python"]')).to_contain_text("http://127.0.0.1:4317")
    expect(page.locator('[data-sample="node"]')).to_contain_text("http://127.0.0.1:4318")
    add_log(database, "WARNING", "disk is filling up")
    row = page.locator("#logs li")
    expect(row).to_contain_text("disk is filling up")
    expect(row.locator(".WARNING")).to_have_css("color", "rgb(255, 200, 0)")
    expect(page.get_by_role("heading", name="Send the first trace")).to_be_hidden()
    expect(page.locator("#traces")).to_contain_text("No traces")
    add_span(database, 1, None, "POST /chat", 0, 850, "error")
    trace = page.locator("#traces li")
    expect(trace).to_contain_text("POST /chat")
    expect(trace).to_contain_text("850ms")
    expect(trace.locator(".error")).to_have_css("color", "rgb(255, 0, 85)")
    expect(page.locator("#traces")).not_to_contain_text("No traces")


def test_rows_arrive_on_top_without_a_reload(page: Page, url: str, database: str) -> None:
    add_log(database, "INFO", "the first")
    page.goto(url)
    expect(page.locator("#logs li")).to_have_count(1)
    page.locator("#logs li").evaluate("row => row.setAttribute('data-kept', 'yes')")
    add_log(database, "ERROR", "the second")
    expect(page.locator("#logs li")).to_have_count(2)
    expect(page.locator("#logs li").first).to_contain_text("the second")
    expect(page.locator("#logs li").last).to_have_attribute("data-kept", "yes")


def test_a_trace_opens_as_a_waterfall_with_its_logs(page: Page, url: str, database: str) -> None:
    add_span(database, 1, None, "http.server", 0, 1000)
    add_span(database, 2, 1, "rag_retrieve", 250, 250)
    add_span(database, 3, 1, "llm_generate", 500, 500, "error")
    add_span(database, 4, 2, "embed", 300, 1)
    add_log(database, "ERROR", "the model was busy", TRACE)
    add_log(database, "INFO", "of no trace")
    page.goto(url)
    page.locator("#traces a").click()
    expect(page.get_by_role("heading", name="http.server")).to_be_visible()
    names = page.locator(".waterfall summary > :first-child")
    expect(names).to_have_text(["http.server", "rag_retrieve", "embed", "llm_generate"])
    bars = page.locator(".waterfall .bar")
    colours = ["rgb(0, 255, 65)", "rgb(0, 255, 255)", "rgb(255, 200, 0)", "rgb(255, 0, 255)"]
    for place, colour in enumerate(colours):
        expect(bars.nth(place)).to_have_css("background-color", colour)
    styles = [bars.nth(place).evaluate("bar => [bar.style.left, bar.style.width]") for place in range(4)]
    assert styles == [["0%", "100%"], ["25%", "25%"], ["30%", "1%"], ["50%", "50%"]]
    page.locator(".waterfall summary").nth(1).click()
    expect(page.locator(".waterfall pre")).to_contain_text('"chunks": 5')
    expect(page.locator(".logs-of-trace li")).to_have_count(1)
    expect(page.locator(".logs-of-trace li")).to_contain_text("the model was busy")
    page.get_by_role("link", name="All traces").click()
    expect(page.locator("#traces li")).to_have_count(1)
    page.locator("#logs .trace[title]").click()
    expect(page).to_have_url(f"{url}/#trace/{TRACE}")


def test_an_unknown_trace_says_so(page: Page, url: str) -> None:
    page.goto(f"{url}/#trace/{TRACE}")
    expect(page.get_by_role("heading", name="Trace not found")).to_be_visible()


def test_spans_whose_parents_form_a_ring_or_are_missing_are_all_shown(page: Page, url: str, database: str) -> None:
    add_span(database, 1, 2, "a", 0, 10)
    add_span(database, 2, 1, "b", 1, 10)
    add_span(database, 3, 99, "c", 2, 10)
    page.goto(f"{url}/#trace/{TRACE}")
    expect(page.locator(".waterfall summary > :first-child")).to_have_text(["c", "a", "b"])


def test_telemetry_is_shown_as_text_and_never_runs(page: Page, url: str, database: str) -> None:
    attack = '<img src=x onerror="document.title=1"><script>document.title=1</script>'
    add_log(database, "INFO", attack, TRACE)
    add_span(database, 1, None, attack, 0, 1)
    page.goto(url)
    expect(page.locator("#logs .message")).to_have_text(attack)
    page.locator("#traces a").click()
    expect(page.get_by_role("heading", level=2, name=attack)).to_be_visible()
    assert page.locator("main img, main script").count() == 0
    expect(page).to_have_title("Otelgres")


def test_a_failing_api_is_announced_and_the_rows_stay(page: Page, url: str, database: str) -> None:
    add_log(database, "INFO", "still here")
    page.goto(url)
    expect(page.locator("#logs li")).to_have_count(1)
    sql(database, "ALTER TABLE enterprise.structured_logs RENAME TO elsewhere")
    expect(page.locator("#state")).to_contain_text("The database refused the query")
    expect(page.locator("#logs li")).to_contain_text("still here")
    sql(database, "ALTER TABLE enterprise.elsewhere RENAME TO structured_logs")
    expect(page.locator("#state")).to_have_text("Live")


def test_a_server_that_is_gone_is_announced(page: Page, database: str) -> None:
    with served_api(database) as client:
        page.goto(str(client.base_url))
        expect(page.locator("#state")).to_have_text("Live")
    expect(page.locator("#state")).to_contain_text("does not answer")


@pytest.mark.parametrize("width", [390, 768])
def test_nothing_is_wider_than_a_narrow_screen(page: Page, url: str, database: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 844})
    wide = "document.documentElement.scrollWidth"
    page.goto(url)
    expect(page.get_by_role("heading", name="Send the first trace")).to_be_visible()
    assert page.evaluate(wide) == width
    add_span(database, 1, None, "GET /" + "long" * 60, 0, 1)
    add_log(database, "CRITICAL", "unbroken" * 80, TRACE)
    expect(page.locator("#traces li a")).to_be_visible()
    expect(page.locator("#logs .message")).to_be_visible()
    assert page.evaluate(wide) == width
    page.locator("#traces a").click()
    expect(page.locator(".waterfall summary")).to_be_visible()
    assert page.evaluate(wide) == width


def test_the_curl_lines_on_the_page_work_as_they_stand(page: Page, server: Callable[..., OtelgresProcess]) -> None:
    otelgres = server()
    page.goto(otelgres.url)
    expect(page.get_by_role("heading", name="Send the first trace")).to_be_visible()
    for sample in ("curl", "curl-log"):
        command = page.locator(f'[data-sample="{sample}"]').text_content()
        assert command
        subprocess.run(["sh", "-c", command.replace("curl ", "curl --fail -sS ", 1)], check=True)
    expect(page.locator("#traces li")).to_contain_text("hello")
    expect(page.locator("#traces li")).to_contain_text("42ms")
    expect(page.locator("#logs li")).to_contain_text("hello from curl")


def test_the_api_page_describes_and_tries_every_read(page: Page, url: str, database: str) -> None:
    add_log(database, "INFO", "found by the form")
    description = httpx.get(f"{url}/api/openapi.json").json()
    page.goto(f"{url}/api/docs")
    operations = [f"{method.upper()}{path}" for path, methods in description["paths"].items() for method in methods]
    expect(page.locator(".operation h2")).to_have_text(operations)
    logs = page.locator(".operation").nth(operations.index("GET/api/observability/logs"))
    expect(logs).to_contain_text("1 to 1000")
    logs.locator("input[name=search]").fill("forms")
    logs.get_by_role("button", name="Send").click()
    expect(logs.locator("form + pre")).to_contain_text("200 /api/observability/logs?search=forms")
    expect(logs.locator("form + pre")).to_contain_text("found by the form")
