"""GET /metrics/query: hand-written series, and what must come of them."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import httpx
import pytest

from database.ranges import midnight
from query_api.metrics.models import MetricQuery
from tests.conftest import copied
from tests.metered import Metered, Point
from tests.searchable import add_origins

QUERY = "/api/observability/metrics/query"
NOON = midnight(datetime.now(UTC)) - timedelta(hours=12)
SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)
NAMES = (f"m{number}" for number in count())


@pytest.fixture(scope="module")
def database(postgres_dsn: str, template_database: str) -> Iterator[str]:
    for dsn in copied(postgres_dsn, template_database):
        add_origins(dsn)
        yield dsn


@pytest.fixture
def metered(database: str) -> Metered:
    return Metered(database)


@pytest.fixture
def name() -> str:
    """Of a metric that no other test has."""
    return next(NAMES)


def at(seconds: float, **columns: Any) -> Point:
    """A point so long after noon; a `start` is seconds after noon too."""
    if "start" in columns:
        columns["start_time"] = NOON + columns.pop("start") * SECOND
    return {"time": NOON + seconds * SECOND} | columns


def asked(client: httpx.Client, name: str, minutes: float = 5, **parameters: Any) -> dict[str, Any]:
    """The answer for so many minutes from noon on, in steps of one unless given."""
    window = {"from": NOON.isoformat(), "to": (NOON + minutes * MINUTE).isoformat()}
    answer = client.get(QUERY, params={"name": name, "step": 60} | window | parameters)
    assert answer.status_code == 200, answer.text
    MetricQuery.model_validate_json(answer.text)
    body: dict[str, Any] = answer.json()
    return body


def values(client: httpx.Client, name: str, minutes: float = 5, **parameters: Any) -> list[float | None]:
    """Those of the only group."""
    body = asked(client, name, minutes, **parameters)
    [group] = body["groups"]
    assert len(group["values"]) == len(body["times"])
    found: list[float | None] = group["values"]
    return found


def test_a_gauge(client: httpx.Client, metered: Metered, name: str) -> None:
    one = metered.series(name, "gauge", attributes={"q": "a"})
    two = metered.series(name, "gauge", attributes={"q": "b"})
    metered.add(one, [at(0, value=4.0), at(30, value=2.0), at(70, value=6.0), at(190, value=1.0)])
    metered.add(two, [at(10, value=10.0), at(185, value=3.0)])
    expected = {
        "avg": [16 / 3, 6.0, None, 2.0, None],
        "sum": [12.0, 6.0, None, 4.0, None],
        "min": [2.0, 6.0, None, 1.0, None],
        "max": [10.0, 6.0, None, 3.0, None],
        "last": [2.0, 6.0, None, 1.0, None],
        "count": [3.0, 1.0, None, 2.0, None],
    }
    for aggregation, wanted in expected.items():
        assert values(client, name, aggregation=aggregation) == pytest.approx(wanted), aggregation
    for aggregation in ("rate", "increase", "p95"):
        body = asked(client, name, aggregation=aggregation)
        assert body["groups"] == []
        assert "2 series left out: a gauge" in body["warnings"][0]
    body = asked(client, name, by="q", aggregation="last")
    assert [(group["labels"], group["values"][0]) for group in body["groups"]] == [
        ({"q": "b"}, 10.0),
        ({"q": "a"}, 2.0),
    ]
