"""HTTP/1.1 with keep-alive for one request at a time, as cheap as a load generator must be."""

import asyncio
from typing import Self, cast


class HttpConnection(asyncio.Protocol):
    """A connection that POSTs. It reads answers that carry a Content-Length, as ours do."""

    def __init__(self, host: str, path: str, content_type: str, authorization: str | None) -> None:
        access = "" if authorization is None else f"Authorization: {authorization}\r\n"
        self._head = f"POST {path} HTTP/1.1\r\nHost: {host}\r\n{access}Content-Type: {content_type}\r\nContent-Length: "
        self._transport: asyncio.Transport | None = None
        self._received = b""
        self._answer: asyncio.Future[tuple[int, bytes]] | None = None

    @classmethod
    async def open(cls, host: str, port: int, path: str, content_type: str, authorization: str | None = None) -> Self:
        loop = asyncio.get_running_loop()
        _, connection = await loop.create_connection(
            lambda: cls(f"{host}:{port}", path, content_type, authorization), host, port
        )
        return connection

    async def post(self, body: bytes) -> tuple[int, bytes]:
        """Status and body of the answer. MUST NOT be called before the last call has returned."""
        if self._transport is None:
            raise ConnectionError("not connected")
        self._received = b""
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.writelines((f"{self._head}{len(body)}\r\n\r\n".encode(), body))
        return await self._answer

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports do not descend from asyncio's.
        self._transport = cast(asyncio.Transport, transport)

    def connection_lost(self, error: Exception | None) -> None:
        self._transport = None
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(ConnectionError("the server hung up within an answer"))

    def data_received(self, data: bytes) -> None:
        self._received += data
        head, separator, body = self._received.partition(b"\r\n\r\n")
        if not separator or self._answer is None or self._answer.done():
            return
        status, *headers = head.lower().split(b"\r\n")
        size = next(int(line.partition(b":")[2]) for line in headers if line.startswith(b"content-length:"))
        if len(body) >= size:
            self._answer.set_result((int(status.split()[1]), body))
