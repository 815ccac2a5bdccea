"""Attempts to sign in are made slower the more of them come to nothing: by account, and by network address."""

import ipaddress
import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

import asyncpg

from database.queries import load

SQL = load(__package__)
FORGOTTEN_AFTER = timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class Bound:
    """attempts: that are free. Each further one doubles the wait from one second on, up to `longest`."""

    subject: str
    attempts: int
    longest: timedelta


class TooMany(Exception):
    """Too many attempts; the next one is heard after so many whole seconds."""

    def __init__(self, seconds: int) -> None:
        super().__init__(f"too many attempts: try again in {seconds} s")
        self.seconds = seconds


def bounds(email: str, address: str) -> list[Bound]:
    """Many people may share an address, and one of them may be locked out by a stranger: so neither bound is hard."""
    return [
        Bound(f"account:{email}", 5, timedelta(minutes=5)),
        Bound(f"address:{_network(address)}", 20, timedelta(minutes=15)),
    ]


async def attempt(connection: asyncpg.Connection, bounds: Sequence[Bound]) -> None:
    """Counts an attempt, as one that comes to nothing. Raises TooMany, and then it is none."""
    for bound in bounds:
        arguments = (bound.subject, bound.attempts, bound.longest, FORGOTTEN_AFTER)
        if await connection.fetchval(SQL["attempt"], *arguments) is None:
            left = await connection.fetchval(SQL["blocked_for"], bound.subject)
            raise TooMany(max(1, math.ceil(left or 0)))


async def succeeded(connection: asyncpg.Connection, email: str, address: str) -> None:
    """The last attempt came to something: the account's are forgotten, and of the address's this one."""
    account, origin = bounds(email, address)
    await connection.execute(SQL["forget_attempts"], account.subject)
    await connection.execute(SQL["take_back_attempt"], origin.subject)
    await connection.execute(SQL["forget_old_attempts"], FORGOTTEN_AFTER)


def _network(address: str) -> str:
    """A subscriber of IPv6 has a network of addresses."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if parsed.version == 6 and parsed.ipv4_mapped is None:
        return str(ipaddress.ip_network((parsed, 64), strict=False))
    return str(parsed)
