"""A receiver process: `python -m server.worker`, OTLP over gRPC and HTTP into one writer until SIGTERM."""

import asyncio
import gc
import signal
import socket
import sys
from collections.abc import Generator
from contextlib import contextmanager

import grpc.aio
import uvicorn
import uvloop
from opentelemetry.exporter.postgres.requests import Decoder
from opentelemetry.exporter.postgres.writer import Writer

from receiver.grpc_front import make_server
from receiver.http_front import OtlpHttp
from receiver.intake import Intake, Limits
from server import lifeline, log_lines
from server.errors import OtelgresError
from server.settings import Settings

DRAIN_SECONDS = 10
KEEP_ALIVE_SECONDS = 75
"""Longer than senders pause between batches: one that writes into a closing connection loses what it sends."""


def shared_socket(host: str, port: int) -> socket.socket:
    """A listening socket on a port that all receiver processes share."""
    family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    listener = socket.socket(family, kind, protocol)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    listener.bind(address)
    listener.listen(2048)
    listener.setblocking(False)
    return listener


class HttpServer(uvicorn.Server):
    """uvicorn without signal handlers: this process has one of its own, for both transports."""

    @contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        yield


async def receive(settings: Settings, dsn: str) -> None:
    """Serves until SIGTERM or SIGINT; then takes nothing new, stores what was accepted, and returns."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    decoder = Decoder()
    writer = Writer(
        dsn,
        decoder,
        error_from_status=settings.error_from_status,
        max_series_per_service=settings.max_series_per_service,
    )
    token = settings.ingest_token.get_secret_value() if settings.ingest_token else None
    intake = Intake(writer, decoder, Limits(int(settings.max_request_bytes), token))
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    grpc_server: grpc.aio.Server = make_server(intake, f"{host}:{settings.otlp_grpc_port}")
    http_server = HttpServer(
        uvicorn.Config(
            OtlpHttp(intake),
            http="httptools",
            ws="none",
            lifespan="off",
            interface="asgi3",
            log_config=None,
            access_log=False,
            server_header=False,
            date_header=False,
            proxy_headers=False,
            timeout_graceful_shutdown=DRAIN_SECONDS,
            timeout_keep_alive=KEEP_ALIVE_SECONDS,
        )
    )
    listener = shared_socket(settings.host, settings.otlp_http_port)
    await writer.start()
    await grpc_server.start()
    http = asyncio.create_task(http_server.serve(sockets=[listener]))
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    lifeline.announce_ready()
    await stop.wait()
    http_server.should_exit = True
    await asyncio.gather(grpc_server.stop(DRAIN_SECONDS), http)
    await writer.close()


def main() -> int:
    """Receive until told to stop. OTELGRES_DSN MUST name the database, also when it is the embedded one."""
    lifeline.hold()
    try:
        settings = Settings.load()
        if settings.dsn is None:
            raise OtelgresError("OTELGRES_DSN is not set; `otelgres serve` starts this process with it")
    except OtelgresError as error:
        print(f"otelgres: {error}", file=sys.stderr)
        return error.exit_code
    log_lines.configure(settings.log_level)
    # What a request allocates lives until its commit and forms no cycles: looking for some cost a tenth of the time.
    gc.freeze()
    gc.set_threshold(100_000, 20, 100)
    uvloop.run(receive(settings, settings.dsn.get_secret_value()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
