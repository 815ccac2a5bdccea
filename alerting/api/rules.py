"""Rules: listed, added, changed, deleted."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Annotated, Any
from uuid import UUID

import asyncpg
from fastapi import APIRouter, HTTPException, Query, Request, Response
from pydantic import Field

from access.guards import author
from alerting.api.policy_changes import CHANGES, Changer, policy_change
from alerting.api.rule_models import NewRule, Rule, RuleAdded, RuleChange, RuleChanged, RuleDeleted, RuleList
from alerting.api.rule_trials import refused, tried, tried_changed
from alerting.delivery.channels import Environment, Unconfigured, read_channel
from alerting.keeping import rules as keeping
from alerting.keeping.rules import Mistaken
from database.queries import load
from query_api.answers import FAILURES, NOT_FOUND, REFUSED, UNREADABLE, json_answer, json_array
from query_api.parameters import Now, Text, empty_is
from query_api.snapshot import snapshot

SQL = load(__package__)
UNKNOWN = "Rule not found"
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


@router.post("", response_model=RuleAdded, responses=UNREADABLE | REFUSED)
async def add_rule(request: Request, rule: NewRule, response: Response, now: Now, by: Changer) -> RuleAdded:
    """Adds a rule, which is evaluated at once and then at its interval. Who adds it is who is signed in,
    else `created_by`, else `user_email`.

    A name may be there already, and a channel not be set up yet: the answer warns of both. A rule that cannot be
    measured, which is tried once, is refused.
    """
    adding = replace(by, actor=author(request, rule.created_by or by.actor))
    await tried(request, rule.definition.model_dump())
    async with _rule_change(request, rule.model_dump()) as connection:
        added = await keeping.add_rule(connection, rule.definition, adding, now)
        warnings = await _warnings(connection, added, request.app.state.channels_without_row)
    response.headers["ETag"] = _etag(added)
    return RuleAdded(id=added["id"], message="Rule created", version=added["version"], warnings=warnings)


@router.get("/{rule_id}", response_model=Rule, responses=NOT_FOUND)
async def rule_by_id(request: Request, rule_id: UUID) -> Response:
    """One rule; its ETag is what If-Match of a change takes."""
    async with snapshot(request) as connection:
        row = await connection.fetchrow(SQL["rules_matching"], rule_id, None, None, None, 1)
    if row is None:
        raise HTTPException(404, UNKNOWN)
    answer = json_answer(row["item"])
    answer.headers["ETag"] = _etag(row)
    return answer


@router.put("/{rule_id}", response_model=RuleChanged, responses=CHANGES | NOT_FOUND)
async def change_rule(
    request: Request, rule_id: UUID, given: RuleChange, response: Response, now: Now, by: Changer
) -> RuleChanged:
    """Changes what is given of a rule; with `version` or If-Match only if nobody has changed it since.

    Its alerts that fire stay until the next evaluation, which goes by the new rule. Those of a rule that is switched
    off are resolved at once, because `disabled`, and whoever was told of them is told of that.
    """
    columns, changing = given.columns(), replace(by, version=given.version or by.version)
    warnings = []
    await tried_changed(request, rule_id, columns)
    async with _rule_change(request, columns) as connection:
        if columns:
            rule = await keeping.change_rule(connection, rule_id, columns, changing, now, request.app.state.links)
            warnings = await _warnings(connection, rule, request.app.state.channels_without_row)
        else:
            rule = await keeping.held_rule(connection, rule_id, changing)
    response.headers["ETag"] = _etag(rule)
    message = "Rule updated" if columns else "No updates provided"
    return RuleChanged(message=message, version=rule["version"], warnings=warnings)


@router.delete("/{rule_id}", response_model=RuleDeleted, responses=CHANGES | NOT_FOUND)
async def delete_rule(request: Request, rule_id: UUID, now: Now, by: Changer) -> RuleDeleted:
    """Deletes a rule and its alerts. What fires is resolved before, because `deleted`, and whoever was told of it is
    told of that. History and audit keep what was."""
    async with policy_change(request, UNKNOWN) as connection:
        await keeping.delete_rule(connection, rule_id, by, now, request.app.state.links)
    return RuleDeleted(message="Rule deleted")


@asynccontextmanager
async def _rule_change(request: Request, given: Mapping[str, Any]) -> AsyncIterator[asyncpg.Connection]:
    """As `policy_change`; mistakes become 422, each with its field, and in a search with its place."""
    try:
        async with policy_change(request, UNKNOWN) as connection:
            yield connection
    except Mistaken as error:
        raise refused(error.mistakes, given) from None


async def _warnings(connection: Any, rule: Mapping[str, Any], environment: Environment) -> list[str]:
    doubts = await connection.fetchrow(SQL["doubts_of_rule"], UUID(rule["id"]))
    warnings = []
    for channel in doubts["channels"]:
        try:
            await read_channel(connection, channel, environment)
        except Unconfigured as doubt:
            warnings.append(str(doubt))
    if doubts["name_taken"]:
        warnings.append("another rule has this name")
    if not doubts["channels"]:
        warnings.append("it tells no channel, unless a route does")
    return warnings


def _etag(rule: Mapping[str, Any]) -> str:
    return f'"{rule["version"]}"'
