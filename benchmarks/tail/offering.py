"""Logs offered at a steady rate, however long the answers take."""

import asyncio
import time
from collections.abc import Sequence

from benchmarks.ingest.loader import PATIENCE, Send
from benchmarks.ingest.payloads import ITEMS_A_REQUEST


async def offer(senders: Sequence[Send], requests: Sequence[bytes], rate: float) -> list[float]:
    """Sends each request at its time, `rate` items a second; the seconds from then to each acknowledgement."""
    free: asyncio.Queue[Send] = asyncio.Queue()
    for send in senders:
        free.put_nowait(send)
    began = time.perf_counter()

    async def acknowledged(number: int, request: bytes) -> float:
        due = began + number * ITEMS_A_REQUEST / rate
        await asyncio.sleep(due - time.perf_counter())
        send = await free.get()
        await asyncio.wait_for(send(request), PATIENCE)
        free.put_nowait(send)
        return time.perf_counter() - due

    return list(await asyncio.gather(*(acknowledged(*each) for each in enumerate(requests))))
