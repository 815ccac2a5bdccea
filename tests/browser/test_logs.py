"""The page of logs, by what a person sees and does: filters, the stream, details, patterns, export, views."""

import csv
import io
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, WebSocketRoute, expect

from query_api import slices
from tests.browser.accessibility import faults
from tests.conftest import copied
from tests.polling import until
from tests.served_api import served_api, sql, wipe

TRACE = "ab" * 16
MARKUP = '<b onclick="x()">bold</b><script>document.title="taken"</script>'
INSERT = (
    "INSERT INTO enterprise.structured_logs (timestamp, level, logger_name, message, trace_id, service_name, extra) "
    "VALUES ($1, $2, $3, $4, $5, $6, $7::jsonb)"
)

expect.set_options(timeout=15_000)


@pytest.fixture(scope="module")
def database(postgres_dsn: str, template_database: str) -> Iterator[str]:
    yield from copied(postgres_dsn, template_database)


@pytest.fixture(scope="module")
def served(database: str) -> Iterator[str]:
    with served_api(database) as client:
        yield f"{client.base_url}/admin/logs"


@pytest.fixture
def url(served: str, database: str) -> str:
    """The page, over a handful of logs of the last minutes."""
    wipe(database)
    add(database, 1, "INFO", "answered ann in 875 ms", trace=TRACE, extra='{"tokens": 312, "level": "high"}')
    add(database, 2, "ERROR", "payment failed: card declined", logger="shop.payments.stripe", trace=TRACE)
    add(database, 3, "WARNING", MARKUP)
    add(database, 4, "DEBUG", "cache looked up", service="cart", extra='{"tokens": 7}')
    add(database, 5, "CRITICAL", "out of memory", service="cart")
    return served


def add(
    dsn: str,
    minutes_ago: float,
    level: str,
    message: str,
    logger: str = "shop.chat",
    trace: str | None = None,
    service: str = "shop",
    extra: str = "{}",
) -> None:
    moment = datetime.now(UTC) - timedelta(minutes=minutes_ago)
    sql(dsn, INSERT, moment, level, logger, message, trace, service, extra)


def rows(page: Page) -> Locator:
    return page.get_by_role("table", name="Logs").get_by_role("row").filter(has_not=page.get_by_role("columnheader"))


def test_the_newest_logs_with_the_columns_of_the_contract(page: Page, url: str) -> None:
    page.goto(url)
    expect(page.get_by_role("heading", name="Structured Logs", level=1)).to_be_visible()
    expect(page.get_by_role("columnheader")).to_have_text(["Time", "Level", "Logger", "Message", "Trace"])
    expect(rows(page)).to_have_count(5)
    second = rows(page).nth(1)
    expect(second).to_contain_text(re.compile(r"\d\d:\d\d:\d\d\.\d{3}"))
    expect(second).to_contain_text("payment failed: card declined")
    expect(second.get_by_text("stripe", exact=True)).to_have_attribute("title", "shop.payments.stripe")
    expect(second.get_by_text("ERROR")).to_have_css("color", "rgb(255, 0, 85)")
    expect(rows(page).nth(4).get_by_text("CRITICAL")).to_have_css("color", "rgb(255, 0, 0)")
    expect(second.get_by_role("link", name="abababab", exact=True)).to_be_visible()


def test_errors_stand_out(page: Page, url: str) -> None:
    page.goto(url)
    plain, error = (rows(page).nth(at).evaluate("(row) => getComputedStyle(row).backgroundColor") for at in (0, 1))
    assert plain != error


def test_the_level_filter_is_in_the_address(page: Page, url: str) -> None:
    page.goto(url)
    page.get_by_label("Level", exact=True).select_option("ERROR")
    expect(rows(page)).to_have_count(1)
    expect(page).to_have_url(re.compile("level=ERROR"))
    page.go_back()
    expect(rows(page)).to_have_count(5)
    expect(page.get_by_label("Level", exact=True)).to_have_value("")


