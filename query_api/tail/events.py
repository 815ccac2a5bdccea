"""Live tail as server-sent events, for what speaks HTTP alone."""

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Depends, Header, HTTPException, Query, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from query_api.answers import Failure
from query_api.parameters import Text
from query_api.searching import Q, Search, search_of_logs
from query_api.tail.hub import Refused, Tail
from query_api.tail.position import Position, decode
from query_api.tail.subscription import Subscription

KEEP_ALIVE_SECONDS = 15.0
RETRY_MS = 1000

router = APIRouter(prefix="/logs", tags=["logs"])

Token = Annotated[Text, Query(description="The `token` of a message: what came after it follows.")]
LastEventId = Annotated[str | None, Header(description="The same, as browsers send it when they connect again.")]

EXAMPLE = """id: 1795418000000000~7481:7481:~12.-40~12.1795417999999960.019a5c3e-5b1c-7000-8000-000000000001
event: new_log
data: {"type":"new_log","data":{"id":"019a5c3e-5b1c-7000-8000-000000000001","level":"INFO","message":"answered"}}
"""


class EventStream(StreamingResponse):
    """The messages of a subscription, until the client or the server goes."""

    media_type = "text/event-stream"

    def __init__(self, tail: Tail, subscription: Subscription) -> None:
        super().__init__(_events(subscription))
        self._tail = tail
        self._subscription = subscription

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._tail.leave(self._subscription)


@router.get(
    "/stream",
    response_class=StreamingResponse,
    responses={
        200: {
            "description": "Messages as they come",
            "content": {"text/event-stream": {"schema": {"type": "string"}, "example": EXAMPLE}},
        },
        503: {"model": Failure, "description": "Too many watch already, or the server is going away"},
    },
)
async def logs_events(
    request: Request,
    search: Annotated[Search, Depends(search_of_logs)],
    q: Q = None,
    token: Token = None,
    last_event_id: LastEventId = None,
) -> StreamingResponse:
    """New logs that match, as server-sent events: the messages of the WebSocket at the same path.

    The events are `new_log`, `filter` (the filter in force, first of all), `skipped` (so many logs were left out, since
    they were not taken in time), `restarted` (the token is too old; it goes on from the newest) and `error`. The id of
    an event is its token: a client that connects again with it misses nothing and sees nothing twice. A comment is sent
    every 15 seconds.
    """
    position = _position(last_event_id, ("header", "last-event-id")) or _position(token, ("query", "token"))
    tail: Tail = request.app.state.tail
    try:
        return EventStream(tail, tail.subscribe(search, q, position))
    except Refused as refused:
        raise HTTPException(503, str(refused), headers={"retry-after": "5"}) from None


def _position(token: str | None, place: tuple[str, str]) -> Position | None:
    try:
        return decode(token) if token else None
    except ValueError as error:
        raise RequestValidationError([{"type": "token", "loc": place, "msg": str(error), "input": token}]) from None


async def _events(subscription: Subscription) -> AsyncIterator[str]:
    yield f"retry: {RETRY_MS}\n\n"
    while True:
        try:
            async with asyncio.timeout(KEEP_ALIVE_SECONDS):
                messages = await subscription.take()
        except TimeoutError:
            yield ": still here\n\n"
            continue
        if not messages:
            return
        for message in messages:
            yield message.as_event()
