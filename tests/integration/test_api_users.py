"""Accounts and the audit, as admins see and change them by the API."""

import asyncio
from collections.abc import Iterator

import asyncpg
import httpx
import pytest

from access.audit import By
from access.people import accounts
from access.principals import Role
from database.pool import connect
from tests.served_api import served_api, sql
from tests.signing_in import ADMIN_TOKEN, PASSWORD, SETTINGS, add_person, browser, sign_in

USERS, AUDIT = "/api/access/users", "/api/access/audit"


@pytest.fixture
def admin(database: str) -> Iterator[httpx.Client]:
    with served_api(database, SETTINGS) as client:
        client.headers["authorization"] = f"Bearer {ADMIN_TOKEN}"
        yield client


def test_accounts_are_made_listed_page_by_page_and_changed(admin: httpx.Client) -> None:
    for name in ("cleo", "ann", "bob"):
        made = admin.post(USERS, json={"email": f"{name}@example.com", "role": "editor", "password": PASSWORD})
        assert made.status_code == 200, made.text
    first = admin.get(USERS, params={"limit": 2}).json()
    assert [user["email"] for user in first["users"]] == ["ann@example.com", "bob@example.com"]
    last = admin.get(USERS, params={"limit": 2, "cursor": first["next_cursor"]}).json()
    assert [user["email"] for user in last["users"]] == ["cleo@example.com"]
    assert last["next_cursor"] is None
    changed = admin.patch(f"{USERS}/Ann@example.com", json={"role": "viewer", "disabled": True}).json()
    assert (changed["role"], changed["disabled"], changed["has_password"]) == ("viewer", True, True)
    assert "password_hash" not in changed
    actions = [entry["action"] for entry in admin.get(AUDIT, params={"subject": "ann@example.com"}).json()["audit"]]
    assert actions == ["user.disabled", "user.role_changed", "user.created"]


def test_the_audit_is_read_page_by_page_newest_first(admin: httpx.Client) -> None:
    for number in range(5):
        admin.post(USERS, json={"email": f"{number}@example.com"})
    first = admin.get(AUDIT, params={"limit": 3}).json()
    second = admin.get(AUDIT, params={"limit": 3, "cursor": first["next_cursor"]}).json()
    subjects = [entry["subject"] for entry in first["audit"] + second["audit"]]
    assert subjects == [f"{number}@example.com" for number in (4, 3, 2, 1, 0)]
    assert second["next_cursor"] is None
    entry = first["audit"][0]
    assert (entry["actor"], entry["client_address"], entry["detail"]) == (
        "admin token",
        "127.0.0.1",
        {"role": "viewer"},
    )


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "told"),
    [
        ("POST", "", {"email": "adam@example.com"}, 409, "There is such a user already"),
        ("POST", "", {"email": "no address"}, 422, "must be an e-mail address"),
        ("POST", "", {"email": "a@b", "password": "short"}, 422, "a password has 12 to 256 characters"),
        ("POST", "", {"email": "a@b", "role": "owner"}, 422, "Input should be 'viewer', 'editor' or 'admin'"),
        ("PATCH", "/nobody@example.com", {"role": "admin"}, 404, "User not found"),
        ("PATCH", "/adam@example.com", {"role": "viewer"}, 409, "this is the last admin"),
        ("PATCH", "/adam@example.com", {"disabled": True}, 409, "this is the last admin"),
        ("DELETE", "/nobody@example.com/sessions", None, 404, "User not found"),
    ],
)
def test_what_cannot_be_done_is_told(
    admin: httpx.Client, database: str, method: str, path: str, body: object, status: int, told: str
) -> None:
    add_person(database, "adam@example.com", Role.ADMIN)
    refused = admin.request(method, USERS + path, json=body)
    assert refused.status_code == status
    assert told in refused.text
    assert "short" not in refused.text.replace("a password has 12", "")


async def test_two_admins_who_demote_each_other_at_once_do_not_both_succeed(database: str) -> None:
    names = ["ann@example.com", "bob@example.com"]
    for name in names:
        add_person(database, name, Role.ADMIN)

    async def demote(email: str) -> None:
        connection = await connect(database)
        try:
            async with connection.transaction():
                await accounts.set_role(connection, email, Role.VIEWER, by=By("test"))
        finally:
            await connection.close()

    outcomes = await asyncio.gather(*map(demote, names), return_exceptions=True)
    assert sorted(type(outcome) for outcome in outcomes if outcome) == [accounts.LastAdmin]
    assert len(sql(database, "SELECT FROM enterprise.people WHERE role = 'admin'")) == 1


def test_signing_somebody_out_ends_all_their_sessions(admin: httpx.Client, database: str) -> None:
    add_person(database, "ann@example.com", Role.VIEWER)
    with browser(admin.base_url) as one, browser(admin.base_url) as other:
        for client in (one, other):
            sign_in(client, "ann@example.com")
        assert admin.delete(f"{USERS}/ann@example.com/sessions").status_code == 200
        assert {client.get("/api/observability/traces").status_code for client in (one, other)} == {401}


@pytest.mark.parametrize("statement", ["UPDATE {} SET actor = 'x'", "DELETE FROM {}", "TRUNCATE {}"])
def test_the_audit_is_only_added_to(database: str, statement: str) -> None:
    add_person(database, "ann@example.com", Role.VIEWER)
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        sql(database, statement.format("enterprise.access_audit"))
