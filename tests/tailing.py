"""Clients of the live tail, and writers whose transactions a test opens and commits as it likes."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlencode

import asyncpg
import httpx
from websockets.asyncio.client import ClientConnection, connect

STREAM = "/api/observability/logs/stream"
PATIENCE = 20.0
Message = dict[str, Any]


class Watcher:
    """A client of the WebSocket. `token` is that of the last message that had one."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self.token: str | None = None

    async def next(self) -> Message:
        message: Message = json.loads(await asyncio.wait_for(self.socket.recv(), PATIENCE))
        self.token = message.get("token") or self.token
        return message

    async def messages(self, count: int) -> list[str]:
        """The messages of so many logs; anything else fails the test."""
        found = []
        for _ in range(count):
            message = await self.next()
            assert message["type"] == "new_log", message
            found.append(message["data"]["message"])
        return found

    async def ask(self, q: str) -> Message:
        """Asks for this filter; the answer, whatever logs come before it."""
        await self.socket.send(json.dumps({"q": q}))
        while (message := await self.next())["type"] == "new_log":
            pass
        return message


@asynccontextmanager
async def watching(base: str | httpx.URL, q: str = "", token: str | None = None) -> AsyncIterator[Watcher]:
    """A client that is being served: its filter is in force. With a token there may be a message before that."""
    parameters = urlencode({"q": q} | ({"token": token} if token else {}))
    url = f"{str(base).rstrip('/').replace('http', 'ws', 1)}{STREAM}?{parameters}"
    async with connect(url, compression=None, max_size=None, proxy=None) as socket:
        watcher = Watcher(socket)
        if token is None:
            first = await watcher.next()
            assert (first["type"], first["q"]) == ("filter", q), first
        yield watcher


class WriterByHand:
    """Commits logs in the order of a receiver's writer; each transaction can be kept open."""

    def __init__(self, connection: asyncpg.Connection) -> None:
        self._connection = connection
        self._number = 0
        self._transaction: Any = None

    @classmethod
    @asynccontextmanager
    async def registered(cls, dsn: str) -> "AsyncIterator[WriterByHand]":
        connection = await asyncpg.connect(dsn)
        try:
            writer = cls(connection)
            writer._number = await connection.fetchval("INSERT INTO enterprise.writers DEFAULT VALUES RETURNING writer")
            yield writer
        finally:
            await connection.close()

    async def begin(self, *messages: str, level: str = "INFO") -> None:
        self._transaction = self._connection.transaction()
        await self._transaction.start()
        batch = await self._connection.fetchval(
            "UPDATE enterprise.writers SET written_at = clock_timestamp(), "
            "batch = greatest(batch + 1, (extract(epoch FROM clock_timestamp()) * 1000000)::bigint) "
            "WHERE writer = $1 RETURNING batch",
            self._number,
        )
        await add_logs(self._connection, *messages, level=level, writer=self._number, batch=batch)

    async def commit(self) -> None:
        await self._transaction.commit()

    async def write(self, *messages: str, level: str = "INFO") -> None:
        await self.begin(*messages, level=level)
        await self.commit()


async def add_logs(connection: asyncpg.Connection, *messages: str, level: str = "INFO", **columns: int) -> None:
    """Rows by plain SQL, unless they are given a writer and a batch."""
    names = "".join(f", {name}" for name in columns)
    values = "".join(f", {value}" for value in columns.values())
    await connection.execute(
        f"INSERT INTO enterprise.structured_logs (level, logger_name, message{names}) "
        f"SELECT $2, 'app', message{values} FROM unnest($1::text[]) AS message",
        list(messages),
        level,
    )
