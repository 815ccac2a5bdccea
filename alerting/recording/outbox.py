"""Notices of one transaction: what has the same channel and group goes as one."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from database.queries import load

SQL = load(__package__)


class Outbox:
    """Collects items, and puts them where the senders find them, in the transaction that decided on them."""

    def __init__(self, now: datetime) -> None:
        self._now = now
        self._waiting: dict[tuple[str, str], tuple[str, datetime, list[Mapping[str, Any]]]] = {}

    def __len__(self) -> int:
        return len(self._waiting)

    def add(self, kind: str, channel: str, group_key: str, item: Mapping[str, Any], due_at: datetime) -> None:
        """Items of one group have one kind."""
        _, due, items = self._waiting.get((channel, group_key), (kind, due_at, []))
        self._waiting[channel, group_key] = kind, min(due, due_at), [*items, item]

    async def write(self, connection: Any) -> None:
        if self._waiting:
            # In one order in every transaction, so that two that gather in the same groups cannot deadlock.
            rows = [(*place, *notice) for place, notice in sorted(self._waiting.items(), key=lambda entry: entry[0])]
            channels, groups, kinds, dues, items = (list(column) for column in zip(*rows, strict=True))
            await connection.execute(SQL["add_notices"], channels, groups, kinds, dues, items, self._now)