def test_a_text_search_applies_and_its_words_are_marked(page: Page, url: str) -> None:
    page.goto(url)
    page.get_by_role("combobox", name="Search").fill("fails payments")
    page.get_by_role("button", name="Apply").click()
    expect(rows(page)).to_have_count(1)
    expect(rows(page).locator("mark")).to_have_text(["payment", "failed"])


def test_a_trace_filter_applies_by_enter_and_is_cleared_alone(page: Page, url: str) -> None:
    page.goto(f"{url}?level=ERROR")
    expect(page.get_by_role("button", name="Clear Trace Filter")).to_be_hidden()
    page.get_by_label("Trace ID").fill(TRACE)
    page.get_by_label("Trace ID").press("Enter")
    expect(page).to_have_url(re.compile(f"trace={TRACE}"))
    page.get_by_role("button", name="Clear Trace Filter").click()
    expect(page).to_have_url(re.compile(r"\?level=ERROR$"))
    expect(page.get_by_label("Trace ID")).to_have_value("")


def test_a_rows_trace_filters_to_its_logs(page: Page, url: str) -> None:
    page.goto(url)
    rows(page).first.get_by_role("link", name="abababab", exact=True).click()
    expect(rows(page)).to_have_count(2)
    expect(page.get_by_label("Trace ID")).to_have_value(TRACE)


def test_no_logs_found(page: Page, url: str) -> None:
    page.goto(f"{url}?q=nothinglikethis")
    expect(page.get_by_text("No logs found")).to_be_visible()


def test_a_mistake_in_the_search_is_shown_where_it_is(page: Page, url: str) -> None:
    page.goto(f"{url}?q=level%3Ahigh")
    expect(page.get_by_role("alert")).to_contain_text("level")
    expect(page.get_by_role("combobox", name="Search")).to_have_attribute("aria-invalid", "true")


def test_markup_is_text(page: Page, url: str) -> None:
    page.goto(url)
    expect(rows(page).nth(2)).to_contain_text(MARKUP)
    rows(page).nth(2).get_by_role("link").click()
    expect(page.get_by_label("Details of a log").locator("pre").first).to_have_text(MARKUP)
    expect(page).to_have_title("Structured Logs · Otelgres")


def test_logs_stream_while_they_are_sent_and_pause_holds_them_back(page: Page, url: str, database: str) -> None:
    page.goto(url)
    page.get_by_role("button", name="Stream Live").click()
    status = page.get_by_role("status", name="Streaming")
    expect(status).to_contain_text("Live")
    add(database, 0, "INFO", "came while streaming")
    expect(rows(page).first).to_contain_text("came while streaming")
    expect(rows(page)).to_have_count(6)
    page.get_by_role("button", name="Pause").click()
    add(database, 0, "ERROR", "came while paused")
    expect(status).to_contain_text("1 buffered")
    expect(rows(page).first).to_contain_text("came while streaming")
    page.get_by_role("button", name="Stream Live").click()
    expect(rows(page).first).to_contain_text("came while paused")
    page.get_by_role("button", name="Show older").click()
    expect(status).to_be_hidden()
    expect(page).not_to_have_url(re.compile("stream"))


def test_the_stream_follows_the_filters(page: Page, url: str, database: str) -> None:
    page.goto(f"{url}?stream=1&level=ERROR")
    expect(page.get_by_role("status", name="Streaming")).to_contain_text("Live")
    add(database, 0, "INFO", "an information")
    add(database, 0, "ERROR", "an error")
    expect(rows(page).first).to_contain_text("an error")
    expect(page.get_by_text("an information")).to_be_hidden()


def test_while_streaming_no_more_than_500_rows_are_kept(page: Page, url: str, database: str) -> None:
    page.goto(f"{url}?stream=1")
    expect(page.get_by_role("status", name="Streaming")).to_contain_text("Live")
    many = "INSERT INTO enterprise.structured_logs (level, logger_name, message) SELECT 'INFO', 'app', 'row ' || i "
    sql(database, f"{many} FROM generate_series(1, 600) AS i")
    expect(page.get_by_role("table", name="Logs")).to_have_attribute("aria-rowcount", "501")
    expect(rows(page).first).to_contain_text("row ")


