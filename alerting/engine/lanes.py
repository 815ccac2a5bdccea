"""Lanes: slots in which rules are measured, a few of them for slow ones, so that these delay no other."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

SLOW = timedelta(seconds=1)
FAST_SLOTS = 4
SLOW_SLOTS = 4
SLOTS = FAST_SLOTS + SLOW_SLOTS


def is_slow(last_duration: timedelta | None) -> bool:
    """By how long its last evaluation took."""
    return last_duration is not None and last_duration > SLOW


class Lanes:
    """Rules wait for a slot of their lane. One that proves slow leaves its fast slot as soon as a slow one is free."""

    def __init__(self) -> None:
        self._fast = asyncio.Semaphore(FAST_SLOTS)
        self._slow = asyncio.Semaphore(SLOW_SLOTS)

    @asynccontextmanager
    async def slot(self, slow: bool) -> AsyncIterator[None]:
        if slow:
            async with self._slow:
                yield
            return
        await self._fast.acquire()
        held = [self._fast]
        moving = asyncio.create_task(self._move(held))
        try:
            yield
        finally:
            # A task that is cancelled while it acquires gives back what it was about to get.
            moving.cancel()
            held[0].release()

    async def _move(self, held: list[asyncio.Semaphore]) -> None:
        await asyncio.sleep(SLOW.total_seconds())
        await self._slow.acquire()
        held[0] = self._slow
        self._fast.release()
