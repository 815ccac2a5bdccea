"""Senders with keys, over both transports: what each scope opens, services, and keys that open nothing any more."""

import asyncio
import base64
import gzip
import itertools
import json
import time
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import grpc
import grpc.aio
import httpx
import pytest
from google.protobuf import json_format
from google.rpc import code_pb2, status_pb2
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import (
    ExportLogsServiceRequest,
    ExportLogsServiceResponse,
)
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse

from tests import payloads
from tests.access_keys import Made, expire, make, take_back
from tests.conftest import copied, execute, run, with_database
from tests.otelgres_process import RECEIVERS, OtelgresProcess
from tests.rows import fetch, until, value
from tests.senders import GrpcSender, post

SIGNALS = ("traces", "logs", "metrics")
JSON = "application/json"
ORIGIN = "https://app.example.com"
AT_WORST = 5.0
ANNOUNCED = 1.0
WITHOUT = {"authorization": ""}


@pytest.fixture(scope="module")
def keyed(postgres_dsn: str, template_database: str) -> Iterator[OtelgresProcess]:
    """A server that asks for keys; each test makes its own."""
    for dsn in copied(postgres_dsn, template_database):
        settings = {"OTELGRES_DSN": dsn, "OTELGRES_INGEST_ACCESS": "keys", "OTELGRES_CORS_ORIGINS": "*"}
        process = OtelgresProcess(settings, arguments=RECEIVERS)
        try:
            yield process
        finally:
            process.close()


@pytest.fixture
def service() -> str:
    return f"service-{uuid.uuid4().hex[:8]}"


def name() -> str:
    return f"key {uuid.uuid4().hex[:8]}"


def request_of(signal: str, count: int = 1, service: str = "shop") -> Any:
    if signal == "traces":
        return payloads.spans(count, service=service)
    if signal == "logs":
        return payloads.records(count, service=service)
    return payloads.gauges(count, service=service, time_ns=time.time_ns())


def by_http(process: OtelgresProcess, signal: str, headers: dict[str, str], request: Any = None) -> httpx.Response:
    return post(process, signal, (request or request_of(signal)).SerializeToString(), headers)


async def by_grpc(
    process: OtelgresProcess, signal: str, headers: dict[str, str], request: Any = None
) -> grpc.StatusCode:
    body = (request or request_of(signal)).SerializeToString()
    async with GrpcSender(process.otlp_grpc_target) as sender:
        try:
            await sender.send(signal, body, tuple(headers.items()))
        except grpc.aio.AioRpcError as error:
            refused = error
        else:
            return grpc.StatusCode.OK
    status = status_pb2.Status.FromString(dict(refused.trailing_metadata())["grpc-status-details-bin"])
    assert (status.code, status.message) == (refused.code().value[0], refused.details())
    return refused.code()


def until_answered(attempt: Callable[[], httpx.Response], status: int, seconds: float) -> float:
    """Sends until the answer is this one; how long that took."""
    began = time.monotonic()
    while (answer := attempt()).status_code != status:
        assert time.monotonic() - began < seconds, f"{answer.status_code} after {seconds} s, not {status}"
    return time.monotonic() - began


def known(process: OtelgresProcess, scopes: list[str], **more: Any) -> Made:
    """A new key that the server knows already."""
    key = make(process.dsn, name(), scopes, **more)
    signal = next(scope for scope in scopes if scope in SIGNALS)
    service = more.get("services", ["shop"])[0]
    until_answered(lambda: by_http(process, signal, key.bearer, request_of(signal, 1, service)), 200, AT_WORST)
    return key


async def test_each_scope_opens_its_signal_and_no_other(keyed: OtelgresProcess) -> None:
    keys = {signal: await asyncio.to_thread(known, keyed, [signal]) for signal in SIGNALS}
    for scope, signal in itertools.product(SIGNALS, SIGNALS):
        headers = keys[scope].bearer
        opens = scope == signal
        answer = await asyncio.to_thread(by_http, keyed, signal, headers)
        assert answer.status_code == (200 if opens else 403)
        if not opens:
            refused = status_pb2.Status.FromString(answer.content)
            assert (refused.code, refused.message) == (code_pb2.PERMISSION_DENIED, f"the key does not open {signal}")
            assert not refused.details
        expected = grpc.StatusCode.OK if opens else grpc.StatusCode.PERMISSION_DENIED
        assert await by_grpc(keyed, signal, headers) is expected


