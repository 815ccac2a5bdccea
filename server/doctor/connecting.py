"""The way to the database: whether it is open, and what stands in it."""

import asyncio
import errno
import re
import socket
import ssl
from urllib.parse import parse_qs, unquote, urlsplit

import asyncpg

from database.pool import set_codecs, target_of
from server.doctor.finding import Finding, problem

CONNECT_SECONDS = 5.0
FAILURES = (
    OSError,
    TimeoutError,
    ValueError,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
)
BY_STATE = {
    "28P01": (
        "it refuses the password of {user}",
        "correct the password in OTELGRES_DSN, or ALTER ROLE {user} PASSWORD '…'",
    ),
    "28000": (
        "it does not let {user} in: {reason}",
        "make that role, or add a line for it to the server's pg_hba.conf",
    ),
    "3D000": (
        "it has no database {database}",
        "CREATE DATABASE {database} OWNER {user}, or correct the name in OTELGRES_DSN",
    ),
    "42501": (
        "{user} may not use the database {database}",
        "GRANT CONNECT, CREATE ON DATABASE {database} TO {user}",
    ),
    "53300": ("all its connections are taken", "end sessions that nobody needs, or raise max_connections"),
    "57P03": ("it is starting or stopping: {reason}", "wait; its log says what it is at"),
}
BY_ERRNO = {
    errno.ECONNREFUSED: (
        "nothing listens there",
        "start PostgreSQL, or correct host and port in OTELGRES_DSN; listen_addresses must name an address in reach",
    ),
    errno.ENOENT: ("there is no such socket", "start PostgreSQL, or correct the host in OTELGRES_DSN"),
    errno.EACCES: ("this user may not use that socket", "run Otelgres as a user who may"),
    errno.EHOSTUNREACH: ("no way leads to that host", "check the network between here and there"),
    errno.ENETUNREACH: ("no way leads to that network", "check the network between here and there"),
}


async def connect(dsn: str) -> asyncpg.Connection:
    """A plain connection: a pooler refuses settings at the start, and loses prepared statements. Raises FAILURES."""
    async with asyncio.timeout(2 * CONNECT_SECONDS):
        connection = await asyncpg.connect(
            dsn, timeout=CONNECT_SECONDS, statement_cache_size=0, target_session_attrs=target_of(dsn)
        )
        await set_codecs(connection)
        return connection


def judge(error: BaseException, dsn: str) -> Finding:
    """Why there is no connection, without the DSN's password."""
    url = urlsplit(dsn)
    names = {
        "user": unquote(url.username or "the login"),
        "database": unquote(url.path[1:]) or "of that name",
        "reason": " ".join(str(error).split()) or type(error).__name__,
    }
    text, remedy = _cause(error)
    return problem(f"no connection to {address_of(dsn)}: {text.format(**names)}", remedy.format(**names))


def address_of(dsn: str) -> str:
    """host:port of a DSN, or the directory of its socket."""
    url = urlsplit(dsn)
    host = url.netloc.rpartition("@")[2] or parse_qs(url.query).get("host", [""])[-1]
    return host or "the default host"


def _cause(error: BaseException) -> tuple[str, str]:
    if isinstance(error, asyncpg.PostgresError):
        return BY_STATE.get(error.sqlstate or "", ("{reason}", "the server's log says more"))
    if isinstance(error, ssl.SSLError):
        return (
            "TLS fails: {reason}",
            "name the certificate it is signed by as sslrootcert in OTELGRES_DSN, or another sslmode",
        )
    if "rejected SSL" in str(error):
        return "it has no TLS, which the DSN demands", "set ssl = on there, or sslmode=prefer in OTELGRES_DSN"
    if isinstance(error, asyncpg.TargetServerAttributeNotMatched):
        return "no host of the DSN takes writes", "name the primary, or promote a standby"
    if isinstance(error, TimeoutError):
        return (
            f"no answer within {CONNECT_SECONDS:.0f} s",
            "check host and port in OTELGRES_DSN, and firewalls between here and there",
        )
    if isinstance(error, socket.gaierror):
        return "its name has no address (DNS)", "correct the host in OTELGRES_DSN, or make the name known"
    return BY_ERRNO.get(_errno(error), ("{reason}", "check OTELGRES_DSN; is it a PostgreSQL that listens there?"))


def _errno(error: BaseException) -> int:
    """Of several addresses tried, the failures come as one text."""
    number = getattr(error, "errno", None)
    found = re.search(r"\[Errno (\d+)\]", str(error))
    return number if isinstance(number, int) else int(found[1]) if found else 0
