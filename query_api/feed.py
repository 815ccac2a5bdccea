"""Chunks for an answer that are made in a task of their own."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing


class Feed:
    """The chunks of a generator, one of them ahead. Whoever takes them MUST call stop() in the end.

    A server cancels whoever answers a client that has left, again at every await, so a generator could not give back
    its connection there. Its own task is cancelled once and can.
    """

    def __init__(self, chunks: AsyncGenerator[str, None]) -> None:
        self._ready: asyncio.Queue[str] = asyncio.Queue(1)
        self._task = asyncio.create_task(self._fill(chunks))
        # Nobody may be left to hear of its end.
        self._task.add_done_callback(lambda task: task.cancelled() or task.exception())

    async def next(self) -> str | None:
        """The next chunk, None after the last. Raises what the generator raises."""
        taking = asyncio.create_task(self._ready.get())
        try:
            await asyncio.wait({taking, self._task}, return_when=asyncio.FIRST_COMPLETED)
            if taking.done() or not self._ready.empty():
                return await taking
            self._task.result()
            return None
        finally:
            taking.cancel()

    def stop(self) -> None:
        # A second cancellation would stop the clearing up after the first.
        if not self._task.cancelling():
            self._task.cancel()

    async def _fill(self, chunks: AsyncGenerator[str, None]) -> None:
        async with aclosing(chunks):
            async for chunk in chunks:
                await self._ready.put(chunk)
