"""Rules for tests, as rows and as the engine reads them, and what it writes about them."""

import json
from typing import Any
from uuid import UUID

from alerting.rules import Rule, rule_of

DEFAULTS: dict[str, Any] = {
    "name": "Errors",
    "metric_type": "error_count",
    "condition": "gt",
    "threshold": 10.0,
    "cooldown_minutes": 15,
}


async def add_rule(connection: Any, **columns: Any) -> Rule:
    """A rule of these columns, beside those that a database begins with."""
    values = DEFAULTS | columns
    names = ", ".join(values)
    places = ", ".join(f"${place}" for place in range(1, len(values) + 1))
    rule_id = await connection.fetchval(
        f"INSERT INTO enterprise.alert_rules ({names}) VALUES ({places}) RETURNING id", *values.values()
    )
    return await rule_as_read(connection, rule_id)


async def rule_as_read(connection: Any, rule_id: UUID) -> Rule:
    return rule_of(await connection.fetchrow("SELECT * FROM enterprise.alert_rules WHERE id = $1", rule_id))


async def instances(connection: Any, rule_id: UUID) -> list[Any]:
    """Rows, oldest first."""
    return list(
        await connection.fetch(
            "SELECT * FROM enterprise.alert_instances WHERE rule_id = $1 ORDER BY triggered_at, id", rule_id
        )
    )


async def history(connection: Any, rule_id: UUID) -> list[str]:
    """Events in their order."""
    rows = await connection.fetch("SELECT event FROM enterprise.alert_history WHERE rule_id = $1 ORDER BY id", rule_id)
    return [row["event"] for row in rows]


async def notices(connection: Any, kind: str = "alert") -> list[tuple[str, list[str]]]:
    """Channel and what its items say, by place."""
    rows = await connection.fetch(
        "SELECT channel, items FROM enterprise.alert_notices WHERE kind = $1 ORDER BY place", kind
    )
    return [(row["channel"], [item["told"] for item in _items(row["items"])]) for row in rows]


def _items(value: Any) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = json.loads(value) if isinstance(value, str) else value
    return items


async def forget_alerts(connection: Any) -> None:
    """Leaves the tables of alerts without a row, so that tests can share a database."""
    await connection.execute(
        "TRUNCATE enterprise.alert_rules, enterprise.alert_states, enterprise.alert_instances, "
        "enterprise.alert_history, enterprise.alert_notices, enterprise.alert_attempts, enterprise.alert_audit, "
        "enterprise.alert_silences, enterprise.alert_routes, enterprise.alert_inhibitions CASCADE"
    )


async def deliver(connection: Any) -> None:
    """As if senders had told people of all notices."""
    await connection.execute(
        "UPDATE enterprise.alert_notices SET state = 'sent', attempts = 1, finished_at = now() WHERE state = 'waiting'"
    )
