"""Answers that are files, sent while they are read."""

import asyncio
from collections.abc import AsyncIterator

from fastapi.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from query_api.feed import Feed

MOST_SECONDS = 60.0


class FileAnswer(StreamingResponse):
    """A file from a feed. A client MUST take it in time; else the connection is closed, and the client sees it cut."""

    def __init__(self, first: str, feed: Feed, name: str, media_type: str) -> None:
        headers = {"content-disposition": f'attachment; filename="{name}"'}
        super().__init__(_chunks(first, feed), media_type=media_type, headers=headers)
        self._feed = feed

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._feed.stop()

    async def stream_response(self, send: Send) -> None:
        async with asyncio.timeout(MOST_SECONDS):
            await super().stream_response(send)


async def file_answer(feed: Feed, name: str, media_type: str) -> FileAnswer:
    """Its first chunk decides whether this is an answer or a failure, which is raised."""
    try:
        first = await feed.next()
    except BaseException:
        feed.stop()
        raise
    return FileAnswer(first or "", feed, name, media_type)


async def _chunks(first: str, feed: Feed) -> AsyncIterator[str]:
    yield first
    while (chunk := await feed.next()) is not None:
        yield chunk
