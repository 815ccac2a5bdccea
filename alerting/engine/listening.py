"""Hears of changed rules, so that they count at once."""

import asyncio
import logging
from collections.abc import Callable
from typing import Any

from database.pool import connect

CHANNEL = "alert_rules"
AGAIN_SECONDS = 5.0
_log = logging.getLogger(__name__)


async def listen(dsn: str, heard: Callable[[], None]) -> None:
    """Until cancelled. While the database is away nothing is heard, and whoever relies on it looks by itself."""
    while True:
        try:
            await _listen(dsn, heard)
        except Exception as error:  # noqa: BLE001 the database is away
            _log.debug("changes of rules are not heard of: %s", error)
        await asyncio.sleep(AGAIN_SECONDS)


async def _listen(dsn: str, heard: Callable[[], None]) -> None:
    connection: Any = await connect(dsn, connect_seconds=AGAIN_SECONDS)
    over = asyncio.Event()
    try:
        connection.add_termination_listener(lambda _: over.set())
        await connection.add_listener(CHANNEL, lambda *_: heard())
        heard()
        await over.wait()
    finally:
        connection.terminate()
