"""GET /logs/stats/facets: values of level, service and logger among the logs that match, with their counts."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from query_api import log_facets, slices
from query_api.log_facets import LogFacets
from tests.conftest import copied
from tests.served_api import served_api, sql, wipe

FACETS = "/api/observability/logs/stats/facets"
INSERT = (
    "INSERT INTO enterprise.structured_logs (timestamp, level, logger_name, message, service_name, trace_id) "
    "VALUES ($1, $2, $3, $4, $5, $6)"
)
TRACE = "cd" * 16


@pytest.fixture(scope="module")
def shared(postgres_dsn: str, template_database: str) -> Iterator[str]:
    yield from copied(postgres_dsn, template_database)


@pytest.fixture(scope="module")
def api(shared: str) -> Iterator[httpx.Client]:
    with served_api(shared) as client:
        yield client


@pytest.fixture
def logs(shared: str) -> datetime:
    """Four logs of the last three hours; the time of the newest."""
    wipe(shared)
    now = datetime.now(UTC)
    for hours, level, logger, message, service, trace in (
        (0, "INFO", "shop.chat", "answered ann", "shop", TRACE),
        (1, "ERROR", "shop.chat", "payment failed", "shop", TRACE),
        (2, "ERROR", "cart.api", "payment refused", "cart", None),
        (3, "DEBUG", "jobs", "nothing to do", None, None),
    ):
        sql(shared, INSERT, now - timedelta(hours=hours), level, logger, message, service, trace)
    return now


def facets(api: httpx.Client, **parameters: object) -> dict[str, Any]:
    answer = api.get(FACETS, params={name: str(value) for name, value in parameters.items()})
    assert answer.status_code == 200, answer.text
    LogFacets.model_validate_json(answer.text)
    body: dict[str, Any] = answer.json()
    return body


def counts(body: dict[str, Any], field: str) -> list[tuple[str, int]]:
    return [(value["value"], value["count"]) for value in body[field]]


@pytest.mark.usefixtures("logs")
def test_values_are_counted_the_most_first(api: httpx.Client) -> None:
    body = facets(api, hours=24)
    assert counts(body, "level") == [("ERROR", 2), ("DEBUG", 1), ("INFO", 1)]
    assert counts(body, "service") == [("shop", 2), ("cart", 1)]
    assert counts(body, "logger") == [("shop.chat", 2), ("cart.api", 1), ("jobs", 1)]
    assert body["total"] == 4
    assert "partial" not in body


@pytest.mark.usefixtures("logs")
@pytest.mark.parametrize(
    ("parameters", "services", "total"),
    [
        ({"q": "payment"}, [("cart", 1), ("shop", 1)], 2),
        ({"q": "-service:cart level:error"}, [("shop", 1)], 1),
        ({"trace_id": TRACE}, [("shop", 2)], 2),
        ({"level": "DEBUG"}, [], 1),
        ({"pattern": "answered <*>"}, [("shop", 1)], 1),
        ({"from": "now-90m"}, [("shop", 2)], 2),
        ({"to": "now-90m"}, [("cart", 1)], 2),
        ({"from": "now+1d"}, [], 0),
        ({"limit": 1, "hours": 24}, [("shop", 2)], 4),
    ],
    ids=str,
)
def test_only_logs_that_match_are_counted(
    api: httpx.Client, parameters: dict[str, str], services: list[tuple[str, int]], total: int
) -> None:
    body = facets(api, **parameters)
    assert (counts(body, "service"), body["total"]) == (services, total)


def test_counts_of_a_part_say_since_when(api: httpx.Client, logs: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_facets, "SECONDS", 0.0)
    monkeypatch.setattr(slices, "FIRST", timedelta(minutes=90))
    body = facets(api, hours=24)
    assert counts(body, "level") == [("ERROR", 1), ("INFO", 1)]
    searched_from = datetime.fromisoformat(body["partial"]["searched_from"])
    assert timedelta(0) <= searched_from - (logs - timedelta(minutes=90)) < timedelta(minutes=1)
