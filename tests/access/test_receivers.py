"""Every method and path of the receivers is public on purpose or takes a key, read off what serves them."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import grpc
import grpc.aio
import httpx
import pytest
from grpc_health.v1 import health_pb2
from opentelemetry.exporter.postgres.batch import Signal
from opentelemetry.exporter.postgres.requests import Decoder
from opentelemetry.exporter.postgres.writer import Writer

from access.keys.scopes import SCOPES
from receiver.grpc_front import PROFILES, SERVICES, handlers_of
from receiver.ingest_report import IngestReport
from receiver.intake import Intake, Limits
from receiver.sender_warnings import SenderWarnings
from receiver.telemetry import Telemetry
from receiver.ways import PROTOBUF as PROTOBUF_TYPE
from receiver.ways import WAYS
from server.metering import Metering
from tests.access_keys import make
from tests.conftest import copied
from tests.otelgres_process import RECEIVERS, OtelgresProcess
from tests.polling import until
from tests.senders import PROTOBUF

HEALTH = {method.name for method in health_pb2.DESCRIPTOR.services_by_name["Health"].methods}
NOBODY = "anonymous"
CALLERS = [NOBODY, "wrong", *SCOPES]
SUCCESS = {"/api/v2/spans": 202, "/loki/api/v1/push": 204}
NOTHING = {True: b"\0", False: b""}
"""A request of nothing, by whether it is a block of snappy."""


@pytest.fixture(scope="module")
def process(postgres_dsn: str, template_database: str) -> Iterator[OtelgresProcess]:
    for dsn in copied(postgres_dsn, template_database):
        process = OtelgresProcess({"OTELGRES_DSN": dsn, "OTELGRES_INGEST_ACCESS": "keys"}, arguments=RECEIVERS)
        try:
            yield process
        finally:
            process.close()


@pytest.fixture(scope="module")
def headers(process: OtelgresProcess) -> dict[str, dict[str, str]]:
    """What each caller presents."""
    keys = {scope: make(process.dsn, scope, [scope]).bearer for scope in SCOPES}
    # The last one is known: so are the others.
    last = make(process.dsn, "last", ["logs"]).bearer
    until(lambda: post(process, "/v1/logs", last).status_code == 200)
    return {NOBODY: {}, "wrong": {"authorization": "Bearer otg_nonsense"}, **keys}


def post(process: OtelgresProcess, path: str, headers: dict[str, str], body: bytes = b"") -> httpx.Response:
    return httpx.post(f"{process.otlp_http_url}{path}", content=body, headers=PROTOBUF | headers, timeout=30)


async def methods() -> dict[str, Signal | None]:
    """Every method that the gRPC server has besides health, and the signal that it takes."""
    meter = Metering().meter
    decoder = Decoder()
    intake = Intake(Writer("postgresql://", decoder), decoder, Limits(1), SenderWarnings(dict.fromkeys(Signal, 30)))
    handlers: list[Any] = handlers_of(intake, Telemetry(meter, IngestReport(lambda: datetime.now(UTC))))
    named = {service: signal for signal, service in SERVICES.items()} | {PROFILES: None}
    return {handler.method: named[handler.service_name()] for handler in handlers}


def expected(caller: str, signal: Signal) -> tuple[int, grpc.StatusCode]:
    if caller in (NOBODY, "wrong"):
        return 401, grpc.StatusCode.UNAUTHENTICATED
    if caller == signal.name.lower():
        return 200, grpc.StatusCode.OK
    return 403, grpc.StatusCode.PERMISSION_DENIED


@pytest.mark.parametrize("caller", CALLERS)
async def test_each_caller_meets_at_every_method_what_its_scope_says(
    process: OtelgresProcess, headers: dict[str, dict[str, str]], caller: str
) -> None:
    found = await methods()
    assert set(found.values()) == {*Signal, None}
    async with grpc.aio.insecure_channel(process.otlp_grpc_target) as channel:

        async def met(method: str) -> grpc.StatusCode:
            call = channel.unary_unary(method)(b"", metadata=tuple(headers[caller].items()), timeout=10)
            code: grpc.StatusCode = await call.code()
            return code

        for method, signal in found.items():
            # Nothing is received there, whoever asks.
            unknown = grpc.StatusCode.UNIMPLEMENTED
            assert await met(method) is (unknown if signal is None else expected(caller, signal)[1])
        assert {"Check", "Watch", "List"} == HEALTH
        assert await met("/grpc.health.v1.Health/Check") is grpc.StatusCode.OK


@pytest.mark.parametrize("caller", [NOBODY, "wrong", "logs"])
async def test_whoever_is_turned_away_is_so_before_a_message_is_read(
    process: OtelgresProcess, headers: dict[str, dict[str, str]], caller: str
) -> None:
    """What gRPC reads of a message is held outside the receivers' bound."""
    async with grpc.aio.insecure_channel(process.otlp_grpc_target) as channel:
        for method, signal in (await methods()).items():
            if signal is Signal.LOGS and caller == "logs":
                continue
            # As a stream the call begins without a message.
            call = channel.stream_unary(method)(metadata=tuple(headers[caller].items()), timeout=10)
            code = await call.code()
            assert code is (grpc.StatusCode.UNIMPLEMENTED if signal is None else expected(caller, signal)[1])


@pytest.mark.parametrize("caller", CALLERS)
def test_each_caller_meets_at_every_path_what_its_scope_says(
    process: OtelgresProcess, headers: dict[str, dict[str, str]], caller: str
) -> None:
    assert set(SUCCESS) < set(WAYS)
    for path, way in WAYS.items():
        nothing = NOTHING[way.formats[PROTOBUF_TYPE].snappy]
        status = expected(caller, way.signal)[0]
        for each in (path, f"/otlp{path}", f"{path}/"):
            answer = post(process, each, headers[caller], nothing)
            assert answer.status_code == (SUCCESS.get(path, 200) if status == 200 else status)
    for path in ("/", "/v1", "/v1development/profiles", "/v1/traces/../logs", "/api/v1/spans", "/loki/api/v1/query"):
        assert post(process, path, headers[caller]).status_code in (404, expected(caller, Signal.LOGS)[0])


@pytest.mark.parametrize("path", WAYS)
def test_a_password_that_cannot_be_read_is_no_key(process: OtelgresProcess, path: str) -> None:
    answer = httpx.post(
        f"{process.otlp_http_url}{path}", content=b"", headers=PROTOBUF | {"authorization": b"Basic \xe9"}, timeout=30
    )
    assert answer.status_code == 401