async def test_a_key_of_all_signals_opens_all_and_one_of_the_api_none(keyed: OtelgresProcess) -> None:
    all_signals = await asyncio.to_thread(known, keyed, list(SIGNALS))
    of_the_api = await asyncio.to_thread(make, keyed.dsn, name(), ["read", "write"])
    # Keys are learnt in the order they were made in.
    await asyncio.to_thread(known, keyed, ["logs"])
    for signal in SIGNALS:
        assert (await asyncio.to_thread(by_http, keyed, signal, all_signals.bearer)).status_code == 200
        assert await by_grpc(keyed, signal, all_signals.bearer) is grpc.StatusCode.OK
        assert (await asyncio.to_thread(by_http, keyed, signal, of_the_api.bearer)).status_code == 403
        assert await by_grpc(keyed, signal, of_the_api.bearer) is grpc.StatusCode.PERMISSION_DENIED


async def test_a_key_comes_as_password_too(keyed: OtelgresProcess) -> None:
    key = await asyncio.to_thread(known, keyed, ["logs"])
    basic = "Basic " + base64.b64encode(f"anybody:{key.text}".encode()).decode()
    assert (await asyncio.to_thread(by_http, keyed, "logs", {"authorization": basic})).status_code == 200
    assert await by_grpc(keyed, "logs", {"authorization": basic}) is grpc.StatusCode.OK


@pytest.mark.parametrize(
    "wrong", ["none", "empty", "garbage", "other secret", "other id", "overlong", "half", "digest"]
)
async def test_whatever_is_no_key_is_refused_for_good(keyed: OtelgresProcess, wrong: str) -> None:
    key = await asyncio.to_thread(known, keyed, ["logs"])
    presented = {
        "empty": "Bearer",
        "garbage": "Bearer ünïcode".encode().decode("latin-1"),
        "other secret": f"Bearer otg_{key.id}_{'0' * 48}",
        "other id": f"Bearer otg_{'0' * 12}_{key.text.rpartition('_')[2]}",
        "overlong": f"Bearer {key.text}{'0' * 4000}",
        "half": f"Bearer {key.text[:-1]}",
        "digest": f"Digest {key.text}",
    }
    headers = {} if wrong == "none" else {"authorization": presented[wrong]}
    raw = {name.encode(): text.encode("latin-1") for name, text in headers.items()}
    for content_type, body in (("application/x-protobuf", payloads.records(1).SerializeToString()), (JSON, b"{}")):
        answer = await asyncio.to_thread(
            httpx.post,
            f"{keyed.otlp_http_url}/v1/logs",
            content=body,
            headers={b"content-type": content_type.encode(), b"origin": ORIGIN.encode(), **raw},
        )
        assert (answer.status_code, answer.headers["content-type"]) == (401, content_type)
        assert answer.headers["www-authenticate"] == "Bearer"
        assert answer.headers["access-control-allow-origin"] == ORIGIN
        assert "retry-after" not in answer.headers
        parsed = (
            json_format.Parse(answer.content, status_pb2.Status())
            if content_type == JSON
            else status_pb2.Status.FromString(answer.content)
        )
        assert (parsed.code, list(parsed.details)) == (code_pb2.UNAUTHENTICATED, [])
        assert key.text not in answer.text
    if wrong != "garbage":  # gRPC itself takes no such header.
        assert await by_grpc(keyed, "logs", headers) is grpc.StatusCode.UNAUTHENTICATED


async def test_a_revoked_key_opens_nothing_within_a_second(keyed: OtelgresProcess) -> None:
    key = await asyncio.to_thread(known, keyed, ["logs"])
    assert await by_grpc(keyed, "logs", key.bearer) is grpc.StatusCode.OK
    await asyncio.to_thread(take_back, keyed.dsn, key)
    assert (
        await asyncio.to_thread(until_answered, lambda: by_http(keyed, "logs", key.bearer), 401, AT_WORST) < ANNOUNCED
    )
    assert await by_grpc(keyed, "logs", key.bearer) is grpc.StatusCode.UNAUTHENTICATED


async def test_without_the_announcement_a_revoked_key_opens_nothing_within_five_seconds(
    keyed: OtelgresProcess,
) -> None:
    key = await asyncio.to_thread(known, keyed, ["logs"])
    unheard = (
        "BEGIN; ALTER TABLE enterprise.access_keys DISABLE TRIGGER announce_access_keys; "
        f"UPDATE enterprise.access_keys SET revoked_at = now() WHERE id = '{key.id}'; "
        "ALTER TABLE enterprise.access_keys ENABLE TRIGGER announce_access_keys; COMMIT"
    )
    await execute(keyed.dsn, unheard)
    await asyncio.to_thread(until_answered, lambda: by_http(keyed, "logs", key.bearer), 401, AT_WORST)


