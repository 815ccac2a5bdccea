"""The HTTP server of a receiver: a port shared with the other receivers, and connections with bounds."""

import logging
import socket
import ssl
from collections.abc import Callable, Generator
from contextlib import contextmanager
from functools import partial

import uvicorn
from starlette.types import ASGIApp

from receiver.refusals import Invalid
from server.http_connection import BoundedConnection

BACKLOG = 2048
KEEP_ALIVE_SECONDS = 75
"""Longer than senders pause between batches: one that writes into a closing connection loses what it sends."""


def shared_socket(host: str, port: int) -> socket.socket:
    """A listening socket on a port that all receiver processes share."""
    family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    listener = socket.socket(family, kind, protocol)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    listener.bind(address)
    listener.listen(BACKLOG)
    listener.setblocking(False)
    return listener


class HttpServer(uvicorn.Server):
    """uvicorn without signal handlers: its process has one of its own, for both transports."""

    def __init__(
        self,
        app: ASGIApp,
        refused: Callable[[Invalid], None],
        *,
        grpc_port: int,
        drain_seconds: int,
        connection_age: float,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        # It would write a line for each request that is no HTTP; `refused` is told of them.
        logging.getLogger("uvicorn.error").setLevel(logging.ERROR)
        super().__init__(
            uvicorn.Config(
                app,
                http=partial(BoundedConnection, connection_age, grpc_port, refused),  # type: ignore[arg-type]
                ws="none",
                lifespan="off",
                interface="asgi3",
                log_config=None,
                access_log=False,
                server_header=False,
                date_header=False,
                proxy_headers=False,
                timeout_graceful_shutdown=drain_seconds,
                timeout_keep_alive=KEEP_ALIVE_SECONDS,
                ssl_context_factory=None if tls is None else lambda *_: tls,
            )
        )

    @contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        yield
