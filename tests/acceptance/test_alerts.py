"""Alerts from end to end: telemetry by OTLP, a rule with a short interval, a real HTTP server as Slack."""

import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import httpx

from tests.alert_receiver import Receiver, receiver
from tests.otelgres_process import OtelgresProcess
from tests.payloads import records
from tests.rows import fetch, until, value
from tests.senders import post

API = "/api/observability/alerts"
# Errors that leave the rule's window of five minutes after so many seconds.
SECONDS_IN_WINDOW = 40
LAST = "SELECT last_evaluated_at FROM enterprise.alert_rules WHERE name = 'High Error Rate'"


def send_errors(process: OtelgresProcess, count: int) -> None:
    start_ns = time.time_ns() - (300 - SECONDS_IN_WINDOW) * 10**9
    body = records(2 * count, start_ns=start_ns).SerializeToString()
    assert post(process, "logs", body).status_code == 200


async def turns(database: str, count: int) -> None:
    """Waits for so many further evaluations."""
    for _ in range(count):
        last = await value(database, LAST)
        await until(database, f"SELECT last_evaluated_at > '{last}' FROM ({LAST}) AS rule", True)


async def told(database: str) -> list[str]:
    rows = await fetch(
        database,
        "SELECT item ->> 'told' AS told "
        "FROM enterprise.alert_notices, jsonb_array_elements(items) WITH ORDINALITY AS i (item, nth) "
        "ORDER BY place, nth",
    )
    return [row["told"] for row in rows]


async def let_the_cooldown_pass(database: str) -> None:
    """As if what was told had been told a quarter of an hour earlier."""
    rows = await fetch(database, "SELECT rule_id, told FROM enterprise.alert_states WHERE told <> '{}'")
    earlier = timedelta(minutes=15)
    for row in rows:
        await fetch(
            database,
            "UPDATE enterprise.alert_states SET told = jsonb_set(jsonb_set(told, '{last}', to_jsonb("
            "(told ->> 'last')::timestamptz - $2::interval)), '{to,slack,at}', to_jsonb("
            "(told #>> '{to,slack,at}')::timestamptz - $2::interval)) WHERE rule_id = $1",
            row["rule_id"],
            earlier,
        )


async def test_high_error_rate_fires_once_is_silent_reminds_and_resolves(
    database: str, server: Callable[..., OtelgresProcess]
) -> None:
    await fetch(database, "UPDATE enterprise.alert_rules SET evaluation_interval_seconds = 1")
    async with receiver() as slack:
        process = server(SLACK_WEBHOOK_URL=slack.url, OTELGRES_PUBLIC_URL="https://otelgres.example.com")
        send_errors(process, 10)
        await until(database, f"SELECT last_value FROM ({LAST.replace('last_evaluated_at', 'last_value')}) AS r", 10.0)
        assert await told(database) == []
        send_errors(process, 1)
        await slack.has(1)
        assert (await instance(process))["message"].startswith("High Error Rate: error_count is 11 (threshold: 10)")
        await turns(database, 3)
        assert await told(database) == ["firing"]
        assert len(slack.requests) == 1
        await let_the_cooldown_pass(database)
        await slack.has(2)
        await turns(database, 2)
        assert await told(database) == ["firing", "reminder"]
        assert (await instance(process))["status"] == "firing"
        await until(
            database,
            "SELECT status FROM enterprise.alert_instances",
            "resolved",
            2 * SECONDS_IN_WINDOW,
        )
        await slack.has(3)
        assert await told(database) == ["firing", "reminder", "resolved"]
        await until(
            database,
            "SELECT count(*) FROM enterprise.alert_instances, jsonb_array_elements(notifications_sent) AS sent "
            "WHERE (sent ->> 'success')::boolean AND sent ->> 'channel' = 'slack'",
            3,
        )
        assert texts(slack)[0].startswith("🚨")
    engine = (await ask("GET", f"{process.url}{API}/engine")).json()
    assert engine["leader"] is not None
    assert engine["rules"] | {"slow": 0} == {"fast": 5, "slow": 0, "failing": 0, "late": 0}


