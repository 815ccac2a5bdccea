"""Spans as applications that use models send them, written by plain SQL, and the job that derives what they say."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from database import lease, pool
from database.gen_ai import GenAi
from server.prices import price

SPAN = (
    "INSERT INTO enterprise.trace_spans (trace_id, span_id, parent_span_id, operation_name, service_name, start_time, "
    "end_time, duration_ms, status, tags) VALUES ($1, $2, $3, $4, $5, $6::timestamptz, "
    "$6::timestamptz + $7::float8 * interval '1 ms', $7, $8, $9)"
)
NOW = datetime.now(UTC)


@dataclass(frozen=True)
class AiSpan:
    """Ids are short names; a parent of None makes a root. `age` says how long ago it began."""

    id: str
    parent: str | None = "root"
    trace: str = "a"
    attributes: Mapping[str, Any] = field(default_factory=dict)
    name: str = "work"
    service: str = "shop"
    age: timedelta = timedelta(minutes=5)
    ms: float = 100.0
    status: str = "completed"


def span_id(name: str) -> str:
    return name.encode().hex()[:16].rjust(16, "0")


def trace_id(name: str) -> str:
    return name.encode().hex()[:32].rjust(32, "0")


async def add(connection: Any, *spans: AiSpan) -> None:
    for span in spans:
        await connection.execute(
            SPAN,
            trace_id(span.trace),
            span_id(span.id),
            None if span.parent is None else span_id(span.parent),
            span.name,
            span.service,
            NOW - span.age,
            span.ms,
            span.status,
            dict(span.attributes),
        )


async def derive(connections: Any) -> dict[str, Any]:
    """One run of the job, as the server runs it."""
    held = lease.Lease(connections, "maintenance", "test", timedelta(minutes=10))
    await held.acquire()
    return await GenAi(held, 30, price).run_once(datetime.now(UTC))


def stored(dsn: str, *spans: AiSpan) -> None:
    """Adds the spans and derives what they say, for tests that are not asynchronous."""

    async def work() -> None:
        connections = await pool.connect_pool(dsn, min_size=0, max_size=2, statement_timeout_ms=60_000)
        async with connections.acquire() as connection:
            await add(connection, *spans)
        await derive(connections)
        await connections.close()

    asyncio.run(work())
