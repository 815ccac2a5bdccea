"""A pooler in transaction mode, as pgbouncer is one: a client has a backend only from its query to the idle state."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

READY = b"Z"
IDLE = b"I"
SSL_REQUEST = 80877103


class Backend:
    """One connection to PostgreSQL, shared by clients one after the other."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, greeting: bytes) -> None:
        self.reader = reader
        self.writer = writer
        self.greeting = greeting


class TransactionPooler:
    """Speaks for one user whom PostgreSQL lets in without a password."""

    def __init__(self, postgres_socket: Path) -> None:
        self._socket = postgres_socket
        self._idle: list[Backend] = []
        self._all: list[Backend] = []

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One client, until it leaves."""
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            startup = await self._startup(reader, writer)
            backend = self._idle.pop() if self._idle else await self._connect(startup)
            writer.write(backend.greeting)
            self._idle.append(backend)
            while True:
                first = await _message(reader)
                if first[:1] == b"X":
                    break
                backend = self._idle.pop() if self._idle else await self._connect(startup)
                await self._transaction(first, reader, writer, backend)
                self._idle.append(backend)
        writer.close()
        await writer.wait_closed()

    async def close(self) -> None:
        for backend in self._all:
            backend.writer.close()
            await backend.writer.wait_closed()

    async def _startup(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
        while True:
            length = await reader.readexactly(4)
            body = await reader.readexactly(int.from_bytes(length) - 4)
            if int.from_bytes(body[:4]) != SSL_REQUEST:
                return length + body
            writer.write(b"N")

    async def _connect(self, startup: bytes) -> Backend:
        reader, writer = await asyncio.open_unix_connection(self._socket)
        writer.write(startup)
        greeting = message = b""
        while message[:1] != READY:
            message = await _message(reader)
            greeting += message
        backend = Backend(reader, writer, greeting)
        self._all.append(backend)
        return backend

    async def _transaction(
        self, first: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, backend: Backend
    ) -> None:
        sending = asyncio.create_task(_send(first, reader, backend.writer))
        message = b""
        while message[:1] != READY or message[5:6] != IDLE:
            message = await _message(backend.reader)
            writer.write(message)
        sending.cancel()
        await asyncio.wait([sending])


@asynccontextmanager
async def transaction_pooler(postgres_socket: Path) -> AsyncIterator[int]:
    """The port on 127.0.0.1 of a pooler in front of this PostgreSQL."""
    pooler = TransactionPooler(postgres_socket)
    server = await asyncio.start_server(pooler.serve, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]
    await pooler.close()


async def _message(reader: asyncio.StreamReader) -> bytes:
    head = await reader.readexactly(5)
    return head + await reader.readexactly(int.from_bytes(head[1:]) - 4)


async def _send(first: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(first)
    while True:
        writer.write(await _message(reader))
