"""Rules that let a service or a level go before the rest of its signal."""

from typing import Any

import asyncpg

from access import audit
from access.audit import By
from database.queries import load
from query_api.retention.models import NewRetentionRule

SQL = load(__package__)

MOST_RULES = 200


class RuleExists(Exception):
    """There is a rule for this signal, service and level."""


class TooMany(Exception):
    """There are MOST_RULES rules."""


async def rules(connection: Any) -> list[dict[str, Any]]:
    """All of them, by signal, service and level."""
    return [dict(row) for row in await connection.fetch(SQL["rules"])]


async def add(connection: Any, rule: NewRetentionRule, by: By) -> dict[str, Any]:
    """The new rule. Raises RuleExists and TooMany. The connection MUST be in a transaction."""
    if await connection.fetchval(SQL["rules_count"]) >= MOST_RULES:
        raise TooMany
    try:
        row = await connection.fetchrow(
            SQL["add_rule"], rule.signal, rule.service, rule.level, rule.keep_days, by.actor
        )
    except asyncpg.UniqueViolationError:
        raise RuleExists from None
    await _write(connection, "retention_rule.added", dict(row), by)
    return dict(row)


async def remove(connection: Any, rule: int, by: By) -> dict[str, Any] | None:
    """The rule that was there, or None. What it let go is gone. The connection MUST be in a transaction."""
    row = await connection.fetchrow(SQL["delete_rule"], rule)
    if row is None:
        return None
    await _write(connection, "retention_rule.removed", dict(row), by)
    return dict(row)


async def _write(connection: Any, action: str, rule: dict[str, Any], by: By) -> None:
    detail = {key: rule[key] for key in ("signal", "service", "level", "keep_days")}
    await audit.write(
        connection, actor=by.actor, action=action, subject=str(rule["id"]), detail=detail, client=by.client
    )
