"""Rules that are tried before they are kept: 422 where they cannot be measured."""

import json
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from fastapi import Request
from fastapi.exceptions import RequestValidationError

from alerting.keeping.rule_checks import as_rule, mistakes
from alerting.measuring.checking import Mistake, trial
from database.queries import load
from query_api.parameters import current_time
from query_api.snapshot import snapshot

SQL = load(__package__)

MEASURED = frozenset(
    {"metric_type", "query", "of_query", "metric_name", "aggregation", "group_by", "custom_sql", "window_minutes"}
)
"""Fields that decide what is measured."""


def refused(found: Sequence[Mistake], given: Mapping[str, Any]) -> RequestValidationError:
    """422 for mistakes in a body, each with its field, and in a search with its place."""
    return RequestValidationError(
        [
            {
                "type": "rule",
                "loc": ("body", mistake.field),
                "msg": mistake.message,
                "input": given.get(mistake.field),
                "ctx": {"position": mistake.position, "expected": mistake.expected},
            }
            for mistake in found
        ]
    )


async def tried(request: Request, fields: Mapping[str, Any]) -> None:
    """Mistakes in the fields themselves are left to whoever keeps the rule."""
    if mistakes(fields, current_time()):
        return
    if found := await trial(as_rule(fields), request.app.state.sources):
        raise refused(found, fields)


async def tried_changed(request: Request, rule_id: UUID, columns: Mapping[str, Any]) -> None:
    """As `tried`, of a rule with these columns changed, where there is one and that changes what is measured."""
    if not MEASURED & columns.keys():
        return
    async with snapshot(request) as connection:
        row = await connection.fetchrow(SQL["rules_matching"], rule_id, None, None, None, 1)
    if row is None:
        return
    before = json.loads(row["item"])
    if any(before[name] != columns[name] for name in MEASURED & columns.keys()):
        await tried(request, {**before, **columns})
