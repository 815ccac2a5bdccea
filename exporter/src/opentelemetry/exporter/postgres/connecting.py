"""Connections to the server that takes writes, whichever of a DSN's hosts that is."""

from typing import TypeAlias, TypedDict
from urllib.parse import parse_qs, unquote, urlsplit

import asyncpg

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"

CONNECT_SECONDS = 3.0
"""For each host."""


class Host(TypedDict, total=False):
    """What takes the place of the DSN's own host and port; empty where the DSN names one host or none."""

    host: str
    port: int


def hosts_of(dsn: str) -> list[Host]:
    """The hosts of a DSN, be they listed before its path or in its query, with a port each or one for all."""
    url = urlsplit(dsn)
    query = parse_qs(url.query)
    address = url.netloc.rpartition("@")[2]
    if "," in address:
        named = [urlsplit(f"//{each}") for each in address.split(",")]
        return [Host(host=unquote(each.hostname or ""), port=each.port or 5432) for each in named]
    names = query.get("host", [""])[-1].split(",")
    if len(names) == 1:
        return [Host()]
    ports = query.get("port", ["5432"])[-1].split(",")
    return [
        Host(host=name, port=int(port)) for name, port in zip(names, ports * (len(names) // len(ports)), strict=True)
    ]


async def connect(dsn: str, session: dict[str, str], command_timeout: float) -> Connection:
    """A connection to the first host that takes writes. Raises what the last one answered.

    Each host gets a time of its own: asyncpg's is for all together, and one that hangs would use it up.
    """
    failure: Exception | None = None
    for host in hosts_of(dsn):
        try:
            return await asyncpg.connect(
                dsn,
                **host,
                timeout=CONNECT_SECONDS,
                command_timeout=command_timeout,
                server_settings=session,
                target_session_attrs="read-write",
            )
        except (
            OSError,
            TimeoutError,
            asyncpg.PostgresError,
            asyncpg.InterfaceError,
            asyncpg.InternalClientError,
        ) as error:
            failure = error
    assert failure is not None
    raise failure
