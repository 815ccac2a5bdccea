"""Signing in and out, and what ends a session."""

from collections.abc import Callable
from uuid import UUID

import httpx
import pytest

from access.principals import Role
from tests.access_keys import make
from tests.polling import until
from tests.served_api import sql
from tests.signing_in import ADMIN_TOKEN, PASSWORD, PEOPLE, add_person, browser, sign_in

SESSION, USERS = "/api/access/session", "/api/access/users"
TRACES = "/api/observability/traces"
SignedIn = Callable[[Role], httpx.Client]
ADMIN = {"authorization": f"Bearer {ADMIN_TOKEN}"}


def audit_of(dsn: str, email: str) -> list[str]:
    rows = sql(dsn, "SELECT action FROM enterprise.access_audit WHERE subject = $1 ORDER BY id", email)
    return [row["action"] for row in rows]


def test_somebody_who_has_not_signed_in_learns_how_and_sees_nothing(nobody: httpx.Client) -> None:
    session = nobody.get(SESSION).json()
    assert session == {"name": None, "role": None, "kind": None, "csrf": None, "people": "accounts"}
    refused = nobody.get(TRACES)
    assert (refused.status_code, refused.json()) == (401, {"detail": "Sign in first"})


def test_a_browser_that_looks_for_a_page_is_sent_to_sign_in(nobody: httpx.Client) -> None:
    answer = nobody.get("/?hours=3", headers={"accept": "text/html,*/*"})
    assert answer.status_code == 303
    assert answer.headers["location"] == "/admin/sign-in?next=/%3Fhours%3D3"
    assert nobody.get(TRACES, headers={"accept": "text/html"}).status_code == 401
    assert nobody.get("/static/docs.css").status_code == 200


def test_signing_in_tells_who_one_is_and_signing_out_ends_it(nobody: httpx.Client, people_database: str) -> None:
    answer = nobody.post(SESSION, json={"email": " Edith@Example.com", "password": PASSWORD})
    session = answer.json()
    assert session | {"csrf": None} == {
        "name": "edith@example.com", "role": "editor", "kind": "person", "csrf": None, "people": "accounts",
    }  # fmt: skip
    assert nobody.get(SESSION).json() == session
    assert nobody.get(TRACES).status_code == 200
    kept = nobody.cookies["otelgres_session"]
    assert nobody.delete(SESSION, headers={"x-otelgres-csrf": session["csrf"]}).json() == {"message": "Signed out"}
    assert "otelgres_session" not in nobody.cookies
    assert nobody.get(TRACES, headers={"cookie": f"otelgres_session={kept}"}).status_code == 401
    assert audit_of(people_database, "edith@example.com")[-2:] == ["session.signed_in", "session.signed_out"]


def test_the_cookie_is_kept_from_scripts_and_other_sites(nobody: httpx.Client) -> None:
    cookie = nobody.post(SESSION, json={"email": PEOPLE[Role.VIEWER], "password": PASSWORD}).headers["set-cookie"]
    attributes = {part.strip().lower() for part in cookie.split(";")[1:]}
    assert {"httponly", "samesite=lax", "path=/", "max-age=604800"} <= attributes
    assert PASSWORD not in cookie


def test_wrong_password_unknown_account_and_disabled_account_are_told_alike(
    nobody: httpx.Client, people_database: str
) -> None:
    add_person(people_database, "gone@example.com", Role.VIEWER)
    sql(people_database, "UPDATE enterprise.people SET disabled_at = now() WHERE email = 'gone@example.com'")
    answers = [
        nobody.post(SESSION, json={"email": email, "password": password})
        for email, password in [
            (PEOPLE[Role.VIEWER], "something else"),
            ("nobody@example.com", PASSWORD),
            ("gone@example.com", PASSWORD),
        ]
    ]
    assert {(answer.status_code, answer.text) for answer in answers} == {
        (401, '{"detail":"E-mail address or password is wrong"}')
    }
    assert audit_of(people_database, "nobody@example.com") == ["session.refused"]


@pytest.mark.parametrize(
    "change",
    [{"role": "viewer"}, {"disabled": True}, {"password": "another path through woods"}],
    ids=["role", "disabled", "password"],
)
def test_what_an_admin_changes_ends_the_persons_sessions_at_once(
    nobody: httpx.Client, people_database: str, change: dict[str, object], request: pytest.FixtureRequest
) -> None:
    email = f"{request.node.callspec.id}@example.com"
    add_person(people_database, email, Role.EDITOR)
    sign_in(nobody, email)
    assert nobody.get(TRACES).status_code == 200
    with browser(nobody.base_url) as admin:
        assert admin.patch(f"{USERS}/{email}", json=change, headers=ADMIN).status_code == 200
    assert nobody.get(TRACES).status_code == 401


