"""Every gRPC method and every path of the receivers: health is public, telemetry takes a key, the rest is refused."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from datetime import UTC, datetime
from typing import Any

import grpc.aio
import httpx
import pytest
from opentelemetry.exporter.postgres.batch import Signal
from opentelemetry.exporter.postgres.requests import Decoder
from opentelemetry.exporter.postgres.writer import Writer

from access.keys.ring import KeyRing
from access.people.policy import Mode, Policy
from receiver import grpc_front
from receiver.cors import Cors
from receiver.grpc_health import Health
from receiver.http_front import _PREFIX, _PROFILES, PATHS, OtlpHttp
from receiver.ingest_report import IngestReport
from receiver.intake import Intake, Limits
from receiver.sender_warnings import SenderWarnings
from receiver.telemetry import Telemetry
from server.callers import Programs, key_on
from server.gate import Gate
from server.http_server import HttpServer, shared_socket
from server.ingest_door import IngestDoor
from server.metering import Metering
from server.metrics_page import PATH, WithMetrics, receivers_page
from server.settings import Settings
from tests.otelgres_process import free_ports

EXPORTS = {f"/{service}/Export" for service in grpc_front.SERVICES.values()}
HEALTH = {f"/grpc.health.v1.Health/{name}" for name in ("Check", "List", "Watch")}
PROFILES = f"/{grpc_front.PROFILES}/Export"


@pytest.fixture
def ring() -> KeyRing:
    """Keys were read, and there are none."""
    ring = KeyRing()
    ring.replace([])
    return ring


@pytest.fixture
def intake(ring: KeyRing) -> Intake:
    """Nothing of these tests gets as far as the database."""
    decoder = Decoder()
    writer = Writer("postgresql://nobody@127.0.0.1:1/nothing", decoder)
    warnings = SenderWarnings(dict.fromkeys(Signal, 30))
    return Intake(writer, decoder, Limits(1 << 20), warnings, door=IngestDoor(ring, None))


@pytest.fixture
def telemetry() -> Telemetry:
    return Telemetry(Metering().meter, IngestReport(lambda: datetime.now(UTC)))


@pytest.fixture
async def grpc_methods(
    intake: Intake, telemetry: Telemetry, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[tuple[str, set[str]]]:
    """The address of a receiver over gRPC, and the methods that it has."""
    methods: set[str] = set()
    port = free_ports(1)[0]
    make = grpc.aio.server

    def noting(*arguments: Any, **named: Any) -> grpc.aio.Server:
        server = make(*arguments, **named)
        add = server.add_generic_rpc_handlers

        def add_noting(handlers: Iterable[Any]) -> None:
            handlers = tuple(handlers)
            for handler in handlers:
                methods.update(handler._method_handlers)
            add(handlers)

        server.add_generic_rpc_handlers = add_noting
        return server

    monkeypatch.setattr(grpc.aio, "server", noting)
    server = grpc_front.make_server(intake, telemetry, Health(grpc_front.SERVICES.values()), f"127.0.0.1:{port}", 600)
    await server.start()
    yield f"127.0.0.1:{port}", methods
    await server.stop(None)


async def test_every_grpc_method_is_health_or_takes_a_key(grpc_methods: tuple[str, set[str]]) -> None:
    address, methods = grpc_methods
    assert methods - HEALTH == EXPORTS | {PROFILES}
    async with grpc.aio.insecure_channel(address) as channel:
        for method in EXPORTS | {PROFILES, "/other.Service/Export"}:
            with pytest.raises(grpc.aio.AioRpcError) as refused:
                await channel.unary_unary(method)(b"")
            expected = grpc.StatusCode.UNAUTHENTICATED if method in EXPORTS else grpc.StatusCode.UNIMPLEMENTED
            assert refused.value.code() is expected, method
        assert await channel.unary_unary("/grpc.health.v1.Health/Check")(b"") is not None


@pytest.fixture
async def http_front(intake: Intake, telemetry: Telemetry, ring: KeyRing) -> AsyncIterator[httpx.AsyncClient]:
    """A receiver's port for HTTP where people sign in."""
    settings = Settings(people="accounts")
    programs = Programs(Policy(Mode.ACCOUNTS), None, key_on(ring))
    metrics = Gate(receivers_page(Metering(), {}), settings, programs)
    listener = shared_socket("127.0.0.1", 0)
    server = HttpServer(
        WithMetrics(OtlpHttp(intake, telemetry, Cors()), metrics),
        lambda refused: None,
        grpc_port=4317,
        drain_seconds=1,
        connection_age=600,
    )
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    host, port = listener.getsockname()
    async with httpx.AsyncClient(base_url=f"http://{host}:{port}") as client:
        yield client
    server.should_exit = True
    await serving


async def test_every_path_of_the_receivers_takes_a_key_or_is_unknown(http_front: httpx.AsyncClient) -> None:
    signals = [prefix + path for path in PATHS for prefix in ("", _PREFIX)]
    assert len(signals) == 6
    for path in signals:
        for headers in ({}, {"cookie": "otelgres_session=x"}, {"authorization": "Bearer otg_x_y"}):
            answer = await http_front.post(path, content=b"", headers=headers)
            assert answer.status_code == 401, path
    for path in (_PROFILES, "/", "/v1/other", "/api/observability/traces", "/static/page.js"):
        assert (await http_front.post(path, content=b"")).status_code == 404
    for headers in ({}, {"cookie": "otelgres_session=x"}, {"authorization": "Bearer otg_x_y"}):
        assert (await http_front.get(PATH, headers=headers)).status_code == 401