async def test_an_expired_key_opens_nothing_from_that_moment_on(keyed: OtelgresProcess) -> None:
    key = await asyncio.to_thread(known, keyed, ["logs"])
    await asyncio.to_thread(expire, keyed.dsn, key, datetime.now(UTC) + timedelta(seconds=1))
    await asyncio.to_thread(until_answered, lambda: by_http(keyed, "logs", key.bearer), 401, AT_WORST)
    assert await by_grpc(keyed, "logs", key.bearer) is grpc.StatusCode.UNAUTHENTICATED


@pytest.mark.parametrize("signal", SIGNALS)
async def test_a_key_of_services_opens_them_and_no_others(keyed: OtelgresProcess, signal: str) -> None:
    key = await asyncio.to_thread(known, keyed, list(SIGNALS), services=["shop", "stock"])
    for service, status in (("shop", 200), ("stock", 200), ("bank", 403), ("Shop", 403), ("", 403)):
        answer = await asyncio.to_thread(by_http, keyed, signal, key.bearer, request_of(signal, 2, service))
        assert answer.status_code == status
    refused = grpc.StatusCode.PERMISSION_DENIED
    assert await by_grpc(keyed, signal, key.bearer, request_of(signal, 2, "bank")) is refused
    nobodys = request_of(signal)
    nobodys.ListFields()[0][1][0].resource.ClearField("attributes")
    assert await by_grpc(keyed, signal, key.bearer, nobodys) is refused


