"""One real server for the whole checklist: every case looks at its own rows only."""

from collections.abc import Iterator

import pytest

from tests.conftest import copied
from tests.otelgres_process import RECEIVERS, OtelgresProcess

LIMIT = 2 << 20
ORIGIN = "https://app.example.com"


@pytest.fixture(scope="package")
def receiver(postgres_dsn: str, template_database: str) -> Iterator[OtelgresProcess]:
    """Takes requests of up to LIMIT bytes, and web pages of ORIGIN."""
    for dsn in copied(postgres_dsn, template_database):
        settings = {"OTELGRES_MAX_REQUEST_BYTES": str(LIMIT), "OTELGRES_CORS_ORIGINS": ORIGIN}
        process = OtelgresProcess({"OTELGRES_DSN": dsn, **settings}, arguments=RECEIVERS)
        try:
            yield process
        finally:
            process.close()