@pytest.mark.parametrize("column", ["seen_at = now() - interval '25 hours'", "expires_at = now()"])
def test_a_session_ends_when_it_is_idle_or_old(nobody: httpx.Client, people_database: str, column: str) -> None:
    sign_in(nobody, PEOPLE[Role.VIEWER])
    assert nobody.get(TRACES).status_code == 200
    sql(people_database, f"UPDATE enterprise.sessions SET {column}")
    assert nobody.get(TRACES).status_code == 401


def test_a_session_that_is_used_stays(nobody: httpx.Client, people_database: str) -> None:
    sign_in(nobody, PEOPLE[Role.VIEWER])
    sql(people_database, "UPDATE enterprise.sessions SET seen_at = now() - interval '23 hours'")
    assert nobody.get(TRACES).status_code == 200
    idle = sql(people_database, "SELECT max(now() - seen_at) < interval '1 minute' AS fresh FROM enterprise.sessions")
    assert idle[0]["fresh"]


def test_a_person_has_so_many_sessions_and_no_more(nobody: httpx.Client, people_database: str) -> None:
    email = "often@example.com"
    add_person(people_database, email, Role.VIEWER)
    sql(
        people_database,
        "INSERT INTO enterprise.sessions (id_hash, email, created_at, expires_at, address, agent) "
        "SELECT int4send(n), $1, now() - n * interval '1 second', now() + interval '1 day', '::1', '' "
        "FROM generate_series(1, 60) AS n",
        email,
    )
    sign_in(nobody, email)
    left = sql(people_database, "SELECT count(*) FROM enterprise.sessions WHERE email = $1", email)
    assert left[0]["count"] == 50
    assert nobody.get(TRACES).status_code == 200


def test_who_is_signed_in_is_behind_what_they_do_whatever_they_say(signed_in: SignedIn, people_database: str) -> None:
    editor = signed_in(Role.EDITOR)
    measured = {"metric_type": "error_rate", "condition": "gt", "threshold": 5}
    rule = {"name": "mine", "enabled": False, "created_by": "somebody@example.com", **measured}
    added = editor.post("/api/observability/alerts/rules?user_email=else@example.com", json=rule)
    assert added.status_code == 200, added.text
    found = editor.get(f"/api/observability/alerts/rules/{added.json()['id']}").json()
    assert found["created_by"] == PEOPLE[Role.EDITOR]
    view = {"name": "mine", "page": "logs"}
    owner = editor.post("/api/observability/views?user_email=else@example.com", json=view).json()["owner"]
    assert owner == PEOPLE[Role.EDITOR]
    # The engine would resolve what no rule of its own has found.
    sql(
        people_database,
        "INSERT INTO enterprise.leases VALUES ('alerts', 'test', 1000, 'infinity') "
        "ON CONFLICT (name) DO UPDATE SET holder = 'test', epoch = 1000, expires_at = 'infinity'",
    )
    instance = sql(
        people_database,
        "INSERT INTO enterprise.alert_instances (rule_id, triggered_at) VALUES ($1, now()) RETURNING id",
        UUID(added.json()["id"]),
    )[0]["id"]
    path = f"/api/observability/alerts/instances/{instance}"
    assert editor.post(f"{path}/acknowledge?user_email=else@example.com").status_code == 200
    assert editor.get(path).json()["instance"]["acknowledged_by"] == PEOPLE[Role.EDITOR]


def test_a_key_speaks_for_itself_whomever_it_names(
    nobody: httpx.Client, signed_in: SignedIn, people_database: str
) -> None:
    views = "/api/observability/views"
    editor = signed_in(Role.EDITOR)
    assert editor.post(views, json={"name": "private", "page": "logs"}).status_code == 200
    key = make(people_database, "curious", ["read", "write"])
    until(lambda: nobody.get(SESSION, headers=key.bearer).json().get("name") == "key:curious")
    named = f"{views}?user_email={PEOPLE[Role.EDITOR]}"
    assert "private" not in [view["name"] for view in nobody.get(named, headers=key.bearer).json()["views"]]
    made = nobody.post(named, headers=key.bearer, json={"name": "its own", "page": "logs"}).json()
    assert made["owner"] == "key:curious"
