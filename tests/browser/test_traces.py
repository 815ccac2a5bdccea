"""Distributed Traces and the page of a trace: found, filtered, drilled into, compared, by what a person sees."""

import hashlib
import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.accessibility import faults
from tests.conftest import copied
from tests.served_api import served_api, sql

expect.set_options(timeout=15_000)

START = datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=5)
MILLISECOND = timedelta(milliseconds=1)
HOSTILE = '<img src=x onerror="document.title=1">\x07\u202e'
FAILED, GOOD, LOST, STRANGE, LARGE = (f"{number:x}" * 32 for number in range(10, 15))
LARGE_SPANS = 10_000
FRAMES = 60
COLUMNS = (
    "trace_id",
    "span_id",
    "parent_span_id",
    "operation_name",
    "service_name",
    "start_time",
    "end_time",
    "duration_ms",
    "status",
    "kind",
    "tags",
    "logs",
    "error_message",
)


def span_id(trace: str, name: str) -> str:
    return hashlib.sha256(f"{trace} {name}".encode()).hexdigest()[:16]


def span(
    trace: str,
    name: str,
    parent: str | None,
    start: float,
    lasting: float,
    *,
    service: str = "shop",
    at: datetime = START,
    **more: Any,
) -> dict[str, object]:
    begun = at + start * MILLISECOND
    return {
        "trace_id": trace,
        "span_id": span_id(trace, name),
        "parent_span_id": parent and span_id(trace, parent),
        "operation_name": name,
        "service_name": service,
        "start_time": begun,
        "end_time": begun + lasting * MILLISECOND,
        "duration_ms": lasting,
        "status": "completed",
        "kind": 1,
        "tags": "{}",
        "logs": "[]",
        "error_message": None,
    } | more


def chat(trace: str, at: datetime, slow: float, **ending: Any) -> list[dict[str, object]]:
    asked = {"http.request.method": "POST", "http.route": "/chat", "user.email": "ann@example.com"}
    said = {
        "gen_ai.operation.name": "chat",
        "gen_ai.request.model": "gpt-4o",
        "gen_ai.input.messages": json.dumps([{"role": "user", "parts": [{"content": "How many days?"}]}]),
        "gen_ai.output.messages": json.dumps([{"role": "assistant", "parts": [{"content": "28 days."}]}]),
    }
    return [
        span(trace, "POST /chat", None, 0, 850 * slow, at=at, kind=2, tags=json.dumps(asked), **ending),
        span(trace, "rag_retrieve", "POST /chat", 10, 200 * slow, at=at, service="retrieval"),
        span(trace, "SELECT chunks", "rag_retrieve", 20, 100 * slow, at=at, service="retrieval", kind=3),
        span(trace, "llm answer", "POST /chat", 220 * slow, 600 * slow, at=at, tags=json.dumps(said), **ending),
        span(trace, "HTTP POST", "llm answer", 230 * slow, 580 * slow, at=at, kind=3),
    ]


def fill(dsn: str) -> None:
    exception = {
        "timestamp": (START + 820 * MILLISECOND).isoformat(),
        "message": "Error: too many requests",
        "exception.type": "RateLimitError",
        "exception.message": "too many requests",
        "exception.stacktrace": "Traceback\n  in answer",
    }
    ending = {"status": "error", "error_message": "RateLimitError: too many", "logs": json.dumps([exception])}
    spans = [
        *chat(FAILED, START, 1, **ending),
        *chat(GOOD, START + timedelta(seconds=10), 2),
        span(LOST, "orphan", "never came", 0, 5, at=START + timedelta(seconds=20)),
        span(STRANGE, HOSTILE, None, 0, 7, at=START + timedelta(seconds=30), tags=json.dumps({HOSTILE: HOSTILE})),
    ]
    places = ", ".join(f"${place}" for place in range(1, len(COLUMNS) + 1))
    for row in spans:
        sql(
            dsn,
            f"INSERT INTO enterprise.trace_spans ({', '.join(COLUMNS)}) VALUES ({places})",
            *(row[column] for column in COLUMNS),
        )
    # Of rows that come by SQL only the database's own view of a trace is made.
    sql(
        dsn,
        "UPDATE enterprise.traces SET endpoint = '/chat', user_email = 'ann@example.com' WHERE trace_id = ANY ($1)",
        [FAILED, GOOD],
    )
    logged = "INSERT INTO enterprise.structured_logs (timestamp, level, logger_name, message, trace_id, span_id) "
    chat_span, llm_span = spans[0]["span_id"], spans[3]["span_id"]
    sql(dsn, logged + "VALUES ($1, 'INFO', 'shop.chat', 'asked', $2, $3)", START, FAILED, chat_span)
    sql(
        dsn,
        logged + "VALUES ($1, 'ERROR', 'shop.llm', 'giving up', $2, $3)",
        START + timedelta(seconds=0.8),
        FAILED,
        llm_span,
    )
    sql(
        dsn,
        "INSERT INTO enterprise.trace_spans "
        "(trace_id, span_id, parent_span_id, operation_name, service_name, start_time, end_time, duration_ms, status) "
        "SELECT $1, to_char(n, 'FM0000000000000000'), CASE WHEN n > 0 THEN to_char(n / 8, 'FM0000000000000000') END, "
        "'step ' || n % 40, 'service ' || n % 7, $2::timestamptz + n * interval '1 ms', "
        "$2::timestamptz + ($3 - n / 2) * interval '1 ms', $3 - n / 2 - n, 'completed' "
        "FROM generate_series(0, $3 - 1) AS n",
        LARGE,
        START - timedelta(minutes=1),
        LARGE_SPANS,
    )


