"""What a failure of PostgreSQL means for the data being written. The one place that reads SQLSTATEs."""

from enum import Enum

import asyncpg


class Unavailable(Exception):
    """The data could not be stored now; the same request may succeed later."""


class Away(Unavailable):
    """The database was found to be away while the request waited for it."""


class Fault(Enum):
    """DATA: an item can never be stored. STALE: the partitions have changed. AGAIN: lost against another
    transaction. DOWN: the server, or the way to it. SETUP: a person has to change something first. UNKNOWN: anything
    else. Only DATA says anything about the data."""

    DATA = "data"
    STALE = "stale"
    AGAIN = "again"
    DOWN = "down"
    SETUP = "setup"
    UNKNOWN = "unknown"


FAILURES = (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError)
"""What a connection raises."""

_AGAIN = frozenset(("40001", "40P01", "55P03"))
# 25006: a standby, or a primary that became one; connecting anew finds the one that takes writes.
_DOWN = frozenset(("25006", "57P01", "57P02", "57P03", "57P04", "57P05"))
_DOWN_CLASSES = frozenset(("08", "53", "58"))
_DATA_CLASSES = frozenset(("22", "23", "54"))
_ADVICE = {
    "28": "check user and password of OTELGRES_DSN, and the server's pg_hba.conf",
    "3D": "make the database that OTELGRES_DSN names, or correct the name",
    "3F": "run `otelgres migrate`",
    "42": "run `otelgres migrate`: the tables are not those of this version",
    "42501": "grant the role otelgres_writer to the user of OTELGRES_DSN",
}


def fault_of(error: BaseException, *, connected: bool = True) -> Fault:
    """connected: the failure came on a connection that was ready, and not while it was made."""
    if not isinstance(error, asyncpg.PostgresError):
        return Fault.DOWN
    state = error.sqlstate or ""
    # A row that no longer fits the leaf it was sent to violates a constraint without a name.
    if connected and (state == "42P01" or (state == "23514" and not error.constraint_name)):
        return Fault.STALE
    if connected and state[:2] in _DATA_CLASSES:
        return Fault.DATA
    if state in _AGAIN:
        return Fault.AGAIN
    if state in _DOWN or state[:2] in _DOWN_CLASSES:
        return Fault.DOWN
    return Fault.SETUP if advice_on(error) else Fault.UNKNOWN


def advice_on(error: BaseException) -> str:
    """What a person can do about it; empty where nothing but waiting helps."""
    state = (error.sqlstate or "") if isinstance(error, asyncpg.PostgresError) else ""
    return _ADVICE.get(state) or _ADVICE.get(state[:2], "")


def reason_of(error: BaseException) -> str:
    """One line for the sender: what PostgreSQL objected to, without the data."""
    if isinstance(error, asyncpg.PostgresError):
        return f"{error.message or type(error).__name__} (SQLSTATE {error.sqlstate})"
    if isinstance(error, asyncpg.TargetServerAttributeNotMatched):
        return "no host of the DSN takes writes"
    return " ".join(str(error).split()) or type(error).__name__
