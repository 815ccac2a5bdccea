"""Reads tables for comparison."""

import asyncio
import json
import time
from typing import Any

import asyncpg

Record = dict[str, Any]
OWN = frozenset(("id", "writer", "batch", "created_at", "updated_at", "resource_id", "scope_id", "trace_id", "links"))
"""Columns that differ between equal data sent twice."""


async def fetch(dsn: str, query: str, *arguments: object) -> list[Record]:
    """Rows as dictionaries, jsonb as Python objects."""
    connection = await asyncpg.connect(dsn)
    try:
        await connection.set_type_codec("jsonb", schema="pg_catalog", encoder=json.dumps, decoder=json.loads)
        return [dict(row) for row in await connection.fetch(query, *arguments)]
    finally:
        await connection.close()


async def value(dsn: str, query: str, *arguments: object) -> Any:
    rows = await fetch(dsn, query, *arguments)
    return next(iter(rows[0].values()))


async def until(dsn: str, query: str, expected: object, seconds: float = 30) -> None:
    """Polls one value until it is `expected`; fails with the last one."""
    deadline = time.monotonic() + seconds
    while (found := await value(dsn, query)) != expected:
        assert time.monotonic() < deadline, f"{query}: {found!r} after {seconds} s, not {expected!r}"
        await asyncio.sleep(0.02)
