"""Retention as admins see it: what is kept, rules, traces that stay, and deletions through to their end."""

import re
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime

import httpx
import pytest
from playwright.sync_api import Locator, Page, expect

from access.principals import Role
from tests.browser.accessibility import faults
from tests.conftest import copied
from tests.polling import until
from tests.served_api import served_api, sql, wipe
from tests.signing_in import PASSWORD, PEOPLE, SETTINGS, add_people

BOB = "bob@example.com"

expect.set_options(timeout=20_000)


@pytest.fixture(scope="module")
def database(postgres_dsn: str, template_database: str) -> Iterator[str]:
    for dsn in copied(postgres_dsn, template_database):
        add_people(dsn)
        yield dsn


@pytest.fixture(scope="module")
def served(database: str) -> Iterator[httpx.Client]:
    with served_api(database, SETTINGS) as client:
        yield client


@pytest.fixture
def url(served: httpx.Client, database: str) -> str:
    wipe(database)
    sql(database, "DELETE FROM enterprise.sign_in_attempts")
    return f"{served.base_url}/admin"


def opened(page: Page, url: str, role: Role) -> None:
    page.goto(url)
    page.get_by_label("E-mail address").fill(PEOPLE[role])
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()


def part(page: Page, name: str) -> Locator:
    return page.get_by_role("region", name=name)


def add_trace(database: str, email: str) -> str:
    trace_id = uuid.uuid4().hex
    sql(
        database,
        "INSERT INTO enterprise.trace_spans (trace_id, span_id, operation_name, service_name, start_time, "
        "duration_ms, tags) "
        "VALUES ($1, '01', 'GET /orders', 'shop', $2, 5, jsonb_build_object('user.email', $3::text))",
        trace_id,
        datetime.now(UTC),
        email,
    )
    return trace_id


def test_what_is_kept_is_told(page: Page, url: str, database: str) -> None:
    add_trace(database, BOB)
    opened(page, f"{url}/settings/retention", Role.VIEWER)
    kept = part(page, "What is kept")
    expect(kept.get_by_role("row", name=re.compile("^spans"))).to_contain_text(f"{SETTINGS.retention_days} days")
    expect(kept.get_by_text("no bound is set")).to_be_visible()
    run_at = "SELECT last_succeeded_at FROM enterprise.maintenance_runs WHERE job = 'retention'"
    until(lambda: [row for row in sql(database, run_at) if row["last_succeeded_at"]], 60)
    sql(
        database,
        "UPDATE enterprise.maintenance_runs SET last_error = 'no room left', last_started_at = now(), "
        "last_succeeded_at = now() - interval '3 hours' WHERE job = 'retention'",
    )
    page.get_by_role("button", name="Refresh", exact=True).click()
    expect(kept.get_by_role("alert")).to_contain_text("no room left")


def test_a_rule_is_made_and_removed(page: Page, url: str) -> None:
    opened(page, f"{url}/settings/retention", Role.ADMIN)
    rules = part(page, "Less of some services and levels")
    expect(rules.get_by_text("No rules")).to_be_visible()
    rules.get_by_role("button", name="New rule").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Days").fill("2")
    dialog.get_by_role("button", name="Make the rule").click()
    expect(dialog.get_by_role("alert")).to_contain_text("a rule takes a service or a level")
    dialog.get_by_label("Level").fill("DEBUG")
    dialog.get_by_label("Service").fill("noisy")
    dialog.get_by_role("button", name="Make the rule").click()
    expect(dialog).to_have_count(0)
    row = rules.get_by_role("row", name=re.compile("DEBUG logs of noisy"))
    expect(row).to_contain_text("2 days")
    expect(row).to_contain_text(PEOPLE[Role.ADMIN])
    row.get_by_role("button", name="Remove").click()
    page.get_by_role("dialog").get_by_role("button", name="Remove").click()
    expect(rules.get_by_text("No rules")).to_be_visible()