def test_a_stream_that_was_cut_off_misses_nothing(page: Page, url: str, database: str) -> None:
    """The connection is closed on the way, as a proxy that restarts does."""
    sockets: list[WebSocketRoute] = []

    def between(socket: WebSocketRoute) -> None:
        sockets.append(socket)
        socket.connect_to_server()

    page.route_web_socket(re.compile("/logs/stream"), between)
    page.goto(f"{url}?stream=1")
    expect(page.get_by_role("status", name="Streaming")).to_contain_text("Live")
    add(database, 0, "INFO", "before it was cut off")
    expect(rows(page).first).to_contain_text("before it was cut off")
    sockets[0].close(code=1001)
    add(database, 0, "INFO", "while it was cut off")
    expect(rows(page).first).to_contain_text("while it was cut off")
    expect(page.get_by_text("before it was cut off")).to_have_count(1)
    assert len(sockets) == 2
    assert "token=" in sockets[1].url


def test_where_no_websocket_gets_through_logs_stream_all_the_same(page: Page, url: str, database: str) -> None:
    page.add_init_script(
        "window.WebSocket = class extends EventTarget {"
        " constructor() { super(); setTimeout(() => this.onclose({ code: 1006, reason: '' })) } close() {} }"
    )
    page.goto(f"{url}?stream=1")
    expect(page.get_by_role("status", name="Streaming")).to_contain_text("Live")
    add(database, 0, "INFO", "came by an event")
    expect(rows(page).first).to_contain_text("came by an event")


def test_the_details_of_a_log_narrow_the_search(page: Page, url: str) -> None:
    page.goto(url)
    rows(page).first.get_by_text("answered ann").click()
    details = page.get_by_label("Details of a log")
    expect(details).to_contain_text("answered ann in 875 ms")
    expect(details.get_by_role("link", name="Open the trace")).to_have_attribute(
        "href", re.compile(f"^/admin/traces/{TRACE}")
    )
    details.get_by_role("button", name="Only with this tokens").click()
    expect(rows(page)).to_have_count(1)
    expect(page.get_by_role("combobox", name="Search")).to_have_value("tokens:312")
    details.get_by_role("button", name="Without this tokens").click()
    expect(rows(page)).to_have_count(4)
    expect(page.get_by_role("combobox", name="Search")).to_have_value("-tokens:312")
    details.get_by_role("button", name="Only with this level", exact=True).click()
    expect(page.get_by_role("combobox", name="Search")).to_have_value("-tokens:312 attributes.level:high")


def test_the_details_show_json_and_what_came_around(page: Page, url: str) -> None:
    page.goto(url)
    rows(page).first.get_by_text("answered ann").click()
    details = page.get_by_label("Details of a log")
    details.get_by_role("tab", name="JSON").click()
    expect(details.get_by_text("severity_number")).to_be_visible()
    details.get_by_role("tab", name="Context").click()
    expect(details.get_by_role("listitem")).to_have_count(3)
    expect(details.get_by_role("listitem").nth(1)).to_contain_text("payment failed")


def test_logs_are_walked_by_the_keyboard(page: Page, url: str) -> None:
    page.goto(url)
    expect(rows(page)).to_have_count(5)
    details = page.get_by_label("Details of a log")
    page.keyboard.press("j")
    page.keyboard.press("j")
    expect(details).to_contain_text("payment failed")
    page.keyboard.press("k")
    expect(details).to_contain_text("answered ann")
    page.keyboard.press("Escape")
    expect(details).to_be_hidden()


