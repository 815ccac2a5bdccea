"""enterprise.alert_notices as senders use it: what is due, claims, and what came of each attempt."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from alerting.delivery.message import Message
from alerting.delivery.outcome import Outcome
from database.queries import load

SQL = load(__package__)
CLAIM_LASTS = timedelta(seconds=30)
"""Longer than an attempt and its recording take; then another sender may repeat it. Later attempts are claimed for
longer, up to ten times, so that what can never be recorded is not repeated without end."""
MOST_NOTES = 500
LOOK_SECONDS = 10.0
LOST = "nobody knows what came of it: its sender ended, or lost the database, before it could say so"


@dataclass(frozen=True)
class Ready:
    """The next notice of a channel. seconds: until it can be claimed. age: of the oldest that is due, None if none."""

    channel: str
    seconds: float
    age: float | None


@dataclass(frozen=True)
class Attempt:
    """One try: what it began with, what came of it, how long it took."""

    outcome: Outcome
    number: int
    began_at: datetime
    duration_ms: float


async def outlook(connection: Any, now: datetime) -> list[Ready]:
    """Each channel that has notices, the soonest first. Of a group only the first counts: the others wait for it."""
    rows = await connection.fetch(SQL["outlook"], now, timeout=LOOK_SECONDS)
    return [Ready(row["channel"], row["ready_in"], row["age"]) for row in rows]


async def claim(connection: Any, channel: str, most: int, now: datetime, claimer: str) -> list[Any]:
    """Rows that nobody else sends until CLAIM_LASTS is over, one of each group at most."""
    rows: list[Any] = await connection.fetch(
        SQL["claim"], channel, now, most, claimer, CLAIM_LASTS, LOST, timeout=LOOK_SECONDS
    )
    return rows


async def instances_untold(connection: Any, channel: str, instances: Sequence[UUID]) -> frozenset[UUID]:
    """Those of whose firing this channel never heard."""
    told = await connection.fetch(SQL["instances_told"], channel, instances)
    return frozenset(instances) - {row["instance_id"] for row in told}


async def record(
    connection: Any,
    message: Message,
    attempt: Attempt,
    state: str,
    due_at: datetime | None,
    finished_at: datetime | None,
) -> None:
    """Writes down an attempt and the state that the notice is in now. The connection MUST be in a transaction."""
    outcome = attempt.outcome
    await connection.execute(
        SQL["finish"], message.id, message.attempt, state, due_at, finished_at, outcome.error, timeout=LOOK_SECONDS
    )
    await add_attempt(connection, message, attempt)
    notes = {item.instance_id: _note(message, attempt) for item in message.items if item.instance_id is not None}
    await connection.execute(
        SQL["note_on_instances"], list(notes), list(notes.values()), MOST_NOTES, timeout=LOOK_SECONDS
    )


async def add_attempt(connection: Any, message: Message, attempt: Attempt) -> None:
    outcome = attempt.outcome
    await connection.execute(
        SQL["add_attempt"],
        message.id,
        attempt.number,
        message.channel,
        attempt.began_at,
        attempt.duration_ms,
        outcome.told,
        outcome.permanent,
        outcome.error,
        {**outcome.detail, **({"done": list(outcome.done)} if outcome.done else {})},
    )


async def drop(connection: Any, row: Any, why: str, now: datetime) -> None:
    """Ends a notice that is not worth telling any more."""
    await connection.execute(SQL["finish"], row["id"], row["attempts"], "dropped", None, now, why)


def _note(message: Message, attempt: Attempt) -> dict[str, Any]:
    return {
        "channel": message.channel,
        "sent_at": attempt.began_at.isoformat(),
        "success": attempt.outcome.told,
        "error": attempt.outcome.error,
        "notice_id": str(message.id),
    }
