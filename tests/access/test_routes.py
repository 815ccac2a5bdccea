"""Every route is public on purpose or guarded; and what the guards say is what all callers meet, everywhere."""

import re
from collections.abc import Iterator

import httpx
import pytest
import websockets

from access.principals import Role
from server.app import create_app
from server.gate import PROBES, PUBLIC_PATHS
from tests.access_keys import make
from tests.polling import until
from tests.route_walk import MATRIX, WEBSOCKET, Walked, markdown, walk
from tests.signing_in import ADMIN_TOKEN, PEOPLE, SETTINGS, sign_in

ROUTES = walk(create_app(SETTINGS, "postgresql://"))
# What belongs to no router, each looked at: files of the pages, the description of the API, and metrics.
UNDECLARED = {"/static/": None, "/admin/_app/": None, "/api/openapi.json": Role.VIEWER, "/metrics": Role.VIEWER}
VALUES = {"email": "nobody@example.com", "name": "other"}
UNKNOWN_ID = "0b8aa5a2-d2c8-42e8-921c-f37308d69df2"
ROLES: dict[str, Role | None] = {
    "anonymous": None,
    "viewer": Role.VIEWER,
    "editor": Role.EDITOR,
    "admin": Role.ADMIN,
    "key read": Role.VIEWER,
    "key write": Role.EDITOR,
    "key traces": None,
    "key logs": None,
    "key metrics": None,
    "admin token": Role.ADMIN,
}


def test_every_route_is_public_on_purpose_or_guarded() -> None:
    assert len(ROUTES) > 80
    undeclared = {route.path: route.role for route in ROUTES if not route.declared}
    assert undeclared == UNDECLARED


def test_the_gate_and_the_routes_agree_on_what_is_public() -> None:
    public = {route.path for route in ROUTES if route.declared and route.role is None}
    assert public == PROBES | PUBLIC_PATHS


def test_the_documented_matrix_is_that_of_the_routes() -> None:
    assert markdown(ROUTES) in MATRIX.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def callers(served_people: httpx.Client, people_database: str) -> Iterator[dict[str, httpx.Client]]:
    """One of each kind."""
    clients = {name: httpx.Client(base_url=served_people.base_url, timeout=30) for name in ROLES}
    for role, email in PEOPLE.items():
        sign_in(clients[str(role)], email)
    for name in ROLES:
        if name.startswith("key "):
            scope = name.removeprefix("key ")
            clients[name].headers.update(make(people_database, scope, [scope]).bearer)
    clients["admin token"].headers["authorization"] = f"Bearer {ADMIN_TOKEN}"
    until(lambda: clients["key read"].get("/api/access/session").json()["name"] == "key:read")
    yield clients
    for client in clients.values():
        client.close()


@pytest.mark.parametrize("name", list(ROLES))
def test_each_caller_meets_what_the_guards_say(callers: dict[str, httpx.Client], name: str) -> None:
    role = ROLES[name]
    met, said = {}, {}
    for route in ROUTES:
        if route.method == WEBSOCKET or (route.path == "/api/access/session" and route.method == "DELETE"):
            continue
        said[route] = expected(route, role)
        met[route] = _met(callers[name], route)
    assert met == said


@pytest.mark.parametrize("name", list(ROLES))
async def test_each_caller_opens_the_websockets_that_the_guards_say(
    callers: dict[str, httpx.Client], name: str
) -> None:
    client = callers[name]
    sockets = [route for route in ROUTES if route.method == WEBSOCKET]
    assert sockets
    cookie = {"cookie": "; ".join(f"{key}={value}" for key, value in client.cookies.items())}
    credentials = {key: client.headers[key] for key in ("authorization",) if key in client.headers} | cookie
    for route in sockets:
        url = str(client.base_url.join(route.path)).replace("http://", "ws://")
        try:
            async with websockets.connect(url, additional_headers=credentials):
                opened = True
        except websockets.InvalidStatus:
            opened = False
        assert opened is (expected(route, ROLES[name]) == "let in")


def expected(route: Walked, role: Role | None) -> str:
    if route.role is None:
        return "let in"
    if role is None:
        return "401"
    return "let in" if role >= route.role else "403"


def _met(client: httpx.Client, route: Walked) -> str:
    path = re.sub(r"{(\w+)(?::\w+)?}", lambda match: VALUES.get(match[1], UNKNOWN_ID), route.path)
    if path == "/static/":
        path += "docs.css"
    if path == "/admin/_app/":
        path += "version.json"
    with client.stream(route.method, path) as answer:
        status = answer.status_code
    if path == "/api/access/session":
        # Without a body nobody is signed in; that it is heard at all is what counts.
        assert status in (200, 422)
    return str(status) if status in (401, 403) else "let in"
