"""A test of a channel: one notice that says so, sent at once and kept like any other."""

import time
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from alerting.delivery.channels import Channel
from alerting.delivery.message import Message
from alerting.delivery.messenger import Messenger
from alerting.delivery.outbox import Attempt, add_attempt
from alerting.notices import Item, Told
from database.queries import load

SQL = load(__package__)
NO_RULE = UUID(int=0)


async def try_channel(channel: Channel, messenger: Messenger) -> tuple[Message, Attempt]:
    """What the channel said to a test. It is not tried again."""
    began_at, began = datetime.now(UTC), time.monotonic()
    message = Message(uuid4(), channel.name, f"test:{uuid4()}", "test", (_item(channel.name, began_at),), began_at)
    outcome = await messenger.send(channel, message)
    return message, Attempt(replace(outcome, again=False), 1, began_at, (time.monotonic() - began) * 1_000)


async def keep(connection: Any, message: Message, attempt: Attempt) -> None:
    """Writes the notice and its attempt down. The connection MUST be in a transaction."""
    await connection.execute(
        SQL["add_test"],
        message.id,
        message.channel,
        message.group_key,
        [item.as_json() for item in message.items],
        message.created_at,
        "sent" if attempt.outcome.told else "failed",
        datetime.now(UTC),
        attempt.outcome.error,
    )
    await add_attempt(connection, message, attempt)


def _item(channel: str, now: datetime) -> Item:
    return Item(
        told=Told.FIRING,
        instance_id=None,
        rule_id=NO_RULE,
        rule_name="Test",
        severity="info",
        metric_type="test",
        condition="gt",
        threshold=0.0,
        window_minutes=5,
        value=None,
        message=f"Somebody tests the channel {channel}. Nothing is wrong.",
        triggered_at=now,
    )
