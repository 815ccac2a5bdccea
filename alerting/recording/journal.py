"""The history of one transaction: every change of a state, and every decision whom to tell."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from alerting.labels import Labels, fingerprint
from alerting.rules import Rule
from database.queries import load

SQL = load(__package__)


class Journal:
    """What happens to one rule."""

    def __init__(self, rule: Rule, now: datetime) -> None:
        self._rule = rule
        self._now = now
        self._rows: list[tuple[object, ...]] = []

    def add(
        self,
        event: str,
        labels: Labels = (),
        instance_id: UUID | None = None,
        value: float | None = None,
        detail: Mapping[str, Any] | None = None,
        actor: str | None = None,
    ) -> None:
        self._rows.append((event, fingerprint(labels), dict(labels), instance_id, value, detail or {}, actor))

    async def write(self, connection: Any) -> None:
        if self._rows:
            columns = [list(column) for column in zip(*self._rows, strict=True)]
            rule = self._rule
            await connection.execute(SQL["add_history"], self._now, rule.id, rule.name, rule.threshold, *columns)
