"""Clients that leave before they are answered."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import HTTPException, Request


@asynccontextmanager
async def while_awaited(request: Request) -> AsyncIterator[None]:
    """Cancels what runs within as soon as the client has left; a query is then cancelled in the database too.

    The cancellation ends here, as an HTTPException that nobody is there to read.
    """
    running = asyncio.current_task()
    assert running is not None
    ended = False

    def give_up(watching: asyncio.Task[None]) -> None:
        # A second cancellation would stop the clearing up after the first.
        if not (ended or watching.cancelled() or running.cancelling()):
            running.cancel()

    watching = asyncio.create_task(_departure(request))
    watching.add_done_callback(give_up)
    try:
        yield
    except asyncio.CancelledError:
        if not watching.done():
            raise
        running.uncancel()
        raise HTTPException(499, "The client left before the answer") from None
    finally:
        ended = True
        watching.cancel()


async def _departure(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
