"""Signing in: by a password, or as whom a provider says; each with its row of the audit."""

from contextlib import suppress
from typing import Any, NamedTuple

import asyncpg
from starlette.requests import HTTPConnection

from access import audit
from access.people import passwords, sessions, throttling
from access.people.accounts import SQL
from access.people.oidc import Identity
from access.people.policy import policy_of
from access.people.sessions import Client
from access.people.throttling import TooMany
from access.principals import Principal, Role
from access.transactions import transaction

UNNAMED = "anonymous"


class SignedIn(NamedTuple):
    """session: the id of a new one, in place of the one that the browser was in. It is kept nowhere else."""

    person: Principal
    session: str


async def by_password(request: HTTPConnection, email: str, password: str, client: Client) -> SignedIn | None:
    """None if there is no such account, it is disabled, or the password is another. Raises TooMany.

    No transaction is open while the password is checked, which takes its time: a connection is not to wait for that.
    """
    async with policy_of(request).turnstile.passed():
        async with transaction(request) as connection:
            standing = await throttling.attempt(connection, email, client.address)
            known = await connection.fetchval(SQL["password_of"], email)
        right, renewed = await passwords.matches(password, known)
        async with transaction(request) as connection:
            # Asked again: the account may have been disabled meanwhile, or its password set. Whoever changes it from
            # here on waits, and then ends this session too.
            still = await connection.fetchrow(SQL["sign_in"], email, known) if right else None
            if still is None:
                await _record_refusal(connection, email, client, "wrong password or unknown account", standing)
                return None
            if renewed is not None:
                await connection.execute(SQL["keep_renewed_hash"], email, renewed)
            await throttling.succeeded(connection, email, client.address)
            person = Principal(email, Role.named(still["role"]), "person")
            return SignedIn(person, await _begin(connection, request, email, client))


async def by_provider(request: HTTPConnection, identity: Identity, client: Client) -> SignedIn | None:
    """The account is made if there is none; None if it is disabled. A role that the provider says replaces the
    account's, and then other sessions of the person end."""
    role = identity.role
    async with transaction(request) as connection:
        before = await connection.fetchrow(SQL["lock_person"], identity.email)
        if before is not None and before["disabled_at"] is not None:
            return None
        if before is None:
            role = role or Role.VIEWER
            await connection.execute(SQL["add_person"], identity.email, str(role), None)
            await _audit(connection, identity.email, client, "user.created", {"role": str(role), "by": "provider"})
        elif role is not None and str(role) != before["role"]:
            await connection.execute(SQL["set_role"], identity.email, str(role))
            await connection.execute(SQL["end_sessions"], identity.email)
            detail = {"before": before["role"], "after": str(role), "by": "provider"}
            await _audit(connection, identity.email, client, "user.role_changed", detail)
        person = Principal(identity.email, role or Role.named(before["role"]), "person")
        return SignedIn(person, await _begin(connection, request, identity.email, client))


async def refused_by_provider(request: HTTPConnection, name: str | None, client: Client, reason: str) -> None:
    """Records that somebody came back from the provider and is not let in. name: who that is, as far as it is known.

    It counts as an attempt, so that nobody fills the audit by coming again and again.
    """
    with suppress(TooMany):
        async with transaction(request) as connection:
            who = name or UNNAMED
            standing = await throttling.attempt(connection, who, client.address)
            await _record_refusal(connection, who, client, reason, standing)


async def _begin(connection: asyncpg.Connection, request: HTTPConnection, email: str, client: Client) -> str:
    policy = policy_of(request)
    await policy.cookies.load(connection)
    before = policy.cookies.session(request, secure=policy.is_secure(request))
    if before is not None:
        await sessions.end(connection, before)
    id_ = await sessions.begin(connection, email, client)
    await _audit(connection, email, client, "session.signed_in", {"agent": client.agent[:255]})
    return id_


async def _record_refusal(
    connection: object, email: str, client: Client, reason: str, standing: throttling.Standing
) -> None:
    """While attempts are free each has its row; then the one that makes others wait has it, and the others none."""
    if standing.begun:
        detail: dict[str, Any] = {"reason": reason, "slowed_down": [bound.subject for bound in standing.begun]}
        await _audit(connection, email, client, "session.slowed_down", detail)
    elif not standing.slowed:
        await _audit(connection, email, client, "session.refused", {"reason": reason})


async def _audit(connection: object, email: str, client: Client, action: str, detail: dict[str, Any]) -> None:
    await audit.write(connection, actor=email, action=action, subject=email, detail=detail, client=client.address)
