"""The embedded PostgreSQL for an event loop: blocking calls in threads, and a new start when it dies."""

import asyncio
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from server.embedded.lifecycle import EmbeddedPostgres
from server.errors import OtelgresError

logger = logging.getLogger(__name__)

T = TypeVar("T")
FIRST_DELAY = 0.5
LONGEST_DELAY = 30.0


class KeptPostgres:
    """An EmbeddedPostgres whose calls MAY be cancelled; stop() leaves nothing running, also after that."""

    def __init__(self, data_dir: Path, *, port: int | None) -> None:
        self._postgres = EmbeddedPostgres(data_dir, port=port)
        self._call: asyncio.Future[Any] | None = None

    async def start(self) -> str:
        """Start the server; return its DSN when it takes connections."""
        return await self._in_thread(self._postgres.start)

    async def keep(self) -> None:
        """Start the server again whenever it ends; its crash recovery keeps all that was committed."""
        while True:
            code = await self._in_thread(self._postgres.wait)
            logger.error("PostgreSQL ended (code %d); starting it again", code)
            await self._start_again()
            logger.info("PostgreSQL runs again")

    async def stop(self) -> None:
        """Shut the server down."""
        await asyncio.to_thread(self._postgres.stop)
        if self._call is not None:
            await asyncio.wait([self._call])
            # A start that was under way may have come through all the same.
            await asyncio.to_thread(self._postgres.stop)

    async def _start_again(self) -> None:
        delay = FIRST_DELAY
        while True:
            await asyncio.sleep(delay)
            delay = min(2 * delay, LONGEST_DELAY)
            try:
                await self.start()
                return
            except (OtelgresError, OSError) as error:
                logger.error("%s; trying again in %.1f s", error, delay)

    async def _in_thread(self, function: Callable[[], T]) -> T:
        call: asyncio.Future[T] = asyncio.ensure_future(asyncio.to_thread(function))
        self._call = call
        return await asyncio.shield(call)
