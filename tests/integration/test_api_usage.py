"""GET /usage: who sends how much."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from query_api.usage_models import Usage
from tests.conftest import copied
from tests.served_api import sql

HOUR = timedelta(hours=1)
NOW = datetime.now(UTC)
# Three hours back, so that none of what is counted by the hour lies in the hours that are counted by the minute.
THEN = NOW.replace(minute=0, second=0, microsecond=0) - 3 * HOUR
LOGS, POINTS = 300, 50


@pytest.fixture(scope="module")
def database(postgres_dsn: str, template_database: str) -> Iterator[str]:
    """Logs of two services, points of one, and the minutes of spans, some of them not folded yet."""
    for dsn in copied(postgres_dsn, template_database):
        sql(
            dsn,
            "INSERT INTO enterprise.structured_logs (timestamp, level, logger_name, message, service_name) "
            "SELECT $1::timestamptz + i * interval '1 second', 'INFO', 'app', repeat('m', 200), "
            "CASE WHEN i % 3 = 0 THEN 'shop' ELSE 'bank' END FROM generate_series(1, 300) AS i",
            THEN,
        )
        sql(
            dsn,
            "INSERT INTO enterprise.metric_series "
            "(id, service_name, name, type, unit, attributes, resource_id, scope_id) "
            "VALUES (1, 'shop', 'm', 'gauge', '1', '{}', 0, 0)",
        )
        sql(
            dsn,
            "INSERT INTO enterprise.metric_points (series_id, time, value) "
            "SELECT 1, $1::timestamptz + i * interval '1 second', i FROM generate_series(1, 50) AS i",
            THEN,
        )
        last = "(series_id, {column}, points, last_time) VALUES (1, $1, $2, $1)"
        sql(dsn, f"INSERT INTO enterprise.metric_hours {last.format(column='hour')}", THEN, 30)
        sql(dsn, f"INSERT INTO enterprise.metric_minutes {last.format(column='minute')}", THEN, 30)
        sql(dsn, f"INSERT INTO enterprise.metric_minutes {last.format(column='minute')}", THEN + 3 * HOUR, 20)
        sql(
            dsn,
            "INSERT INTO enterprise.operations (id, service_name, operation_name, kind) "
            "VALUES (1, 'shop', 'a', 2), (2, 'shop', 'b', 2), (3, 'bank', 'a', 2)",
        )
        sql(
            dsn,
            "INSERT INTO enterprise.operation_minutes "
            "VALUES ($1, 1, 7, 0, 1, '{}', '{}'), ($1, 3, 5, 0, 1, '{}', '{}')",
            THEN,
        )
        sql(
            dsn,
            "INSERT INTO enterprise.operation_deltas VALUES "
            "(1, 1, ARRAY[$1, $1]::timestamptz[], '{1,2}', '{2,1}', '{0,0}', '{1,1}', '{1,1,1}')",
            THEN,
        )
        sql(dsn, "ANALYZE enterprise.structured_logs, enterprise.metric_points")
        yield dsn


def usage(client: httpx.Client, **parameters: object) -> dict[str, Any]:
    answer = client.get("/api/observability/usage", params={name: str(value) for name, value in parameters.items()})
    assert answer.status_code == 200, answer.text
    Usage.model_validate_json(answer.text)
    body: dict[str, Any] = answer.json()
    return body


def rows(body: dict[str, Any]) -> dict[tuple[str, str], int]:
    return {(found["service"], found["signal"]): found["rows"] for found in body["services"]}


def test_rows_are_those_that_were_counted(client: httpx.Client) -> None:
    body = usage(client)
    assert rows(body) == {
        ("bank", "logs"): 200,
        ("shop", "logs"): 100,
        ("shop", "metrics"): POINTS,
        ("shop", "spans"): 10,
        ("bank", "spans"): 5,
    }
    assert {found["signal"]: found["rows"] for found in body["signals"]} == {
        "logs": LOGS,
        "metrics": POINTS,
        "spans": 15,
    }


def test_bytes_are_the_rows_share_of_their_partition(client: httpx.Client, database: str) -> None:
    body = usage(client)
    logs = next(found for found in body["signals"] if found["signal"] == "logs")
    leaf = f"enterprise.structured_logs_p{THEN:%Y%m%d}"
    size = sql(database, "SELECT pg_total_relation_size($1::text::regclass)", leaf)[0][0]
    assert logs["bytes"] == pytest.approx(size, rel=0.01)
    bank = body["services"][0]
    assert (bank["service"], bank["signal"]) == ("bank", "logs")
    assert bank["bytes"] == pytest.approx(size * 2 / 3, rel=0.01)
    known = [found for found in body["services"] if found["bytes"] is not None]
    assert sum(found["share"] for found in known) == pytest.approx(100, abs=0.1)
    spans = next(found for found in body["signals"] if found["signal"] == "spans")
    assert (spans["bytes"], spans["share"]) == (None, None)


def test_a_window_begins_with_its_hour(client: httpx.Client) -> None:
    body = usage(client, **{"from": (THEN + HOUR / 2).isoformat(), "to": (THEN + HOUR).isoformat()})
    assert datetime.fromisoformat(body["from"]) == THEN
    assert rows(body)[("shop", "metrics")] == 30
    assert rows(usage(client, **{"from": (THEN + HOUR).isoformat()})) == {("shop", "metrics"): 20}


def test_the_largest_come_first_and_signals_are_whole_beside_a_limit(client: httpx.Client) -> None:
    body = usage(client, limit=1)
    assert [(found["service"], found["signal"]) for found in body["services"]] == [("bank", "logs")]
    assert len(body["signals"]) == 3
