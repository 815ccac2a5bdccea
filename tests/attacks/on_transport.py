"""The connection itself: too much, too slow, two meanings, and the way back from TLS."""

import ssl
import time
from contextlib import suppress
from unittest.mock import patch

import trustme

from access.principals import Role
from server import api_connection, http_head
from tests.attacks.stage import SESSION, USERS, Stage, attack, connected, received
from tests.served_api import served_api
from tests.signing_in import PASSWORD, PEOPLE, SETTINGS

LINE = b"GET /healthz HTTP/1.1\r\nhost: x\r\n"
SOON = 0.5


@attack("oversized headers")
def one_header_without_an_end(stage: Stage) -> None:
    answer = stage.raw(LINE + b"x: ", *[b"a" * 65536] * 64)
    assert answer == b"" or answer.startswith(b"HTTP/1.1 431 ")


@attack("oversized headers")
def a_great_many_small_ones(stage: Stage) -> None:
    answer = stage.raw(LINE + b"".join(b"x-%d: %s\r\n" % (number, b"a" * 20) for number in range(4000)) + b"\r\n")
    assert answer.startswith(b"HTTP/1.1 431 ")


@attack("oversized headers")
def an_address_without_an_end(stage: Stage) -> None:
    answer = stage.raw(b"GET /", *[b"a" * 65536] * 64)
    assert answer == b"" or answer.startswith(b"HTTP/1.1 431 ")


@attack("oversized bodies")
def a_sign_in_of_a_megabyte(stage: Stage) -> None:
    with stage.browser() as client:
        answer = client.post(SESSION, json={"email": "a@b", "password": "x" * 1024 * 1024})
        assert answer.status_code == 413


@attack("oversized bodies")
def a_body_of_chunks_without_an_end_from_nobody(stage: Stage) -> None:
    head = b"POST /api/observability/views HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n"
    answer = stage.raw(head, *[b"10000\r\n" + b"a" * 65536 + b"\r\n"] * 32, b"0\r\n\r\n", b"GET / HTTP/1.0\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 401 ")


@attack("slow requests")
def a_connection_that_says_nothing(stage: Stage) -> None:
    with patch.object(http_head, "HEAD_SECONDS", SOON):
        assert stage.raw(timeout=5) == b""


@attack("slow requests")
def a_head_that_comes_byte_by_byte(stage: Stage) -> None:
    with patch.object(http_head, "HEAD_SECONDS", SOON), connected(stage.url, 5) as connection:
        begun = time.monotonic()
        try:
            while time.monotonic() - begun < 5:
                connection.sendall(b"a")
                time.sleep(0.05)
        except (BrokenPipeError, ConnectionResetError):
            pass
        assert time.monotonic() - begun < 5


@attack("slow requests")
def a_body_that_comes_byte_by_byte(stage: Stage) -> None:
    head = b"POST /api/access/session HTTP/1.1\r\nhost: x\r\ncontent-length: 9000\r\n\r\n"
    with patch.object(api_connection, "BODY_SECONDS", SOON), connected(stage.url, 5) as connection:
        connection.sendall(head)
        begun = time.monotonic()
        try:
            while time.monotonic() - begun < 5:
                connection.sendall(b" ")
                time.sleep(0.05)
        except (BrokenPipeError, ConnectionResetError):
            pass
        assert time.monotonic() - begun < 5


@attack("trailers")
def one_who_names_a_person_after_the_body(stage: Stage) -> None:
    with stage.other_api(people="proxy", proxy_header="X-User-Email", trusted_proxies="127.0.0.1") as client:
        with connected(client.base_url, 5) as connection:
            head = b"POST /api/access/session HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n"
            trailers = f"X-User-Email: {PEOPLE[Role.ADMIN]}\r\nX-Forwarded-For: 10.1.2.3\r\n".encode()
            connection.sendall(head + b"transfer-encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n" + trailers + b"\r\n")
            assert received(connection).startswith(b"HTTP/1.1 422 ")
        with connected(client.base_url, 5) as connection:
            head = f"DELETE {USERS}/nobody@example.com HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n".encode()
            connection.sendall(head + b"transfer-encoding: chunked\r\n\r\n0\r\n" + trailers + b"\r\n")
            assert received(connection).startswith(b"HTTP/1.1 401 ")


@attack("trailers")
def trailers_without_an_end(stage: Stage) -> None:
    head = b"POST /api/access/session HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n"
    taken = 0
    with connected(stage.url) as connection:
        connection.sendall(head)
        with suppress(BrokenPipeError, ConnectionResetError):
            while taken < 64 * 1024 * 1024:
                connection.sendall(b"ab:cd\r\n" * 10_000)
                taken += 70_000
    assert taken < 64 * 1024 * 1024


@attack("request smuggling")
def a_body_of_two_lengths(stage: Stage) -> None:
    both = b"content-length: 6\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\nG"
    answer = stage.raw(b"POST /healthz HTTP/1.1\r\nhost: x\r\n" + both)
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert answer.count(b"HTTP/1.1") == 1


@attack("request smuggling")
def two_different_lengths(stage: Stage) -> None:
    answer = stage.raw(b"POST /healthz HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\nabcdef")
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert answer.count(b"HTTP/1.1") == 1


def _tls() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("127.0.0.1").configure_cert(context)
    return context


@attack("downgrade of TLS")
def plain_http_spoken_at_the_port_for_tls(stage: Stage) -> None:
    context = _tls()
    with (
        served_api(stage.dsn, SETTINGS, ssl_context_factory=lambda *_: context) as client,
        connected(client.base_url, 5) as connection,
    ):
        connection.sendall(b"GET /healthz HTTP/1.0\r\n\r\n")
        assert b"HTTP" not in received(connection)


@attack("downgrade of TLS")
def a_session_of_tls_used_over_plain_http(stage: Stage) -> None:
    with stage.other_api(people="accounts", public_url="https://otel.example") as client:
        answer = client.post(SESSION, json={"email": PEOPLE[Role.ADMIN], "password": PASSWORD})
        assert "; Secure" in answer.headers["set-cookie"]
        name, _, value = answer.headers["set-cookie"].partition(";")[0].partition("=")
        assert name.startswith("__Host-")
        plain = client.get(SESSION, headers={"cookie": f"{name.removeprefix('__Host-')}={value}"})
        assert plain.json()["name"] is None


@attack("downgrade of TLS")
def a_browser_that_came_by_tls_sent_to_plain_http(stage: Stage) -> None:
    with stage.other_api(people="accounts", trusted_proxies="127.0.0.1") as client:
        over_tls = client.get("/", headers={"x-forwarded-proto": "https"})
        assert over_tls.headers["strict-transport-security"].startswith("max-age=31536000")
        assert "strict-transport-security" not in client.get("/").headers
