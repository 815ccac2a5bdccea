"""What is translated while the database is away: it waits in the spool as OTLP, and a retry finds it stored."""

import asyncio
import json
import time
from typing import Any
from urllib.parse import urlsplit

import httpx

from tests import rows
from tests.conftest import execute, with_database
from tests.loki_push import push, snapped

TRACE_ID = "5b8efff798038103d269b633813fc60c"
JSON, PROTOBUF = "application/json", "application/x-protobuf"


async def test_spans_and_lines_of_an_outage_are_stored_once(receivers: Any, postgres_dsn: str, database: str) -> None:
    process = await asyncio.to_thread(receivers)
    elsewhere = with_database(postgres_dsn, "postgres")
    name = urlsplit(database).path.removeprefix("/")
    now = time.time_ns()
    span = {"traceId": TRACE_ID, "id": "1", "timestamp": now // 1000, "localEndpoint": {"serviceName": "shop"}}
    zipkin = json.dumps([span, {"traceId": TRACE_ID}]).encode()
    loki = snapped(push([('{app="shop"}', [(now, "line", {}), (now + 1, "line", {})])]))

    async def told(client: httpx.AsyncClient) -> list[tuple[int, str]]:
        answers = (
            await client.post("/api/v2/spans", content=zipkin, headers={"content-type": JSON}),
            await client.post("/loki/api/v1/push", content=loki, headers={"content-type": PROTOBUF}),
        )
        return [(answer.status_code, answer.text) for answer in answers]

    reason = "1 items were rejected, all others are stored: span 1: id must be 1 to 16 hex digits, not all zero"
    expected = [(400, reason), (204, "")]
    async with httpx.AsyncClient(base_url=process.otlp_http_url, timeout=30) as client:
        await execute(elsewhere, f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
        try:
            await execute(elsewhere, f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")
            deadline = time.monotonic() + 30
            while await told(client) != expected:
                assert time.monotonic() < deadline
                await asyncio.sleep(0.05)
        finally:
            await execute(elsewhere, f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
        await rows.until(database, "SELECT count(*)::int FROM enterprise.trace_spans", 1)
        await rows.until(database, "SELECT count(*)::int FROM enterprise.structured_logs", 2)
        assert await told(client) == expected
    assert await rows.value(database, "SELECT count(*)::int FROM enterprise.trace_spans") == 1
    assert await rows.value(database, "SELECT count(*)::int FROM enterprise.structured_logs") == 2
    found = "SELECT service_name FROM enterprise.structured_logs UNION SELECT service_name FROM enterprise.trace_spans"
    assert await rows.fetch(database, found) == [{"service_name": "shop"}]
