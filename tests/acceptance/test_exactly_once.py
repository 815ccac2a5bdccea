"""Every acknowledged item is stored once, whatever is cut or killed in between."""

import asyncio
import os
import signal
import time
from collections.abc import Callable, Sequence

import grpc
import httpx
import psutil
import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse

from tests import payloads, rows
from tests.cutting_proxy import CuttingProxy
from tests.otelgres_process import OtelgresProcess
from tests.senders import GrpcSender, post, post_async, until_accepted

Start = Callable[..., OtelgresProcess]
TABLES = {"traces": "trace_spans", "logs": "structured_logs"}
DOUBLED = {
    "traces": "SELECT count(*) - count(DISTINCT (trace_id, span_id)) FROM enterprise.trace_spans",
    "logs": "SELECT count(*) - count(DISTINCT (timestamp, service_name, message)) FROM enterprise.structured_logs",
}


def request_of(kind: str, count: int, **more: object) -> bytes:
    make = payloads.spans if kind == "traces" else payloads.records
    return make(count, **more).SerializeToString()  # type: ignore[operator]


@pytest.mark.parametrize("kind", ["traces", "logs"])
@pytest.mark.parametrize("transport", ["grpc", "http"])
async def test_connection_cut_between_commit_and_answer(receivers: Start, kind: str, transport: str) -> None:
    """The sender, who got no answer, sends the same request again; a partly refused one gets its refusal again."""
    process = receivers()
    bad = {"bad": (3,)} if kind == "traces" else {}
    stored = 9 if kind == "traces" else 10
    body = request_of(kind, 10, **bad)
    count = f"SELECT count(*) FROM enterprise.{TABLES[kind]}"
    before = 1

    async def committed(_: bytes) -> bool:
        await rows.until(process.dsn, count, before + stored)
        return True

    port = process.otlp_grpc_port if transport == "grpc" else process.otlp_http_port
    async with (
        CuttingProxy(lambda: asyncio.open_connection("127.0.0.1", port), committed) as proxy,
        GrpcSender(f"127.0.0.1:{proxy.port}") as grpc_sender,
        httpx.AsyncClient(timeout=20) as client,
    ):

        async def attempt(content: bytes) -> bytes:
            if transport == "grpc":
                return await grpc_sender.send(kind, content)
            return await post_async(client, f"http://127.0.0.1:{proxy.port}/v1/{kind}", content)

        await attempt(request_of(kind, 1))
        proxy.arm()
        with pytest.raises((grpc.aio.AioRpcError, httpx.TransportError)):
            await attempt(body)
        assert proxy.cuts == 1
        answer = await until_accepted(lambda: attempt(body))
        again = await until_accepted(lambda: attempt(body))
    assert answer == again
    response = ExportTraceServiceResponse.FromString(answer)
    assert response.partial_success.rejected_spans == (1 if bad else 0)
    assert await rows.value(process.dsn, count) == before + stored
    assert await rows.value(process.dsn, DOUBLED[kind]) == 0
    if kind == "traces":
        counted = await rows.value(process.dsn, "SELECT sum(span_count)::int FROM enterprise.traces")
        assert counted == before + stored


def receivers_of(process: OtelgresProcess) -> Sequence[psutil.Process]:
    return [
        child
        for child in psutil.Process(process.pid).children(recursive=True)
        if "server.worker" in " ".join(child.cmdline())
    ]


async def test_receiver_killed_under_load(receivers: Start) -> None:
    """SIGKILL again and again while eight senders retry as SDKs do: nothing acknowledged is missing or doubled."""
    process = receivers(OTELGRES_WORKERS="2")
    kills = 3
    requests_a_sender = 60
    acknowledged = {"traces": 0, "logs": 0}
    progress = asyncio.Event()

    async def sender(number: int) -> None:
        kind = "traces" if number % 2 else "logs"
        async with GrpcSender(process.otlp_grpc_target) as grpc_sender, httpx.AsyncClient(timeout=5) as client:
            for turn in range(requests_a_sender):
                body = request_of(kind, 20, service=f"sender-{number}-{turn}")

                async def attempt(content: bytes = body) -> bytes:
                    if number % 4 < 2:
                        return await grpc_sender.send(kind, content, seconds=5)
                    return await post_async(client, f"{process.otlp_http_url}/v1/{kind}", content)

                assert await until_accepted(attempt) == b""
                acknowledged[kind] += 20
                progress.set()

    async def killer() -> None:
        for round_ in range(kills):
            target = (round_ + 1) * 8 * requests_a_sender * 20 // (kills + 2)
            while sum(acknowledged.values()) < target:
                progress.clear()
                await progress.wait()
            victims = receivers_of(process)
            os.kill(victims[round_ % len(victims)].pid, signal.SIGKILL)

    await asyncio.gather(killer(), *(sender(number) for number in range(8)))
    for kind, table in TABLES.items():
        assert await rows.value(process.dsn, f"SELECT count(*) FROM enterprise.{table}") == acknowledged[kind]
        assert await rows.value(process.dsn, DOUBLED[kind]) == 0
    assert process.output().count("receiver") >= kills