def test_keys_pressed_in_one_go_all_count(page: Page, url: str) -> None:
    page.goto(f"{url}?wrap=1")
    expect(rows(page)).to_have_count(5)
    # Faster than any hand: all within one turn of the browser's event loop, and then in turns right after one another.
    page.evaluate("for (const key of 'jjj') window.dispatchEvent(new KeyboardEvent('keydown', { key }))")
    expect(page.get_by_label("Details of a log")).to_contain_text("bold")
    page.evaluate(
        "for (const key of 'jkkk') setTimeout(() => window.dispatchEvent(new KeyboardEvent('keydown', { key })))"
    )
    expect(page.get_by_label("Details of a log")).to_contain_text("answered ann")
    page.go_back()
    expect(page.get_by_label("Details of a log")).to_be_hidden()
    expect(rows(page)).to_have_count(5)


def test_columns_of_choice(page: Page, url: str) -> None:
    page.goto(url)
    page.get_by_role("button", name="Columns").click()
    page.get_by_label("Service", exact=True).check()
    page.get_by_label("Logger", exact=True).uncheck()
    page.get_by_label("Attribute").fill("tokens")
    page.get_by_role("button", name="Add").click()
    page.keyboard.press("Escape")
    expect(page.get_by_role("columnheader")).to_have_text(["Time", "Level", "Service", "Message", "tokens", "Trace"])
    expect(rows(page).nth(3)).to_contain_text("cart")
    expect(rows(page).nth(3).get_by_text("7", exact=True)).to_be_visible()
    page.reload()
    expect(page.get_by_role("columnheader")).to_have_count(6)


def test_patterns_lead_to_their_logs(page: Page, url: str, database: str) -> None:
    for milliseconds in (12, 99, 400):
        add(database, 1, "INFO", f"answered ann in {milliseconds} ms")
    page.goto(url)
    page.get_by_role("tab", name="Patterns").click()
    page.get_by_role("link", name="answered ann in <*> ms").click()
    expect(rows(page)).to_have_count(4)
    page.get_by_role("button", name="Clear the pattern").click()
    expect(rows(page)).to_have_count(8)


def test_an_export_is_what_is_filtered(page: Page, url: str) -> None:
    page.goto(f"{url}?level=ERROR")
    page.get_by_role("button", name="Export").click()
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV").click()
    exported = list(csv.DictReader(io.StringIO(Path(download.value.path()).read_text())))
    assert [row["message"] for row in exported] == ["payment failed: card declined"]


def test_a_view_is_saved_and_opened_again(page: Page, url: str) -> None:
    page.goto(f"{url}?level=ERROR")
    page.get_by_role("button", name="Who are you?").click()
    page.get_by_label("Your name or e-mail").fill("ann@example.com")
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_role("button", name="Saved views").click()
    page.get_by_label("Save this view as").fill("Only errors")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("link", name="Only errors")).to_be_visible()
    page.goto(url)
    expect(rows(page)).to_have_count(5)
    page.get_by_role("button", name="Saved views").click()
    page.get_by_role("link", name="Only errors").click()
    expect(rows(page)).to_have_count(1)


def test_more_logs_come_as_one_scrolls(page: Page, url: str, database: str) -> None:
    many = "INSERT INTO enterprise.structured_logs (timestamp, level, logger_name, message) "
    sql(
        database,
        f"{many} SELECT now() - interval '10 minutes' - i * interval '1 second', 'INFO', 'app', 'row ' || i "
        "FROM generate_series(1, 1500) AS i",
    )
    page.goto(url)
    expect(page.get_by_text("200 logs")).to_be_visible()
    scroller = page.get_by_label("Logs, newest first")
    scroller.focus()
    page.keyboard.press("End")
    expect(page.get_by_text("1,200 logs")).to_be_visible()
    page.keyboard.press("End")
    expect(page.get_by_text("1,505 logs")).to_be_visible()
    expect(page.get_by_text("that is all")).to_be_visible()
    page.keyboard.press("End")
    expect(page.get_by_text("row 1500", exact=True)).to_be_visible()


