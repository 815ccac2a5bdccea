"""Signing in: by a password, or as whom a provider says; each with its row of the audit."""

from starlette.requests import HTTPConnection
from starlette.responses import Response

from access import audit
from access.people import passwords, sessions, throttling
from access.people.accounts import SQL
from access.people.oidc import Identity
from access.people.policy import policy_of
from access.people.sessions import Client
from access.principals import Principal, Role
from access.transactions import transaction


async def by_password(request: HTTPConnection, email: str, password: str, client: Client) -> Principal | None:
    """The person; None if there is no such account, it is disabled, or the password is another. Raises TooMany.

    No transaction is open while the password is checked, which takes its time: a connection is not to wait for that.
    """
    async with transaction(request) as connection:
        await throttling.attempt(connection, throttling.bounds(email, client.address))
        known = await connection.fetchval(SQL["password_of"], email)
    right, renewed = await passwords.matches(password, known)
    async with transaction(request) as connection:
        # Asked again: the account may have been disabled meanwhile, or its password set.
        still = await connection.fetchrow(SQL["sign_in"], email, known) if right else None
        if still is None:
            await _refused(connection, email, client, "wrong password or unknown account")
            return None
        if renewed is not None:
            await connection.execute(SQL["keep_renewed_hash"], email, renewed)
        await throttling.succeeded(connection, email, client.address)
    return Principal(email, Role.named(still["role"]), "person")


async def by_provider(request: HTTPConnection, identity: Identity, client: Client) -> Principal | None:
    """The person, whose account is made if there is none; None if it is disabled. A role that the provider says
    replaces the account's, and then other sessions of the person end."""
    role = identity.role
    async with transaction(request) as connection:
        before = await connection.fetchrow(SQL["lock_person"], identity.email)
        if before is not None and before["disabled_at"] is not None:
            await _refused(connection, identity.email, client, "account disabled")
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
    return Principal(identity.email, role or Role.named(before["role"]), "person")


async def begin_session(request: HTTPConnection, response: Response, person: Principal, client: Client) -> str:
    """A session of a new id, in place of the one that the browser was in; returns its CSRF token."""
    policy = policy_of(request)
    secure = policy.is_secure(request)
    assert person.name is not None
    async with transaction(request) as connection:
        await policy.cookies.load(connection)
        before = policy.cookies.session(request, secure=secure)
        if before is not None:
            await sessions.end(connection, before)
        id_ = await sessions.begin(connection, person.name, client)
        await _audit(connection, person.name, client, "session.signed_in", {"agent": client.agent[:255]})
    policy.cookies.set_session(response, id_, secure=secure)
    return policy.cookies.csrf(id_)


async def _refused(connection: object, email: str, client: Client, reason: str) -> None:
    await _audit(connection, email, client, "session.refused", {"reason": reason})


async def _audit(connection: object, email: str, client: Client, action: str, detail: dict[str, str]) -> None:
    await audit.write(connection, actor=email, action=action, subject=email, detail=detail, client=client.address)
