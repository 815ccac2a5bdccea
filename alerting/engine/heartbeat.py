"""A sign of life for somebody outside, who raises the alarm when it does not come."""

import asyncio
import logging
from typing import Any

import httpx2

from alerting.engine.leadership import Leadership
from database.queries import load

SQL = load(__package__)
BEATS_EVERY_SECONDS = 60.0
BEAT_SECONDS = 10.0
_log = logging.getLogger(__name__)


class Heartbeat:
    """A GET of an address once a minute, by the leader, as long as no rule is late."""

    def __init__(self, url: str, pool: Any, leadership: Leadership) -> None:
        self._url = url
        self._pool = pool
        self._leadership = leadership
        self._failed = False

    async def beat_on(self) -> None:
        """Until cancelled."""
        async with httpx2.AsyncClient(timeout=BEAT_SECONDS) as client:
            while True:
                await asyncio.sleep(BEATS_EVERY_SECONDS)
                await self.beat(client)

    async def beat(self, client: httpx2.AsyncClient) -> bool:
        """Whether it was sent and welcome. Raises nothing."""
        try:
            if not self._leadership.held or await self._pool.fetchval(SQL["late_rules"]):
                return False
            answer = await client.get(self._url)
            answer.raise_for_status()
        except Exception as error:  # noqa: BLE001 whoever waits for it notices
            if not self._failed:
                # The address is a secret, and errors name it.
                _log.warning("the heartbeat of alerts failed: %s", type(error).__name__)
            self._failed = True
            return False
        self._failed = False
        return True
