"""uvicorn's HTTP connection, which alone would wait for ever for a first or a halved head, and keep any head."""

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEAD_SECONDS = 10.0
MOST_HEAD_BYTES = 64 * 1024
MOST_TRAILER_BYTES = 8 * 1024
TOO_LARGE = (
    b"HTTP/1.1 431 Request Header Fields Too Large\r\n"
    b"content-type: application/json\r\ncontent-length: 37\r\nconnection: close\r\n\r\n"
    b'{"detail":"The header is too large."}'
)


class HeadTooLarge(Exception):
    """Out of the parser, which makes a 400 of it."""


class BoundedHead(HttpToolsProtocol):
    """A head that takes longer than HEAD_SECONDS ends the connection, one of more than MOST_HEAD_BYTES by a 431.

    Trailers of a body are dropped, since nothing may come after the head that counts as a header; many end the
    connection.
    """

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._head_timer: asyncio.TimerHandle | None = None
        self._in_body = False
        self._head_bytes = 0
        self._trailer_bytes = 0
        self._head_too_large = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_waiting()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self.transport.is_closing():
            return
        self._head_bytes += 0 if self._in_body else len(data)
        super().data_received(data)
        if not self._in_body and self._head_bytes > MOST_HEAD_BYTES:
            self._head_too_large = True
            self.send_400_response("")
        # The WebSocket that it may have become waits as long as it likes.
        is_http = self.transport.get_protocol() is self
        if is_http and (self.cycle is None or self.cycle.response_complete):
            self._await_head()
        else:
            self._stop_waiting()

    def on_header(self, name: bytes, value: bytes) -> None:
        if not self._in_body:
            super().on_header(name, value)
            return
        self._trailer_bytes += len(name) + len(value)
        if self._trailer_bytes > MOST_TRAILER_BYTES:
            self.transport.close()

    def on_headers_complete(self) -> None:
        if sum(len(name) + len(value) for name, value in self.headers) > MOST_HEAD_BYTES:
            self._head_too_large = True
            raise HeadTooLarge
        self._in_body, self._head_bytes, self._trailer_bytes = True, 0, 0
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        self._in_body = False
        super().on_message_complete()

    def send_400_response(self, msg: str) -> None:
        if not self._head_too_large:
            super().send_400_response(msg)
        elif not self.transport.is_closing():
            self.transport.write(TOO_LARGE)
            self.transport.close()

    def _await_head(self) -> None:
        if self._head_timer is None and not self.transport.is_closing():
            self._head_timer = self.loop.call_later(HEAD_SECONDS, self.transport.close)

    def _stop_waiting(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None
