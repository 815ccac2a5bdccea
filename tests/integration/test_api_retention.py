"""The routes of retention: what is kept, pins, rules and deletions, as somebody who may do all of it meets them."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from database.jobs import run
from database.pool import connect_pool
from database.retention import Retention
from tests.conftest import copied
from tests.conftest import run as in_thread
from tests.polling import until
from tests.served_api import lead, sql

NOW = datetime.now(UTC)
TRACE = "5b8aa5a2d2c872e8321cf37308d69df2"
PATH = "/api/retention"


@pytest.fixture(scope="module")
def database(postgres_dsn: str, template_database: str) -> Iterator[str]:
    yield from copied(postgres_dsn, template_database)


@pytest.fixture
def telemetry(api: httpx.Client, database: str) -> None:
    sql(
        database,
        "INSERT INTO enterprise.trace_spans (trace_id, span_id, operation_name, start_time, tags) "
        "VALUES ($1, 'a', 'op', $2, '{\"user.email\": \"bob@example.com\"}')",
        TRACE,
        NOW,
    )


async def _run_retention(dsn: str) -> None:
    pool = await connect_pool(dsn, min_size=0, max_size=4, statement_timeout_ms=60_000)
    try:
        lease = await lead(pool)
        assert await run(Retention(pool, lease, 4), pool) is None
        await lease.release()
    finally:
        await pool.close()


@pytest.mark.usefixtures("telemetry")
def test_what_is_kept_is_told_for_each_signal(api: httpx.Client, database: str) -> None:
    in_thread(_run_retention(database))
    state = api.get(PATH).json()
    today = NOW.replace(hour=0, minute=0, second=0, microsecond=0)
    spans, logs, points = state["signals"]
    assert [one["signal"] for one in (spans, logs, points)] == ["spans", "logs", "points"]
    assert datetime.fromisoformat(spans["kept_from"]) == today
    assert datetime.fromisoformat(spans["next_drop_at"]) == today + timedelta(days=1 + spans["keep_days"])
    assert (spans["partitions"], logs["partitions"], logs["kept_from"], logs["next_drop_at"]) == (1, 0, None, None)
    assert state["bytes"] > spans["bytes"] > 0
    assert (state["cap_bytes"], state["over_bytes"], state["late_seconds"], state["last_error"]) == (None, 0, 0, None)


@pytest.mark.usefixtures("telemetry")
def test_a_pin_is_set_listed_and_taken_away(api: httpx.Client) -> None:
    pin = api.put(f"{PATH}/pins/{TRACE}", json={"why": "Incident 4711"}).json()
    assert (pin["trace_id"], pin["why"], pin["rows"], pin["pinned_by"]) == (TRACE, "Incident 4711", 1, "anonymous")
    assert api.put(f"{PATH}/pins/{TRACE}", json={"why": "another"}).json() == pin
    assert api.get(f"{PATH}/pins").json() == {"pins": [pin]}
    assert api.get(PATH).json()["pins"] == 1
    assert api.delete(f"{PATH}/pins/{TRACE}").json() == pin
    assert api.delete(f"{PATH}/pins/{TRACE}").status_code == 404
    assert api.put(f"{PATH}/pins/unknown", json={"why": "why"}).status_code == 404
    assert api.put(f"{PATH}/pins/{TRACE}", json={"why": " "}).status_code == 422


def test_a_rule_is_added_once_listed_and_removed(api: httpx.Client) -> None:
    wish = {"signal": "logs", "level": "DEBUG", "keep_days": 2}
    added = api.post(f"{PATH}/rules", json=wish)
    assert added.status_code == 201
    rule = added.json()
    assert {key: rule[key] for key in wish} == wish
    assert api.post(f"{PATH}/rules", json=wish | {"keep_days": 3}).status_code == 409
    assert api.get(f"{PATH}/rules").json() == {"rules": [rule]}
    assert api.delete(f"{PATH}/rules/{rule['id']}").json() == rule
    assert api.delete(f"{PATH}/rules/{rule['id']}").status_code == 404


@pytest.mark.parametrize(
    "wish",
    [
        {"signal": "logs", "keep_days": 2},
        {"signal": "spans", "level": "DEBUG", "keep_days": 2},
        {"signal": "points", "service": "shop", "keep_days": 2},
        {"signal": "logs", "service": "shop", "keep_days": 0},
    ],
)
def test_a_rule_that_says_nothing_that_can_be_kept_is_refused(api: httpx.Client, wish: dict[str, Any]) -> None:
    assert api.post(f"{PATH}/rules", json=wish).status_code == 422


@pytest.mark.usefixtures("telemetry")
def test_a_deletion_is_counted_then_confirmed_then_done(api: httpx.Client, database: str) -> None:
    asked = api.post(f"{PATH}/deletions", json={"user_email": "bob@example.com"})
    assert asked.status_code == 202
    place = f"{PATH}/deletions/{asked.json()['id']}"
    assert "bob" not in asked.text
    until(lambda: api.get(place).json()["state"] == "counted", seconds=60)
    assert api.get(place).json()["spans"] == 1
    assert sql(database, "SELECT FROM enterprise.trace_spans") != []
    assert api.post(f"{place}/confirm").json()["state"] == "deleting"
    until(lambda: api.get(place).json()["state"] == "done", seconds=60)
    assert sql(database, "SELECT FROM enterprise.trace_spans") == []
    assert api.post(f"{place}/confirm").status_code == 404
    assert api.delete(place).status_code == 404
    assert api.get(f"{PATH}/deletions").json()["deletions"][0]["state"] == "done"


def test_a_deletion_seeks_something(api: httpx.Client) -> None:
    for sought in ({}, {"since": "2026-01-01T00:00:00Z"}, {"user_email": ""}, {"service": "a", "since": "2026-01-01"}):
        assert api.post(f"{PATH}/deletions", json=sought).status_code == 422
