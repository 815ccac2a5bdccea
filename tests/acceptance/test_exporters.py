"""Applications that write to PostgreSQL themselves, with nothing but environment variables."""

import asyncio
import time

from tests import instrumented, rows
from tests.instrumented import program

SPANS = "SELECT count(*) FROM enterprise.trace_spans"
LOGS = "SELECT count(*) FROM enterprise.structured_logs"


async def test_a_program_that_ends_at_once_loses_nothing(database: str) -> None:
    ended = await asyncio.to_thread(instrumented.run, program("brief", "1500"), database)
    assert (ended.returncode, ended.errors) == (0, "")
    assert await rows.value(database, SPANS) == 1500
    assert await rows.value(database, LOGS) == 1500
    joined = "SELECT count(*) FROM enterprise.traces JOIN enterprise.structured_logs USING (trace_id)"
    assert await rows.value(database, joined) == 1500


async def test_forks(database: str) -> None:
    ended = await asyncio.to_thread(instrumented.run, program("forking"), database)
    assert (ended.returncode, ended.errors) == (0, "")
