"""Rules: listed, added, changed, deleted."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, HTTPException, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import Field

from alerting.api.changing import (
    CONFLICT,
    FOREIGN,
    UNREADABLE,
    Actor,
    IfMatch,
    check_kept_here,
    check_version,
    etag,
    record_change,
)
from alerting.api.closing import close_alerts
from alerting.api.rule_models import NewRule, Rule, RuleAdded, RuleChange, RuleChanged, RuleDeleted, RuleList
from alerting.definition_checks import Mistake, mistakes
from alerting.definitions import Definition
from database.queries import load
from query_api.answers import FAILURES, NOT_FOUND, json_answer, json_array
from query_api.parameters import Now, Text, empty_is
from query_api.snapshot import change, snapshot

SQL = load(__package__)
UNKNOWN = "Rule not found"
AUDITED = (*Definition.model_fields, "created_by", "version")
router = APIRouter(prefix="/rules", tags=["alerts"], responses=FAILURES)

Enabled = Annotated[bool | None, empty_is(None), Query(description="Only those that are on, or off.")]
OfSeverity = Annotated[Text, Query(alias="severity", description="info, warning or critical.")]
OfType = Annotated[Text, Query(alias="metric_type", examples=["error_count"])]
Limit = Annotated[Annotated[int, Field(ge=1, le=10_000)], empty_is(10_000), Query()]


@router.get("", response_model=RuleList)
async def rules(
    request: Request, enabled: Enabled = None, severity: OfSeverity = None, kind: OfType = None, limit: Limit = 10_000
) -> Response:
    """All rules, the newest first."""
    async with snapshot(request) as connection:
        rows = await connection.fetch(SQL["rules_matching"], None, enabled, severity, kind, limit)
    total = rows[0]["total"] if rows else 0
    return json_answer(f'{{"rules":{json_array(row["item"] for row in rows)},"total":{total}}}')


@router.post("", response_model=RuleAdded, responses=UNREADABLE | FOREIGN)
async def add_rule(request: Request, rule: NewRule, response: Response, now: Now, actor: Actor = None) -> RuleAdded:
    """Adds a rule, which is evaluated at once and then at its interval. Who adds it is `created_by`, else `user_email`.

    A name may be there already, and a channel not be set up yet: the answer warns of both.
    """
    given = rule.model_dump()
    _refuse(mistakes(given, now), given)
    given["created_by"] = rule.created_by or actor
    async with change(request) as connection:
        added = await connection.fetchval(SQL["add_rule"], given)
        await _record(connection, actor or rule.created_by, "create", None, added)
        warnings = await _warnings(connection, added)
    response.headers["ETag"] = etag(added["version"])
    return RuleAdded(id=added["id"], message="Rule created", version=added["version"], warnings=warnings)


@router.get("/{rule_id}", response_model=Rule, responses=NOT_FOUND)
async def rule_by_id(request: Request, rule_id: UUID) -> Response:
    """One rule; its ETag is what If-Match of a change takes."""
    async with snapshot(request) as connection:
        row = await connection.fetchrow(SQL["rules_matching"], rule_id, None, None, None, 1)
    if row is None:
        raise HTTPException(404, UNKNOWN)
    answer = json_answer(row["item"])
    answer.headers["ETag"] = etag(row["version"])
    return answer


@router.put("/{rule_id}", response_model=RuleChanged, responses=UNREADABLE | NOT_FOUND | CONFLICT | FOREIGN)
async def change_rule(
    request: Request,
    rule_id: UUID,
    given: RuleChange,
    response: Response,
    now: Now,
    actor: Actor = None,
    if_match: IfMatch = None,
) -> RuleChanged:
    """Changes what is given of a rule; with `version` or If-Match only if nobody changed it meanwhile.

    Its alerts that fire stay until the next evaluation, which goes by the new rule. Those of a rule that is switched
    off are resolved at once, because `disabled`, and whoever was told of them is told of that.
    """
    columns = given.columns()
    async with change(request) as connection:
        before = await _held(connection, rule_id)
        check_version(before["version"], given.version, if_match)
        if not columns:
            response.headers["ETag"] = etag(before["version"])
            return RuleChanged(message="No updates provided", version=before["version"], warnings=[])
        check_kept_here(before["provisioned_from"])
        _refuse(_made(before, columns, now), columns)
        after = await connection.fetchval(SQL["change_rule"], rule_id, columns)
        if before["enabled"] and not after["enabled"]:
            await close_alerts(connection, rule_id, "disabled", actor, now)
        await _record(connection, actor, "update", before, after)
        warnings = await _warnings(connection, after)
    response.headers["ETag"] = etag(after["version"])
    return RuleChanged(message="Rule updated", version=after["version"], warnings=warnings)


@router.delete("/{rule_id}", response_model=RuleDeleted, responses=NOT_FOUND | CONFLICT | FOREIGN)
async def delete_rule(
    request: Request, rule_id: UUID, now: Now, actor: Actor = None, if_match: IfMatch = None
) -> RuleDeleted:
    """Deletes a rule and its alerts. What fires is resolved before, because `deleted`, and whoever was told of it is
    told of that. History and audit keep what was."""
    async with change(request) as connection:
        held = await _held(connection, rule_id)
        check_version(held["version"], None, if_match)
        check_kept_here(held["provisioned_from"])
        await close_alerts(connection, rule_id, "deleted", actor, now)
        await connection.execute(SQL["delete_rule"], rule_id)
        await _record(connection, actor, "delete", held, None)
    return RuleDeleted(message="Rule deleted")


async def _held(connection: Any, rule_id: UUID) -> Mapping[str, Any]:
    """The rule's row, which nobody else changes until the transaction ends."""
    held: Mapping[str, Any] | None = await connection.fetchval(SQL["hold_rule"], rule_id)
    if held is None:
        raise HTTPException(404, UNKNOWN)
    return held


def _made(before: Mapping[str, Any], columns: Mapping[str, Any], now: datetime) -> list[Mistake]:
    """Mistakes that the change makes; those that are there already hinder no other change."""
    old = mistakes(before, now)
    return [mistake for mistake in mistakes({**before, **columns}, now) if mistake not in old]


def _refuse(found: Sequence[Mistake], given: Mapping[str, Any]) -> None:
    if found:
        raise RequestValidationError(
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


async def _warnings(connection: Any, rule: Mapping[str, Any]) -> list[str]:
    doubts = await connection.fetchrow(SQL["doubts_of_rule"], UUID(rule["id"]))
    warnings = [f"there is no channel {channel} yet" for channel in doubts["unknown_channels"]]
    if doubts["name_taken"]:
        warnings.append("another rule has this name")
    if doubts["without_channels"]:
        warnings.append("it tells no channel, unless a route does")
    return warnings


async def _record(
    connection: Any, actor: str | None, action: str, before: Mapping[str, Any] | None, after: Mapping[str, Any] | None
) -> None:
    rule = after or before or {}
    sides = [side and {name: side[name] for name in AUDITED} for side in (before, after)]
    await record_change(connection, actor, action, "rule", rule["id"], rule["name"], *sides)
