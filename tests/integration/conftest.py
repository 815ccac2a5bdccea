"""The API over a module's own `database`, which its tests share."""

from collections.abc import Iterator

import httpx
import pytest

from tests.served_api import served_api, wipe


@pytest.fixture(scope="module")
def client(database: str) -> Iterator[httpx.Client]:
    """A module that asks for it MUST have a `database` of its own."""
    with served_api(database) as client:
        yield client


@pytest.fixture
def api(client: httpx.Client, database: str) -> Iterator[httpx.Client]:
    """What a test adds is gone for the next."""
    yield client
    wipe(database)
