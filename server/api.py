"""The API process: `python -m server.api`, serving server.app by uvicorn until SIGTERM."""

import os
import socket
import sys
from contextlib import AbstractAsyncContextManager, nullcontext
from typing import Any

import uvicorn
from fastapi import FastAPI

from server import collecting, lifeline, log_lines, tls
from server.api_connection import ApiConnection
from server.app import create_app
from server.errors import OtelgresError
from server.metrics_sockets import directory_of
from server.settings import Settings

CLOSE_SECONDS = 5
MOST_MESSAGE_BYTES = 64 * 1024


class AnnouncingServer(uvicorn.Server):
    """A uvicorn server that tells its parent when it takes connections, and who watches when it goes."""

    def __init__(self, config: uvicorn.Config, app: FastAPI, while_serving: AbstractAsyncContextManager[None]) -> None:
        super().__init__(config)
        self._app = app
        self._while_serving = while_serving

    async def serve(self, sockets: list[socket.socket] | None = None) -> None:
        async with self._while_serving:
            await super().serve(sockets)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        if self.started:
            collecting.seldom()
            lifeline.announce_ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        # Before uvicorn ends all connections, without a word that they may come again.
        await self._app.state.tail.close()
        await super().shutdown(sockets=sockets)


def configured(app: FastAPI, **more: Any) -> uvicorn.Config:
    """How uvicorn serves the application; more: where, and by which certificate."""
    return uvicorn.Config(
        app,
        http=ApiConnection,
        log_config=None,
        access_log=False,
        server_header=False,
        # It would believe everybody on this machine whose address they pass on.
        proxy_headers=False,
        ws="websockets-sansio",
        ws_max_size=MOST_MESSAGE_BYTES,
        # A log takes longer to compress than to send.
        ws_per_message_deflate=False,
        timeout_graceful_shutdown=CLOSE_SECONDS,
        **more,
    )


def main() -> int:
    """Serve until told to stop. OTELGRES_DSN MUST name the database, also when it is the embedded one."""
    lifeline.hold()
    try:
        settings = Settings.load()
        if settings.dsn is None:
            raise OtelgresError("OTELGRES_DSN is not set; `otelgres serve` starts this process with it")
        files = tls.files_of(settings)
        context = None if files is None else tls.RenewedContext(files, asks_clients=False)
    except OtelgresError as error:
        print(f"otelgres: {error}", file=sys.stderr)
        return error.exit_code
    log_lines.configure(settings.log_level)
    app = create_app(settings, settings.dsn.get_secret_value(), directory_of(os.environ))
    config = configured(
        app,
        host=settings.host,
        port=settings.port,
        loop="uvloop",
        ssl_context_factory=None if context is None else lambda *_: context,
    )
    renewed = nullcontext() if files is None or context is None else tls.watched(files, [context.renew])
    server = AnnouncingServer(config, app, renewed)
    server.run()
    return 0 if server.started else 1


if __name__ == "__main__":
    sys.exit(main())
