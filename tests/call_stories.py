"""Spans that tell a story between services, and the service map that it makes, written by hand."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

NOW = datetime.now(UTC)
HOUR = timedelta(hours=1)
INTERNAL, SERVER, CLIENT, PRODUCER, CONSUMER = 1, 2, 3, 4, 5

Edge = tuple[str, str, str]
Graph = dict[Edge, tuple[int, int]]


@dataclass(frozen=True)
class Span:
    id: str
    parent: str | None
    service: str
    kind: int
    tags: dict[str, Any] = field(default_factory=dict)
    trace: str = "t"
    failed: bool = False
    ms: float = 10.0
    links: tuple[tuple[str, str], ...] = ()
    time: datetime = NOW - HOUR


def trace_id(name: str) -> str:
    return name if len(name) in (16, 32) else hashlib.md5(name.encode(), usedforsecurity=False).hexdigest()


def span_id(name: str) -> str:
    return hashlib.md5(name.encode(), usedforsecurity=False).hexdigest()[:16]


class Sender:
    """A writer that commits spans, a batch at a time; plain SQL where `plain`. skew: how far its clock is ahead."""

    def __init__(self, db: Any, *, plain: bool = False, skew: timedelta = timedelta()) -> None:
        self._db, self._plain, self._skew, self._writer = db, plain, skew, 0

    async def add(self, *spans: Span) -> None:
        async with self._db.acquire() as connection, connection.transaction():
            if self._plain:
                await insert(connection, spans)
                return
            if not self._writer:
                self._writer = await connection.fetchval(
                    "INSERT INTO enterprise.writers DEFAULT VALUES RETURNING writer"
                )
            batch = await connection.fetchval(
                "UPDATE enterprise.writers SET written_at = clock_timestamp(), batch = greatest(batch + 1, "
                "(extract(epoch FROM clock_timestamp() + $2::interval) * 1000000)::bigint) "
                "WHERE writer = $1 RETURNING batch",
                self._writer,
                self._skew,
            )
            await insert(connection, spans, writer=self._writer, batch=batch)


async def insert(connection: Any, spans: Iterable[Span], **columns: Any) -> None:
    for span in spans:
        row = {
            "trace_id": trace_id(span.trace),
            "span_id": span_id(span.id),
            "parent_span_id": span_id(span.parent) if span.parent else None,
            "operation_name": span.id,
            "service_name": span.service,
            "kind": span.kind,
            "start_time": span.time,
            "duration_ms": span.ms,
            "status": "error" if span.failed else "completed",
            "tags": span.tags,
            "links": [{"trace_id": trace_id(t), "span_id": span_id(s)} for t, s in span.links] or None,
        } | columns
        places = ", ".join(f"${place}" for place in range(1, len(row) + 1))
        await connection.execute(
            f"INSERT INTO enterprise.trace_spans ({', '.join(row)}) VALUES ({places})", *row.values()
        )


DATABASE = {"db.system.name": "postgresql", "db.namespace": "shop", "server.address": "db1"}
QUEUE = {"messaging.system": "kafka", "messaging.destination.name": "orders"}
HTTP = {"server.address": "cart.local", "server.port": 8080}

# A page calls the cart, which asks its database and tells the mailer; the mailer calls what nobody traces.
STORY = (
    Span("page", None, "web", SERVER),
    Span("get cart", "page", "web", CLIENT, HTTP),
    Span("cart", "get cart", "cart", SERVER, failed=True),
    Span("select", "cart", "cart", CLIENT, DATABASE),
    Span("send", "cart", "cart", PRODUCER, QUEUE),
    Span("mail", "send", "mailer", CONSUMER, QUEUE),
    Span("smtp", "mail", "mailer", CLIENT, {"server.address": "smtp.example.com", "server.port": 25}),
)
GRAPH: Graph = {
    ("client_server", "web", "cart"): (1, 1),
    ("database", "cart", "shop@db1"): (1, 0),
    ("produce", "cart", "orders"): (1, 0),
    ("producer_consumer", "cart", "mailer"): (1, 0),
    ("consume", "orders", "mailer"): (1, 0),
    ("outside", "mailer", "smtp.example.com:25"): (1, 0),
}
