"""An API where people sign in, shared by a module's tests, and browsers."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import httpx
import pytest

from access.principals import Role
from tests.conftest import copied
from tests.served_api import served_api, sql
from tests.signing_in import PEOPLE, SETTINGS, add_people, browser, sign_in


@pytest.fixture(scope="module")
def people_database(postgres_dsn: str, template_database: str) -> Iterator[str]:
    """With a person of each role."""
    for dsn in copied(postgres_dsn, template_database):
        add_people(dsn)
        yield dsn


@pytest.fixture(scope="module")
def served_people(people_database: str) -> Iterator[httpx.Client]:
    """A client that is nobody."""
    with served_api(people_database, SETTINGS) as client:
        yield client


@pytest.fixture
def nobody(served_people: httpx.Client, people_database: str) -> Iterator[httpx.Client]:
    """A browser in which nobody is signed in; nobody is kept waiting for earlier attempts."""
    sql(people_database, "DELETE FROM enterprise.sign_in_attempts")
    with browser(served_people.base_url) as client:
        yield client


@pytest.fixture
def signed_in(nobody: httpx.Client) -> Iterator[Callable[[Role], httpx.Client]]:
    """A browser in which the person of this role is signed in."""
    with ExitStack() as stack:

        def client_of(role: Role) -> httpx.Client:
            client = stack.enter_context(browser(nobody.base_url))
            sign_in(client, PEOPLE[role])
            return client

        yield client_of
