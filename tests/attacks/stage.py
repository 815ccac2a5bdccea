"""Where attacks are tried: an API where people sign in, others by its side, and raw connections."""

import socket
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import httpx

from access.principals import Role
from server.settings import Settings
from tests.served_api import served_api, sql
from tests.signing_in import ADMIN_TOKEN, PEOPLE, browser, sign_in

ADMIN = {"authorization": f"Bearer {ADMIN_TOKEN}"}
SESSION, USERS, TRACES = "/api/access/session", "/api/access/users", "/api/observability/traces"
STREAM = "/api/observability/logs/stream"
RULES, VIEWS = "/api/observability/alerts/rules", "/api/observability/views"


@dataclass(frozen=True)
class Stage:
    """dsn: of a database with a person of each role. url: of the API over it, where people sign in."""

    dsn: str
    url: httpx.URL

    def browser(self) -> AbstractContextManager[httpx.Client]:
        return browser(self.url)

    @contextmanager
    def signed_in(self, role: Role) -> Iterator[httpx.Client]:
        with self.browser() as client:
            sign_in(client, PEOPLE[role])
            yield client

    def other_api(self, **settings: Any) -> AbstractContextManager[httpx.Client]:
        """Another API over the same database, with settings of its own."""
        kept = {"retention_days": 4, "metric_minutes_days": 4, "metric_hours_days": 28}
        return served_api(self.dsn, Settings.model_validate(kept | settings))

    def sql(self, statement: str, *arguments: object) -> list[Any]:
        return sql(self.dsn, statement, *arguments)

    def raw(self, *pieces: bytes, timeout: float = 10.0) -> bytes:
        """All that is answered to these bytes until the connection ends."""
        with connected(self.url, timeout) as connection:
            for piece in pieces:
                try:
                    connection.sendall(piece)
                except (BrokenPipeError, ConnectionResetError):
                    break
            return received(connection)

    def socket_url(self, path: str = STREAM) -> str:
        return str(self.url.join(path)).replace("http://", "ws://")


def connected(url: httpx.URL, timeout: float = 10.0) -> socket.socket:
    parts = urlsplit(str(url))
    assert parts.hostname is not None
    return socket.create_connection((parts.hostname, parts.port or 80), timeout)


def received(connection: socket.socket) -> bytes:
    """Until the other side ends the connection; a timeout is an error."""
    answer = b""
    try:
        while chunk := connection.recv(65536):
            answer += chunk
    except ConnectionResetError:
        pass
    return answer


class Attack(NamedTuple):
    """run: returns when the attack was refused."""

    kind: str
    name: str
    run: Callable[[Stage], None]


ATTACKS: list[Attack] = []


def attack(kind: str) -> Callable[[Callable[[Stage], None]], Callable[[Stage], None]]:
    """Puts a function into the table of attacks."""

    def add(run: Callable[[Stage], None]) -> Callable[[Stage], None]:
        ATTACKS.append(Attack(kind, run.__name__.replace("_", " "), run))
        return run

    return add
