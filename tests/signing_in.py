"""People of a served API: their accounts, and browsers in which they are signed in."""

from collections.abc import Iterator
from contextlib import contextmanager

import httpx
from pydantic import SecretStr

from access.audit import By
from access.people import accounts
from access.principals import Role
from database.pool import connect
from server.settings import Settings
from tests.conftest import run

PASSWORD = "a quiet path through woods"
ADMIN_TOKEN = "correct horse battery"
PEOPLE = {
    Role.VIEWER: "vera@example.com",
    Role.EDITOR: "edith@example.com",
    Role.ADMIN: "adam@example.com",
}
SETTINGS = Settings(
    people="accounts", admin_token=SecretStr(ADMIN_TOKEN), retention_days=4, metric_minutes_days=4, metric_hours_days=28
)


def add_person(dsn: str, email: str, role: Role, password: str | None = PASSWORD) -> None:
    """As `otelgres user create` does."""

    async def add() -> None:
        connection = await connect(dsn)
        try:
            await accounts.create(connection, email, role, password, by=By("test"))
        finally:
            await connection.close()

    run(add())


def add_people(dsn: str) -> None:
    """One of each role."""
    for role, email in PEOPLE.items():
        add_person(dsn, email, role)


@contextmanager
def browser(base_url: httpx.URL) -> Iterator[httpx.Client]:
    """A client with cookies of its own that sends Origin with changes, as browsers do."""
    with httpx.Client(base_url=base_url, timeout=30, headers={"origin": str(base_url).rstrip("/")}) as client:
        yield client


def sign_in(client: httpx.Client, email: str, password: str = PASSWORD) -> dict[str, str | None]:
    """Signs this browser in, and makes it send the header that changes take."""
    client.headers.pop("x-otelgres-csrf", None)
    answer = client.post("/api/access/session", json={"email": email, "password": password})
    assert answer.status_code == 200, answer.text
    session: dict[str, str | None] = answer.json()
    client.headers["x-otelgres-csrf"] = str(session["csrf"])
    return session
