"""The audit of access: written with what it tells, and never changed."""

from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest

from access import audit
from database import pool


@pytest.fixture
async def connection(database: str) -> AsyncIterator[Any]:
    connection = await pool.connect(database)
    yield connection
    await connection.close()


async def rows(connection: Any) -> list[tuple[Any, ...]]:
    found = await connection.fetch(
        "SELECT actor, action, subject, detail, client_address FROM enterprise.access_audit ORDER BY id"
    )
    return [tuple(row) for row in found]


async def test_a_row_is_there_when_what_it_tells_is_committed(connection: Any) -> None:
    undone = connection.transaction()
    await undone.start()
    await audit.write(connection, actor="ann", action="key.created", subject="never", detail={})
    await undone.rollback()
    await audit.write(
        connection, actor="ann", action="key.created", subject="s" * 300, detail={"scopes": ["logs"]}, client="::1"
    )
    assert await rows(connection) == [("ann", "key.created", "s" * 255, {"scopes": ["logs"]}, "::1")]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE enterprise.access_audit SET actor = 'nobody'",
        "DELETE FROM enterprise.access_audit",
        "TRUNCATE enterprise.access_audit",
        "SET session_replication_role = replica; DELETE FROM enterprise.access_audit",
    ],
)
async def test_no_row_is_changed_or_taken_out(connection: Any, statement: str) -> None:
    await audit.write(connection, actor="ann", action="key.created", subject="one", detail={})
    with pytest.raises(asyncpg.InsufficientPrivilegeError, match="only added to"):
        await connection.execute(statement)
    assert len(await rows(connection)) == 1