def test_facets_count_what_matches_and_narrow_it(page: Page, url: str) -> None:
    page.goto(f"{url}?q=level:>debug")
    services = page.get_by_role("list", name="Facet service")
    expect(services.get_by_role("listitem")).to_have_text([re.compile("shop\\s*3"), re.compile("cart\\s*1")])
    services.get_by_role("button", name="shop 3").click()
    expect(rows(page)).to_have_count(3)
    expect(page.get_by_role("combobox", name="Search")).to_have_value("level:>debug service:shop")
    page.get_by_role("list", name="Facet logger").get_by_role("button", name="Without shop.payments.stripe").click()
    expect(rows(page)).to_have_count(2)


def test_a_search_that_takes_too_long_says_how_far_it_came_and_goes_on(
    page: Page, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(slices, "READ_AT_ONCE", 0)
    monkeypatch.setattr(slices, "FIRST", timedelta(minutes=2, seconds=30))
    monkeypatch.setattr(slices, "SECONDS", 0.0)
    page.goto(f"{url}?q=payment+OR+memory")
    expect(rows(page)).to_have_count(1)
    expect(page.get_by_text("searched back to")).to_be_visible()
    monkeypatch.setattr(slices, "SECONDS", 10.0)
    page.get_by_role("button", name="Go on").click()
    expect(rows(page)).to_have_count(2)
    expect(page.get_by_text("that is all")).to_be_visible()


def test_dragging_over_the_histogram_sets_the_time(page: Page, url: str) -> None:
    page.goto(url)
    expect(rows(page)).to_have_count(5)
    chart = page.get_by_role("figure", name="Logs over time, by level").locator(".u-over")
    box = chart.bounding_box()
    assert box is not None
    middle = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + 20, middle)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] / 2, middle, steps=4)
    page.mouse.up()
    expect(page).to_have_url(re.compile(r"from=\d{4}-.*to=\d{4}-"))
    expect(page.get_by_text("No logs found")).to_be_visible()
    page.go_back()
    expect(rows(page)).to_have_count(5)


def test_what_waits_while_one_reads_further_down_is_counted(page: Page, url: str, database: str) -> None:
    many = "INSERT INTO enterprise.structured_logs (level, logger_name, message) SELECT 'INFO', 'app', 'row ' || i "
    sql(database, f"{many} FROM generate_series(1, 100) AS i")
    page.goto(f"{url}?stream=1")
    expect(page.get_by_role("status", name="Streaming")).to_contain_text("Live")
    expect(page.get_by_role("table", name="Logs")).to_have_attribute("aria-rowcount", "106")
    scroller = page.get_by_label("Logs, newest first")
    scroller.hover()

    def scrolled() -> bool:
        # Chromium loses a turn of the wheel that comes before it has drawn the list.
        page.mouse.wheel(0, 600)
        return bool(scroller.evaluate("list => list.scrollTop") > 0)

    until(scrolled)
    add(database, 0, "INFO", "came meanwhile")
    page.get_by_role("button", name="1 buffered").click()
    expect(rows(page).first).to_contain_text("came meanwhile")


@pytest.mark.parametrize("theme", ["dark", "light"])
@pytest.mark.parametrize("view", ["", "?tab=patterns", "?stream=1", "?q=nothinglikethis", "?q=payment&wrap=1"])
def test_axe_finds_no_fault(page: Page, url: str, theme: str, view: str) -> None:
    page.add_init_script(f"localStorage.setItem('otelgres.theme', '{theme}')")
    page.goto(f"{url}{view}")
    if view in ("", "?q=payment&wrap=1"):
        rows(page).first.get_by_role("link").first.click()
        expect(page.get_by_label("Details of a log")).to_contain_text("Service")
    expect(page.get_by_role("list", name="Levels")).to_be_visible()
    if view == "?stream=1":
        expect(page.get_by_role("status", name="Streaming")).to_contain_text("Live")
    else:
        page.wait_for_load_state("networkidle")
    assert faults(page) == []


@pytest.mark.parametrize("width", [390, 1280, 1920])
def test_nothing_is_wider_than_the_screen(page: Page, url: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(f"{url}?trace={TRACE}")
    expect(rows(page)).to_have_count(2)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate("document.querySelector('main').scrollWidth - document.querySelector('main').clientWidth") <= 0
