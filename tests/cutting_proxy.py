"""A TCP proxy that cuts a connection between the server's commit and its answer."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from urllib.parse import parse_qsl, urlencode, urlsplit

Connect = Callable[[], Awaitable[tuple[asyncio.StreamReader, asyncio.StreamWriter]]]


class CuttingProxy:
    """Passes bytes both ways. Once armed it asks `cut` of all that the server says, and where that is true it ends the
    connection instead of passing it on.

    It cuts once; every later connection passes.
    """

    def __init__(self, connect: Connect, cut: Callable[[bytes], Awaitable[bool]]) -> None:
        self._connect = connect
        self._cut = cut
        self._armed = False
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self.cuts = 0

    @property
    def port(self) -> int:
        assert self._server is not None
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    def arm(self) -> None:
        self._armed = True

    async def __aenter__(self) -> "CuttingProxy":
        self._server = await asyncio.start_server(self._accepted, "127.0.0.1", 0)
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _accepted(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(self._pass_on(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Passes bytes until one side ends, then ends both."""
        far_reader, far_writer = await self._connect()

        async def up() -> None:
            while data := await reader.read(65536):
                far_writer.write(data)
                await far_writer.drain()

        async def down() -> None:
            while data := await far_reader.read(65536):
                if self._armed and await self._cut(data):
                    self._armed = False
                    self.cuts += 1
                    return
                writer.write(data)
                await writer.drain()

        ways = [asyncio.create_task(way) for way in (up(), down())]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)
            for each in (writer, far_writer):
                each.transport.abort()
                with suppress(OSError):
                    await each.wait_closed()


async def connect(dsn: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Bare streams to the server of a DSN: over its unix socket where the DSN names a directory, else over TCP."""
    parts = urlsplit(dsn)
    query = dict(parse_qsl(parts.query))
    host = query.get("host", parts.hostname or "127.0.0.1")
    port = parts.port or int(query.get("port", "5432"))
    if host.startswith("/"):
        return await asyncio.open_unix_connection(f"{host}/.s.PGSQL.{port}")
    return await asyncio.open_connection(host, port)


def through(dsn: str, port: int, host: str = "127.0.0.1") -> str:
    """The DSN by way of a proxy on this machine."""
    parts = urlsplit(dsn)
    query = urlencode({name: value for name, value in parse_qsl(parts.query) if name not in ("host", "port")})
    person = parts.netloc.rpartition("@")[0]
    return parts._replace(netloc=f"{person}@{host}:{port}" if person else f"{host}:{port}", query=query).geturl()