async def instance(process: OtelgresProcess) -> dict[str, str]:
    [found] = (await ask("GET", f"{process.url}{API}/instances")).json()["instances"]
    return dict(found)


async def ask(method: str, url: str, **given: Any) -> httpx.Response:
    async with httpx.AsyncClient(timeout=30) as client:
        return await client.request(method, url, **given)


def texts(slack: Receiver) -> list[str]:
    return [request.json["text"] for request in slack.requests]


async def test_who_acknowledges_and_resolves_is_written_down(
    database: str, server: Callable[..., OtelgresProcess]
) -> None:
    await fetch(database, "UPDATE enterprise.alert_rules SET evaluation_interval_seconds = 1")
    process = server()
    send_errors(process, 11)
    await until(database, "SELECT count(*) FROM enterprise.alert_instances", 1)
    url = f"{process.url}{API}/instances/{(await instance(process))['id']}"
    ann = {"user_email": "ann@example.com"}
    acknowledged = await ask("POST", f"{url}/acknowledge", params=ann)
    assert (acknowledged.status_code, acknowledged.json()) == (200, {"message": "Alert acknowledged"})
    assert (await instance(process))["acknowledged_by"] == "ann@example.com"
    assert (await ask("POST", f"{url}/acknowledge")).status_code == 422
    resolved = await ask("POST", f"{url}/resolve", params=ann)
    assert (resolved.status_code, resolved.json()) == (200, {"message": "Alert resolved"})
    again = await ask("POST", f"{url}/resolve", params=ann)
    assert again.json() == {"message": "Alert resolved"}
    late = await ask("POST", f"{url}/acknowledge", params=ann)
    assert (late.status_code, late.json()) == (409, {"detail": "The alert is resolved already"})
    unknown = f"{process.url}{API}/instances/00000000-0000-4000-8000-000000000000"
    for act in ("acknowledge", "resolve"):
        answer = await ask("POST", f"{unknown}/{act}", params=ann)
        assert (answer.status_code, answer.json()) == (404, {"detail": "Alert not found"})
    # The condition holds on: the next evaluation opens another one, of which nobody is told in the cooldown.
    await until(database, "SELECT count(*) FROM enterprise.alert_instances", 2)
    await turns(database, 2)
    assert await told(database) == ["firing", "resolved"]
    rows = await fetch(database, "SELECT action, actor FROM enterprise.alert_audit ORDER BY id")
    assert [(row["action"], row["actor"]) for row in rows] == [
        ("acknowledge", "ann@example.com"),
        ("resolve", "ann@example.com"),
    ]


async def test_a_changed_rule_counts_at_once_and_a_disabled_one_closes_its_alerts(
    database: str, server: Callable[..., OtelgresProcess]
) -> None:
    await fetch(database, "UPDATE enterprise.alert_rules SET evaluation_interval_seconds = 3600")
    process = server()
    await until(database, "SELECT count(*) FROM enterprise.alert_rules WHERE last_evaluated_at IS NULL", 0)
    send_errors(process, 1)
    rule_id = await value(database, "SELECT id FROM enterprise.alert_rules WHERE name = 'High Error Rate'")
    rule = f"{process.url}{API}/rules/{rule_id}"
    assert (await ask("PUT", rule, json={"threshold": 0})).status_code == 200
    await until(database, "SELECT count(*) FROM enterprise.alert_instances WHERE status = 'firing'", 1)
    assert (await ask("PUT", rule, json={"enabled": False})).status_code == 200
    await until(database, "SELECT count(*) FROM enterprise.alert_instances WHERE status = 'firing'", 0)
    assert await value(database, "SELECT resolved_because FROM enterprise.alert_instances") == "disabled"
    assert await told(database) == ["firing", "resolved"]
