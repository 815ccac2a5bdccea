"""What a failure of PostgreSQL means for the data being written. The one place that reads SQLSTATEs."""

from enum import Enum

import asyncpg


class Unavailable(Exception):
    """The data could not be stored now; the same request may succeed later."""


class Fault(Enum):
    """DATA: an item can never be stored. STALE: the partitions have changed. AGAIN: lost against another
    transaction. DOWN: anything else; nothing is wrong with the data."""

    DATA = "data"
    STALE = "stale"
    AGAIN = "again"
    DOWN = "down"


def fault_of(error: BaseException) -> Fault:
    """Class 22, 23 and 54 are the data's fault, but for rows that no longer fit the leaf they were sent to."""
    if not isinstance(error, asyncpg.PostgresError):
        return Fault.DOWN
    state = error.sqlstate or ""
    if state == "42P01" or (state == "23514" and not error.constraint_name):
        return Fault.STALE
    if state in ("40001", "40P01", "55P03"):
        return Fault.AGAIN
    return Fault.DATA if state[:2] in ("22", "23", "54") else Fault.DOWN


def reason_of(error: BaseException) -> str:
    """One line for the sender: what PostgreSQL objected to, without the data."""
    if isinstance(error, asyncpg.PostgresError):
        return f"{error.message or type(error).__name__} (SQLSTATE {error.sqlstate})"
    return str(error) or type(error).__name__