@pytest.mark.parametrize(
    ("signal", "path", "status"), [("traces", "/api/v2/spans", 202), ("logs", "/loki/api/v1/push", 204)]
)
def test_keys_open_what_is_translated_as_they_open_otlp(
    keyed: OtelgresProcess, service: str, signal: str, path: str, status: int
) -> None:
    others = known(keyed, [other for other in SIGNALS if other != signal])
    all_services = known(keyed, [signal])
    own = known(keyed, [signal], services=["probe", service])
    foreign = known(keyed, [signal], services=[f"{service}-bank"])
    now = time.time_ns()
    spans = [
        {"traceId": uuid.uuid4().hex, "id": "1", "timestamp": now // 1000, "localEndpoint": {"serviceName": each}}
        for each in (service, "stock")
    ]
    streams = [{"stream": {"app": each}, "values": [[str(now), "line"]]} for each in (service, "stock")]
    body = json.dumps(spans if signal == "traces" else {"streams": streams}).encode()

    def told(headers: dict[str, str]) -> httpx.Response:
        content_type = {"content-type": JSON}
        return httpx.post(f"{keyed.otlp_http_url}{path}", content=body, headers=content_type | headers, timeout=30)

    refused = told({})
    assert (refused.status_code, refused.headers["www-authenticate"]) == (401, "Bearer")
    assert (told(others.bearer).status_code, told(others.bearer).text) == (403, f"the key does not open {signal}")
    assert told(foreign.bearer).status_code == 403
    partly = told(own.bearer)
    assert partly.status_code == 400
    assert partly.text == '1 items were rejected, all others are stored: the key is not for the service "stock"'
    assert told(own.bearer).text == partly.text
    table = {"traces": "trace_spans", "logs": "structured_logs"}[signal]
    count = f"SELECT count(*) FROM enterprise.{table} WHERE service_name = $1"
    assert run(value(keyed.dsn, count, service)) == 1
    assert told(all_services.bearer).status_code == status


@pytest.mark.parametrize("encoding", ["protobuf", "gzip", "json", "large"])
async def test_of_a_mixed_request_the_own_services_are_stored_and_the_rest_is_rejected_with_a_reason(
    keyed: OtelgresProcess, service: str, encoding: str
) -> None:
    key = await asyncio.to_thread(known, keyed, ["logs"], services=["probe", service])
    own, foreign = payloads.records(3, service=service), payloads.records(4, service=f"{service}-bank")
    more = payloads.records(2, service=service)
    if encoding == "large":
        foreign.resource_logs[0].scope_logs[0].log_records[0].body.string_value = "x" * (1 << 20)
    request = ExportLogsServiceRequest(resource_logs=[*own.resource_logs, *foreign.resource_logs, *more.resource_logs])
    body, headers = request.SerializeToString(), dict(key.bearer)
    if encoding == "gzip":
        body, headers["content-encoding"] = gzip.compress(body), "gzip"
    elif encoding == "json":
        body, headers["content-type"] = json_format.MessageToJson(request).encode(), JSON
    for _ in range(2):
        answer = await asyncio.to_thread(post, keyed, "logs", body, headers)
        assert answer.status_code == 200
        told = (
            json_format.Parse(answer.content, ExportLogsServiceResponse())
            if encoding == "json"
            else ExportLogsServiceResponse.FromString(answer.content)
        ).partial_success
        assert told.rejected_log_records == 4
        assert f'the key is not for the service "{service}-bank"' in told.error_message
    found = await fetch(
        keyed.dsn,
        "SELECT service_name, count(*) AS logs FROM enterprise.structured_logs WHERE service_name LIKE $1 GROUP BY 1",
        f"{service}%",
    )
    assert found == [{"service_name": service, "logs": 5}]


async def test_a_mixed_request_that_went_in_by_halves_goes_in_whole_by_a_key_of_all_services(
    keyed: OtelgresProcess, service: str
) -> None:
    own, foreign = payloads.spans(2, service=service), payloads.spans(1, service=f"{service}-bank")
    own.resource_spans.extend(foreign.resource_spans)
    some = await asyncio.to_thread(known, keyed, ["traces"], services=[service])
    every = await asyncio.to_thread(known, keyed, ["traces"])
    answers = [await asyncio.to_thread(by_http, keyed, "traces", key.bearer, own) for key in (some, every)]
    rejected = [
        ExportTraceServiceResponse.FromString(answer.content).partial_success.rejected_spans for answer in answers
    ]
    assert rejected == [1, 0]
    query = "SELECT count(*) FROM enterprise.trace_spans WHERE service_name = $1"
    assert await value(keyed.dsn, query, f"{service}-bank") == 1


async def test_refusals_are_counted_and_tell_no_secret(keyed: OtelgresProcess) -> None:
    key = await asyncio.to_thread(known, keyed, ["logs"])
    wrong = f"otg_{key.id}_{'1234567890abcdef' * 3}"
    await asyncio.to_thread(by_http, keyed, "traces", {"authorization": f"Bearer {wrong}"})
    await asyncio.to_thread(by_http, keyed, "traces", key.bearer)
    for reason in ("send a key that is valid: Authorization: Bearer <key>", "the key does not open traces"):
        await until(
            keyed.dsn,
            f"SELECT count(*) > 0 FROM enterprise.ingest_report WHERE kind = 'refused' AND reason = '{reason}'",
            True,
        )
    report = json.dumps(await fetch(keyed.dsn, "SELECT * FROM enterprise.ingest_report"), default=str)
    audit = json.dumps(await fetch(keyed.dsn, "SELECT * FROM enterprise.access_audit"), default=str)
    kept = json.dumps(await fetch(keyed.dsn, "SELECT * FROM enterprise.access_keys"), default=str)
    for secret in (wrong.rpartition("_")[2], key.text.rpartition("_")[2]):
        for told in (report, audit, kept, keyed.output()):
            assert secret not in told


async def test_the_last_use_is_noted(keyed: OtelgresProcess) -> None:
    before = datetime.now(UTC)
    key = await asyncio.to_thread(known, keyed, ["logs"])
    noted = f"SELECT last_used_at IS NOT NULL FROM enterprise.access_keys WHERE id = '{key.id}'"
    await until(keyed.dsn, noted, True, AT_WORST)
    used = "SELECT last_used_at FROM enterprise.access_keys WHERE id = $1"
    first = await value(keyed.dsn, used, key.id)
    assert before <= first <= datetime.now(UTC)
    await asyncio.to_thread(by_http, keyed, "logs", key.bearer)
    # A later key is used and noted: the ring was asked for uses in between.
    other = await asyncio.to_thread(known, keyed, ["logs"])
    await until(keyed.dsn, noted.replace(key.id, other.id), True, AT_WORST)
    assert await value(keyed.dsn, used, key.id) == first


async def test_while_the_database_is_away_the_keys_known_before_go_on(
    receivers: Any, postgres_dsn: str, database: str
) -> None:
    process = receivers(OTELGRES_INGEST_ACCESS="keys")
    key = await asyncio.to_thread(known, process, ["logs"])
    database_name = urlsplit(database).path.removeprefix("/")
    elsewhere = with_database(postgres_dsn, "postgres")
    await execute(elsewhere, f"ALTER DATABASE {database_name} ALLOW_CONNECTIONS false")
    try:
        await fetch(
            elsewhere, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1", database_name
        )
        deadline = time.monotonic() + 20
        while "keys are those known before" not in process.output():
            assert time.monotonic() < deadline
            await asyncio.sleep(0.05)
        assert (await asyncio.to_thread(by_http, process, "logs", key.bearer)).status_code == 200
        assert (await asyncio.to_thread(by_http, process, "logs", WITHOUT)).status_code == 401
    finally:
        await execute(elsewhere, f"ALTER DATABASE {database_name} ALLOW_CONNECTIONS true")
    await asyncio.to_thread(take_back, database, key)
    await asyncio.to_thread(until_answered, lambda: by_http(process, "logs", key.bearer), 401, 20)
