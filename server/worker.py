"""A receiver process: `python -m server.worker`, OTLP over gRPC and HTTP into one writer until SIGTERM."""

import asyncio
import logging
import os
import resource
import signal
import sys
from contextlib import AsyncExitStack
from datetime import UTC, datetime

import uvloop
from opentelemetry.exporter.postgres.batch import Signal
from opentelemetry.exporter.postgres.redaction import Rules
from opentelemetry.exporter.postgres.requests import Decoder
from opentelemetry.exporter.postgres.writer import Writer

from receiver.arrivals import Arrival
from receiver.cors import Cors
from receiver.gauges import observe_intake, observe_writer
from receiver.grpc_front import SERVICES, make_server
from receiver.grpc_health import Health
from receiver.http_front import HttpFront
from receiver.ingest_report import IngestReport
from receiver.intake import Intake, Limits
from receiver.sender_warnings import SenderWarnings
from receiver.telemetry import Telemetry
from receiver.writer_telemetry import WriterTelemetry
from server import collecting, lifeline, log_lines
from server.access import is_host_allowed, takes_keys
from server.attribute_rules import rules_of
from server.callers import Programs
from server.errors import OtelgresError
from server.gate import Gate
from server.http_server import HttpServer, shared_socket
from server.ingest_reporting import IngestReporting
from server.metering import Metering
from server.metrics_page import WithMetrics, receivers_page
from server.metrics_sockets import offering
from server.receiver_access import receiver_access
from server.receiver_tls import ReceiverTls, receiver_tls
from server.settings import Settings
from server.spooling import delivering

DRAIN_SECONDS = 10
CLOSE_SECONDS = 10
"""Together with the drain less than the supervisor waits before it kills."""
_log = logging.getLogger(__name__)


async def receive(settings: Settings, dsn: str, rules: Rules | None) -> None:
    """Serves until SIGTERM or SIGINT; then takes nothing new, stores what was accepted, and returns."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    metering = Metering()
    telemetry = Telemetry(metering.meter, IngestReport(lambda: datetime.now(UTC)))
    decoder = Decoder()
    writer = Writer(
        dsn,
        decoder,
        error_from_status=settings.error_from_status,
        max_series_per_service=settings.max_series_per_service,
        patience=None,
        observer=WriterTelemetry(metering.meter),
    )
    observe_writer(metering.meter, writer)
    async with AsyncExitStack() as stack:
        stack.push_async_callback(IngestReporting(dsn, telemetry).close)
        delivery = await stack.enter_async_context(
            delivering(settings, dsn, writer, os.environ, metering.meter, telemetry.refused_from_spool)
        )
        door, programs = await stack.enter_async_context(receiver_access(settings, dsn))
        limits = Limits(int(settings.max_request_bytes))
        intake = Intake(delivery, decoder, limits, SenderWarnings(_retention_days(settings)), rules, door)
        observe_intake(metering.meter, intake)
        await writer.start()
        tls = await stack.enter_async_context(receiver_tls(settings))
        await _serve(settings, intake, programs, telemetry, metering, tls, stop)
        try:
            async with asyncio.timeout(CLOSE_SECONDS):
                await writer.close()
        except TimeoutError:
            _log.error("the writer did not end within %d s", CLOSE_SECONDS)


def _retention_days(settings: Settings) -> dict[Signal, int]:
    days = settings.retention_days
    return {Signal.TRACES: days, Signal.LOGS: days, Signal.METRICS: settings.days_kept["metric_points"]}


async def _serve(
    settings: Settings,
    intake: Intake,
    programs: Programs,
    telemetry: Telemetry,
    metering: Metering,
    tls: ReceiverTls,
    stop: asyncio.Event,
) -> None:
    """Both transports, until `stop` is set and what they had begun is answered."""
    health = Health(SERVICES.values())
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    grpc_server = make_server(
        intake,
        telemetry,
        health,
        f"{host}:{settings.otlp_grpc_port}",
        settings.connection_age_seconds,
        tls.grpc,
    )
    http_server = HttpServer(
        WithMetrics(
            HttpFront(
                intake,
                telemetry,
                Cors(settings.cors_origins),
                None if takes_keys(settings) else lambda host: is_host_allowed(host, settings),
            ),
            Gate(receivers_page(metering, os.environ), settings, programs),
        ),
        lambda refused: telemetry.refused(Arrival("http"), refused),
        grpc_port=settings.otlp_grpc_port,
        drain_seconds=DRAIN_SECONDS,
        connection_age=settings.connection_age_seconds,
        tls=tls.http,
    )
    listener = shared_socket(settings.host, settings.otlp_http_port)
    await grpc_server.start()
    http = asyncio.create_task(http_server.serve(sockets=[listener]))
    async with offering(metering.text, os.environ):
        lifeline.announce_ready()
        await stop.wait()
    # In this order: nobody is sent here any more, nothing new comes in, what came in is answered.
    health.stop()
    http_server.should_exit = True
    await asyncio.gather(grpc_server.stop(DRAIN_SECONDS), http)


def main() -> int:
    """Receive until told to stop. OTELGRES_DSN MUST name the database, also when it is the embedded one."""
    lifeline.hold()
    try:
        settings = Settings.load()
        if settings.dsn is None:
            raise OtelgresError("OTELGRES_DSN is not set; `otelgres serve` starts this process with it")
        rules = rules_of(settings)
    except OtelgresError as error:
        print(f"otelgres: {error}", file=sys.stderr)
        return error.exit_code
    log_lines.configure(settings.log_level)
    # Every sender's connection is an open file; the usual soft limit is 1,024.
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    collecting.seldom()
    uvloop.run(receive(settings, settings.dsn.get_secret_value(), rules))
    return 0


if __name__ == "__main__":
    sys.exit(main())
