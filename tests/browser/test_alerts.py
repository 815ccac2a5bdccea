"""The alerts page: what fires, who takes care, what is told to whom, and the rules behind it."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from access.principals import Role
from tests.browser.accessibility import faults
from tests.conftest import copied
from tests.served_api import served_api, sql
from tests.signing_in import PASSWORD, PEOPLE, SETTINGS, add_people

ALERTS = "/api/observability/alerts"
ANN = "ann@example.com"
NOTHING = "✨ No alerts - everything is running smoothly"
RULE = {
    "name": "Too few orders",
    "metric_type": "logs",
    "query": "service:orders",
    "condition": "lt",
    "threshold": 10,
    "evaluation_interval_seconds": 1,
    "severity": "critical",
}

expect.set_options(timeout=20_000)


@pytest.fixture(scope="module")
def served(postgres_dsn: str, template_database: str) -> Iterator[tuple[str, str]]:
    """The address, and the database."""
    for dsn in copied(postgres_dsn, template_database):
        with served_api(dsn) as client:
            yield str(client.base_url), dsn


@pytest.fixture
def url(served: tuple[str, str]) -> str:
    """With the default rules alone, of which none has data."""
    address, dsn = served
    for table in ("alert_silences", "alert_routes", "alert_inhibitions", "alert_channels"):
        sql(dsn, f"DELETE FROM enterprise.{table}")
    sql(dsn, "DELETE FROM enterprise.alert_rules WHERE created_by IS NOT NULL")
    return address


@pytest.fixture
def ann(page: Page) -> Page:
    """A page of somebody who has said who she is."""
    page.add_init_script(f"localStorage.setItem('otelgres.name', '{ANN}')")
    return page


def add(page: Page, url: str, **fields: object) -> str:
    answer = page.request.post(f"{url}{ALERTS}/rules?user_email={ANN}", data=RULE | fields)
    assert answer.ok, answer.text()
    return str(answer.json()["id"])


def change(page: Page, url: str, rule: str, **fields: object) -> None:
    answer = page.request.put(f"{url}{ALERTS}/rules/{rule}", data=fields)
    assert answer.ok, answer.text()


def card(page: Page, name: str) -> Locator:
    return page.get_by_role("article", name=name)


def test_without_alerts_it_says_that_all_is_well(page: Page, url: str) -> None:
    page.goto(f"{url}/admin")
    page.get_by_role("link", name="Alerts").click()
    expect(page.get_by_role("heading", name="Alert Management", level=1)).to_be_visible()
    expect(page.get_by_role("tab", name="Alerts (0)")).to_have_attribute("aria-selected", "true")
    expect(page.get_by_text(NOTHING)).to_be_visible()
    expect(page.get_by_text(re.compile("🚨 . Firing"))).to_have_count(0)
    expect(page.get_by_text("Evaluated by")).to_be_visible()


def test_rules_show_what_they_are_and_are_switched(page: Page, url: str) -> None:
    page.goto(f"{url}/admin/alerts")
    page.get_by_role("tab", name="Rules (5)").click()
    expect(page).to_have_url(re.compile(r"tab=rules"))
    rule = card(page, "High Error Rate")
    for text in ("More than 10 errors in 5 minutes", "error_count", "> 10", "critical", "never"):
        expect(rule.get_by_text(text, exact=True).or_(rule.get_by_text(text)).first).to_be_visible()
    switch = rule.get_by_role("switch")
    expect(switch).to_be_checked()
    switch.click()
    expect(switch).not_to_be_checked()
    page.reload()
    expect(switch).not_to_be_checked()
    switch.click()
    expect(switch).to_be_checked()


def test_what_fires_is_acknowledged_and_resolved(page: Page, url: str) -> None:
    add(page, url, description="")
    page.goto(f"{url}/admin/alerts")
    expect(page.get_by_text("🚨 1 Firing")).to_be_visible()
    expect(page.get_by_role("tab", name="Alerts (1)")).to_be_visible()
    alert = card(page, "Too few orders")
    for text in ("critical", "firing", "0.00", "10", "Too few orders: logs is 0 (threshold: 10)"):
        expect(alert.get_by_text(text, exact=True)).to_be_visible()
    alert.get_by_role("button", name="Acknowledge").click()
    page.get_by_label("Your name or e-mail").fill(ANN)
    page.get_by_role("button", name="Go on").click()
    expect(alert.get_by_text("acknowledged", exact=True)).to_be_visible()
    expect(alert.get_by_text(ANN)).to_be_visible()
    expect(alert.get_by_role("button", name="Acknowledge")).to_have_count(0)
    expect(page.get_by_text("🚨 1 Firing")).to_have_count(0)

    alert.get_by_role("link", name="Too few orders").click()
    detail = page.get_by_role("dialog", name="Alert")
    expect(detail.get_by_text("Acknowledged by", exact=True)).to_be_visible()
    expect(detail.get_by_text(re.compile("SLACK_WEBHOOK_URL|not configured", re.IGNORECASE)).first).to_be_visible()
    page.go_back()
    expect(detail).to_have_count(0)
    page.go_forward()
    detail.get_by_role("button", name="Resolve").click()
    expect(detail.get_by_text("resolved", exact=True)).to_be_visible()


def test_a_silence_is_made_from_an_alert_and_expired(ann: Page, url: str) -> None:
    add(ann, url)
    ann.goto(f"{url}/admin/alerts")
    card(ann, "Too few orders").get_by_role("button", name="Silence").click()
    dialog = ann.get_by_role("dialog", name="Silence alerts")
    expect(dialog.get_by_label("Value 1")).to_have_value("Too few orders")
    expect(dialog.get_by_text("1 open alert now")).to_be_visible()
    dialog.get_by_label("For", exact=True).select_option("4 hours")
    dialog.get_by_label("Reason").fill("The shop is on sale")
    dialog.get_by_role("button", name="Silence", exact=True).click()
    expect(dialog).to_have_count(0)
    ann.get_by_role("tab", name="Silences").click()
    item = ann.get_by_role("listitem").filter(has_text="The shop is on sale")
    for text in ("active", "by ann@example.com", 'alertname="Too few orders"'):
        expect(item.get_by_text(text, exact=True)).to_be_visible()
    item.get_by_role("button", name="Expire").click()
    expect(ann.get_by_text("No silences")).to_be_visible()
    ann.get_by_label("Which silences").select_option("Expired")
    expect(item.get_by_text("expired", exact=True)).to_be_visible()


def test_a_new_silence_begins_without_a_mistake(ann: Page, url: str) -> None:
    ann.goto(f"{url}/admin/alerts?tab=silences")
    with ann.expect_response("**/silences/preview") as answered:
        ann.get_by_role("button", name="New silence").click()
        dialog = ann.get_by_role("dialog", name="Silence alerts")
        expect(dialog.get_by_role("status")).to_have_text("")
        dialog.get_by_label("Label 1").fill("alertname")
        dialog.get_by_label("Value 1").fill("Too few orders")
    assert answered.value.ok
    expect(dialog.get_by_text("No open alert now")).to_be_visible()


def test_a_rule_is_previewed_and_created(ann: Page, url: str) -> None:
    ann.goto(f"{url}/admin/alerts?tab=rules")
    ann.get_by_role("link", name="New rule").click()
    ann.get_by_label("Metric", exact=True).select_option("Logs of a search")
    ann.get_by_role("combobox", name="Search", exact=True).fill("service:orders")
    ann.get_by_label("The value is").select_option("< below")
    preview = ann.get_by_role("region", name="Preview")
    expect(preview.get_by_text("It would have fired once")).to_be_visible()
    expect(preview.get_by_text("0.00")).to_be_visible()
    ann.get_by_label("Threshold").fill("0")
    expect(preview.get_by_text("It would not have fired")).to_be_visible()
    ann.get_by_role("button", name="Create rule").click()
    expect(ann.get_by_text("A name is needed")).to_be_visible()
    ann.get_by_label("Name", exact=True).fill("Orders")
    ann.get_by_role("button", name="Create rule").click()
    expect(ann.get_by_text("Saved. Mind that the channel slack is not configured")).to_be_visible()
    ann.get_by_role("link", name="To the rule").first.click()
    expect(ann.get_by_role("dialog", name="Rule").get_by_text("service:orders")).to_be_visible()


def test_mistakes_of_a_search_stand_at_their_place(ann: Page, url: str) -> None:
    ann.goto(f"{url}/admin/alerts/rules/new")
    ann.get_by_role("combobox", name="Search", exact=True).fill("service:(shop")
    expect(ann.get_by_role("alert").filter(has_text="^")).to_be_visible()


def test_who_was_slower_sees_what_differs(ann: Page, url: str) -> None:
    rule = add(ann, url, enabled=False)
    ann.goto(f"{url}/admin/alerts/rules/{rule}")
    ann.get_by_label("Description").fill("Mine")
    change(ann, url, rule, threshold=99)
    ann.get_by_role("button", name="Save").click()
    conflict = ann.get_by_role("alert").filter(has_text="Somebody changed this rule meanwhile")
    expect(conflict.get_by_role("row").filter(has_text="threshold").get_by_text("99")).to_be_visible()
    conflict.get_by_role("button", name="Keep my changes on top").click()
    expect(ann.get_by_label("Threshold")).to_have_value("99")
    expect(ann.get_by_label("Description")).to_have_value("Mine")
    ann.get_by_role("button", name="Save").click()
    detail = ann.get_by_role("dialog", name="Rule")
    expect(detail.get_by_text("Mine", exact=True).or_(ann.get_by_text("Saved. Mind that"))).to_be_visible()


def test_what_is_kept_in_a_file_is_not_changed_here(ann: Page, url: str, served: tuple[str, str]) -> None:
    rule = add(ann, url, enabled=False)
    sql(served[1], "UPDATE enterprise.alert_rules SET provisioned_from = 'alerts.yaml' WHERE id = $1", rule)
    ann.goto(f"{url}/admin/alerts?tab=rules&rule_id={rule}")
    detail = ann.get_by_role("dialog", name="Rule")
    expect(detail.get_by_text("Kept in the file alerts.yaml: change it there.")).to_be_visible()
    expect(detail.get_by_role("link", name="Change")).to_have_count(0)
    ann.keyboard.press("Escape")
    expect(card(ann, "Too few orders").get_by_role("switch")).to_be_disabled()


def test_routes_and_inhibitions_are_made_and_deleted(ann: Page, url: str) -> None:
    ann.goto(f"{url}/admin/alerts?tab=routing")
    ann.get_by_role("button", name="New route").click()
    dialog = ann.get_by_role("dialog", name="New route")
    dialog.get_by_label("Name").fill("on call")
    dialog.get_by_role("combobox", name="Go to the channels").fill("email")
    dialog.get_by_role("button", name="Save").click()
    routes = ann.get_by_role("region", name="Routes")
    expect(routes.get_by_text('severity="critical"')).to_be_visible()
    expect(routes.get_by_text("email", exact=True)).to_be_visible()
    routes.get_by_role("button", name="Delete").click()
    expect(routes.get_by_text("None: each rule tells its own channels.")).to_be_visible()

    ann.get_by_role("button", name="New inhibition").click()
    dialog = ann.get_by_role("dialog", name="New inhibition")
    dialog.get_by_label("Name", exact=True).fill("host down")
    dialog.get_by_role("button", name="Save").click()
    expect(dialog.get_by_role("alert").first).to_be_visible()


def test_values_are_text(browser: Browser, ann: Page, url: str) -> None:
    name = "<img src=x onerror=\"document.title='ran'\"> \u202eevil"
    add(ann, url, name=name)
    ann.goto(f"{url}/admin/alerts")
    expect(ann.get_by_role("link", name=re.compile(r"<img src=x.*u202eevil"))).to_be_visible()
    assert ann.title() == "Alerts · Otelgres"


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_axe_finds_no_fault(ann: Page, url: str, theme: str) -> None:
    ann.add_init_script(f"localStorage.setItem('otelgres.theme', '{theme}')")
    rule = add(ann, url)
    ann.goto(f"{url}/admin/alerts")
    expect(card(ann, "Too few orders")).to_be_visible()
    assert faults(ann) == []
    card(ann, "Too few orders").get_by_role("button", name="Silence").click()
    expect(ann.get_by_text("1 open alert now")).to_be_visible()
    assert faults(ann) == []
    for address, shown in (
        (f"alerts?tab=rules&rule_id={rule}", "Over time"),
        ("alerts?tab=silences", "No silences"),
        ("alerts?tab=routing", "Inhibitions"),
        (f"alerts/rules/{rule}", "It would have fired once"),
    ):
        ann.goto(f"{url}/admin/{address}")
        expect(ann.get_by_text(shown, exact=True)).to_be_visible()
        assert faults(ann) == []


def test_the_keyboard_does_it_all(ann: Page, url: str) -> None:
    add(ann, url)
    ann.goto(f"{url}/admin/alerts")
    alert = card(ann, "Too few orders")
    expect(alert).to_be_visible()
    ann.keyboard.press("/")
    ann.keyboard.type("few orders")
    expect(ann.get_by_label("Find by rule, message or label")).to_be_focused()
    alert.get_by_role("button", name="Acknowledge").focus()
    ann.keyboard.press("Enter")
    expect(alert.get_by_text("acknowledged", exact=True)).to_be_visible()
    alert.get_by_role("link", name="Too few orders").focus()
    ann.keyboard.press("Enter")
    detail = ann.get_by_role("dialog", name="Alert")
    expect(detail).to_be_visible()
    ann.keyboard.press("Escape")
    expect(detail).to_have_count(0)
    ann.get_by_role("tab", name=re.compile("Alerts")).focus()
    ann.keyboard.press("ArrowRight")
    expect(ann.get_by_role("tab", name=re.compile("Rules"))).to_be_focused()
    expect(card(ann, "Too few orders").get_by_role("switch")).to_be_visible()


def test_a_viewer_looks_and_changes_nothing(page: Page, postgres_dsn: str, template_database: str) -> None:
    for dsn in copied(postgres_dsn, template_database):
        add_people(dsn)
        with served_api(dsn, SETTINGS) as client:
            page.goto(f"{client.base_url}/admin/alerts?tab=rules")
            page.get_by_label("E-mail address").fill(PEOPLE[Role.VIEWER])
            page.get_by_label("Password").fill(PASSWORD)
            page.get_by_role("button", name="Sign in").click()
            expect(card(page, "High Error Rate").get_by_role("switch")).to_be_disabled()
            expect(page.get_by_role("link", name="New rule")).to_have_count(0)
            card(page, "High Error Rate").get_by_role("link").click()
            detail = page.get_by_role("dialog", name="Rule")
            expect(detail.get_by_text("Over time")).to_be_visible()
            expect(detail.get_by_role("link", name="Change")).to_have_count(0)
            expect(detail.get_by_role("alert")).to_have_count(0)
