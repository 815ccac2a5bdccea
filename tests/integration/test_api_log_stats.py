"""GET /logs/stats/…: counts that are those of the rows."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import httpx
import pytest

from query_api.models import LogHistogram, LogLevels
from query_api.steps import MOST_BY_DEFAULT
from tests.conftest import copied
from tests.served_api import sql

STATS = "/api/observability/logs/stats"
NOW = datetime.now(UTC)
HOUR = timedelta(hours=1)


@pytest.fixture(scope="module")
def database(postgres_dsn: str, template_database: str) -> Iterator[str]:
    yield from copied(postgres_dsn, template_database)


def add(dsn: str, *logs: tuple[timedelta, str, str]) -> None:
    """Logs of an age, a level and a message."""
    for age, level, message in logs:
        sql(
            dsn,
            "INSERT INTO enterprise.structured_logs (timestamp, level, logger_name, message) VALUES ($1, $2, 'a', $3)",
            NOW - age,
            level,
            message,
        )


def histogram(api: httpx.Client, **parameters: object) -> dict[str, Any]:
    answer = api.get(f"{STATS}/histogram", params={name: str(value) for name, value in parameters.items()})
    assert answer.status_code == 200, answer.text
    LogHistogram.model_validate_json(answer.text)
    body: dict[str, Any] = answer.json()
    return body


def counted(body: dict[str, Any]) -> dict[str, int]:
    """By level, over all buckets."""
    levels: dict[str, int] = {}
    for bucket in body["buckets"]:
        for level, logs in bucket["levels"].items():
            levels[level] = levels.get(level, 0) + logs
    return levels


def test_levels_are_counted_the_most_first(api: httpx.Client, database: str) -> None:
    add(database, *[(HOUR, level, "m") for level in ("INFO", "ERROR", "ERROR", "DEBUG", "ERROR", "INFO")])
    add(database, (3 * HOUR, "CRITICAL", "m"), (200 * HOUR, "WARNING", "m"), (-HOUR, "INFO", "ahead"))
    answer = api.get(f"{STATS}/levels", params={"hours": 2})
    LogLevels.model_validate_json(answer.text)
    assert answer.json()["period_hours"] == 2
    assert list(answer.json()["levels"].items()) == [("ERROR", 3), ("INFO", 3), ("DEBUG", 1)]
    assert api.get(f"{STATS}/levels").json()["levels"]["CRITICAL"] == 1
    assert "WARNING" not in api.get(f"{STATS}/levels", params={"hours": 168}).json()["levels"]


def test_without_logs_there_are_no_levels(api: httpx.Client) -> None:
    assert api.get(f"{STATS}/levels").json() == {"period_hours": 24, "levels": {}}
    assert api.get(f"{STATS}/levels", params={"hours": 169}).status_code == 422


@pytest.mark.parametrize("q", ["", "m*"])
def test_a_histogram_has_every_step_with_the_logs_that_came_in_it(api: httpx.Client, database: str, q: str) -> None:
    add(
        database,
        (HOUR / 2, "INFO", "m1"),
        (HOUR / 2, "ERROR", "m2"),
        (5 * HOUR, "INFO", "m3"),
        (30 * HOUR, "INFO", "m4"),
    )
    body = histogram(api, hours=6, q=q)
    assert body["step_seconds"] == 300
    begins = [datetime.fromisoformat(bucket["time"]) for bucket in body["buckets"]]
    assert begins[0] == datetime.fromisoformat(body["from"])
    assert {later - earlier for earlier, later in pairwise(begins[1:])} == {timedelta(seconds=300)}
    assert 72 <= len(begins) <= 74
    found = {bucket["time"]: bucket["levels"] for bucket in body["buckets"] if bucket["levels"]}
    assert list(found.values()) == [{"INFO": 1}, {"ERROR": 1, "INFO": 1}]
    for time, age in zip(found, (5 * HOUR, HOUR / 2), strict=True):
        assert timedelta(0) <= NOW - age - datetime.fromisoformat(time) < timedelta(seconds=300)


def test_a_search_narrows_a_histogram(api: httpx.Client, database: str) -> None:
    add(database, (HOUR, "INFO", "connection reset"), (HOUR, "ERROR", "connection"), (HOUR, "ERROR", "other"))
    assert counted(histogram(api, q="connection")) == {"INFO": 1, "ERROR": 1}
    assert counted(histogram(api, q="connection -level:info")) == {"ERROR": 1}
    assert counted(histogram(api, q="nothing")) == {}


def test_counts_do_not_lag_behind_the_folding_of_rollups(api: httpx.Client, database: str) -> None:
    add(database, (HOUR, "INFO", "m"))
    sql(
        database,
        "INSERT INTO enterprise.log_minutes VALUES (date_trunc('minute', $1::timestamptz), 'shop', 'INFO', 5)",
        NOW - 2 * HOUR,
    )
    assert counted(histogram(api)) == {"INFO": 6}


def test_a_short_window_counts_the_rows_to_the_microsecond(api: httpx.Client, database: str) -> None:
    for microseconds in (0, 1, 999_999, 1_000_000):
        add(database, (HOUR - timedelta(microseconds=microseconds), "INFO", "m"))
    since, until = NOW - HOUR + timedelta(microseconds=1), NOW - HOUR + timedelta(seconds=1)
    body = histogram(api, **{"from": since.isoformat(), "to": until.isoformat()})
    assert counted(body) == {"INFO": 2}
    assert (body["step_seconds"], body["from"], body["to"]) == (1, since.isoformat(), until.isoformat())


def test_a_window_of_ages_is_counted_in_whole_days(api: httpx.Client, database: str) -> None:
    add(database, (HOUR, "INFO", "m"), (400 * HOUR, "INFO", "m"))
    body = histogram(api, **{"from": "0001-01-01", "to": "9999-12-31", "q": "m"})
    assert counted(body) == {"INFO": 2}
    assert len(body["buckets"]) <= MOST_BY_DEFAULT
    assert body["step_seconds"] % 86_400 == 0


def test_a_mistake_in_a_search_or_a_window_is_422(api: httpx.Client) -> None:
    for parameters in ({"q": "a AND"}, {"q": "level:x"}, {"from": "soon"}, {"hours": "0"}):
        assert api.get(f"{STATS}/histogram", params=parameters).status_code == 422
