"""Signing in by a provider that really runs: the code flow, roles by its claims, and whom we let not in."""

from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from access.principals import Role
from tests import oidc
from tests.otelgres_process import free_ports
from tests.served_api import served_api, sql
from tests.signing_in import ADMIN_TOKEN, add_person

TRACES = "/api/observability/traces"
ACCOUNTS = {
    "ann": {"email": "Ann@example.com", "email_verified": True, "groups": ["staff", "operators"]},
    "bob": {"email": "bob@example.com", "email_verified": True, "groups": "staff"},
    "cleo": {"email": "cleo@elsewhere.example", "email_verified": True},
    "dan": {"email": "dan@example.com", "email_verified": False},
    "eve": {},
    "fay": {"email": "fay@example.com", "email_verified": True, "groups": []},
}


@pytest.fixture(scope="module")
def port() -> int:
    return free_ports(1)[0]


@pytest.fixture(scope="module")
def issuer(port: int) -> Iterator[str]:
    with oidc.provider(port, ACCOUNTS) as issuer:
        yield issuer


@pytest.fixture
def by_provider(database: str, issuer: str, port: int) -> Iterator[httpx.Client]:
    """A browser of an API where one signs in by the provider."""
    with served_api(database, oidc.settings(issuer, oidc_domains=("example.com",)), port) as client:
        yield client


@pytest.fixture
def by_roles(database: str, issuer: str, port: int) -> Iterator[httpx.Client]:
    """Where the provider says the role as well."""
    roles = oidc.settings(issuer, oidc_role_claim="groups", oidc_roles=("staff=editor", "operators=admin"))
    with served_api(database, roles, port) as client:
        yield client


def test_a_person_signs_in_as_viewer_and_lands_where_they_wanted_to(by_provider: httpx.Client, database: str) -> None:
    answer = oidc.sign_in(by_provider, "ann", "/api/docs?x=1")
    assert (answer.status_code, answer.headers["location"]) == (303, "/api/docs?x=1")
    session = by_provider.get("/api/access/session").json()
    assert (session["name"], session["role"], session["people"]) == ("ann@example.com", "viewer", "oidc")
    assert by_provider.get(TRACES).status_code == 200
    actions = sql(database, "SELECT action FROM enterprise.access_audit ORDER BY id")
    assert [row["action"] for row in actions] == ["user.created", "session.signed_in"]
    kept = sql(database, "SELECT password_hash FROM enterprise.people")
    assert kept[0]["password_hash"] is None


def test_a_role_that_an_admin_gave_stays_where_the_provider_says_none(by_provider: httpx.Client, database: str) -> None:
    add_person(database, "ann@example.com", Role.EDITOR, None)
    oidc.sign_in(by_provider, "ann")
    assert by_provider.get("/api/access/session").json()["role"] == "editor"


@pytest.mark.parametrize(
    ("login", "role"), [("ann", "admin"), ("bob", "editor"), ("cleo", "viewer"), ("fay", "viewer")]
)
def test_the_providers_claim_says_the_role_anew_at_each_sign_in(
    by_roles: httpx.Client, database: str, login: str, role: str
) -> None:
    email = str(ACCOUNTS[login]["email"]).lower()
    add_person(database, email, Role.ADMIN if role != "admin" else Role.VIEWER, None)
    oidc.sign_in(by_roles, login)
    assert by_roles.get("/api/access/session").json()["role"] == role


@pytest.mark.parametrize(
    ("login", "told", "named"),
    [
        ("cleo", "People of your domain may not sign in here", "cleo@elsewhere.example"),
        ("dan", "The provider has not verified your e-mail address", "dan@example.com"),
        ("eve", "The provider tells no e-mail address of you", "eve"),
    ],
)
def test_whom_we_let_not_in_is_told_why_and_audited(
    by_provider: httpx.Client, database: str, login: str, told: str, named: str
) -> None:
    answer = oidc.sign_in(by_provider, login)
    assert (answer.status_code, answer.json()) == (403, {"detail": told})
    assert by_provider.get(TRACES).status_code == 401
    assert sql(database, "SELECT FROM enterprise.people") == []
    assert audited(database) == [(named, "session.refused", told[:1].lower() + told[1:])]


def test_whoever_comes_again_and_again_does_not_fill_the_audit(by_provider: httpx.Client, database: str) -> None:
    for _ in range(8):
        assert oidc.sign_in(by_provider, "dan").status_code == 403
    assert [action for _, action, _ in audited(database)] == ["session.refused"] * 5 + ["session.slowed_down"]


def test_an_answer_that_is_not_the_providers_is_audited(by_provider: httpx.Client, database: str) -> None:
    by_provider.get("/api/access/oidc/login")
    assert by_provider.get("/api/access/oidc/callback", params={"code": "x", "state": "x"}).status_code == 403
    assert audited(database) == [
        ("anonymous", "session.refused", "this sign-in was not begun here; begin again"),
    ]


def audited(dsn: str) -> list[tuple[str, str, str]]:
    rows = sql(dsn, "SELECT actor, action, detail->>'reason' FROM enterprise.access_audit ORDER BY id")
    return [tuple(row) for row in rows]


def test_a_disabled_account_is_not_opened_by_the_provider(by_provider: httpx.Client, database: str) -> None:
    add_person(database, "ann@example.com", Role.VIEWER, None)
    sql(database, "UPDATE enterprise.people SET disabled_at = now()")
    answer = oidc.sign_in(by_provider, "ann")
    assert (answer.status_code, answer.json()) == (403, {"detail": "This account is disabled"})
    assert audited(database)[-1] == ("ann@example.com", "session.refused", "account disabled")


def test_no_password_opens_what_the_provider_guards(by_provider: httpx.Client, database: str) -> None:
    add_person(database, "ann@example.com", Role.ADMIN)
    answer = by_provider.post("/api/access/session", json={"email": "ann@example.com", "password": "x" * 12})
    assert answer.status_code == 409
    assert by_provider.get(TRACES, headers={"authorization": f"Bearer {ADMIN_TOKEN}"}).status_code == 200


def test_the_browser_is_sent_with_pkce_state_and_nonce_and_without_the_secret(by_provider: httpx.Client) -> None:
    url = urlsplit(by_provider.get("/api/access/oidc/login").headers["location"])
    sent = {name: values[0] for name, values in parse_qs(url.query).items()}
    assert sent["code_challenge_method"] == "S256"
    assert {"state", "nonce", "code_challenge"} <= sent.keys()
    assert sent["redirect_uri"] == f"{str(by_provider.base_url).rstrip('/')}/api/access/oidc/callback"
    assert oidc.SECRET not in str(url)


def test_a_provider_that_is_away_is_told_as_such(database: str) -> None:
    away = f"http://127.0.0.1:{free_ports(1)[0]}"
    with served_api(database, oidc.settings(away)) as client:
        answer = client.get("/api/access/oidc/login")
    assert answer.status_code == 502
    assert away not in answer.text
