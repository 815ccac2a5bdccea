"""OTLP over gRPC: three Export methods on raw bytes, and who may call them is asked before a message is read.

The generated servicer would parse on the event loop and answer UNKNOWN, which senders do not retry, to bytes it cannot
parse.
"""

import asyncio
from collections.abc import Iterable
from functools import partial
from typing import NoReturn, TypeAlias

import grpc
import grpc.aio
from grpc_health.v1.health_pb2_grpc import add_HealthServicer_to_server
from opentelemetry.exporter.postgres.batch import Signal

from receiver.answers import success
from receiver.arrivals import Arrival
from receiver.grpc_health import Health
from receiver.intake import Intake
from receiver.permits import Permit
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

Context: TypeAlias = "grpc.aio.ServicerContext[bytes, bytes]"


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
    exports = [_Exports(service, signal, intake, telemetry) for signal, service in SERVICES.items()]
    return [*exports, _NoProfiles(telemetry)]


class _Exports(grpc.ServiceRpcHandler):  # type: ignore[misc]
    """The Export method of a signal. Of a call that is turned away no message is read."""

    def __init__(self, service: str, signal: Signal, intake: Intake, telemetry: Telemetry) -> None:
        self._service = service
        self.method = f"/{service}/Export"
        self._signal = signal
        self._intake = intake
        self._telemetry = telemetry

    def service_name(self) -> str:
        return self._service

    def service(self, handler_call_details: grpc.HandlerCallDetails) -> grpc.RpcMethodHandler | None:
        if handler_call_details.method != self.method:
            return None
        try:
            permit = self._intake.door(self._signal, _authorization(handler_call_details.invocation_metadata))
        except Refused as refused:
            return _unread(self._telemetry, self._signal, refused)
        except Exception as error:  # noqa: BLE001
            return _unread(self._telemetry, self._signal, Unforeseen.by(error))
        return grpc.unary_unary_rpc_method_handler(partial(self._export, permit))

    async def _export(self, permit: Permit, body: bytes, context: Context) -> bytes:
        arrival = Arrival("grpc", self._signal, peer=_peer(context))
        try:
            if (left := context.time_remaining()) is not None and left < COMMIT_SECONDS:
                raise Unavailable("the deadline leaves no time to store anything")
            outcome = await self._intake.export(arrival, self._signal, body, permit=permit)
            self._telemetry.answered(arrival, outcome)
            return success(outcome)
        except Refused as refused:
            answer = refused
        except asyncio.CancelledError:
            self._telemetry.abandoned(arrival)
            raise
        except Exception as error:  # noqa: BLE001
            answer = Unforeseen.by(error)
        return await _refuse(self._telemetry, arrival, context, answer)


class _NoProfiles(grpc.ServiceRpcHandler):  # type: ignore[misc]
    """What tells senders of profiles that nothing is received there."""

    method = f"/{PROFILES}/Export"

    def __init__(self, telemetry: Telemetry) -> None:
        self._telemetry = telemetry

    def service_name(self) -> str:
        return PROFILES

    def service(self, handler_call_details: grpc.HandlerCallDetails) -> grpc.RpcMethodHandler | None:
        if handler_call_details.method != self.method:
            return None
        return _unread(self._telemetry, None, UnknownPath(NO_PROFILES))


def _unread(telemetry: Telemetry, signal: Signal | None, refused: Refused) -> grpc.RpcMethodHandler:
    """Refuses a call. As one of a stream of messages gRPC leaves it to this handler to read them, and it does not."""

    async def refuse(_: object, context: Context) -> bytes:
        return await _refuse(telemetry, Arrival("grpc", signal, peer=_peer(context)), context, refused)

    return grpc.stream_unary_rpc_method_handler(refuse)


async def _refuse(telemetry: Telemetry, arrival: Arrival, context: Context, refused: Refused) -> NoReturn:
    telemetry.refused(arrival, refused)
    await context.abort(refused.grpc_status, str(refused), trailers_of(refused))
    raise AssertionError("abort() raises")


def _peer(context: Context) -> str:
    peer: str = context.peer().rpartition(":")[0]
    return peer


def _authorization(metadata: Iterable[tuple[str, str | bytes]] | None) -> str | None:
    for key, value in metadata or ():
        if key == "authorization" and isinstance(value, str):
            return value
    return None
