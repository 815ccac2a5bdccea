"""OTLP over gRPC: three Export methods on raw bytes.

The generated servicer would parse on the event loop and answer UNKNOWN, which senders do not retry, to bytes it cannot
parse.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import NoReturn

import grpc
import grpc.aio
from grpc_health.v1.health_pb2_grpc import add_HealthServicer_to_server
from opentelemetry.exporter.postgres.batch import Signal

from receiver.answers import success
from receiver.arrivals import Arrival
from receiver.grpc_health import Health
from receiver.intake import Intake
from receiver.refusals import NO_PROFILES, Refused, Unavailable, Unforeseen, UnknownPath, trailers_of
from receiver.telemetry import Telemetry

SERVICES = {
    Signal.TRACES: "opentelemetry.proto.collector.trace.v1.TraceService",
    Signal.LOGS: "opentelemetry.proto.collector.logs.v1.LogsService",
    Signal.METRICS: "opentelemetry.proto.collector.metrics.v1.MetricsService",
}
PROFILES = "opentelemetry.proto.collector.profiles.v1development.ProfilesService"

HANDSHAKE_MS = 10_000
AGE_GRACE_MS = 30_000

COMMIT_SECONDS = 0.2
"""What storing a request takes at least when all is well, and generously."""

Export = Callable[[bytes, "grpc.aio.ServicerContext[bytes, bytes]"], Awaitable[bytes]]


def options(max_request_bytes: int, connection_age: float) -> list[tuple[str, int]]:
    """Channel options. Ping policy: the Collector pings every 10 s, which the default answers with GOAWAY.

    A connection older than `connection_age` seconds, spread by gRPC itself, is asked to go.
    """
    return [
        ("grpc.so_reuseport", 1),
        ("grpc.max_receive_message_length", max_request_bytes),
        ("grpc.max_concurrent_streams", 200),
        ("grpc.http2.min_recv_ping_interval_without_data_ms", 5_000),
        ("grpc.http2.max_ping_strikes", 0),
        ("grpc.keepalive_permit_without_calls", 1),
        ("grpc.keepalive_time_ms", 60_000),
        ("grpc.keepalive_timeout_ms", 20_000),
        ("grpc.server_handshake_timeout_ms", HANDSHAKE_MS),
        ("grpc.max_connection_age_ms", int(connection_age * 1000)),
        ("grpc.max_connection_age_grace_ms", AGE_GRACE_MS),
    ]


def make_server(
    intake: Intake,
    telemetry: Telemetry,
    health: Health,
    address: str,
    connection_age: float,
    credentials: grpc.ServerCredentials | None = None,
) -> grpc.aio.Server:
    """A server bound to `address` (host:port). Several processes share the port by SO_REUSEPORT.

    credentials: for TLS; without them it has none.
    """
    server = grpc.aio.server(options=options(intake.limits.max_request_bytes, connection_age))
    # Health is public on purpose: load balancers and kubelets ask it without a key.
    add_HealthServicer_to_server(health, server)
    server.add_generic_rpc_handlers(tuple(handlers_of(intake, telemetry)))
    if credentials is None:
        server.add_insecure_port(address)
    else:
        server.add_secure_port(address, credentials)
    return server


def handlers_of(intake: Intake, telemetry: Telemetry) -> list[grpc.GenericRpcHandler]:
    """Every method but those of health."""
    exports = [_service(service, _export(intake, telemetry, signal)) for signal, service in SERVICES.items()]
    return [*exports, _service(PROFILES, _no_profiles(telemetry))]


def _service(name: str, export: Export) -> grpc.GenericRpcHandler:
    handlers = {"Export": grpc.unary_unary_rpc_method_handler(export)}
    return grpc.method_handlers_generic_handler(name, handlers)


def _export(intake: Intake, telemetry: Telemetry, signal: Signal) -> Export:
    async def export(body: bytes, context: "grpc.aio.ServicerContext[bytes, bytes]") -> bytes:
        arrival = Arrival("grpc", signal, peer=_peer(context))
        try:
            permit = intake.door(signal, _authorization(context))
            if (left := context.time_remaining()) is not None and left < COMMIT_SECONDS:
                raise Unavailable("the deadline leaves no time to store anything")
            outcome = await intake.export(arrival, signal, body, permit=permit)
            telemetry.answered(arrival, outcome)
            return success(outcome)
        except Refused as refused:
            answer = refused
        except asyncio.CancelledError:
            telemetry.abandoned(arrival)
            raise
        except Exception as error:  # noqa: BLE001
            answer = Unforeseen.by(error)
        return await _refuse(telemetry, arrival, context, answer)

    return export


def _no_profiles(telemetry: Telemetry) -> Export:
    async def export(body: bytes, context: "grpc.aio.ServicerContext[bytes, bytes]") -> bytes:
        return await _refuse(telemetry, Arrival("grpc", peer=_peer(context)), context, UnknownPath(NO_PROFILES))

    return export


async def _refuse(
    telemetry: Telemetry, arrival: Arrival, context: "grpc.aio.ServicerContext[bytes, bytes]", refused: Refused
) -> NoReturn:
    telemetry.refused(arrival, refused)
    await context.abort(refused.grpc_status, str(refused), trailers_of(refused))
    raise AssertionError("abort() raises")


def _peer(context: "grpc.aio.ServicerContext[bytes, bytes]") -> str:
    peer: str = context.peer().rpartition(":")[0]
    return peer


def _authorization(context: "grpc.aio.ServicerContext[bytes, bytes]") -> str | None:
    for key, value in context.invocation_metadata() or ():
        if key == "authorization" and isinstance(value, str):
            return value
    return None
