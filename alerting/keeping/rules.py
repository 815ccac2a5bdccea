"""Changing rules: checked, with an audit, and without leaving an alert behind that nobody evaluates any more."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg

from alerting.keeping.changing import RULE, By, NotThere, Row, audit, changeable
from alerting.keeping.changing import delete as delete_row
from alerting.keeping.definitions import Definition
from alerting.keeping.rule_checks import mistakes
from alerting.links import Links
from alerting.measuring.checking import Mistake
from alerting.recording.acting import settle
from database.queries import load

SQL = load(__package__)


class Mistaken(Exception):
    """What is asked for is no rule; `mistakes` says why, field by field."""

    def __init__(self, found: Sequence[Mistake]) -> None:
        super().__init__("; ".join(f"{mistake.field} {mistake.message}" for mistake in found))
        self.mistakes = found


async def add_rule(connection: asyncpg.Connection, rule: Definition, by: By, now: datetime) -> Row:
    columns = rule.model_dump()
    _refuse(mistakes(columns, now))
    document = columns | {"created_by": by.actor, "provisioned_from": by.file}
    rule_id = await connection.fetchval(SQL["add_rule"], document)
    after = await _row(connection, rule_id)
    await audit(connection, RULE, rule_id, None, after, by)
    return after


async def change_rule(
    connection: asyncpg.Connection, rule_id: UUID, columns: Mapping[str, Any], by: By, now: datetime, links: Links
) -> Row:
    """columns: those that change.

    Alerts that fire stay until the next evaluation; those of a rule that is switched off end. Mistakes that were there
    before hinder no other change.
    """
    before = await held_rule(connection, rule_id, by)
    old = mistakes(before, now)
    _refuse([mistake for mistake in mistakes({**before, **columns}, now) if mistake not in old])
    await connection.execute(SQL["change_rule"], rule_id, {**columns, "provisioned_from": by.file})
    after = await _row(connection, rule_id)
    if before["enabled"] and not after["enabled"]:
        await settle(connection, rule_id, "disabled", now, links, by.actor or by.file)
    if before["version"] != after["version"]:
        await audit(connection, RULE, rule_id, before, after, by)
    return after


async def delete_rule(connection: asyncpg.Connection, rule_id: UUID, by: By, now: datetime, links: Links) -> None:
    """Its alerts go with it; those that fire end before, so that whoever was told of them is told of that."""
    await held_rule(connection, rule_id, by)
    await settle(connection, rule_id, "deleted", now, links, by.actor or by.file)
    await delete_row(connection, RULE, rule_id, by)


async def held_rule(connection: asyncpg.Connection, rule_id: UUID, by: By) -> Row:
    """The rule, which nobody else changes until the transaction ends. NotThere, or Unchangeable."""
    await _row(connection, rule_id)
    return await changeable(connection, RULE, rule_id, by) or {}


async def _row(connection: asyncpg.Connection, rule_id: UUID) -> Row:
    row: Row | None = await connection.fetchval(RULE.row, rule_id)
    if row is None:
        raise NotThere
    return row


def _refuse(found: Sequence[Mistake]) -> None:
    if found:
        raise Mistaken(found)
