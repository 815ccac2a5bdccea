"""GET /services/map: the graph that the spans make, with figures that are theirs."""

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from math import ceil
from typing import Any

import httpx
import pytest

from database import pool
from database.service_map import ServiceMap
from query_api.service_models import ServiceMapAnswer
from query_api.sketch import EDGE_RELATIVE_ERROR
from tests.call_stories import CLIENT, GRAPH, HTTP, NOW, SERVER, STORY, Sender, Span
from tests.conftest import copied, run
from tests.prepared_database import RETENTION_DAYS
from tests.served_api import lead, sql

MAP = "/api/observability/services/map"
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


@pytest.fixture(scope="module")
def database(postgres_dsn: str, template_database: str) -> Iterator[str]:
    yield from copied(postgres_dsn, template_database)


def tell(dsn: str, *spans: Span) -> None:
    """Stores spans and counts them."""

    async def work() -> None:
        connections = await pool.connect_pool(dsn, min_size=0, max_size=2, statement_timeout_ms=60_000)
        await Sender(connections).add(*spans)
        job = ServiceMap(await lead(connections), RETENTION_DAYS)
        for _ in range(3):
            while not (await job.run_once(NOW))["caught_up"]:
                pass
        await connections.close()

    run(work())


def get(api: httpx.Client, **parameters: object) -> dict[str, Any]:
    answer = api.get(MAP, params={name: str(value) for name, value in parameters.items()})
    assert answer.status_code == 200, answer.text
    ServiceMapAnswer.model_validate_json(answer.text)
    body: dict[str, Any] = answer.json()
    return body


def test_the_map_of_a_story_is_the_graph_written_by_hand(api: httpx.Client, database: str) -> None:
    tell(database, *STORY)
    for hours in (2, 24):
        body = get(api, hours=hours)
        names = {node["id"]: node["name"] for node in body["nodes"]}
        found = {
            (edge["kind"], names[edge["source"]], names[edge["target"]]): (edge["calls"], edge["errors"])
            for edge in body["edges"]
        }
        assert found == GRAPH
        assert [(node["id"], node["type"], node["system"]) for node in body["nodes"]] == [
            ("database:postgresql:shop@db1", "database", "postgresql"),
            ("outside:smtp.example.com:25", "outside", None),
            ("queue:kafka:orders", "queue", "kafka"),
            ("service:cart", "service", None),
            ("service:mailer", "service", None),
            ("service:web", "service", None),
        ]
    assert {edge["source"] for edge in get(api, service="web")["edges"]} == {"service:web"}
    assert len(get(api, limit=2)["edges"]) == 2
    assert get(api, service="nobody")["edges"] == []
    assert get(api, to=(NOW - 2 * HOUR).isoformat())["edges"] == []


def test_rates_errors_and_percentiles_are_those_of_the_calls(api: httpx.Client, database: str) -> None:
    dice = random.Random(3)
    calls = []
    for number in range(300):
        time = NOW - dice.uniform(0.02, 5) * HOUR
        calls.append(
            Span(
                f"s{number}",
                f"c{number}",
                "b",
                SERVER,
                ms=dice.lognormvariate(3, 2),
                time=time,
                failed=dice.random() < 0.3,
                trace=f"t{number}",
            )
        )
    clients = [replace(call, id=f"c{n}", parent=None, service="a", kind=CLIENT, tags=HTTP, failed=False)
               for n, call in enumerate(calls)]  # fmt: skip
    tell(database, *clients[:200], *calls[:100])
    tell(database, *clients[200:], *calls[100:])
    body = get(api, hours=6)
    [edge] = body["edges"]
    assert body["relative_error"] == EDGE_RELATIVE_ERROR
    durations = sorted(call.ms for call in calls)
    seconds = (datetime.now(UTC) - datetime.fromisoformat(body["from"])).total_seconds()
    assert (edge["calls"], edge["errors"]) == (300, sum(call.failed for call in calls))
    assert edge["rate"] == pytest.approx(300 / seconds, rel=0.01)
    assert edge["error_rate"] == pytest.approx(edge["errors"] / 300)
    assert edge["mean_ms"] == pytest.approx(sum(durations) / 300)
    for name, part in (("p50_ms", 0.5), ("p95_ms", 0.95), ("p99_ms", 0.99)):
        assert edge[name] == pytest.approx(durations[ceil(300 * part) - 1], rel=EDGE_RELATIVE_ERROR)


def test_the_lag_is_that_of_the_job(api: httpx.Client, database: str) -> None:
    sql(database, "DELETE FROM enterprise.leases")
    sql(database, "UPDATE enterprise.rollup_progress SET counted_until = now() - interval '5 minutes'")
    body = get(api)
    assert 0 <= body["lag_seconds"] < 310
    until = datetime.fromisoformat(body["counted_until"])
    assert abs((datetime.now(UTC) - until).total_seconds() - body["lag_seconds"]) < 5
