"""Notices of one transaction: what has the same channel and group goes as one."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from database.queries import load

SQL = load(__package__)


@dataclass
class _Waiting:
    kind: str
    due_at: datetime
    gap: timedelta
    items: list[Mapping[str, Any]] = field(default_factory=list)


class Outbox:
    """Collects items, and puts them where the senders find them, in the transaction that decided on them."""

    def __init__(self, now: datetime) -> None:
        self._now = now
        self._waiting: dict[tuple[str, str], _Waiting] = {}

    def __len__(self) -> int:
        return len(self._waiting)

    def add(
        self,
        kind: str,
        channel: str,
        group_key: str,
        item: Mapping[str, Any],
        due_at: datetime,
        gap: timedelta = timedelta(0),
    ) -> None:
        """Items of one group have one kind. gap: after the last notice of the group."""
        waiting = self._waiting.setdefault((channel, group_key), _Waiting(kind, due_at, gap))
        waiting.due_at, waiting.gap = min(waiting.due_at, due_at), min(waiting.gap, gap)
        waiting.items.append(item)

    async def write(self, connection: Any) -> None:
        if self._waiting:
            # In one order in every transaction, so that two that gather in the same groups cannot deadlock.
            rows = [
                (*place, waiting.kind, waiting.due_at, waiting.gap, json.dumps(waiting.items))
                for place, waiting in sorted(self._waiting.items(), key=lambda entry: entry[0])
            ]
            columns = [list(column) for column in zip(*rows, strict=True)]
            await connection.execute(SQL["add_notices"], self._now, *columns)
