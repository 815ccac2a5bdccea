"""Plans are those of a database with partitions for the whole default retention."""

from collections.abc import Iterator

import pytest

from server.settings import Settings
from tests.conftest import template


@pytest.fixture(scope="session")
def template_database(postgres_dsn: str) -> Iterator[str]:
    yield from template(postgres_dsn, Settings())
