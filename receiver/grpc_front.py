"""OTLP over gRPC: three Export methods on raw bytes.

The generated servicer would parse on the event loop and answer UNKNOWN, which senders do not retry, to bytes it cannot
parse.
"""

import logging
from collections.abc import Awaitable, Callable

import grpc
import grpc.aio
from opentelemetry.exporter.postgres.batch import Signal

from receiver.answers import success
from receiver.intake import Intake
from receiver.refusals import Refused, Unavailable, trailers_of

_SERVICES = {
    Signal.TRACES: "opentelemetry.proto.collector.trace.v1.TraceService",
    Signal.LOGS: "opentelemetry.proto.collector.logs.v1.LogsService",
    Signal.METRICS: "opentelemetry.proto.collector.metrics.v1.MetricsService",
}
_log = logging.getLogger(__name__)

Export = Callable[[bytes, "grpc.aio.ServicerContext[bytes, bytes]"], Awaitable[bytes]]


def options(max_request_bytes: int) -> list[tuple[str, int]]:
    """Channel options. Ping policy: the Collector pings every 10 s, which the default answers with GOAWAY."""
    return [
        ("grpc.so_reuseport", 1),
        ("grpc.max_receive_message_length", max_request_bytes),
        ("grpc.max_concurrent_streams", 200),
        ("grpc.http2.min_recv_ping_interval_without_data_ms", 5_000),
        ("grpc.http2.max_ping_strikes", 0),
        ("grpc.keepalive_permit_without_calls", 1),
        ("grpc.keepalive_time_ms", 60_000),
        ("grpc.keepalive_timeout_ms", 20_000),
    ]


def make_server(intake: Intake, address: str) -> grpc.aio.Server:
    """A server bound to `address` (host:port). Several processes share the port by SO_REUSEPORT."""
    server = grpc.aio.server(options=options(intake.limits.max_request_bytes))
    for signal, service in _SERVICES.items():
        method = grpc.unary_unary_rpc_method_handler(_export(intake, signal))
        server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(service, {"Export": method}),))
    server.add_insecure_port(address)
    return server


def _export(intake: Intake, signal: Signal) -> Export:
    async def export(body: bytes, context: "grpc.aio.ServicerContext[bytes, bytes]") -> bytes:
        try:
            intake.authenticate(_authorization(context))
            return success(await intake.export(signal, body))
        except Refused as refused:
            answer = refused
        except Exception:  # noqa: BLE001 - an unforeseen error must leave as retryable, or the sender drops the data
            _log.exception("an Export request failed")
            answer = Unavailable("internal error")
        await context.abort(answer.grpc_status, str(answer), trailers_of(answer))
        raise AssertionError("abort() raises")

    return export


def _authorization(context: "grpc.aio.ServicerContext[bytes, bytes]") -> str | None:
    for key, value in context.invocation_metadata() or ():
        if key == "authorization" and isinstance(value, str):
            return value
    return None
