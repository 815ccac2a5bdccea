"""Long answers and WebSockets end when whoever asked for them is let in no more."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress

from starlette.types import ASGIApp, Message, Receive, Scope, Send

LOOK_SECONDS = 5.0
POLICY = 1008
_log = logging.getLogger(__name__)


async def while_let_in(
    app: ASGIApp, is_still: Callable[[], Awaitable[bool]], scope: Scope, receive: Receive, send: Send
) -> None:
    """Runs the application; asks every few seconds, and when the answer is no the client is put out."""
    task = asyncio.current_task()
    assert task is not None
    put_out = begun = False

    async def watch() -> None:
        nonlocal put_out
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            try:
                stays = await is_still()
            except Exception as error:  # noqa: BLE001 nobody knows, so it is asked again
                _log.warning("cannot tell who is still let in: %s", str(error) or type(error).__name__)
                continue
            if not stays:
                put_out = True
                task.cancel()
                return

    async def noting(message: Message) -> None:
        nonlocal begun
        begun = begun or message["type"] == "http.response.start"
        await send(message)

    watcher = asyncio.create_task(watch())
    try:
        await app(scope, receive, noting)
    except asyncio.CancelledError:
        if not put_out:
            raise
        task.uncancel()
        await _end(scope, begun, send)
    finally:
        watcher.cancel()


async def _end(scope: Scope, begun: bool, send: Send) -> None:
    with suppress(RuntimeError):
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": POLICY})
        elif begun:
            await send({"type": "http.response.body", "body": b"", "more_body": False})
