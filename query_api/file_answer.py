"""Answers that are files, sent while they are read."""

import asyncio
import logging
from collections.abc import AsyncIterator

from fastapi import HTTPException
from fastapi.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from query_api.feed import Feed

MOST_SECONDS = 60.0

_log = logging.getLogger(__name__)


class FileAnswer(StreamingResponse):
    """A file from a feed. Where it cannot be sent to its end in time, the connection is closed before that.

    So a client sees that its file is cut, whatever the format: it lacks the last chunk.
    """

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
        # To return before the last chunk is what makes the HTTP server close the connection.
        try:
            async with asyncio.timeout(MOST_SECONDS):
                await super().stream_response(send)
        except TimeoutError:
            _log.warning("an export was cut off: it took more than %g s", MOST_SECONDS)
        except HTTPException as failure:
            _log.warning("an export was cut off: %s", failure.detail)


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
