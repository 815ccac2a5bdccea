"""Signing in and out, and the settings: keys, people, audit, usage."""

import re
from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import Page, expect

from access.principals import Role
from tests.browser.accessibility import faults
from tests.conftest import copied
from tests.served_api import served_api, sql
from tests.signing_in import PASSWORD, PEOPLE, SETTINGS, add_people

expect.set_options(timeout=15_000)


@pytest.fixture(scope="module")
def people_database(postgres_dsn: str, template_database: str) -> Iterator[str]:
    for dsn in copied(postgres_dsn, template_database):
        add_people(dsn)
        yield dsn


@pytest.fixture(scope="module")
def served(people_database: str) -> Iterator[httpx.Client]:
    with served_api(people_database, SETTINGS) as client:
        yield client


@pytest.fixture
def url(served: httpx.Client, people_database: str) -> str:
    sql(people_database, "DELETE FROM enterprise.sign_in_attempts")
    return f"{served.base_url}/admin"


def sign_in(page: Page, role: Role, password: str = PASSWORD) -> None:
    page.get_by_label("E-mail address").fill(PEOPLE[role])
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()


def test_one_signs_in_comes_back_to_where_one_was_and_signs_out(page: Page, url: str) -> None:
    page.goto(f"{url}/settings/usage?from=now-24h")
    expect(page).to_have_url(re.compile(r"/admin/sign-in\?next="))
    sign_in(page, Role.EDITOR)
    expect(page).to_have_url(re.compile(r"/admin/settings/usage\?from=now-24h$"))
    page.get_by_role("button", name=f"You are {PEOPLE[Role.EDITOR]}").click()
    expect(page.get_by_text("Role: editor")).to_be_visible()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_label("Password")).to_be_visible()
    page.goto(url)
    expect(page).to_have_url(re.compile(r"/admin/sign-in\?next="))


def test_a_wrong_password_is_said_and_nothing_else(page: Page, url: str) -> None:
    page.goto(url)
    sign_in(page, Role.VIEWER, "not this one")
    expect(page.get_by_role("alert")).to_have_text("E-mail address or password is wrong")
    expect(page.get_by_label("Password")).to_have_value("")
    expect(page.get_by_label("E-mail address")).to_have_value(PEOPLE[Role.VIEWER])


def test_signing_in_leads_to_no_other_site(page: Page, url: str) -> None:
    page.goto(f"{url}/sign-in?next=//evil.example/admin")
    sign_in(page, Role.VIEWER)
    expect(page.get_by_role("heading", name="Overview", level=1)).to_be_visible()


def test_a_session_that_ends_leads_to_signing_in(page: Page, url: str, people_database: str) -> None:
    page.goto(url)
    sign_in(page, Role.VIEWER)
    expect(page.get_by_role("heading", name="Overview", level=1)).to_be_visible()
    sql(people_database, "DELETE FROM enterprise.sessions")
    page.get_by_role("button", name="Refresh", exact=True).click()
    expect(page.get_by_label("Password")).to_be_visible()


def test_a_viewer_sees_no_settings_of_admins(page: Page, url: str) -> None:
    page.goto(f"{url}/settings")
    sign_in(page, Role.VIEWER)
    sections = page.get_by_role("navigation", name="Settings")
    expect(sections.get_by_role("link")).to_have_text(["Channels", "Retention", "Usage"])
    page.goto(f"{url}/settings/keys")
    expect(page.get_by_text("This takes the role admin")).to_be_visible()


def test_a_key_is_made_shown_once_and_revoked(page: Page, url: str, served: httpx.Client) -> None:
    page.goto(f"{url}/settings/keys")
    sign_in(page, Role.ADMIN)
    page.get_by_role("button", name="New key").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Name").fill("dashboards")
    for scope in ("Send traces", "Send logs", "Send metrics"):
        dialog.get_by_label(scope).uncheck()
    expect(dialog.get_by_role("button", name="Make the key")).to_be_disabled()
    dialog.get_by_label("Read the API").check()
    dialog.get_by_role("button", name="Make the key").click()
    key = dialog.locator("code").first.text_content()
    assert key
    assert key.startswith("otg_")
    dialog.get_by_role("button", name="Done").click()
    row = page.get_by_role("row", name=re.compile("dashboards"))
    expect(row).to_contain_text("read")
    expect(page.get_by_text(key)).to_have_count(0)
    row.get_by_role("button", name="Revoke dashboards").click()
    page.get_by_role("dialog").get_by_role("button", name="Revoke").click()
    expect(row).to_have_count(0)
    page.get_by_label("Show revoked keys").check()
    expect(page.get_by_role("row", name=re.compile("dashboards"))).to_contain_text("revoked")


def test_mistakes_are_told_where_they_are(page: Page, url: str) -> None:
    page.goto(f"{url}/settings/people")
    sign_in(page, Role.ADMIN)
    page.get_by_role("button", name="New person").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("E-mail address").fill("new@example.com")
    dialog.get_by_label("Password").fill("short")
    dialog.get_by_role("button", name="Add").click()
    expect(dialog.get_by_label("Password")).to_have_attribute("aria-invalid", "true")
    dialog.get_by_label("Password").fill("a long way round the lake")
    dialog.get_by_role("button", name="Add").click()
    expect(page.get_by_role("row", name=re.compile("new@example.com"))).to_contain_text("active")


def test_roles_change_and_the_last_admin_stays(page: Page, url: str) -> None:
    page.goto(f"{url}/settings/people")
    sign_in(page, Role.ADMIN)
    page.get_by_label(f"Role of {PEOPLE[Role.ADMIN]}").select_option("viewer")
    expect(page.get_by_role("alert")).to_contain_text("It was not done")
    expect(page.get_by_label(f"Role of {PEOPLE[Role.ADMIN]}")).to_have_value("admin")
    page.get_by_role("button", name=f"Actions for {PEOPLE[Role.VIEWER]}").click()
    page.get_by_role("menuitem", name="Disable").click()
    row = page.get_by_role("row", name=re.compile(PEOPLE[Role.VIEWER]))
    expect(row).to_contain_text("disabled")
    page.get_by_role("button", name=f"Actions for {PEOPLE[Role.VIEWER]}").click()
    page.get_by_role("menuitem", name="Enable").click()
    expect(row).to_contain_text("active")


def test_the_audit_tells_who_did_what(page: Page, url: str) -> None:
    page.goto(f"{url}/settings/audit")
    sign_in(page, Role.ADMIN)
    entry = page.get_by_role("listitem").filter(has_text="session.signed_in").first
    expect(entry).to_contain_text(PEOPLE[Role.ADMIN])
    entry.get_by_role("button").click()
    expect(page.get_by_role("dialog", name="session.signed_in")).to_contain_text("127.0.0.1")
    page.keyboard.press("Escape")
    page.get_by_label("By whom").fill("nobody@example.com")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Nothing happened")).to_be_visible()
    page.go_back()
    expect(entry).to_be_visible()


@pytest.mark.parametrize("section", ["keys", "people", "audit", "usage"])
@pytest.mark.parametrize("theme", ["dark", "light"])
def test_axe_finds_no_fault(page: Page, url: str, section: str, theme: str) -> None:
    page.add_init_script(f"localStorage.setItem('otelgres.theme', '{theme}')")
    page.goto(f"{url}/settings/{section}")
    expect(page.get_by_label("Password")).to_be_visible()
    assert faults(page) == []
    sign_in(page, Role.ADMIN)
    expect(page.get_by_role("navigation", name="Settings")).to_be_visible()
    page.wait_for_load_state("networkidle")
    assert faults(page) == []
