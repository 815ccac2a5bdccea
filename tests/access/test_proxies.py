"""People whom a reverse proxy names: believed from trusted proxies alone, in the role of their account."""

from collections.abc import Iterator

import httpx
import pytest

from access.principals import Role
from server.settings import Settings
from tests.served_api import served_api, sql
from tests.signing_in import ADMIN_TOKEN, SETTINGS, add_person

SESSION, TRACES = "/api/access/session", "/api/observability/traces"
HEADER = "x-user-email"


def proxied(*trusted: str) -> Settings:
    return SETTINGS.model_copy(update={"people": "proxy", "proxy_header": HEADER, "trusted_proxies": trusted})


@pytest.fixture
def behind_proxy(database: str) -> Iterator[httpx.Client]:
    """Requests of this client come from a trusted proxy."""
    with served_api(database, proxied("127.0.0.0/8")) as client:
        yield client


def who(client: httpx.Client, **headers: str) -> tuple[object, ...]:
    session = client.get(SESSION, headers={name.replace("_", "-"): value for name, value in headers.items()}).json()
    return session.get("name"), session.get("role"), session.get("kind")


def test_whom_the_proxy_names_is_let_in_as_viewer_or_by_their_account(
    behind_proxy: httpx.Client, database: str
) -> None:
    add_person(database, "edith@example.com", Role.EDITOR, None)
    assert who(behind_proxy, x_user_email="New@example.com") == ("new@example.com", "viewer", "proxy")
    assert who(behind_proxy, x_user_email="edith@example.com") == ("edith@example.com", "editor", "proxy")
    assert behind_proxy.get(TRACES, headers={HEADER: "new@example.com"}).status_code == 200
    assert sql(database, "SELECT count(*) FROM enterprise.people")[0]["count"] == 1


def test_nobody_is_let_in_unnamed_but_by_the_admin_token(behind_proxy: httpx.Client) -> None:
    assert behind_proxy.get(TRACES).status_code == 401
    assert behind_proxy.get(TRACES, headers={"authorization": f"Bearer {ADMIN_TOKEN}"}).status_code == 200


def test_a_disabled_account_is_not_let_in(behind_proxy: httpx.Client, database: str) -> None:
    add_person(database, "gone@example.com", Role.ADMIN, None)
    sql(database, "UPDATE enterprise.people SET disabled_at = now()")
    assert behind_proxy.get(TRACES, headers={HEADER: "gone@example.com"}).status_code == 401


@pytest.mark.parametrize("named", ["no address", "a@b\u00a0c", "a@b, c@d"])
def test_a_name_that_is_no_address_is_refused(behind_proxy: httpx.Client, named: str) -> None:
    answer = behind_proxy.get(TRACES, headers={HEADER: named.encode()})
    assert (answer.status_code, answer.json()) == (403, {"detail": "x-user-email must be an e-mail address"})


def test_the_header_from_elsewhere_is_refused_and_not_just_overlooked(database: str) -> None:
    with served_api(database, proxied("192.0.2.0/24")) as client:
        answer = client.get(TRACES, headers={HEADER: "ann@example.com", "x-forwarded-for": "192.0.2.1"})
        token = client.get(TRACES, headers={HEADER: "a@b", "authorization": f"Bearer {ADMIN_TOKEN}"})
    assert (answer.status_code, answer.json()) == (403, {"detail": "x-user-email is taken from trusted proxies alone"})
    assert token.status_code == 403


def test_where_no_proxy_is_named_the_header_says_nothing(served_people: httpx.Client) -> None:
    assert served_people.get(TRACES, headers={HEADER: "adam@example.com"}).status_code == 401


@pytest.mark.parametrize(
    "passed",
    [
        "203.0.113.9",
        "1.2.3.4, 203.0.113.9",
        "203.0.113.9, 127.0.0.2",
        "203.0.113.9:50123",
        "1.2.3.4:1, [::ffff:203.0.113.9]:50123, 127.0.0.2:8080",
        "unknown, 203.0.113.9",
    ],
)
def test_the_clients_address_is_what_the_outermost_trusted_proxy_saw(database: str, passed: str) -> None:
    settings = SETTINGS.model_copy(update={"trusted_proxies": ("127.0.0.0/8",)})
    with served_api(database, settings) as client:
        client.post(SESSION, json={"email": "a@b", "password": "x"}, headers={"x-forwarded-for": passed})
    assert sql(database, "SELECT client_address FROM enterprise.access_audit")[0]["client_address"] == "203.0.113.9"


@pytest.mark.parametrize("passed", ["unknown", "203.0.113.9, unknown", "203.0.113.9, _hidden:7, 127.0.0.1"])
def test_what_a_proxy_says_that_is_no_address_is_not_taken(database: str, passed: str) -> None:
    settings = SETTINGS.model_copy(update={"trusted_proxies": ("127.0.0.0/8",)})
    with served_api(database, settings) as client:
        client.post(SESSION, json={"email": "a@b", "password": "x"}, headers={"x-forwarded-for": passed})
    assert sql(database, "SELECT client_address FROM enterprise.access_audit")[0]["client_address"] == "127.0.0.1"


@pytest.mark.parametrize("passed", ["203.0.113.9:{}", "[2001:db8::{}]:{}"])
def test_another_port_or_address_of_a_subscriber_with_each_guess_escapes_no_throttling(
    database: str, passed: str
) -> None:
    settings = SETTINGS.model_copy(update={"trusted_proxies": ("127.0.0.0/8",)})
    with served_api(database, settings) as client:
        statuses = [
            client.post(
                SESSION,
                json={"email": f"guess{number}@example.com", "password": "x"},
                headers={"x-forwarded-for": passed.format(number + 1, number + 50_000)},
            ).status_code
            for number in range(22)
        ]
    assert statuses == [401] * 21 + [429]


def test_over_tls_the_cookie_is_for_tls_and_this_host_alone(database: str) -> None:
    add_person(database, "ann@example.com", Role.VIEWER)
    settings = SETTINGS.model_copy(update={"trusted_proxies": ("127.0.0.1",)})
    credentials = {"email": "ann@example.com", "password": "a quiet path through woods"}
    with served_api(database, settings) as client:
        cookie = client.post(SESSION, json=credentials, headers={"x-forwarded-proto": "https"}).headers["set-cookie"]
        assert cookie.startswith("__Host-otelgres_session=")
        assert "; Secure" in cookie
        name, _, value = cookie.partition(";")[0].partition("=")
        over_tls = {"cookie": f"{name}={value}", "x-forwarded-proto": "https"}
        assert client.get(TRACES, headers=over_tls).status_code == 200
        # Planted over plain HTTP, under the name that is read there.
        assert client.get(TRACES, headers={"cookie": f"{name}={value}"}).status_code == 401
        planted = {"cookie": f"otelgres_session={value}", "x-forwarded-proto": "https"}
        assert client.get(TRACES, headers=planted).status_code == 401


def test_an_open_server_that_a_proxy_passes_requests_on_to_says_that_everybody_is_an_admin(database: str) -> None:
    passed_on = {"x-forwarded-for": "192.0.2.7"}
    with served_api(database) as client:
        refused = client.get(TRACES, headers=passed_on)
        assert refused.status_code == 403
        assert "OTELGRES_PEOPLE" in refused.json()["detail"]
        assert client.get(TRACES).status_code == 200
    meant = SETTINGS.model_copy(update={"people": "open", "admin_token": None, "allowed_hosts": ("otel.example",)})
    with served_api(database, meant) as client:
        assert client.get(TRACES, headers=passed_on | {"host": "otel.example"}).status_code == 200