@pytest.fixture(scope="module")
def url(postgres_dsn: str, template_database: str) -> Iterator[str]:
    for dsn in copied(postgres_dsn, template_database):
        fill(dsn)
        with served_api(dsn) as client:
            yield f"{client.base_url}/admin/traces"


def rows(page: Page) -> Any:
    return page.get_by_role("list", name="Traces").get_by_role("listitem")


def test_the_newest_traces_are_listed(page: Page, url: str) -> None:
    page.goto(url)
    expect(page.get_by_role("heading", name="Distributed Traces", level=1)).to_be_visible()
    expect(page.get_by_text("5 traces", exact=True)).to_be_visible()
    for head in ("Endpoint", "Duration", "Status", "Time"):
        expect(page.locator(".head").get_by_text(head, exact=True)).to_be_visible()
    expect(rows(page).nth(2)).to_contain_text(re.compile(r"/chat\s*1\.70s\s*completed"))
    expect(rows(page).nth(3)).to_contain_text(re.compile(r"/chat\s*850ms\s*error"))
    expect(rows(page).nth(3).get_by_text("error")).to_have_css("color", "rgb(255, 0, 85)")
    expect(page.get_by_text("Select a trace to view details")).to_be_visible()


def test_the_chosen_trace_is_shown_beside_the_list(page: Page, url: str) -> None:
    page.goto(url)
    rows(page).nth(3).click()
    details = page.get_by_role("region", name="Trace details")
    for shown in ("/chat", FAILED, "850ms", "ann@example.com", "RateLimitError: too many"):
        expect(details.get_by_text(shown, exact=True).first).to_be_visible()
    spans = details.get_by_role("treeitem")
    expect(spans).to_have_count(5)
    expect(spans.nth(1)).to_have_accessible_name("rag_retrieve, retrieval, 200ms")
    colors = spans.locator(".bar").evaluate_all("bars => bars.map(bar => getComputedStyle(bar).backgroundColor)")
    rag, llm, http, other = "rgb(0, 255, 255)", "rgb(255, 0, 255)", "rgb(0, 255, 65)", "rgb(255, 200, 0)"
    assert colors == [http, rag, other, llm, http]
    expect(page).to_have_url(re.compile(f"trace_id={FAILED}"))
    page.go_back()
    expect(page.get_by_text("Select a trace to view details")).to_be_visible()


def test_a_trace_of_nobody(page: Page, url: str) -> None:
    page.goto(f"{url}?trace_id={LOST}")
    details = page.get_by_role("region", name="Trace details")
    expect(details.get_by_text("N/A", exact=True)).to_be_visible()
    expect(details.get_by_text("No root span has come")).to_be_visible()
    expect(details.get_by_text("parent missing")).to_be_visible()


