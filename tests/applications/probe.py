"""Instruments asyncpg as instrumentations do: a span for each statement, unless that is suppressed."""

import functools
from typing import Any

import asyncpg
from opentelemetry import trace
from opentelemetry.instrumentation.utils import is_instrumentation_enabled

METHODS = ("execute", "fetch", "fetchval", "copy_to_table")


def install() -> None:
    for name in METHODS:
        setattr(asyncpg.Connection, name, _traced(getattr(asyncpg.Connection, name)))


def _traced(method: Any) -> Any:
    @functools.wraps(method)
    async def traced(*args: Any, **more: Any) -> Any:
        if not is_instrumentation_enabled():
            return await method(*args, **more)
        with trace.get_tracer("asyncpg").start_as_current_span("statement"):
            return await method(*args, **more)

    return traced