def test_a_trace_is_pinned_on_its_page_and_unpinned_among_all(page: Page, url: str, database: str) -> None:
    trace_id = add_trace(database, BOB)
    opened(page, f"{url}/traces/{trace_id}", Role.EDITOR)
    page.get_by_role("button", name="Pin", exact=True).click()
    dialog = page.get_by_role("dialog", name="Pin the trace")
    dialog.get_by_label("Why").fill("   ")
    dialog.get_by_role("button", name="Pin", exact=True).click()
    expect(dialog.get_by_role("alert")).to_be_visible()
    dialog.get_by_label("Why").fill("Incident 4711")
    dialog.get_by_role("button", name="Pin", exact=True).click()
    expect(page.get_by_role("button", name="Unpin", exact=True)).to_have_attribute("aria-pressed", "true")
    page.goto(f"{url}/settings/retention")
    pins = part(page, "Traces that stay")
    row = pins.get_by_role("row", name=re.compile("Incident 4711"))
    expect(row).to_contain_text(PEOPLE[Role.EDITOR])
    row.get_by_role("link", name=trace_id[:8]).click()
    expect(page.get_by_role("heading", name="GET /orders")).to_be_visible()
    page.go_back()
    row.get_by_role("button", name="Unpin").click()
    page.get_by_role("dialog").get_by_role("button", name="Unpin").click()
    expect(pins.get_by_text("No trace is pinned")).to_be_visible()


def test_a_person_s_data_is_counted_confirmed_and_gone(page: Page, url: str, database: str) -> None:
    add_trace(database, BOB)
    others = add_trace(database, "ann@example.com")
    opened(page, f"{url}/settings/retention", Role.ADMIN)
    deletions = part(page, "Deletions")
    deletions.get_by_role("button", name="Delete by filter").click()
    dialog = page.get_by_role("dialog", name="Delete by filter")
    dialog.get_by_role("button", name="Count what it finds").click()
    expect(dialog.get_by_role("alert")).to_contain_text("a deletion seeks a user_email")
    dialog.get_by_label("User").fill(BOB)
    dialog.get_by_role("button", name="Count what it finds").click()
    expect(dialog).to_have_count(0)
    row = deletions.get_by_role("row", name=re.compile("user sha256:"))
    expect(row).to_contain_text("counted")
    expect(row).to_contain_text("1 spans, 0 logs, 0 points")
    expect(page.get_by_text(BOB)).to_have_count(0)
    assert len(sql(database, "SELECT FROM enterprise.trace_spans")) == 2
    row.get_by_role("button", name="Delete").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete", exact=True).click()
    expect(row).to_contain_text("done")
    expect(row.get_by_role("button")).to_have_count(0)
    assert [left["trace_id"] for left in sql(database, "SELECT trace_id FROM enterprise.trace_spans")] == [others]


def test_a_deletion_is_cancelled_before_anything_goes(page: Page, url: str, database: str) -> None:
    add_trace(database, BOB)
    opened(page, f"{url}/settings/retention", Role.ADMIN)
    deletions = part(page, "Deletions")
    deletions.get_by_role("button", name="Delete by filter").click()
    dialog = page.get_by_role("dialog", name="Delete by filter")
    dialog.get_by_label("Service").fill("shop")
    dialog.get_by_role("button", name="Count what it finds").click()
    row = deletions.get_by_role("row", name=re.compile("service shop"))
    row.get_by_role("button", name="Cancel").click()
    page.get_by_role("dialog").get_by_role("button", name="Cancel the deletion").click()
    expect(row).to_contain_text("cancelled")
    assert len(sql(database, "SELECT FROM enterprise.trace_spans")) == 1


def test_a_viewer_is_offered_nothing_that_changes(page: Page, url: str, database: str) -> None:
    trace_id = add_trace(database, BOB)
    opened(page, f"{url}/settings/retention", Role.VIEWER)
    expect(part(page, "Traces that stay").get_by_text("No trace is pinned")).to_be_visible()
    expect(part(page, "Less of some services and levels").get_by_text("No rules")).to_be_visible()
    expect(page.get_by_role("button", name="New rule")).to_have_count(0)
    expect(part(page, "Deletions")).to_have_count(0)
    page.goto(f"{url}/traces/{trace_id}")
    expect(page.get_by_role("link", name="Download as OTLP JSON")).to_be_visible()
    expect(page.get_by_role("button", name="Pin", exact=True)).to_have_count(0)


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_axe_finds_no_fault(page: Page, url: str, database: str, served: httpx.Client, theme: str) -> None:
    trace_id = add_trace(database, BOB)
    page.add_init_script(f"localStorage.setItem('otelgres.theme', '{theme}')")
    sql(
        database,
        "INSERT INTO enterprise.pinned_traces (trace_id, rows, why, pinned_by) VALUES ($1, 1, 'it stays', 'ann')",
        trace_id,
    )
    opened(page, f"{url}/settings/retention", Role.ADMIN)
    expect(part(page, "Traces that stay").get_by_role("link", name=trace_id[:8])).to_be_visible()
    assert faults(page) == []
    page.get_by_role("button", name="Delete by filter").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    assert faults(page) == []