def test_filters_are_in_the_address(page: Page, url: str) -> None:
    page.goto(url)
    page.get_by_label("Status", exact=True).select_option("Error")
    expect(rows(page)).to_have_count(1)
    page.get_by_label("Status", exact=True).select_option("All Status")
    page.get_by_label("Min duration (ms)").fill("1000")
    page.get_by_label("Min duration (ms)").press("Enter")
    expect(rows(page)).to_have_count(2)
    page.get_by_role("combobox", name="Time", exact=True).select_option("Last 6 h")
    expect(page).to_have_url(re.compile(r"min_duration_ms=1000&from=now-6h|from=now-6h&min_duration_ms=1000"))
    page.get_by_role("combobox", name="Search").fill("service:retrieval")
    page.get_by_role("combobox", name="Search").press("Enter")
    expect(rows(page)).to_have_count(1)
    page.get_by_label("Min duration (ms)").fill("900000")
    page.get_by_label("Min duration (ms)").press("Enter")
    expect(page.get_by_text("No traces found")).to_be_visible()
    page.get_by_role("button", name="Clear the filters").click()
    expect(rows(page)).to_have_count(5)


def test_a_mistake_in_a_search_is_shown_where_it_is(page: Page, url: str) -> None:
    page.goto(f"{url}?q=service:(")
    expect(page.get_by_role("alert")).to_contain_text("The search ends too early")


def test_a_facet_narrows_the_search_and_widens_it_again(page: Page, url: str) -> None:
    page.goto(url)
    facets = page.get_by_role("complementary", name="Facets")
    facets.get_by_title("error", exact=True).click()
    expect(page).to_have_url(re.compile(r"q=trace\.status%3Aerror"))
    expect(rows(page)).to_have_count(1)
    facets.get_by_title("error", exact=True).click()
    expect(rows(page)).to_have_count(5)


def test_a_drag_over_the_durations_picks_traces(page: Page, url: str) -> None:
    page.goto(url)
    expect(rows(page)).to_have_count(5)
    chart = page.get_by_role("figure", name="Durations over time")
    box = chart.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 70, box["y"] + 2)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] - 2, box["y"] + 24, steps=4)
    page.mouse.up()
    expect(page).to_have_url(re.compile(r"trace\.duration"))
    expect(rows(page)).to_have_count(1)
    page.go_back()
    expect(rows(page)).to_have_count(5)


def test_columns_are_of_choice(page: Page, url: str) -> None:
    page.goto(url)
    page.get_by_role("button", name="Columns").click()
    page.get_by_label("User", exact=True).check()
    expect(rows(page).nth(3)).to_contain_text("ann@example.com")
    expect(page).to_have_url(re.compile("columns=.*user"))


def test_down_to_a_span_its_exception_and_its_logs(page: Page, url: str) -> None:
    page.goto(f"{url}?trace_id={FAILED}")
    page.get_by_role("link", name="Open", exact=True).click()
    expect(page.get_by_role("heading", name="POST /chat", level=1)).to_be_visible()
    page.get_by_role("treeitem", name="llm answer").click()
    panel = page.get_by_role("region", name="Span", exact=True)
    expect(panel.get_by_text("gen_ai.request.model")).to_be_visible()
    panel.get_by_role("tab", name="Exceptions (1)").click()
    expect(panel.get_by_role("heading", name="RateLimitError")).to_be_visible()
    expect(panel.get_by_label("Stack trace", exact=True)).to_contain_text("in answer")
    panel.get_by_role("tab", name="LLM").click()
    expect(panel.get_by_text("How many days?")).to_be_visible()
    expect(panel.get_by_text("28 days.")).to_be_visible()
    panel.get_by_role("tab", name="Logs (1)").click()
    expect(panel.get_by_text("giving up")).to_be_visible()
    page.get_by_role("tab", name="Logs (2)").click()
    page.get_by_role("listitem").filter(has_text="asked").get_by_role("button", name="span").click()
    expect(page.get_by_role("treeitem", name="POST /chat")).to_have_attribute("aria-selected", "true")


def test_an_attribute_leads_to_the_traces_that_have_it(page: Page, url: str) -> None:
    page.goto(f"{url}/{FAILED}")
    page.get_by_role("treeitem", name="POST /chat").click()
    page.get_by_role("link", name="Traces with this user.email").click()
    expect(page.get_by_role("combobox", name="Search")).to_have_value("user.email:ann@example.com")
    expect(rows(page)).to_have_count(2)


