"""Changing what is kept: by whom, from which version, and with a row of enterprise.alert_audit for each change."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import asyncpg

from alerting.keeping.channels import Channel, settings_of
from alerting.keeping.routing import Inhibition, NoticeRoute
from alerting.keeping.silences import Silence
from database.queries import load

SQL = load(__package__)
Row = Mapping[str, Any]


@dataclass(frozen=True)
class By:
    """Who changes something. version: what they saw, if they say so. file: the one that it is provisioned from."""

    actor: str | None = None
    version: int | None = None
    file: str | None = None


class Unchangeable(Exception):
    """It is not to be changed so; the text says why, for people."""


class Stale(Unchangeable):
    """It has changed since they saw it."""


class NotThere(Exception):
    """There is no such object."""


class SecretMissing(Exception):
    """The channel needs this secret."""


@dataclass(frozen=True)
class Kind:
    """A kind of what is kept: its name, as the audit has it, and its queries."""

    name: str
    row: str
    delete: str


CHANNEL = Kind("channel", SQL["channel"], SQL["delete_channel"])
SILENCE = Kind("silence", SQL["silence"], SQL["delete_silence"])
ROUTE = Kind("route", SQL["route"], SQL["delete_route"])
INHIBITION = Kind("inhibition", SQL["inhibition"], SQL["delete_inhibition"])
RULE = Kind("rule", SQL["rule"], SQL["delete_rule"])


async def put_route(connection: asyncpg.Connection, name: str, route: NoticeRoute, by: By) -> Row:
    before = await changeable(connection, ROUTE, name, by)
    document = {"name": name, "provisioned_from": by.file} | route.model_dump(mode="json")
    after = await connection.fetchval(SQL["put_route"], document)
    return await _changed(connection, ROUTE, name, before, after, by)


async def put_inhibition(connection: asyncpg.Connection, name: str, inhibition: Inhibition, by: By) -> Row:
    before = await changeable(connection, INHIBITION, name, by)
    document = {"name": name, "provisioned_from": by.file} | inhibition.model_dump(mode="json")
    after = await connection.fetchval(SQL["put_inhibition"], document)
    return await _changed(connection, INHIBITION, name, before, after, by)


async def put_silence(connection: asyncpg.Connection, id_: UUID, silence: Silence, by: By) -> Row:
    before = await changeable(connection, SILENCE, id_, by)
    document = {"id": str(id_), "provisioned_from": by.file} | silence.model_dump(mode="json")
    after = await connection.fetchval(SQL["put_silence"], document)
    return await _changed(connection, SILENCE, id_, before, after, by)


async def put_channel(connection: asyncpg.Connection, name: str, channel: Channel, by: By) -> Row:
    """A secret that is left out stays as it is. SecretMissing: a needed one was never given, or is taken away."""
    before = await changeable(connection, CHANNEL, name, by)
    kept = await connection.fetchval(SQL["secrets"], name) or {}
    try:
        secrets = channel.secrets.beside(kept if before and before["kind"] == channel.kind else {})
    except KeyError as missing:
        raise SecretMissing(missing.args[0]) from None
    document = {
        "name": name,
        "kind": channel.kind,
        "settings": settings_of(channel),
        "provisioned_from": by.file,
    }
    row: Row | None = await connection.fetchval(SQL["put_channel"], document, secrets != kept)
    await connection.execute(SQL["put_secrets"], name, secrets)
    if row is None:
        return before or {}
    after = {**row, "secrets": dict.fromkeys(secrets, "set")}
    fresh = {key: "set anew" for key, value in secrets.items() if kept.get(key) != value}
    await audit(connection, CHANNEL, name, before, {**row, "secrets": after["secrets"] | fresh}, by)
    return after


async def delete(connection: asyncpg.Connection, kind: Kind, key: str | UUID, by: By) -> None:
    before = await changeable(connection, kind, key, by)
    if before is None:
        raise NotThere
    await connection.execute(kind.delete, key)
    await audit(connection, kind, key, before, None, by)


async def changeable(connection: asyncpg.Connection, kind: Kind, key: str | UUID, by: By) -> Row | None:
    """The row, locked; None where there is none. Unchangeable: it is a file's; Stale: it is another version."""
    before: Row | None = await connection.fetchval(kind.row, key)
    file = before and before["provisioned_from"]
    if file and file != by.file:
        raise Unchangeable(f"This {kind.name} is kept in the file {file}: change it there")
    if by.version is not None and by.version != (before and before["version"]):
        now = f"has version {before['version']} now" if before else "is gone"
        raise Stale(f"You changed version {by.version} of this {kind.name}, but it {now}: look at it again")
    return before


async def audit(
    connection: asyncpg.Connection, kind: Kind, key: str | UUID, before: Row | None, after: Row | None, by: By
) -> None:
    """Rows MUST hold no secret."""
    action = "create" if before is None else "delete" if after is None else "update"
    name = (after or before or {}).get("name")
    actor = by.actor or by.file
    await connection.execute(SQL["add_audit"], actor, action, kind.name, str(key), name, before, after)


async def _changed(
    connection: asyncpg.Connection, kind: Kind, key: str | UUID, before: Row | None, after: Row | None, by: By
) -> Row:
    """What it is then. after: None where nothing changed."""
    if after is None:
        return before or {}
    await audit(connection, kind, key, before, after, by)
    return after
