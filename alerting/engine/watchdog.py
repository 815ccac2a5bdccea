"""Whether rules are evaluated at all: every replica looks, whoever leads."""

import asyncio
import logging
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from alerting.links import Links
from alerting.notices import Told
from alerting.recording.broken import readable
from alerting.recording.items import item_of_rule
from alerting.recording.journal import Journal
from alerting.recording.outbox import Outbox
from database.queries import load

SQL = load(__package__)
LOOKS_EVERY_SECONDS = 15.0
LOOK_SECONDS = 10.0
GROUP = "late"
_log = logging.getLogger(__name__)


class Watchdog:
    """Tells of rules that are later than two intervals and a minute, once, and when that is over."""

    def __init__(self, pool: Any, links: Links) -> None:
        self._pool = pool
        self._links = links

    async def watch(self) -> None:
        """Until cancelled."""
        began = None
        while True:
            await asyncio.sleep(LOOKS_EVERY_SECONDS)
            try:
                async with asyncio.timeout(LOOK_SECONDS):
                    # What stood still before this process began gets the same time again to go on.
                    began = began or await self._pool.fetchval(SQL["current_time"])
                    await self.look(began)
            except Exception as error:  # noqa: BLE001 the database is away: the next round looks again
                _log.debug("the watchdog could not look: %s", error)

    async def look(self, not_before: datetime) -> int:
        """How many notices that made. Of several replicas one tells."""
        async with self._pool.acquire() as connection, connection.transaction():
            late = await connection.fetch(SQL["tell_late"], not_before)
            punctual = await connection.fetch(SQL["tell_punctual"])
            if not late and not punctual:
                return 0
            now = await connection.fetchval(SQL["current_time"])
            outbox = Outbox(now)
            for row in late:
                await self._tell(connection, row, Told.FIRING, now, outbox)
            for row in punctual:
                await self._tell(connection, row, Told.RESOLVED, now, outbox)
            await outbox.write(connection)
        _log.warning("%d rules are evaluated late, %d no more", len(late), len(punctual))
        return len(outbox)

    async def _tell(self, connection: Any, row: Mapping[str, Any], told: Told, now: datetime, outbox: Outbox) -> None:
        rule = readable(row)
        journal = Journal(rule, now)
        if told is Told.FIRING:
            since = row["last_evaluated_at"] or row["created_at"] or now
            message = f"{rule.name} has not been evaluated since {since:%Y-%m-%d %H:%M:%S} UTC"
            journal.add("late")
        else:
            since = row["late_since"]
            message = f"{rule.name} is evaluated in time again" if row["enabled"] else f"{rule.name} is switched off"
            journal.add("punctual")
        item = item_of_rule(rule, told, message, since, self._links, until=now if told is Told.RESOLVED else None)
        for channel in rule.channels:
            outbox.add("late", channel, GROUP, item.as_json(), now)
        await journal.write(connection)