def test_the_waterfall_by_keyboard(page: Page, url: str) -> None:
    page.goto(f"{url}/{GOOD}")
    spans = page.get_by_role("treeitem")
    expect(spans).to_have_count(5)
    tree = page.get_by_role("tree", name="Spans")
    tree.focus()
    for key in ("Home", "ArrowDown", "ArrowLeft"):
        tree.press(key)
    expect(spans).to_have_count(4)
    expect(page.get_by_role("treeitem", name="rag_retrieve")).to_have_attribute("aria-expanded", "false")
    tree.press("ArrowRight")
    tree.press("ArrowDown")
    tree.press("Enter")
    expect(page).to_have_url(re.compile("span="))
    expect(page.get_by_role("region", name="Span", exact=True)).to_contain_text("SELECT chunks")


def test_a_span_is_found_within_its_trace(page: Page, url: str) -> None:
    page.goto(f"{url}/{GOOD}")
    page.get_by_label("Find in the trace").fill("retriev")
    panel = page.get_by_role("tabpanel", name="Waterfall")
    expect(panel.get_by_text("2", exact=True)).to_be_visible()
    page.get_by_label("Find in the trace").press("Enter")
    expect(page.get_by_role("treeitem", name="rag_retrieve")).to_have_attribute("aria-selected", "true")
    expect(page.get_by_text("1 of 2", exact=True)).to_be_visible()


def test_zooming_by_a_drag_over_the_whole_trace(page: Page, url: str) -> None:
    page.goto(f"{url}/{GOOD}")
    box = page.get_by_role("figure", name="The whole trace").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] / 4, box["y"] + 20)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 20, steps=4)
    page.mouse.up()
    expect(page).to_have_url(re.compile(r"zoom=4\d{8}-8\d{8}"))
    page.get_by_role("button", name="Whole trace").click()
    expect(page).not_to_have_url(re.compile("zoom="))


def test_other_pictures_of_a_trace(page: Page, url: str) -> None:
    page.goto(f"{url}/{FAILED}")
    page.get_by_role("tab", name="Operations").click()
    expect(page.get_by_role("row", name=re.compile("^HTTP POST"))).to_contain_text("580ms")
    page.get_by_role("tab", name="Flame graph").click()
    expect(page.get_by_role("img", name="Flame graph")).to_be_visible()
    page.get_by_role("tab", name="Compare").click()
    page.get_by_label("Id of the other trace").fill(GOOD)
    page.get_by_label("Id of the other trace").press("Enter")
    expect(page.get_by_role("list", name="Paths").get_by_role("listitem").first).to_contain_text("+850ms")


def test_an_unknown_trace(page: Page, url: str) -> None:
    page.goto(f"{url}/0123")
    expect(page.get_by_text("Trace not found")).to_be_visible()


def test_what_telemetry_says_is_text(page: Page, url: str) -> None:
    page.goto(f"{url}/{STRANGE}")
    page.get_by_role("treeitem").click()
    expect(page.get_by_text("<img src=x").first).to_be_visible()
    expect(page.locator("main img")).to_have_count(0)
    expect(page).not_to_have_title("1")


def test_of_a_large_trace_only_what_is_seen_is_drawn(page: Page, url: str) -> None:
    page.goto(f"{url}/{LARGE}")
    spans = page.get_by_role("treeitem")
    expect(spans.first).to_be_visible()
    expect(page.get_by_text("10,000", exact=True)).to_be_visible()
    top = page.evaluate(
        "frames => new Promise(done => { const tree = document.querySelector('[role=tree]'); let frame = 0;"
        "const on = () => { tree.scrollTop += 900; (frame += 1) < frames ? requestAnimationFrame(on)"
        " : done(tree.scrollTop); }; on(); })",
        FRAMES,
    )
    assert top == FRAMES * 900
    expect(spans.first).to_be_visible()
    assert spans.count() < 200


@pytest.mark.parametrize("theme", ["dark", "light"])
@pytest.mark.parametrize("path", [f"?trace_id={FAILED}", f"/{FAILED}?tab=compare&with={GOOD}", f"/{FAILED}?critical=1"])
def test_axe_finds_no_fault(page: Page, url: str, theme: str, path: str) -> None:
    page.add_init_script(f"localStorage.setItem('otelgres.theme', '{theme}')")
    page.goto(url + path)
    expect(page.locator(".mono").first).to_be_visible()
    page.wait_for_load_state("networkidle")
    assert faults(page) == []
