"""Keeps a key ring as the database has it: at once by an announcement, within five seconds without one."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timedelta
from typing import Any

from access.keys.ring import Key, KeyRing
from database.pool import connect
from database.queries import load

SQL = load(__package__)
CHANNEL = "access_keys"
LOOK_SECONDS = 2.0
ANSWER_SECONDS = 2.0
AGAIN_SECONDS = 0.5
NOTED_EVERY = timedelta(minutes=1)
_log = logging.getLogger(__name__)


@asynccontextmanager
async def watched(dsn: str, ring: KeyRing) -> AsyncIterator[None]:
    """The ring follows the database until the end. While the database is away it stays as it was.

    It has the keys from the beginning unless the database does not answer, which takes four seconds at most.
    """
    watch = _Watch(dsn, ring)
    task = asyncio.create_task(watch.run())
    try:
        await watch.tried.wait()
        yield
    finally:
        task.cancel()
        await asyncio.wait([task])


class _Watch:
    def __init__(self, dsn: str, ring: KeyRing) -> None:
        self._dsn = dsn
        self._ring = ring
        self._noted: dict[str, datetime] = {}
        self._failing = False
        self.tried = asyncio.Event()

    async def run(self) -> None:
        while True:
            try:
                await self._follow()
            except Exception as error:  # noqa: BLE001 whatever it is, the next round tries again
                self._tell(error)
            await asyncio.sleep(AGAIN_SECONDS)

    async def _follow(self) -> None:
        connection: Any = await connect(self._dsn, connect_seconds=ANSWER_SECONDS)
        news = asyncio.Event()
        try:
            connection.add_termination_listener(lambda _: news.set())
            await connection.add_listener(CHANNEL, lambda *_: news.set())
            while True:
                news.clear()
                async with asyncio.timeout(ANSWER_SECONDS):
                    self._ring.replace(await read(connection))
                    await self._note_uses(connection)
                self._tell(None)
                with suppress(TimeoutError):
                    await asyncio.wait_for(news.wait(), LOOK_SECONDS)
        finally:
            connection.terminate()

    async def _note_uses(self, connection: Any) -> None:
        due = {
            id_: at
            for id_, at in self._ring.take_used().items()
            if id_ not in self._noted or at - self._noted[id_] > NOTED_EVERY
        }
        if due:
            await connection.execute(SQL["note_uses"], list(due), list(due.values()))
            self._noted |= due

    def _tell(self, error: Exception | None) -> None:
        """What came of a try: one line when the keys cannot be read any more and one when they can again."""
        self.tried.set()
        if error is not None and not self._failing:
            _log.warning("keys are those known before: %s", str(error) or type(error).__name__)
        elif error is None and self._failing:
            _log.warning("keys are read again")
        self._failing = error is not None


async def read(connection: Any) -> list[Key]:
    """The keys that open now."""
    return [
        Key(
            row["id"],
            row["name"],
            row["digest"],
            frozenset(row["scopes"]),
            None if row["services"] is None else frozenset(row["services"]),
            row["expires_at"],
        )
        for row in await connection.fetch(SQL["ring"])
    ]
