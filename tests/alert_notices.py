"""Notices for tests: items, messages, and rows of the outbox."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from alerting.delivery.message import Message
from alerting.notices import Item, Told
from database import pool

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
RULE = UUID("5b8aa5a2-d2c8-42e8-921c-f37308d69df2")
INSTANCE = UUID("051581bf-3cb5-4c13-8d1e-8b9a2a5a0001")

ITEM = Item(
    told=Told.FIRING,
    instance_id=INSTANCE,
    rule_id=RULE,
    rule_name="High Error Rate",
    severity="critical",
    metric_type="error_count",
    condition="gt",
    threshold=10.0,
    window_minutes=5,
    value=11.0,
    message="High Error Rate: error_count is 11 (threshold: 10)",
    triggered_at=NOW,
    description="More than 10 errors in 5 minutes",
    labels={"alertname": "High Error Rate", "severity": "critical", "service": "shop"},
    links={"rule": "https://otelgres.example/admin/alerts?rule_id=1", "logs": "/admin/logs?q=level:ERROR"},
    rows=(
        {"time": "2026-11-23T09:29:58Z", "message": "payment failed", "trace_id": "5b8aa5a2d2c872e8321cf37308d69df2"},
    ),
)


def resolved(item: Item = ITEM) -> Item:
    return replace(item, told=Told.RESOLVED, resolved_at=NOW + timedelta(minutes=7))


def message(*items: Item, kind: str = "alert", channel: str = "slack", done: frozenset[str] = frozenset()) -> Message:
    return Message(uuid4(), channel, f"{RULE}:", kind, items or (ITEM,), NOW, done=done)


async def add_instance(connection: Any, item: Item) -> None:
    """The rule and the instance that an item is about."""
    await connection.execute(
        "INSERT INTO enterprise.alert_rules (id, name, metric_type, condition, threshold) VALUES ($1, $2, $3, $4, $5) "
        "ON CONFLICT DO NOTHING",
        item.rule_id,
        item.rule_name,
        item.metric_type,
        item.condition,
        item.threshold,
    )
    await connection.execute(
        "INSERT INTO enterprise.alert_instances (id, rule_id, triggered_at, fingerprint) VALUES ($1, $2, $3, $4) "
        "ON CONFLICT DO NOTHING",
        item.instance_id,
        item.rule_id,
        item.triggered_at,
        str(item.instance_id)[-16:],
    )


async def add_notice(
    connection: Any,
    *items: Item,
    channel: str = "slack",
    group: str = "group",
    kind: str = "alert",
    created_at: datetime = NOW,
    due_at: datetime = NOW,
) -> UUID:
    """A waiting notice, as recording leaves it; it MUST be the only one of its group that nobody has claimed yet."""
    id_: UUID = await connection.fetchval(
        "INSERT INTO enterprise.alert_notices (channel, group_key, kind, items, created_at, due_at) "
        "VALUES ($1, $2, $3, $4, $5, $6) RETURNING id",
        channel,
        group,
        kind,
        [item.as_json() for item in items or (ITEM,)],
        created_at,
        due_at,
    )
    return id_


async def add_channel(
    dsn: str, name: str, kind: str, settings: dict[str, Any] | None = None, secrets: dict[str, str] | None = None
) -> None:
    """A channel as the API stores it."""
    connection = await pool.connect(dsn)
    try:
        await connection.execute(
            "INSERT INTO enterprise.alert_channels (name, kind, settings) VALUES ($1, $2, $3)",
            name,
            kind,
            settings or {},
        )
        if secrets:
            await connection.execute(
                "INSERT INTO enterprise.alert_channel_secrets (channel, secrets) VALUES ($1, $2)", name, secrets
            )
    finally:
        await connection.close()
