"""The end of alerts that nobody will evaluate any more."""

from datetime import datetime
from typing import Any
from uuid import UUID

from database.queries import load

SQL = load(__package__)


async def close_alerts(connection: Any, rule_id: UUID, because: str, by: str | None, now: datetime) -> None:
    """Resolves what is open of a rule, and forgets what is pending. The transaction MUST hold the rule's row."""
    await connection.execute(SQL["close_alerts"], rule_id, because, by, now)
