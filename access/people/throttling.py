"""Attempts to sign in are made slower the more of them come to nothing, from one network and at one account."""

import asyncio
import math
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

import asyncpg

from access.people.addresses import network_of
from database.queries import load

SQL = load(__package__)
FORGOTTEN_AFTER = timedelta(hours=12)
KNOWN_FOR = timedelta(days=30)
FORGOTTEN_AT_ONCE = 20
"""More than an attempt adds, so that what strangers leave behind never grows beyond what half a day brings."""
AT_ONCE = 20
"""Attempts that a process hears at a time; each waits for a processor and its part of memory."""
BUSY_SECONDS = 2


@dataclass(frozen=True, slots=True)
class Bound:
    """attempts: that are free. Each further one doubles the wait from one second on, up to `longest`.

    email, network: whose attempts; of the empty text all.
    """

    email: str
    network: str
    attempts: int
    longest: timedelta

    @property
    def subject(self) -> str:
        return " from ".join(filter(None, (self.email, self.network)))


@dataclass(frozen=True, slots=True)
class Standing:
    """What an attempt found. begun: whom from now on it makes wait; slowed: that it came after that already."""

    begun: Sequence[Bound]
    slowed: bool


class TooMany(Exception):
    """Too many attempts; the next one is heard after so many whole seconds."""

    def __init__(self, seconds: int) -> None:
        super().__init__(f"too many attempts: try again in {seconds} s")
        self.seconds = seconds


class Turnstile:
    """Hears so many attempts at a time, and turns further ones away at once, before they hold anything."""

    def __init__(self, places: int = AT_ONCE) -> None:
        self._places = asyncio.Semaphore(places)

    @asynccontextmanager
    async def passed(self) -> AsyncIterator[None]:
        """Raises TooMany."""
        if self._places.locked():
            raise TooMany(BUSY_SECONDS)
        async with self._places:
            yield


async def attempt(connection: asyncpg.Connection, email: str, address: str) -> Standing:
    """Counts an attempt, as one that comes to nothing. Raises TooMany, and then it is none.

    Strangers from many networks can keep an account waiting as a whole, but not where its owner signed in lately.
    """
    begun, slowed = [], False
    for bound in await _bounds(connection, email, address):
        arguments = (bound.email, bound.network, bound.attempts, bound.longest, FORGOTTEN_AFTER)
        attempts = await connection.fetchval(SQL["attempt"], *arguments)
        if attempts is None:
            left = await connection.fetchval(SQL["blocked_for"], bound.email, bound.network)
            raise TooMany(max(1, math.ceil(left or 0)))
        if attempts == bound.attempts + 1:
            begun.append(bound)
        slowed = slowed or attempts > bound.attempts + 1
    # At the end: whoever waits for another's attempt MUST NOT hold what that one may wait for.
    await connection.execute(SQL["forget_old_attempts"], FORGOTTEN_AFTER, FORGOTTEN_AT_ONCE)
    return Standing(begun, slowed)


async def succeeded(connection: asyncpg.Connection, email: str, address: str) -> None:
    """The last attempt came to something: from this network the account's are forgotten, and of others this one."""
    here, *others = await _bounds(connection, email, address)
    # It locks the account, as whoever changes that does first.
    await connection.execute(SQL["note_network"], email, here.network)
    await connection.execute(SQL["forget_attempts_from"], email, here.network)
    for bound in others:
        await connection.execute(SQL["take_back_attempt"], bound.email, bound.network)
    await connection.execute(SQL["forget_old_networks"], email, KNOWN_FOR)


async def _bounds(connection: asyncpg.Connection, email: str, address: str) -> list[Bound]:
    """In the order in which all lock them. Many people may share a network, and some of them be strangers."""
    network = network_of(address) or "unknown"
    bounds = [
        Bound(email, network, 5, timedelta(minutes=5)),
        Bound("", network, 20, timedelta(minutes=15)),
        Bound(email, "", 50, timedelta(minutes=5)),
    ]
    is_known = await connection.fetchrow(SQL["is_known_network"], email, network, KNOWN_FOR) is not None
    return bounds[:2] if is_known else bounds
