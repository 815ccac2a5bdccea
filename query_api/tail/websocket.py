"""Live tail over a WebSocket."""

import asyncio
from contextlib import suppress

from fastapi import APIRouter
from fastapi.websockets import WebSocket, WebSocketDisconnect

from query_api.tail.asking import asked, search_of_tail
from query_api.tail.hub import Refused, Tail
from query_api.tail.messages import answer_to
from query_api.tail.position import decode
from query_api.tail.subscription import Subscription

GOING_AWAY, POLICY, FAILURE, TRY_LATER = 1001, 1008, 1011, 1013

router = APIRouter(prefix="/logs")


@router.websocket("/stream")
async def logs_stream(socket: WebSocket, q: str | None = None, token: str | None = None) -> None:
    """Every new log that matches, as {type: "new_log", data, token}; see the README for all messages."""
    tail: Tail = socket.app.state.tail
    await socket.accept()
    try:
        search = search_of_tail(q)
        position = decode(token) if token else None
    except ValueError as mistake:
        await socket.send_text(answer_to(mistake).text)
        await socket.close(POLICY, "q or token cannot be read")
        return
    try:
        subscription = tail.subscribe(search, q, position)
    except Refused as refused:
        await socket.close(GOING_AWAY if tail.closing else TRY_LATER, str(refused))
        return
    try:
        with suppress(WebSocketDisconnect):
            await _converse(socket, subscription)
            await socket.close(GOING_AWAY if tail.closing else FAILURE)
    finally:
        tail.leave(subscription)


async def _converse(socket: WebSocket, subscription: Subscription) -> None:
    """Until the client leaves, which is WebSocketDisconnect, or the subscription ends."""
    tasks = {asyncio.create_task(_send(socket, subscription)), asyncio.create_task(_receive(socket, subscription))}
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _send(socket: WebSocket, subscription: Subscription) -> None:
    while messages := await subscription.take():
        for message in messages:
            await socket.send_text(message.text)


async def _receive(socket: WebSocket, subscription: Subscription) -> None:
    while True:
        message = await socket.receive()
        if message["type"] == "websocket.disconnect":
            raise WebSocketDisconnect(message.get("code", 1005))
        try:
            subscription.ask(*asked(message.get("text") or message.get("bytes") or b""))
        except ValueError as mistake:
            subscription.tell(answer_to(mistake))
