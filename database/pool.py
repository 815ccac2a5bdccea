"""Connections to PostgreSQL as every part of the server uses them."""

import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

import asyncpg


def session_settings(statement_timeout_ms: int) -> dict[str, str]:
    """The settings every session starts with. A statement_timeout_ms of 0 means no limit."""
    return {
        "application_name": "otelgres",
        # Optional filters are written `$1 IS NULL OR …`: only a custom plan drops them and prunes partitions.
        "plan_cache_mode": "force_custom_plan",
        "jit": "off",
        "statement_timeout": str(statement_timeout_ms),
        "timezone": "UTC",
    }


def target_of(dsn: str) -> str | None:
    """Of several hosts the one that takes writes, unless the DSN itself says otherwise; one host is taken as it is."""
    url = urlsplit(dsn)
    query = parse_qs(url.query)
    several = "," in url.netloc.rpartition("@")[2] or "," in query.get("host", [""])[-1]
    return "read-write" if several and "target_session_attrs" not in query else None


async def connect(dsn: str, *, statement_timeout_ms: int = 0, connect_seconds: float = 60.0) -> asyncpg.Connection:
    """One connection outside any pool, with the same settings and codecs."""
    settings = session_settings(statement_timeout_ms)
    connection = await asyncpg.connect(
        dsn, timeout=connect_seconds, server_settings=settings, target_session_attrs=target_of(dsn)
    )
    await set_codecs(connection)
    return connection


async def connect_pool(
    dsn: str, *, min_size: int, max_size: int, statement_timeout_ms: int, idle_in_transaction_timeout_ms: int = 0
) -> asyncpg.Pool:
    """A pool whose json and jsonb values are Python objects. Timeouts of 0 mean no limit.

    With min_size 0 it MAY be made while the database is away.
    """
    idle = {"idle_in_transaction_session_timeout": str(idle_in_transaction_timeout_ms)}
    return await asyncpg.create_pool(
        dsn,
        min_size=min_size,
        max_size=max_size,
        server_settings=session_settings(statement_timeout_ms) | (idle if idle_in_transaction_timeout_ms else {}),
        target_session_attrs=target_of(dsn),
        init=set_codecs,
    )


async def set_codecs(connection: Any) -> None:
    """Has json and jsonb be Python objects."""
    for name in ("json", "jsonb"):
        await connection.set_type_codec(name, schema="pg_catalog", encoder=json.dumps, decoder=json.loads)
