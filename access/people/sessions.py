"""Sessions: while one lasts, a cookie stands for a person. Each request asks the database, so an end is at once."""

import secrets
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256

import asyncpg

from access.principals import Principal, Role
from database.queries import load

SQL = load(__package__)
LONGEST = timedelta(days=7)
IDLE = timedelta(hours=24)
NOTED_EVERY = timedelta(minutes=1)
MOST_A_PERSON = 50
ID_BYTES = 32
LONGEST_AGENT = 255


@dataclass(frozen=True, slots=True)
class Client:
    """Where a request comes from: network address, and what the browser calls itself."""

    address: str
    agent: str = ""


async def begin(connection: asyncpg.Connection, email: str, client: Client) -> str:
    """The id of a new session, which is kept nowhere else. Of too many of a person the oldest end."""
    id_ = secrets.token_urlsafe(ID_BYTES)
    await connection.execute(SQL["forget_sessions"], email, MOST_A_PERSON - 1, IDLE)
    agent = client.agent[:LONGEST_AGENT]
    await connection.execute(SQL["add_session"], _digest(id_), email, LONGEST, client.address, agent)
    return id_


async def find(connection: asyncpg.Connection, id_: str) -> Principal | None:
    """Whose session it is; None when it has ended, or the account is disabled."""
    row = await connection.fetchrow(SQL["session"], _digest(id_), IDLE)
    if row is None:
        return None
    if row["unseen"] > NOTED_EVERY:
        await connection.execute(SQL["note_session"], _digest(id_))
    return Principal(row["email"], Role.named(row["role"]), "person")


async def end(connection: asyncpg.Connection, id_: str) -> str | None:
    """Whose session it was; None if there was none."""
    email: str | None = await connection.fetchval(SQL["end_session"], _digest(id_))
    return email


def _digest(id_: str) -> bytes:
    return sha256(id_.encode()).digest()
