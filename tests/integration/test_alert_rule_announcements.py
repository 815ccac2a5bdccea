"""Whoever listens on alert_rules hears of every change of a rule, and not of evaluations."""

from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest

DEFINED = [
    "INSERT INTO enterprise.alert_rules (name, metric_type, condition, threshold) VALUES ('n', 'error_count', 'gt', 1)",
    "UPDATE enterprise.alert_rules SET threshold = 5",
    "UPDATE enterprise.alert_rules SET enabled = false",
    "UPDATE enterprise.alert_rules SET version = version + 1",
    "DELETE FROM enterprise.alert_rules",
    "TRUNCATE enterprise.alert_rules CASCADE",
]
EVALUATED = (
    "UPDATE enterprise.alert_rules SET last_evaluated_at = now(), last_value = 3, failures = 1, last_error = 'e'"
)


@pytest.fixture
async def connection(database: str) -> AsyncIterator[Any]:
    connection = await asyncpg.connect(database)
    yield connection
    await connection.close()


async def heard(connection: Any, statement: str) -> int:
    """How often the statement is announced: our own notice comes last."""
    channels: list[str] = []
    for channel in ("alert_rules", "the_end"):
        await connection.add_listener(channel, lambda *notice: channels.append(notice[2]))
    await connection.execute(statement)
    await connection.execute("NOTIFY the_end")
    while "the_end" not in channels:
        await connection.execute("SELECT")
    return channels.count("alert_rules")


@pytest.mark.parametrize("statement", DEFINED)
async def test_a_change_is_announced_once(connection: Any, statement: str) -> None:
    assert await heard(connection, statement) == 1


async def test_an_evaluation_is_not_announced(connection: Any) -> None:
    assert await heard(connection, EVALUATED) == 0
    assert await connection.fetchval("SELECT max(version) FROM enterprise.alert_rules") == 1


async def test_a_version_that_is_set_is_kept(connection: Any) -> None:
    await connection.execute("UPDATE enterprise.alert_rules SET threshold = 5, version = 7")
    assert await connection.fetchval("SELECT max(version) FROM enterprise.alert_rules") == 7
    await connection.execute("UPDATE enterprise.alert_rules SET threshold = 6")
    assert await connection.fetchval("SELECT max(version) FROM enterprise.alert_rules") == 8