async def test_a_bad_item_costs_itself_alone(receivers: Start) -> None:
    """PostgreSQL itself refuses some rows: every other one is stored, and each refusal is told with its reason."""
    process = receivers()
    await rows.fetch(
        process.dsn,
        "ALTER TABLE enterprise.trace_spans ADD CONSTRAINT no_seven CHECK (tags->>'index' NOT IN ('7', '11'))",
    )
    good = request_of("traces", 5)
    bad = request_of("traces", 20)
    answers = await asyncio.gather(
        *(asyncio.to_thread(post, process, "traces", body) for body in (good, bad, request_of("traces", 3)))
    )
    parsed = [ExportTraceServiceResponse.FromString(answer.content) for answer in answers]
    assert [answer.status_code for answer in answers] == [200, 200, 200]
    assert [answer.partial_success.rejected_spans for answer in parsed] == [0, 2, 0]
    assert "no_seven" in parsed[1].partial_success.error_message
    assert await rows.value(process.dsn, "SELECT count(*) FROM enterprise.trace_spans") == 26
    assert await rows.value(process.dsn, "SELECT sum(span_count)::int FROM enterprise.traces") == 26
    repeated = await asyncio.to_thread(post, process, "traces", bad)
    assert repeated.content == answers[1].content
    assert await rows.value(process.dsn, "SELECT count(*) FROM enterprise.trace_spans") == 26


async def test_the_same_request_twice_at_once_is_stored_once(receivers: Start) -> None:
    process = receivers(OTELGRES_WORKERS="2")
    body = request_of("logs", 50)
    answers = await asyncio.gather(*(asyncio.to_thread(post, process, "logs", body) for _ in range(12)))
    assert {(answer.status_code, answer.content) for answer in answers} == {(200, b"")}
    assert await rows.value(process.dsn, "SELECT count(*) FROM enterprise.structured_logs") == 50


async def test_records_without_any_time_are_not_taken_for_repetitions(receivers: Start) -> None:
    process = receivers()
    request = payloads.records(2)
    for record in request.resource_logs[0].scope_logs[0].log_records:
        record.time_unix_nano = 0
    for _ in range(2):
        assert (await asyncio.to_thread(post, process, "logs", request.SerializeToString())).status_code == 200
    assert await rows.value(process.dsn, "SELECT count(*) FROM enterprise.structured_logs") == 4


async def test_odd_times_are_stored_and_harm_no_partition(server: Start) -> None:
    """A span of 1970, one a year ahead, one at the end of uint64: read back, and beside today's partition."""
    process = server()
    year = 365 * 86400 * 10**9
    now = time.time_ns()
    for start in (1, now + year, 2**64 - 2 * 10**9, now):
        answer = await asyncio.to_thread(post, process, "traces", request_of("traces", 2, start_ns=start))
        assert answer.status_code == 200
        assert (b"older than the retention" in answer.content) is (start == 1)
    leaves = await rows.fetch(
        process.dsn,
        "SELECT tableoid::regclass::text AS leaf, count(*) AS rows FROM enterprise.trace_spans GROUP BY 1 ORDER BY 2",
    )
    assert [row["rows"] for row in leaves] == [2, 6]
    assert leaves[1]["leaf"].endswith("trace_spans_default")
    for row in await rows.fetch(process.dsn, "SELECT trace_id FROM enterprise.traces"):
        async with httpx.AsyncClient() as client:
            answer = await client.get(f"{process.url}/api/observability/traces/{row['trace_id']}")
        assert answer.status_code == 200, answer.text
        assert len(answer.json()["spans"]) == 2
