"""A rule that cannot even be read, or whose evaluation cannot be written down: the error is kept all the same."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from alerting.links import Links
from alerting.measurements import Failed
from alerting.recording.failing import tell_of_failing
from alerting.recording.journal import Journal
from alerting.recording.outbox import Outbox
from alerting.recording.recording import Run, keep_run
from alerting.rules import Condition, Rule, rule_of
from database.queries import load

SQL = load(__package__)


async def record_broken(connection: Any, rule_id: UUID, error: str, now: datetime, run: Run, links: Links) -> None:
    """Counts as a failed evaluation. The connection MUST be in a transaction under the lease of the engine."""
    locked = await connection.fetchrow(SQL["lock_rule"], rule_id)
    if locked is None:
        return
    rule, failed = readable(locked), Failed(error)
    journal, outbox = Journal(rule, now), Outbox(now)
    told_at = tell_of_failing(rule, locked, failed, now, journal, outbox, links)
    await journal.write(connection)
    await outbox.write(connection)
    await keep_run(connection, rule, failed, now, run, failure_told_at=told_at)


def readable(row: Mapping[str, Any]) -> Rule:
    """What can be said of the rule, and defaults for the rest: the default channel is told then."""
    try:
        return rule_of(row)
    except Exception:  # noqa: BLE001 whatever it is, it is what the error is about
        return Rule(
            id=row["id"],
            name=row["name"],
            metric_type=row["metric_type"],
            condition=Condition.GT,
            threshold=0.0,
            failures_before_notice=row["failures_before_notice"],
        )
