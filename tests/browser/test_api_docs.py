"""The page at /api/docs, which describes and tries what the API can."""

from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.conftest import copied
from tests.served_api import served_api, sql

expect.set_options(timeout=15_000)


@pytest.fixture(scope="module")
def dsn(postgres_dsn: str, template_database: str) -> Iterator[str]:
    yield from copied(postgres_dsn, template_database)


@pytest.fixture(scope="module")
def url(dsn: str) -> Iterator[str]:
    with served_api(dsn) as client:
        yield str(client.base_url)


def test_the_api_page_describes_and_tries_every_read(page: Page, url: str, dsn: str) -> None:
    sql(
        dsn,
        "INSERT INTO enterprise.structured_logs (level, logger_name, message) "
        "VALUES ('INFO', 'shop', 'found by the form')",
    )
    description = httpx.get(f"{url}/api/openapi.json").json()
    page.goto(f"{url}/api/docs")
    operations = [f"{method.upper()}{path}" for path, methods in description["paths"].items() for method in methods]
    expect(page.locator(".operation h2")).to_have_text(operations)
    logs = page.locator(".operation").nth(operations.index("GET/api/observability/logs"))
    expect(logs).to_contain_text("1 to 1000")
    logs.locator("input[name=search]").fill("forms")
    logs.get_by_role("button", name="Send").click()
    expect(logs.locator("form + pre")).to_contain_text("200 /api/observability/logs?search=forms")
    expect(logs.locator("form + pre")).to_contain_text("found by the form")
