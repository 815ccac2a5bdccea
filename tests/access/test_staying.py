"""Who is let in no more is put out of what goes on: WebSockets and event streams."""

from collections.abc import Callable

import httpx
import pytest
import websockets.sync.client
from websockets.exceptions import ConnectionClosedError

from access.principals import Role
from tests.access_keys import make, take_back
from tests.polling import until
from tests.served_api import served_api, sql
from tests.signing_in import PEOPLE, SETTINGS

STREAM = "/api/observability/logs/stream"
SignedIn = Callable[[Role], httpx.Client]


def test_signing_out_closes_the_websocket(signed_in: SignedIn) -> None:
    viewer = signed_in(Role.VIEWER)
    url = str(viewer.base_url.join(STREAM)).replace("http://", "ws://")
    cookie = "; ".join(f"{name}={value}" for name, value in viewer.cookies.items())
    with websockets.sync.client.connect(url, additional_headers={"cookie": cookie}) as socket:
        assert viewer.delete("/api/access/session").status_code == 200
        with pytest.raises(ConnectionClosedError):
            list(socket)
        assert socket.close_code == 1008


def test_disabling_an_account_ends_its_event_stream(signed_in: SignedIn, people_database: str) -> None:
    viewer = signed_in(Role.VIEWER)
    with viewer.stream("GET", STREAM, timeout=15) as answer:
        chunks = answer.iter_raw()
        assert next(chunks).startswith(b"retry:")
        sql(people_database, "UPDATE enterprise.people SET disabled_at = now() WHERE email = $1", PEOPLE[Role.VIEWER])
        try:
            for _ in chunks:
                pass
        finally:
            sql(people_database, "UPDATE enterprise.people SET disabled_at = NULL")


def test_revoking_a_key_ends_its_event_stream(nobody: httpx.Client, people_database: str) -> None:
    key = make(people_database, "tail", ["read"])
    until(lambda: nobody.get("/api/access/session", headers=key.bearer).json().get("name") == "key:tail")
    with nobody.stream("GET", STREAM, headers=key.bearer, timeout=15) as answer:
        chunks = answer.iter_raw()
        assert next(chunks).startswith(b"retry:")
        take_back(people_database, key)
        for _ in chunks:
            pass


def test_whom_a_proxy_names_is_put_out_when_their_account_is_disabled(people_database: str) -> None:
    named = {"x-user-email": PEOPLE[Role.EDITOR]}
    settings = SETTINGS.model_copy(
        update={"people": "proxy", "proxy_header": "x-user-email", "trusted_proxies": ("127.0.0.1",)}
    )
    with (
        served_api(people_database, settings) as client,
        client.stream("GET", STREAM, headers=named, timeout=15) as answer,
    ):
        chunks = answer.iter_raw()
        assert next(chunks).startswith(b"retry:")
        disable = "UPDATE enterprise.people SET disabled_at = now() WHERE email = $1"
        sql(people_database, disable, PEOPLE[Role.EDITOR])
        for _ in chunks:
            pass


def test_whoever_stays_let_in_stays_connected(signed_in: SignedIn) -> None:
    viewer = signed_in(Role.VIEWER)
    with viewer.stream("GET", STREAM, timeout=25) as answer:
        # The comment that keeps the connection alive comes after three looks.
        assert any(b"still here" in chunk for chunk in answer.iter_raw())
