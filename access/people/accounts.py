"""Accounts: who there is, in which role, and what may not be changed because nobody could change it back."""

import re
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import asyncpg
from pydantic import AfterValidator, Field

from access import audit
from access.audit import By
from access.people import passwords
from access.principals import Principal, Role
from database.queries import load

SQL = load(__package__)
# Letters of other alphabets look like these, and are lowered by other rules elsewhere.
_ADDRESS = re.compile(r"[a-z0-9!#$%&'*+/=?^_`{|}~.-]+@[a-z0-9.-]+")
NO_ADDRESS = "must be an e-mail address"

Person = Mapping[str, Any]


class Unknown(Exception):
    """There is no such account."""


class Taken(Exception):
    """There is such an account already."""


class LastAdmin(Exception):
    """Without this account nobody could manage accounts."""

    def __init__(self) -> None:
        super().__init__("this is the last admin who can sign in: make another one first")


def read_email(text: str) -> str:
    """An e-mail address as accounts are named by it, in lower case; ValueError for what is none."""
    email = text.strip().lower()
    if len(email) > 255 or not _ADDRESS.fullmatch(email):
        raise ValueError(NO_ADDRESS)
    return email


Email = Annotated[str, AfterValidator(read_email), Field(max_length=255, examples=["ann@example.com"])]


async def create(connection: asyncpg.Connection, email: str, role: Role, password: str | None, *, by: By) -> Person:
    """A new account; without a password one that only a provider's sign-in opens. Raises Taken, and Unfit."""
    hash_ = None if password is None else await passwords.hashed(passwords.checked(password, email))
    person: Person | None = await connection.fetchrow(SQL["add_person"], email, str(role), hash_)
    if person is None:
        raise Taken
    await _record(connection, by, "user.created", email, {"role": str(role)})
    return person


async def set_role(connection: asyncpg.Connection, email: str, role: Role, *, by: By) -> Person:
    """Ends the person's sessions unless nothing changed. Raises Unknown and LastAdmin."""
    before = await _locked(connection, email)
    if before["role"] == str(role):
        return before
    await _check_another_admin(connection, before)
    person: Person = await connection.fetchrow(SQL["set_role"], email, str(role))
    await _end_sessions(connection, email)
    detail = {"before": before["role"], "after": str(role)}
    await _record(connection, by, "user.role_changed", email, detail)
    return person


async def set_disabled(connection: asyncpg.Connection, email: str, disabled: bool, *, by: By) -> Person:
    """Ends the person's sessions when it disables. Raises Unknown and LastAdmin."""
    before = await _locked(connection, email)
    if (before["disabled_at"] is not None) == disabled:
        return before
    if disabled:
        await _check_another_admin(connection, before)
    person: Person = await connection.fetchrow(SQL["set_disabled"], email, disabled)
    await _end_sessions(connection, email)
    action = "user.disabled" if disabled else "user.enabled"
    await _record(connection, by, action, email, {})
    return person


async def set_password(connection: asyncpg.Connection, email: str, password: str, *, by: By) -> None:
    """Ends the person's sessions, and forgets attempts to sign in. Raises Unknown and Unfit."""
    hash_ = await passwords.hashed(passwords.checked(password, email))
    await _locked(connection, email)
    await connection.execute(SQL["set_password"], email, hash_)
    await _end_sessions(connection, email)
    await connection.execute(SQL["forget_attempts"], email)
    await _record(connection, by, "user.password_set", email, {})


async def principal_of(connection: asyncpg.Connection, email: str) -> Principal | None:
    """Of somebody whom another vouches for: a viewer unless they have an account; None if that is disabled."""
    person = await connection.fetchrow(SQL["person"], email)
    if person is None:
        return Principal(email, Role.VIEWER, "proxy")
    return None if person["disabled_at"] else Principal(email, Role.named(person["role"]), "proxy")


async def sign_out_everywhere(connection: asyncpg.Connection, email: str, *, by: By) -> None:
    """Ends all sessions of a person. Raises Unknown."""
    await _locked(connection, email)
    await _end_sessions(connection, email)
    await _record(connection, by, "user.signed_out", email, {})


async def page(connection: asyncpg.Connection, after: str, limit: int) -> Sequence[Person]:
    """Accounts by e-mail address, those that come after this one."""
    rows: Sequence[Person] = await connection.fetch(SQL["people"], after, limit)
    return rows


async def known(connection: asyncpg.Connection, email: str) -> Person:
    """Raises Unknown."""
    person: Person | None = await connection.fetchrow(SQL["person"], email)
    if person is None:
        raise Unknown
    return person


async def _end_sessions(connection: asyncpg.Connection, email: str) -> None:
    await connection.execute(SQL["end_sessions"], email)


async def _record(connection: asyncpg.Connection, by: By, action: str, email: str, detail: Mapping[str, Any]) -> None:
    await audit.write(connection, actor=by.actor, action=action, subject=email, detail=detail, client=by.client)


async def _locked(connection: asyncpg.Connection, email: str) -> Person:
    # All admins too, in one order: two who demote each other at once must not both succeed.
    await connection.execute(SQL["lock_admins"])
    person: Person | None = await connection.fetchrow(SQL["lock_person"], email)
    if person is None:
        raise Unknown
    return person


async def _check_another_admin(connection: asyncpg.Connection, person: Person) -> None:
    if person["role"] == str(Role.ADMIN) and person["disabled_at"] is None:
        others = await connection.fetchval(SQL["other_admins"], person["email"])
        if others == 0:
            raise LastAdmin
