"""What was refused, altered or repeated can be read back: how much, why, and an example."""

import asyncio
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import asyncpg
import httpx

from database import ingest_report
from database.ingest_report import ReportLine
from database.pool import connect
from query_api.models import IngestReport
from tests import payloads
from tests.otelgres_process import OtelgresProcess
from tests.senders import GrpcSender, post
from tests.served_api import served_api

Start = Callable[..., OtelgresProcess]
URL = "/api/observability/ingest"


def line(minute: datetime, **changes: Any) -> ReportLine:
    given = ReportLine(minute, "traces", "grpc", "shop", "refused", "odd", 1, 2, {"answer": "odd 1"}, minute, minute)
    return given._replace(**changes)


async def add(dsn: str, *lines: ReportLine) -> None:
    connection = await connect(dsn)
    try:
        await ingest_report.add(connection, lines)
    finally:
        await connection.close()


async def until_reported(url: str, count: int) -> IngestReport:
    """Polls until so many requests are reported; flushes come every few seconds."""
    deadline = time.monotonic() + 30
    async with httpx.AsyncClient(base_url=url) as client:
        while True:
            report = IngestReport.model_validate((await client.get(URL)).json())
            if sum(total.requests for total in report.totals) >= count:
                return report
            assert time.monotonic() < deadline, report
            await asyncio.sleep(0.1)


async def test_refused_and_repeated_items_are_told_with_reason_service_and_sample(server: Start) -> None:
    process = server(OTELGRES_WORKERS="2")
    body = payloads.spans(5, bad=(1, 3), service="till").SerializeToString()
    assert post(process, "traces", body).status_code == 200
    assert post(process, "traces", b"no protobuf").status_code == 400
    async with GrpcSender(process.otlp_grpc_target) as sender:
        await sender.send("traces", body)
    report = await until_reported(process.url, 3)
    found = {(reason.kind, reason.transport): reason for reason in report.reasons}
    rejected, refused = (
        reason for reason in sorted(report.reasons, key=lambda each: -each.items) if reason.kind == "refused"
    )
    assert (rejected.requests, rejected.items, rejected.services) == (1, 2, ["till"])
    assert rejected.reason == "span …: span_id must be … bytes, not all zero"
    assert rejected.sample["answer"].startswith("span 1: span_id")
    assert (refused.items, refused.services, refused.transport) == (0, [], "http")
    repeated = found[("repeated", "grpc")]
    assert (repeated.requests, repeated.items, repeated.services) == (1, 5, ["till"])
    assert len(repeated.sample["digest"]) == 32
    totals = {total.kind: (total.requests, total.items) for total in report.totals}
    assert totals == {"refused": (2, 2), "repeated": (1, 5)}
    assert process.output().count("requests are ") == 2


async def test_what_could_not_be_stored_as_it_came_is_told(server: Start) -> None:
    process = server()
    request = payloads.spans(1, service="till")
    request.resource_spans[0].scope_spans[0].spans[0].name = "pay\0now"
    assert post(process, "traces", request.SerializeToString()).status_code == 200
    report = await until_reported(process.url, 1)
    (reason,) = report.reasons
    assert (reason.kind, reason.items, reason.services) == ("altered", 1, ["till"])
    assert reason.reason.startswith("a string holds U+0000")
    assert reason.sample["operations"] == "pay\ufffdnow"


async def test_what_happened_while_the_database_was_away_is_reported_afterwards(
    server: Start, database: str, postgres_dsn: str
) -> None:
    process = server()
    name = urlsplit(database).path.removeprefix("/")
    admin = await asyncpg.connect(postgres_dsn)
    try:
        await admin.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
        await admin.execute(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")
        assert post(process, "traces", b"no protobuf").status_code == 400
        deadline = time.monotonic() + 30
        while "the ingest report waits for the database" not in process.output():
            assert time.monotonic() < deadline
            await asyncio.sleep(0.1)
        await admin.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
    finally:
        await admin.close()
    report = await until_reported(process.url, 1)
    assert [reason.kind for reason in report.reasons] == ["refused"]


async def test_lines_of_several_receivers_are_added_up(database: str) -> None:
    minute = datetime.now(UTC).replace(second=0, microsecond=0)
    later = minute + timedelta(seconds=30)
    await add(database, line(minute), line(minute, kind="repeated", signal="", items=7))
    await add(database, line(minute, last_seen=later, sample={"answer": "odd 2"}))
    await add(database, line(minute, service="till", transport="grpc"), line(minute, transport="http"))
    with served_api(database) as api:
        report = IngestReport.model_validate(api.get(URL).json())
    assert [(total.signal, total.kind, total.requests, total.items) for total in report.totals] == [
        ("traces", "refused", 4, 8),
        (None, "repeated", 1, 7),
    ]
    newest = report.reasons[0]
    assert (newest.requests, newest.items, newest.services) == (3, 6, ["shop", "till"])
    assert (newest.first_seen, newest.last_seen, newest.sample) == (minute, later, {"answer": "odd 2"})
    assert len(report.reasons) == 3


async def test_hours_and_limit_bound_the_answer(database: str) -> None:
    now = datetime.now(UTC).replace(second=0, microsecond=0)
    await add(database, line(now), line(now, reason="odder"), line(now - timedelta(hours=30)))
    with served_api(database) as api:
        assert [each["items"] for each in api.get(URL).json()["totals"]] == [4]
        assert [each["items"] for each in api.get(URL, params={"hours": 48}).json()["totals"]] == [6]
        assert len(api.get(URL, params={"limit": 1}).json()["reasons"]) == 1
        for bad in ({"hours": 0}, {"hours": 169}, {"limit": 0}, {"limit": 1001}):
            assert api.get(URL, params=bad).status_code == 422


def test_nothing_to_report_is_an_empty_report(database: str) -> None:
    with served_api(database) as api:
        assert api.get(URL).json() == {"period_hours": 24, "totals": [], "reasons": []}


async def test_no_text_of_a_sender_keeps_the_report_from_being_stored(server: Start) -> None:
    process = server()
    async with httpx.AsyncClient(base_url=process.otlp_http_url) as client:
        for path in ("/v1/odd%00path", "/v1/%ff%fe"):
            assert (await client.post(path)).status_code == 404
    report = await until_reported(process.url, 2)
    assert {reason.reason for reason in report.reasons} == {"nothing is received at this path"}
